import { randomUUID } from 'node:crypto';
import type { JobQueueEntry, JobTask } from './job-queue-entry.js';
import type { EntryDocument, JobQueueStore } from './job-queue-store.js';
import { categoryLeaseId, mappingLeaseId } from './lease-store.js';
import { statusesWith } from './transitions.js';

/** An entry that is due, as it was read, and the database's time then. */
export type DueEntry = EntryDocument & { readonly now: Date };

/** What is due and not kept back by a run of its own or of its mapping. */
export interface DueEntries {
  readonly startable: readonly DueEntry[];
  /** Another entry of their category runs: they cannot begin, and are to be WAITING. */
  readonly categoryBusy: readonly DueEntry[];
}

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
export const whereLeasesAreFree = (store: JobQueueStore) => [
  holderOf(store, 'entryLease', { $concat: ['entry:', '$_id'] }),
  { $match: { entryLease: [] } },
  holderOf(store, 'mappingLease', { $concat: ['mapping:', '$mappingId'] }),
  { $match: { mappingLease: [] } },
];

/** The stage that takes away what the others added. */
export const withoutLeases = { $project: { entryLease: 0, mappingLease: 0, categoryLease: 0 } };

/**
 * Entries of these tasks that are due by the database's clock and whose leases are free, longest due first. An entry whose
 * mapping is held by another run is left out, as is one that already waits for its category: they are found when that run
 * has ended. Of those that exclude each other the first one is given.
 */
export async function dueEntries(store: JobQueueStore, tasks: readonly JobTask[], limit: number): Promise<DueEntries> {
  const category = { $concat: ['category:', { $ifNull: ['$connectionSetupId', ''] }, ':', '$categoryCode'] };
  const due = await store.entries
    .aggregate<DueEntry & { readonly categoryBusy: boolean }>([
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
      { $set: { categoryBusy: { $ne: ['$categoryLease', []] }, now: '$$NOW' } },
      { $match: { $or: [{ categoryBusy: false }, { status: { $in: statusesWith('findCategoryBusy') } }] } },
      { $limit: limit },
      withoutLeases,
    ])
    .toArray();
  const [categoryBusy, startable] = [
    due.filter((entry) => entry.categoryBusy),
    due.filter((entry) => !entry.categoryBusy),
  ];
  return { startable: withoutRivals(startable), categoryBusy };
}

/** Of entries that need the same lease the first one: the others could only lose against it. */
function withoutRivals(entries: readonly DueEntry[]): DueEntry[] {
  const needed = new Set<string>();
  return entries.filter(({ mappingId, connectionSetupId, categoryCode }) => {
    const leases = [
      ...(mappingId === null ? [] : [mappingLeaseId(mappingId)]),
      ...(categoryCode === null ? [] : [categoryLeaseId(connectionSetupId, categoryCode)]),
    ];
    const isFirst = leases.every((lease) => !needed.has(lease));
    if (isFirst) for (const lease of leases) needed.add(lease);
    return isFirst;
  });
}

const isUnreserved = { $lte: [{ $ifNull: ['$reservedUntil', new Date(0)] }, '$$NOW'] };

// A claim takes milliseconds; after a worker's death between the two the entry is found again.
const RESERVED_MS = 1_000;

/**
 * Keeps entries from other workers while this one claims them. Only so that they need not try in vain: a claim is a
 * transaction, and many at once that want the same entry would spend their time with repeating each other's. So it need not
 * survive a crash of the server either.
 *
 * @returns the ids of those that no other worker was faster with
 */
export async function reserveEntries(store: JobQueueStore, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const key = randomUUID();
  const reserved = await store.entries.updateMany(
    { _id: { $in: [...ids] }, $expr: isUnreserved },
    [{ $set: { reservedUntil: { $add: ['$$NOW', RESERVED_MS] }, reservedBy: key } }],
    { writeConcern: { w: 1, journal: false } },
  );
  if (reserved.modifiedCount === ids.length) return new Set(ids);
  const own = await store.entries
    .find({ _id: { $in: [...ids] }, reservedBy: key }, { readConcern: { level: 'local' } })
    .project<Pick<EntryDocument, '_id'>>({ _id: 1 })
    .toArray();
  return new Set(own.map(({ _id }) => _id));
}

/** Gives reserved entries back that were not claimed. */
export async function releaseEntries(store: JobQueueStore, ids: readonly string[]): Promise<void> {
  const release = { $set: { reservedUntil: null } };
  await store.entries.updateMany({ _id: { $in: [...ids] } }, release, { writeConcern: { w: 1, journal: false } });
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

/** An entry that will be due, or is so already. */
export type UpcomingEntry = Pick<JobQueueEntry, '_id' | 'nextRunAt'> & {
  /** Milliseconds from now, by the database's clock, whatever this process's clock says. */
  readonly inMs: number;
};

/** Entries that will be due within `horizonMs` by the database's clock, or are so already; soonest first. */
export function upcomingEntries(store: JobQueueStore, horizonMs: number, limit: number): Promise<UpcomingEntry[]> {
  return store.entries
    .find({
      status: { $in: statusesWith('start') },
      nextRunAt: { $type: 'date' },
      $expr: { $lte: ['$nextRunAt', { $add: ['$$NOW', horizonMs] }] },
    })
    .project<UpcomingEntry>({ nextRunAt: 1, inMs: { $subtract: ['$nextRunAt', '$$NOW'] } })
    .sort({ nextRunAt: 1 })
    .limit(limit)
    .toArray();
}
