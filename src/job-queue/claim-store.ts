import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongodb';
import { changeStatus, EntryMovedError } from './entry-store.js';
import type { JobQueueEntry, JobTask } from './job-queue-entry.js';
import type { EntryDocument, JobQueueStore } from './job-queue-store.js';
import { entryLeaseId, type HeldLease, LeaseBusyError, mappingLeaseId, takeLease } from './lease-store.js';
import { acceptedRun } from './run-ledger-store.js';
import { nextStatus, statusAfter, statusesWith } from './transitions.js';

/** Who wants to run entries. */
export interface Claimant {
  readonly workerId: string;
  readonly workerName: string;
  readonly leaseMs: number;
}

/** A run that a worker may begin: the entry is IN_PROCESS and its leases are held. */
export interface ClaimedRun {
  readonly entry: JobQueueEntry;
  readonly runId: string;
  readonly startedBy: string;
  /** The entry's lease first, then the mapping's, if it has one. */
  readonly leases: readonly HeldLease[];
  readonly entryLease: HeldLease;
  /** Token of the mapping's lease, or of the entry's for tasks without mapping. */
  readonly leaseToken: number;
}

const STARTED_BY_SCHEDULE = 'schedule';

/**
 * Ids of entries of these tasks that are due by the database's clock and whose leases are free, longest due first. An entry
 * whose mapping is held by another run is left out: it is found when that run has ended.
 */
export async function dueEntryIds(store: JobQueueStore, tasks: readonly JobTask[], limit: number): Promise<string[]> {
  const heldBy = (lease: string, name: unknown) => [
    {
      $lookup: {
        from: store.leases.collectionName,
        let: { leaseId: name },
        pipeline: [{ $match: { $expr: { $eq: ['$_id', '$$leaseId'] }, runId: { $ne: null } } }],
        as: lease,
      },
    },
    { $match: { [lease]: [] } },
  ];
  const due = await store.entries
    .aggregate<{ _id: string }>([
      {
        $match: {
          status: { $in: statusesWith('start') },
          nextRunAt: { $type: 'date' },
          task: { $in: [...tasks] },
          $expr: { $lte: ['$nextRunAt', '$$NOW'] },
        },
      },
      { $sort: { nextRunAt: 1 } },
      ...heldBy('entryLease', { $concat: ['entry:', '$_id'] }),
      ...heldBy('mappingLease', { $concat: ['mapping:', '$mappingId'] }),
      { $limit: limit },
      { $project: { _id: 1 } },
    ])
    .toArray();
  return due.map(({ _id }) => _id);
}

/**
 * Claims an entry that is due: its leases, its status, its log row and the transition in one transaction.
 *
 * @returns null when it is not due, or another run holds what it needs
 */
export async function claimEntry(
  store: JobQueueStore,
  entryId: string,
  claimant: Claimant,
): Promise<ClaimedRun | null> {
  try {
    return await store.inTransaction((session) => claim(store, session, entryId, claimant));
  } catch (error) {
    if (error instanceof LeaseBusyError || error instanceof EntryMovedError) return null;
    throw error;
  }
}

async function claim(
  store: JobQueueStore,
  session: ClientSession,
  entryId: string,
  claimant: Claimant,
): Promise<ClaimedRun | null> {
  const read = await readDueEntry(store, session, entryId);
  if (read === null) return null;
  const { now, ...entry } = read;
  if (statusAfter(entry.status, 'start') === null) return null;
  if (entry.expiresAt !== null && entry.expiresAt < now) {
    await expire(store, session, entry, now, claimant.workerName);
    return null;
  }
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
      currentRunId: runId,
      attempt: entry.currentRunId === null ? entry.attempt + 1 : entry.attempt,
    },
    { at: now, runId, causedBy: claimant.workerName },
  );
  return { entry: started, runId, startedBy, ...leases };
}

async function readDueEntry(store: JobQueueStore, session: ClientSession, entryId: string) {
  const [entry] = await store.entries
    .aggregate<EntryDocument & { now: Date }>(
      [
        { $match: { _id: entryId, nextRunAt: { $type: 'date' }, $expr: { $lte: ['$nextRunAt', '$$NOW'] } } },
        { $addFields: { now: '$$NOW' } },
      ],
      { session },
    )
    .toArray();
  return entry ?? null;
}

async function takeLeases(
  store: JobQueueStore,
  session: ClientSession,
  entry: EntryDocument,
  holder: { readonly runId: string; readonly workerId: string; readonly leaseMs: number },
): Promise<Pick<ClaimedRun, 'leases' | 'entryLease' | 'leaseToken'>> {
  const entryLease = await takeLease(store, session, entryLeaseId(entry._id), holder);
  if (entry.mappingId === null) return { leases: [entryLease], entryLease, leaseToken: entryLease.token };
  const mappingLease = await takeLease(store, session, mappingLeaseId(entry.mappingId), holder);
  return { leases: [entryLease, mappingLease], entryLease, leaseToken: mappingLease.token };
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
  const previous = entry.oneOff ? await store.runs.findOne({ _id: entry.lastRunId ?? '' }, { session }) : null;
  const startedBy = previous?.startedBy ?? STARTED_BY_SCHEDULE;
  const row = acceptedRun(entry, { runId: run.runId, attempt: entry.attempt + 1, startedBy, at: run.now });
  await store.runs.insertOne({ ...row, ...worker }, { session });
  return startedBy;
}

/** Ids of entries that may still run but expired, by the database's clock. */
export async function expiredEntryIds(store: JobQueueStore, limit: number): Promise<string[]> {
  const expired = await store.entries
    .find({
      status: { $in: statusesWith('expire') },
      expiresAt: { $type: 'date' },
      $expr: { $lt: ['$expiresAt', '$$NOW'] },
    })
    .limit(limit)
    .toArray();
  return expired.map(({ _id }) => _id);
}

/** Ends an entry that expired as FINISHED, unless it went elsewhere meanwhile. */
export async function expireEntry(store: JobQueueStore, entryId: string, causedBy: string): Promise<void> {
  const now = await store.now();
  await store.inTransaction(async (session) => {
    const entry = await store.entries.findOne({ _id: entryId, expiresAt: { $lt: now } }, { session });
    if (entry !== null && statusAfter(entry.status, 'expire') !== null)
      await expire(store, session, entry, now, causedBy);
  });
}

async function expire(
  store: JobQueueStore,
  session: ClientSession,
  entry: EntryDocument,
  at: Date,
  causedBy: string,
): Promise<void> {
  const statusReason = `It expired at ${entry.expiresAt?.toISOString() ?? 'an earlier time'}.`;
  // A run that was accepted and will never begin has to end, too: somebody may wait for it.
  if (entry.currentRunId !== null) {
    const end = { status: 'CANCELLED', endedAt: at } as const;
    await store.runs.updateOne({ _id: entry.currentRunId, leaseToken: null }, { $set: end }, { session });
  }
  const fields = { status: nextStatus(entry.status, 'expire'), statusReason, nextRunAt: null, currentRunId: null };
  await changeStatus(store, session, entry, fields, { at, runId: entry.currentRunId, causedBy });
}

/** Entries that will be due within `horizonMs` by the database's clock, or are so already; soonest first. */
export async function upcomingEntries(
  store: JobQueueStore,
  horizonMs: number,
  limit: number,
): Promise<Pick<JobQueueEntry, '_id' | 'nextRunAt'>[]> {
  return store.entries
    .find({
      status: { $in: statusesWith('start') },
      nextRunAt: { $type: 'date' },
      $expr: { $lte: ['$nextRunAt', { $add: ['$$NOW', horizonMs] }] },
    })
    .project<Pick<JobQueueEntry, '_id' | 'nextRunAt'>>({ nextRunAt: 1 })
    .sort({ nextRunAt: 1 })
    .limit(limit)
    .toArray();
}
