import { createHmac } from 'node:crypto';
import { globalId } from '../api/global-id.js';
import type { Notice } from './notice.js';

/** A notice as it is posted: body and headers, after the form of standardwebhooks.com. */
export interface NoticePost {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Writes and signs the post of a notice. The same notice has the same `webhook-id` in each attempt, so that whoever gets it
 * twice, because an answer was lost, can tell.
 *
 * @param sentAt by the database's clock, since that of a worker may be wrong; a receiver refuses what is too old, against replay
 */
export function postOf(id: string, notice: Notice, secret: string, sentAt: Date): NoticePost {
  const body = JSON.stringify(contentOf(id, notice));
  const timestamp = String(Math.floor(sentAt.getTime() / 1_000));
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    body,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
  };
}

const contentOf = (id: string, { entryId, runId, connectionSetupId, ...notice }: Notice) => ({
  id,
  kind: notice.kind,
  at: notice.at.toISOString(),
  text: notice.text,
  code: notice.code,
  task: notice.task,
  mappingName: notice.mappingName,
  error: notice.error,
  // As the API names them: `node(id:)` finds them.
  jobQueueEntryId: globalId('JobQueueEntry', entryId),
  jobQueueLogEntryId: globalId('JobQueueLogEntry', runId),
  connectionSetupId: connectionSetupId === null ? null : globalId('ConnectionSetup', connectionSetupId),
});

/** Secrets of that form are base64 behind a prefix; any other text is the key as it stands. */
const keyOf = (secret: string): Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret, 'utf8');
