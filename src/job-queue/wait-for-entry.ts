import { SubscriberTooSlowError } from '../status-stream/subscription.js';
import type { TransitionStream } from '../status-stream/transition-stream.js';
import type { JobQueueEntry, JobQueueEntryStatus } from './job-queue-entry.js';
import { EntryNotFoundError } from './job-queue-errors.js';

/** What an entry is waited for. */
const awaited: Readonly<Record<'BEGIN' | 'END', (status: JobQueueEntryStatus) => boolean>> = {
  BEGIN: (status) => status !== 'READY',
  END: (status) => ['FINISHED', 'ERROR', 'ON_HOLD'].includes(status),
};

/** Thrown when the stream of transitions is closed while somebody waits: the process stops. */
export class WaitingEndedError extends Error {
  override readonly name = 'WaitingEndedError';
  constructor(entryId: string) {
    super(`waiting for job queue entry ${entryId} ended, since this process stops; ask again for its status`);
  }
}

/**
 * Resolves with the entry as soon as it rests (END: FINISHED, ERROR or ON_HOLD), or is no longer READY (BEGIN).
 *
 * @throws EntryNotFoundError; WaitingEndedError; the signal's reason when it aborts first
 */
export async function waitForEntry(
  queue: {
    readonly transitions: Pick<TransitionStream, 'subscribe'>;
    readonly find: (entryId: string) => Promise<JobQueueEntry | null>;
  },
  entryId: string,
  { until, signal }: { readonly until: 'BEGIN' | 'END'; readonly signal?: AbortSignal | undefined },
): Promise<JobQueueEntry> {
  signal?.throwIfAborted();
  // Subscribed before the first look: an end between the two is told by the stream.
  const changes = queue.transitions.subscribe({ filter: { entryIds: [entryId] } });
  const stop = (): void => void changes.return?.();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const entry = await queue.find(entryId);
      if (entry === null) throw new EntryNotFoundError(entryId);
      if (awaited[until](entry.status)) return entry;
      const { done } = await changes.next();
      signal?.throwIfAborted();
      if (done === true) throw new WaitingEndedError(entryId);
    }
  } catch (error) {
    if (error instanceof SubscriberTooSlowError) return waitForEntry(queue, entryId, { until, signal });
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
}
