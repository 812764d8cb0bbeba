import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongodb';
import { type DueEntry, whereLeasesAreFree, withoutLeases } from './due-entries-store.js';
import { expireWithin, finishBeforeRun } from './entry-expiry-store.js';
import { changeStatus, EntryMovedError, timeOfChange } from './entry-store.js';
import { type JobQueueEntry, type JobTask, jobPriorities, jobTasks } from './job-queue-entry.js';
import type { EntryDocument, JobQueueStore } from './job-queue-store.js';
import {
  categoryLeaseId,
  entryLeaseId,
  type HeldLease,
  LeaseBusyError,
  mappingLeaseId,
  takeLease,
} from './lease-store.js';
import { acceptedRun, STARTED_BY_SCHEDULE } from './run-ledger-store.js';
import { firstRunAt, mayBegin } from './schedule.js';
import { nextStatus, statusAfter, statusesWith } from './transitions.js';

/** Who wants to run entries. */
export interface Claimant {
  readonly workerId: string;
  readonly workerName: string;
  readonly leaseMs: number;
  /** The tasks that it has executors for; absent: all. */
  readonly tasks?: readonly JobTask[];
}

/** A run that a worker may begin: the entry is IN_PROCESS and its leases are held. */
export interface ClaimedRun {
  readonly entry: JobQueueEntry;
  readonly runId: string;
  readonly startedBy: string;
  /** The entry's lease first, then the mapping's and the category's, if it has them. */
  readonly leases: readonly HeldLease[];
  readonly entryLease: HeldLease;
  /** Token of the mapping's lease, or of the entry's for tasks without mapping. */
  readonly leaseToken: number;
}

const NO_FURTHER_TIME = 'Its window closed before it could begin, and does not open again before it expires.';

/** Makes an entry WAITING while another one of its category runs; nothing when that has changed meanwhile. */
export async function waitForCategory(store: JobQueueStore, entryId: string, causedBy: string): Promise<void> {
  try {
    await store.inTransaction(async (session) => {
      const read = await readDueEntry(store, entryId, session);
      if (read === null || read.categoryCode === null) return;
      const { now, ...entry } = read;
      if (!mayBegin(entry, entry.nextRunAt ?? now, now)) return postpone(store, session, entry, now, causedBy);
      const lease = categoryLeaseId(entry.connectionSetupId, read.categoryCode);
      const busy = await store.leases.findOne({ _id: lease, runId: { $ne: null } }, { session });
      if (busy === null || statusAfter(entry.status, 'findCategoryBusy') === null) return;
      const status = nextStatus(entry.status, 'findCategoryBusy');
      const statusReason = `Waits for its turn: another entry of the category ${read.categoryCode} runs.`;
      await changeStatus(store, session, entry, { status, statusReason }, { at: now, runId: null, causedBy });
    });
  } catch (error) {
    if (!(error instanceof EntryMovedError)) throw error;
  }
}

/** Claims an entry by its id, see {@link claimDueEntry}. */
export async function claimEntry(
  store: JobQueueStore,
  entryId: string,
  claimant: Claimant,
): Promise<ClaimedRun | null> {
  const due = await readDueEntry(store, entryId);
  return due === null ? null : claimDueEntry(store, due, claimant);
}

/**
 * Claims an entry that is due: its leases, its status, its log row and the transition in one transaction. Of a category it
 * claims the entry whose turn it is, which may be another one.
 *
 * @returns null when it has changed since it was read, or another run holds what it needs
 */
export async function claimDueEntry(
  store: JobQueueStore,
  entry: DueEntry,
  claimant: Claimant,
): Promise<ClaimedRun | null> {
  try {
    return await store.inTransaction((session) => claim(store, session, entry, claimant));
  } catch (error) {
    if (error instanceof LeaseBusyError || error instanceof EntryMovedError) return null;
    throw error;
  }
}

async function claim(
  store: JobQueueStore,
  session: ClientSession,
  { now, ...entry }: DueEntry,
  claimant: Claimant,
): Promise<ClaimedRun | null> {
  if (statusAfter(entry.status, 'start') === null) return null;
  if (entry.expiresAt !== null && entry.expiresAt < now) {
    await expireWithin(store, session, entry, { at: now, causedBy: claimant.workerName });
    return null;
  }
  if (!mayBegin(entry, entry.nextRunAt ?? now, now)) {
    await postpone(store, session, entry, now, claimant.workerName);
    return null;
  }
  const first = await firstOfCategory(store, session, entry, claimant.tasks ?? jobTasks);
  if (first !== null && first._id !== entry._id) return claim(store, session, first, claimant);
  const runId = entry.currentRunId ?? randomUUID();
  const leases = await takeLeases(store, session, entry, { runId, ...claimant });
  const startedBy = await openRun(store, session, entry, { runId, now, claimant, token: leases.entryLease.token });
  const started = await changeStatus(
    store,
    session,
    entry,
    {
      status: nextStatus(entry.status, 'start'),
      statusReason: null,
      nextRunAt: null,
      reservedUntil: null,
      wokenBy: null,
      currentRunId: runId,
      attempt: entry.currentRunId === null ? entry.attempt + 1 : entry.attempt,
    },
    { at: now, runId, causedBy: claimant.workerName },
  );
  return { entry: started, runId, startedBy, ...leases };
}

async function readDueEntry(store: JobQueueStore, entryId: string, session?: ClientSession): Promise<DueEntry | null> {
  const [entry] = await store.entries
    .aggregate<DueEntry>(
      [
        { $match: { _id: entryId, nextRunAt: { $type: 'date' }, $expr: { $lte: ['$nextRunAt', '$$NOW'] } } },
        { $set: { now: '$$NOW' } },
      ],
      { ...(session && { session }) },
    )
    .toArray();
  return entry ?? null;
}

// By priority, then by age. Entries that cannot run now keep nobody waiting.
async function firstOfCategory(
  store: JobQueueStore,
  session: ClientSession,
  { connectionSetupId, categoryCode }: EntryDocument,
  tasks: readonly JobTask[],
): Promise<DueEntry | null> {
  if (categoryCode === null) return null;
  const [first] = await store.entries
    .aggregate<DueEntry>(
      [
        {
          $match: {
            // MongoDB uses the partial index only for a query that names its condition.
            categoryCode: { $type: 'string', $eq: categoryCode },
            connectionSetupId,
            status: { $in: statusesWith('start') },
            nextRunAt: { $type: 'date' },
            task: { $in: [...tasks] },
            $expr: { $lte: ['$nextRunAt', '$$NOW'] },
          },
        },
        { $set: { rank: { $indexOfArray: [[...jobPriorities], '$priority'] }, now: '$$NOW' } },
        { $sort: { rank: 1, createdAt: 1, _id: 1 } },
        ...whereLeasesAreFree(store),
        { $limit: 1 },
        withoutLeases,
        { $unset: 'rank' },
      ],
      { session },
    )
    .toArray();
  return first ?? null;
}

async function takeLeases(
  store: JobQueueStore,
  session: ClientSession,
  entry: EntryDocument,
  holder: { readonly runId: string; readonly workerId: string; readonly leaseMs: number },
): Promise<Pick<ClaimedRun, 'leases' | 'entryLease' | 'leaseToken'>> {
  const entryLease = await takeLease(store, session, entryLeaseId(entry._id), holder);
  const leases = [entryLease];
  let leaseToken = entryLease.token;
  if (entry.mappingId !== null) {
    const mappingLease = await takeLease(store, session, mappingLeaseId(entry.mappingId), holder);
    leases.push(mappingLease);
    leaseToken = mappingLease.token;
  }
  if (entry.categoryCode !== null) {
    const leaseId = categoryLeaseId(entry.connectionSetupId, entry.categoryCode);
    leases.push(await takeLease(store, session, leaseId, holder));
  }
  return { leases, entryLease, leaseToken };
}

// The first run of a one-off entry has its row from acceptance on; all others get theirs now.
async function openRun(
  store: JobQueueStore,
  session: ClientSession,
  entry: EntryDocument,
  run: { readonly runId: string; readonly now: Date; readonly claimant: Claimant; readonly token: number },
): Promise<string> {
  const worker = { workerId: run.claimant.workerId, workerName: run.claimant.workerName, leaseToken: run.token };
  if (entry.currentRunId !== null) {
    const accepted = await store.runs.findOneAndUpdate({ _id: run.runId }, { $set: worker }, { session });
    if (accepted !== null) return accepted.startedBy;
  }
  // A run that is made again, after a failure or an interruption, has the cause of the first one.
  const isAgain = entry.oneOff || entry.attempt > 0;
  const previous = isAgain ? await store.runs.findOne({ _id: entry.lastRunId ?? '' }, { session }) : null;
  const startedBy = previous?.startedBy ?? entry.wokenBy ?? STARTED_BY_SCHEDULE;
  const row = acceptedRun(entry, { runId: run.runId, attempt: entry.attempt + 1, startedBy, at: run.now });
  await store.runs.insertOne({ ...row, ...worker }, { session });
  return startedBy;
}

// What it waited for, another run or a worker, took longer than its window was open: it runs when that opens again.
async function postpone(
  store: JobQueueStore,
  session: ClientSession,
  entry: EntryDocument,
  now: Date,
  causedBy: string,
): Promise<void> {
  const next = firstRunAt(entry, now);
  if (next === null)
    return finishBeforeRun(store, session, entry, { at: now, causedBy, statusReason: NO_FURTHER_TIME });
  const asleep = entry.status === 'ON_HOLD_WITH_INACTIVITY_TIMEOUT';
  const fields = {
    nextRunAt: next,
    reservedUntil: null,
    wokenBy: null,
    ...(!asleep && { statusReason: 'Its window closed before it could begin; it runs when that opens again.' }),
    // A retry and the end of sleep are no times of the schedule.
    ...(!asleep && entry.retriesMade === 0 && { slotAt: next }),
  };
  const status = statusAfter(entry.status, 'missWindow');
  if (status !== null) {
    await changeStatus(store, session, entry, { status, ...fields }, { at: now, runId: null, causedBy });
    return;
  }
  const { matchedCount } = await store.entries.updateOne(
    { _id: entry._id, status: entry.status, updatedAt: entry.updatedAt },
    { $set: { ...fields, updatedAt: timeOfChange(entry, now) } },
    { session },
  );
  if (matchedCount === 0) throw new EntryMovedError(entry._id, entry.status);
}
