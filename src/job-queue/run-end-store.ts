import type { ClientSession } from 'mongodb';
import type { ClaimedRun } from './claim-store.js';
import { changeStatus, EntryMovedError, timeOfChange } from './entry-store.js';
import type { JobQueueEntry, JobQueueEntryStatus, JobTask } from './job-queue-entry.js';
import type { JobQueueStore } from './job-queue-store.js';
import { isPastItsEnd, releaseAllOf, releaseLeases } from './lease-store.js';
import { type EndedRunStatus, entryAfterRun, type RunEnding, runStatusOf } from './run-ending.js';

/** What the end of a run led to. */
export interface EndedRun {
  readonly entryId: string;
  /** What the run did; null when the entry was deleted meanwhile. */
  readonly task: JobTask | null;
  /** How its row was closed; null when somebody else had closed it. */
  readonly runStatus: EndedRunStatus | null;
  /** The entry's status afterwards; null when the entry was deleted meanwhile. */
  readonly status: JobQueueEntryStatus | null;
  readonly nextRunAt: Date | null;
}

/** How a run ended, for those who have to act on it. */
export interface EndOfRun {
  /** As it was during the run. */
  readonly entry: JobQueueEntry;
  readonly runId: string;
  readonly ending: RunEnding;
  readonly entryInError: boolean;
  readonly at: Date;
}

/** Writes what has to exist exactly when a run has ended so, in its transaction, which the driver may repeat. */
export type OnRunEnd = (end: EndOfRun, session: ClientSession) => Promise<void>;

/** Who ends a run. */
export interface RunEnder {
  readonly causedBy: string;
  readonly onEnd?: OnRunEnd | undefined;
}

/**
 * Ends a run that this worker holds: leases, log row, entry and transition in one transaction.
 *
 * @returns null when the run no longer holds its lease: nothing was changed, somebody else has ended it
 */
export async function endRun(
  store: JobQueueStore,
  run: Pick<ClaimedRun, 'runId' | 'entry' | 'leases'>,
  ending: RunEnding,
  ender: RunEnder,
): Promise<EndedRun | null> {
  return inOneTransaction(store, async (session) => {
    if (!(await releaseLeases(store, session, run.leases, run.runId))) throw new NotHeldError();
    return closeAndMove(store, session, run.runId, run.entry._id, { ending, ...ender });
  });
}

/**
 * Ends a run whose worker let its lease run out, as INTERRUPTED.
 *
 * @returns null when the worker was heard again, or the run has ended meanwhile
 */
export async function interruptRun(store: JobQueueStore, runId: string, ender: RunEnder): Promise<EndedRun | null> {
  return inOneTransaction(store, async (session) => {
    if (!(await isPastItsEnd(store, session, runId))) return null;
    const run = await store.runs.findOne({ _id: runId }, { session });
    await releaseAllOf(store, session, runId);
    if (run === null) return null;
    return closeAndMove(store, session, runId, run.entryId, {
      ending: interrupted('its worker was not heard in time'),
      ...ender,
    });
  });
}

/** The ending of a run whose worker could not go on with it. */
export const interrupted = (reason: string): RunEnding => ({
  kind: 'interrupted',
  error: {
    class: 'TRANSIENT',
    code: 'INTERRUPTED',
    message: `The run was interrupted: ${reason}.`,
    side: null,
    field: null,
    retryable: true,
  },
});

/** Gives up the transaction of an end that this worker may not write any more. */
class NotHeldError extends Error {}

async function inOneTransaction(
  store: JobQueueStore,
  end: (session: ClientSession) => Promise<EndedRun | null>,
): Promise<EndedRun | null> {
  // A person can move the entry between our reading and our writing; then all is read again.
  for (;;) {
    try {
      return await store.inTransaction(end);
    } catch (error) {
      if (error instanceof NotHeldError) return null;
      if (!(error instanceof EntryMovedError)) throw error;
    }
  }
}

async function closeAndMove(
  store: JobQueueStore,
  session: ClientSession,
  runId: string,
  entryId: string,
  { ending: given, causedBy, onEnd }: RunEnder & { readonly ending: RunEnding },
): Promise<EndedRun> {
  const { ending, endedAt: now, runStatus } = await endRow(store, session, runId, given);
  const entry = await store.entries.findOne({ _id: entryId }, { session });
  if (entry === null) return { entryId, task: null, runStatus, status: null, nextRunAt: null };
  if (entry.status !== 'IN_PROCESS' || entry.currentRunId !== runId) {
    // A person moved it during the run: that status stays, and only the run is taken off it.
    const fields = { currentRunId: null, lastRunId: runId, attempt: 0, updatedAt: timeOfChange(entry, now) };
    await store.entries.updateOne({ _id: entryId, currentRunId: runId }, { $set: fields }, { session });
    await onEnd?.({ entry, runId, ending, entryInError: false, at: now }, session);
    return { ...told(entry), runStatus };
  }
  const { event: _, ...after } = entryAfterRun(entry, ending, now);
  await onEnd?.({ entry, runId, ending, entryInError: after.status === 'ERROR', at: now }, session);
  const cause = { at: now, runId, causedBy };
  const moved = await changeStatus(store, session, entry, { ...after, currentRunId: null, lastRunId: runId }, cause);
  return { ...told(moved), runStatus };
}

/**
 * Closes the row of a run by the database's clock, and answers how it ended. A run whose cancelling came too late for its
 * worker must not be tried again: neither after it failed by itself, nor after its worker died. What was done to its end is
 * done.
 */
async function endRow(
  store: JobQueueStore,
  session: ClientSession,
  runId: string,
  ending: RunEnding,
): Promise<{ readonly ending: RunEnding; readonly endedAt: Date; readonly runStatus: EndedRunStatus | null }> {
  const isCancelled = { $and: [ending.kind !== 'succeeded', { $gt: ['$cancelledBy', null] }] };
  const error = 'error' in ending ? ending.error : null;
  const closed = await store.runs.findOneAndUpdate(
    { _id: runId, status: 'IN_PROCESS' },
    [
      {
        $set: {
          status: { $cond: [isCancelled, 'CANCELLED', runStatusOf(ending)] },
          error: { $cond: [isCancelled, null, { $literal: error }] },
          endedAt: '$$NOW',
        },
      },
    ],
    { session, returnDocument: 'after' },
  );
  const endedAt = closed?.endedAt ?? (await store.now());
  const by = ending.kind === 'succeeded' ? undefined : closed?.cancelledBy;
  const runStatus = closed === null || closed.status === 'IN_PROCESS' ? null : closed.status;
  return { ending: by === undefined ? ending : { kind: 'cancelled', by }, endedAt, runStatus };
}

const told = ({ _id, task, status, nextRunAt }: JobQueueEntry): Omit<EndedRun, 'runStatus'> => ({
  entryId: _id,
  task,
  status,
  nextRunAt,
});
