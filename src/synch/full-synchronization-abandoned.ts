import type { JobQueue } from '../job-queue/job-queue.js';
import type { JobQueueEntry, JobQueueLogEntry } from '../job-queue/job-queue-entry.js';
import { withoutUnfinished } from './full-synchronization-plan.js';
import {
  type FullSynchronization,
  FullSynchronizationMovedError,
  type FullSynchronizationState,
  type FullSynchronizationStore,
} from './full-synchronization-store.js';

export interface SettlingDependencies {
  readonly store: Pick<FullSynchronizationStore, 'save' | 'byIds'>;
  readonly jobQueue: Pick<JobQueue, 'cancelParts' | 'findEntries' | 'findRuns'>;
  /** The database's time. */
  readonly now: () => Promise<Date>;
}

/** Who cancels what an abandoned full synchronization left running. */
const SERVICE = 'full synchronization';

/**
 * Ends those that are open although their run will not go on with them: it was cancelled before it began or while its worker
 * died, or it failed too often. Answers all of them as they are afterwards. Costs nothing when none is open.
 */
export async function settleAbandoned(
  dependencies: SettlingDependencies,
  documents: readonly FullSynchronization[],
): Promise<FullSynchronization[]> {
  const open = documents.filter(({ finishedAt }) => finishedAt === null);
  if (open.length === 0) return [...documents];
  const entries = new Map(
    (await dependencies.jobQueue.findEntries(open.map(({ entryId }) => entryId))).map((entry) => [entry._id, entry]),
  );
  return Promise.all(
    documents.map(async (document) => {
      const entry = entries.get(document.entryId) ?? null;
      return document.finishedAt === null && goesOnNoMore(entry) ? settle(dependencies, document, entry) : document;
    }),
  );
}

const goesOnNoMore = (entry: JobQueueEntry | null): boolean =>
  entry === null || entry.status === 'FINISHED' || entry.status === 'ERROR';

async function settle(
  { store, jobQueue, now }: SettlingDependencies,
  document: FullSynchronization,
  entry: JobQueueEntry | null,
): Promise<FullSynchronization> {
  const lastRunId = entry?.lastRunId ?? null;
  const [run] = lastRunId === null ? [] : await jobQueue.findRuns([lastRunId]);
  await jobQueue.cancelParts(document.entryId, SERVICE);
  try {
    return await store.save(document, endOf(document, entry, run ?? null, await now()));
  } catch (error) {
    if (!(error instanceof FullSynchronizationMovedError)) throw error;
    // Its run ended it between our two looks.
    return (await store.byIds([document._id]))[0] ?? document;
  }
}

function endOf(
  { lines }: FullSynchronization,
  entry: JobQueueEntry | null,
  run: JobQueueLogEntry | null,
  now: Date,
): FullSynchronizationState {
  // FINISHED without a run to its end: it was cancelled, or withdrawn before its next attempt.
  const cancelled = entry?.status === 'FINISHED';
  const reason = cancelled
    ? (entry.statusReason ?? 'The full synchronization was cancelled.')
    : 'The full synchronization stopped before its end; the error of its run tells why. Run this mapping again.';
  return {
    lines: withoutUnfinished(lines, reason),
    status: cancelled ? 'CANCELLED' : 'ERROR',
    finishedAt: run?.endedAt ?? now,
  };
}
