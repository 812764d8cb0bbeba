import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongodb';
import { changeStatus, EntryMovedError } from './entry-store.js';
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
import { acceptedRun } from './run-ledger-store.js';
import { nextStatus, statusAfter, statusesWith } from './transitions.js';

/** Who wants to run entries. */
export interface Claimant {
  readonly workerId: string;
  readonly workerName: string;
  readonly leaseMs: number;
  /** The tasks that it has executors for; absent: all. */
  readonly tasks?: readonly JobTask[];
}

/** An entry that is due and not kept back by a run of its own or of its mapping. */
export interface DueEntry {
  readonly _id: string;
  /** Another entry of its category runs: it cannot begin, and is to be WAITING. */
  readonly categoryBusy: boolean;
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

const STARTED_BY_SCHEDULE = 'schedule';

/** The stages that add to each entry who holds a lease: an empty list when it is free. */
const holderOf = (store: JobQueueStore, lease: string, leaseId: unknown) => ({
  $lookup: {
    from: store.leases.collectionName,
    let: { leaseId },
    pipeline: [{ $match: { $expr: { $eq: ['$_id', '$$leaseId'] }, runId: { $ne: null } } }],
    as: lease,
  },
});

/** The stages that leave entries whose own lease and whose mapping's are free. */
const whereLeasesAreFree = (store: JobQueueStore) => [
  holderOf(store, 'entryLease', { $concat: ['entry:', '$_id'] }),
  { $match: { entryLease: [] } },
  holderOf(store, 'mappingLease', { $concat: ['mapping:', '$mappingId'] }),
  { $match: { mappingLease: [] } },
];

/**
 * Entries of these tasks that are due by the database's clock and whose leases are free, longest due first. An entry whose
 * mapping is held by another run is left out, as is one that already waits for its category: they are found when that run
 * has ended.
 */
export async function dueEntries(store: JobQueueStore, tasks: readonly JobTask[], limit: number): Promise<DueEntry[]> {
  const category = { $concat: ['category:', { $ifNull: ['$connectionSetupId', ''] }, ':', '$categoryCode'] };
  return store.entries
    .aggregate<DueEntry>([
      {
        $match: {
          status: { $in: statusesWith('start') },
          nextRunAt: { $type: 'date' },
          task: { $in: [...tasks] },
          $expr: { $and: [{ $lte: ['$nextRunAt', '$$NOW'] }, isUnreserved] },
        },
      },
      { $sort: { nextRunAt: 1 } },
      ...whereLeasesAreFree(store),
      holderOf(store, 'categoryLease', category),
      { $set: { categoryBusy: { $ne: ['$categoryLease', []] } } },
      { $match: { $or: [{ categoryBusy: false }, { status: { $in: statusesWith('findCategoryBusy') } }] } },
      { $limit: limit },
      { $project: { categoryBusy: 1 } },
    ])
    .toArray();
}

const isUnreserved = { $lte: [{ $ifNull: ['$reservedUntil', new Date(0)] }, '$$NOW'] };

// A claim takes milliseconds; after a worker's death between the two the entry is found again.
const RESERVED_MS = 1_000;

/**
 * Keeps an entry from other workers while this one claims it. Only so that they need not try in vain: a claim is a
 * transaction, and many at once that want the same entry would spend their time with repeating each other's.
 *
 * @returns false when another worker was faster
 */
export async function reserveEntry(store: JobQueueStore, entryId: string): Promise<boolean> {
  const reserved = await store.entries.updateOne({ _id: entryId, $expr: isUnreserved }, [
    { $set: { reservedUntil: { $add: ['$$NOW', RESERVED_MS] } } },
  ]);
  return reserved.modifiedCount === 1;
}

/** Gives a reserved entry back that was not claimed. */
export async function releaseEntry(store: JobQueueStore, entryId: string): Promise<void> {
  await store.entries.updateOne({ _id: entryId }, { $set: { reservedUntil: null } });
}

/** Makes an entry WAITING while another one of its category runs; nothing when that has changed meanwhile. */
export async function waitForCategory(store: JobQueueStore, entryId: string, causedBy: string): Promise<void> {
  try {
    await store.inTransaction(async (session) => {
      const read = await readDueEntry(store, session, entryId);
      if (read === null || read.categoryCode === null) return;
      const { now, ...entry } = read;
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

/**
 * Claims an entry that is due: its leases, its status, its log row and the transition in one transaction. Of a category it
 * claims the entry whose turn it is, which may be another one.
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
  const first = await firstOfCategory(store, session, entry, claimant.tasks ?? jobTasks);
  if (first !== null && first !== entryId) return claim(store, session, first, claimant);
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

// By priority, then by age. Entries that cannot run now keep nobody waiting.
async function firstOfCategory(
  store: JobQueueStore,
  session: ClientSession,
  { connectionSetupId, categoryCode }: EntryDocument,
  tasks: readonly JobTask[],
): Promise<string | null> {
  if (categoryCode === null) return null;
  const [first] = await store.entries
    .aggregate<{ _id: string }>(
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
        { $set: { rank: { $indexOfArray: [[...jobPriorities], '$priority'] } } },
        { $sort: { rank: 1, createdAt: 1, _id: 1 } },
        ...whereLeasesAreFree(store),
        { $limit: 1 },
        { $project: { _id: 1 } },
      ],
      { session },
    )
    .toArray();
  return first?._id ?? null;
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
