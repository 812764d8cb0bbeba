import type { ClientSession } from 'mongodb';
import { changeStatus, EntryMovedError } from './entry-store.js';
import type { JobQueueLogEntry } from './job-queue-entry.js';
import { EntryNotFoundError, NothingToCancelError, RunNotFoundError } from './job-queue-errors.js';
import type { EntryDocument, JobQueueStore } from './job-queue-store.js';
import { closeRun, findRun } from './run-ledger-store.js';
import { nextStatus, statusAfter, statusesWith } from './transitions.js';

/** What is to be cancelled: the present run of an entry, or a run. */
export type CancelTarget = { readonly entryId: string } | { readonly runId: string };

/**
 * Cancels a run, with everything that it started as parts of its work, in one transaction. A run that a worker holds is told
 * to stop and ends soon after; one that waits for its beginning, or for a retry, ends at once with its one-off entry. A
 * recurring entry goes on by its schedule.
 *
 * @returns the run, which may still be ending
 * @throws EntryNotFoundError, RunNotFoundError, NothingToCancelError
 */
export async function cancelRun(store: JobQueueStore, target: CancelTarget, actor: string): Promise<JobQueueLogEntry> {
  const now = await store.now();
  const runId = await inOneTransaction(store, async (session) => {
    const entry = await entryOf(store, session, target);
    const cancelled = await cancelEntry(store, session, entry, { now, actor });
    if (cancelled === null) throw new NothingToCancelError(entry.code);
    await cancelPartsOf(store, session, entry._id, { now, actor });
    return cancelled;
  });
  return (await findRun(store, runId)) ?? missing(runId);
}

/** Cancels what is left of the parts of an entry's work; does nothing when all have ended. */
export async function cancelParts(store: JobQueueStore, entryId: string, actor: string): Promise<void> {
  const now = await store.now();
  await inOneTransaction(store, (session) => cancelPartsOf(store, session, entryId, { now, actor }));
}

/** Ids of the entries that are parts of an entry's work. */
export async function partsOf(store: JobQueueStore, entryId: string): Promise<string[]> {
  const partOf = { $type: 'string' as const, $eq: entryId };
  const parts = await store.entries.find({ partOf }).project<Pick<EntryDocument, '_id'>>({ _id: 1 }).toArray();
  return parts.map(({ _id }) => _id);
}

/** Which of these runs somebody wants to be cancelled, and who. */
export async function cancelledAmong(
  store: JobQueueStore,
  runIds: readonly string[],
): Promise<{ readonly runId: string; readonly by: string }[]> {
  if (runIds.length === 0) return [];
  const cancelled = await store.runs
    .find({ _id: { $in: [...runIds] }, cancelledBy: { $type: 'string' } })
    .project<Pick<JobQueueLogEntry, '_id' | 'cancelledBy'>>({ cancelledBy: 1 })
    .toArray();
  return cancelled.flatMap(({ _id, cancelledBy }) =>
    cancelledBy === undefined ? [] : [{ runId: _id, by: cancelledBy }],
  );
}

interface Cancelling {
  readonly now: Date;
  readonly actor: string;
}

// A worker can begin or end the run between our reading and our writing; then all is read again.
async function inOneTransaction<T>(store: JobQueueStore, change: (session: ClientSession) => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await store.inTransaction(change);
    } catch (error) {
      if (!(error instanceof EntryMovedError)) throw error;
    }
  }
}

async function entryOf(store: JobQueueStore, session: ClientSession, target: CancelTarget): Promise<EntryDocument> {
  if ('entryId' in target) {
    const entry = await store.entries.findOne({ _id: target.entryId }, { session });
    if (entry === null) throw new EntryNotFoundError(target.entryId);
    return entry;
  }
  const run = await store.runs.findOne({ _id: target.runId }, { session });
  if (run === null) throw new RunNotFoundError(target.runId);
  const entry = await store.entries.findOne({ _id: run.entryId }, { session });
  if (entry === null || !belongsTo(run._id, entry)) throw new NothingToCancelError(run.code);
  return entry;
}

// The last run of a one-off that is made again, after a failure or an interruption, stands for what is still to come of it.
const belongsTo = (runId: string, { oneOff, currentRunId, lastRunId }: EntryDocument): boolean =>
  currentRunId === null ? oneOff && lastRunId === runId : currentRunId === runId;

/** Answers the id of the run that it cancelled, or null when there is nothing to cancel. */
async function cancelEntry(
  store: JobQueueStore,
  session: ClientSession,
  entry: EntryDocument,
  cancelling: Cancelling,
): Promise<string | null> {
  const run =
    entry.currentRunId === null
      ? null
      : await store.runs.findOne({ _id: entry.currentRunId, status: 'IN_PROCESS' }, { session });
  if (run === null || run.leaseToken === null) return withdraw(store, session, entry, cancelling);
  // The first one who cancelled it keeps standing there.
  const cancelledBy = run.cancelledBy ?? cancelling.actor;
  await store.runs.updateOne({ _id: run._id, status: 'IN_PROCESS' }, { $set: { cancelledBy } }, { session });
  return run._id;
}

async function withdraw(
  store: JobQueueStore,
  session: ClientSession,
  entry: EntryDocument,
  { now, actor }: Cancelling,
): Promise<string | null> {
  const runId = entry.currentRunId ?? entry.lastRunId;
  if (!entry.oneOff || runId === null || statusAfter(entry.status, 'withdraw') === null) return null;
  if (entry.currentRunId !== null)
    await closeRun(store, session, runId, { status: 'CANCELLED', endedAt: now, error: null });
  const fields = {
    status: nextStatus(entry.status, 'withdraw'),
    statusReason: `Cancelled by ${actor}.`,
    nextRunAt: null,
    currentRunId: null,
    lastRunId: runId,
  };
  await changeStatus(store, session, entry, fields, { at: now, runId, causedBy: actor });
  return runId;
}

async function cancelPartsOf(
  store: JobQueueStore,
  session: ClientSession,
  entryId: string,
  cancelling: Cancelling,
): Promise<void> {
  const unfinished = { $in: ['IN_PROCESS' as const, ...statusesWith('withdraw')] };
  // MongoDB uses the partial index only for a query that names its condition.
  const partOf = { $type: 'string' as const, $eq: entryId };
  const parts = await store.entries.find({ partOf, status: unfinished }, { session }).toArray();
  for (const part of parts) {
    await cancelEntry(store, session, part, cancelling);
    await cancelPartsOf(store, session, part._id, cancelling);
  }
}

const missing = (runId: string): never => {
  throw new RunNotFoundError(runId);
};
