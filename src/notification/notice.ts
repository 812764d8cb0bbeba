import type { JobQueueEntry } from '../job-queue/job-queue-entry.js';
import type { EndOfRun } from '../job-queue/run-end-store.js';
import type { SynchError } from '../synch/synch-error.js';

export const noticeKinds = ['ENTRY_IN_ERROR', 'DELETIONS_HELD', 'CONNECTION_FAILED'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** Something that a person should hear of. Told once; never holds what stands in a record. */
export interface Notice {
  readonly kind: NoticeKind;
  /** While a cause with this name lasts, it is not told again. Null: each occurrence is a cause of its own. */
  readonly cause: string | null;
  readonly at: Date;
  readonly text: string;
  readonly entryId: string;
  readonly code: string;
  readonly task: JobQueueEntry['task'];
  readonly mappingName: string | null;
  readonly connectionSetupId: string | null;
  readonly runId: string;
  /** Without its message, which may quote a record. */
  readonly error: Pick<SynchError, 'class' | 'code' | 'side'>;
}

/** What is to be told after the end of a run. */
export function noticesOf({ entry, runId, ending, entryInError, at }: EndOfRun): Notice[] {
  if (!('error' in ending)) return [];
  const { class: errorClass, code, side } = ending.error;
  const { mappingName, connectionSetupId, task } = entry;
  const notice = (kind: NoticeKind, cause: string | null, text: string): Notice => ({
    kind,
    cause,
    at,
    text,
    entryId: entry._id,
    code: entry.code,
    task,
    mappingName,
    connectionSetupId,
    runId,
    error: { class: errorClass, code, side },
  });
  const told: Notice[] = [];
  if (isHeldBack(ending.error))
    told.push(notice('DELETIONS_HELD', deletionsOf(entry), `${entry.code}: too many deletions; none was carried out`));
  const connection = connectionOf(entry);
  if (connection !== null && ending.kind === 'failed' && isFailureOfConnection(ending.error))
    told.push(notice('CONNECTION_FAILED', connection, `A system of the connection failed: ${errorClass} ${code}`));
  if (entryInError)
    told.push(notice('ENTRY_IN_ERROR', null, `${entry.code} ended in Error and runs no more: ${errorClass} ${code}`));
  return told;
}

/** The causes that the end of a run shows to be over. */
export function causesOverAfter({ entry, ending }: Pick<EndOfRun, 'entry' | 'ending'>): string[] {
  if (ending.kind === 'cancelled' || ending.kind === 'interrupted') return [];
  const over: string[] = [];
  const connection = connectionOf(entry);
  if (connection !== null && ending.kind === 'succeeded') over.push(connection);
  const deletions = deletionsOf(entry);
  if (deletions !== null && entry.task === 'INTEGRATION_SYNCH' && ending.kind === 'succeeded') over.push(deletions);
  return over;
}

const isHeldBack = ({ code }: SynchError): boolean => code === 'MASS_DELETION';

// Of a whole run: what a request met and the next one did not, ends no run. What the queue itself says of a run has no side.
const OF_THE_QUEUE: ReadonlySet<string> = new Set(['INTERRUPTED', 'RUN_TIMED_OUT', 'CURSOR_EXPIRED']);
const OF_THE_CONNECTION: ReadonlySet<string> = new Set(['TLS_ERROR', 'SYSTEM_REPLACED']);

const isFailureOfConnection = ({ class: errorClass, code }: SynchError): boolean =>
  errorClass === 'AUTHENTICATION' ||
  OF_THE_CONNECTION.has(code) ||
  (errorClass === 'TRANSIENT' && !OF_THE_QUEUE.has(code));

const connectionOf = ({ connectionSetupId }: EndOfRun['entry']): string | null =>
  connectionSetupId === null ? null : `connection:${connectionSetupId}`;
const deletionsOf = ({ mappingId }: EndOfRun['entry']): string | null =>
  mappingId === null ? null : `deletions:${mappingId}`;
