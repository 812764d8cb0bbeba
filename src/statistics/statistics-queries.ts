import type { Db, Document } from 'mongodb';
import type { IndexSpec } from '../store/indexes.js';
import type { Bucket } from './buckets.js';

const RUNS = 'jobQueueLogEntries';
const JOBS = 'synchJobs';

/** What is counted: of a connection, of some mappings, or all. */
export interface StatisticsFilter {
  readonly connectionSetupId?: string | undefined;
  readonly mappingIds?: readonly string[] | undefined;
}

/** What ended in one bucket, of one mapping when grouped. */
export interface BucketCounts {
  readonly bucket: number;
  /** Null when not grouped by mapping. */
  readonly mappingId: string | null;
  readonly runsSucceeded: number;
  readonly runsFailed: number;
  readonly runsCancelled: number;
  readonly runsInterrupted: number;
  readonly maximumDurationMs: number | null;
  readonly maximumLagSeconds: number | null;
  readonly inserted: number;
  readonly modified: number;
  readonly deleted: number;
  readonly failed: number;
  readonly conflicts: number;
  /** Records that were looked at, whatever became of them. */
  readonly handled: number;
}

export const noCounts: Omit<BucketCounts, 'bucket' | 'mappingId'> = {
  runsSucceeded: 0,
  runsFailed: 0,
  runsCancelled: 0,
  runsInterrupted: 0,
  maximumDurationMs: null,
  maximumLagSeconds: null,
  inserted: 0,
  modified: 0,
  deleted: 0,
  failed: 0,
  conflicts: 0,
  handled: 0,
};

/** Counts of the past, added up from the log and the synch jobs that ended. */
export interface StatisticsQueries {
  /** The counts of each bucket (by its place in the list) in which something ended. */
  counts(buckets: readonly Bucket[], filter: StatisticsFilter, byMapping: boolean): Promise<readonly BucketCounts[]>;
}

export const statisticsIndexes: readonly IndexSpec[] = [
  { collection: RUNS, keys: { endedAt: 1 } },
  { collection: RUNS, keys: { connectionSetupId: 1, endedAt: 1 } },
  { collection: RUNS, keys: { mappingId: 1, endedAt: 1 } },
  { collection: JOBS, keys: { finishedAt: 1 } },
  { collection: JOBS, keys: { connectionSetupId: 1, finishedAt: 1 } },
  { collection: JOBS, keys: { mappingId: 1, finishedAt: 1 } },
];

export function statisticsQueries(db: Db): StatisticsQueries {
  return {
    async counts(buckets, filter, byMapping) {
      const first = buckets[0];
      if (first === undefined) return [];
      const key = (time: string) => ({ bucket: bucketOf(time, buckets), mappingId: byMapping ? '$mappingId' : null });
      const [runs, jobs] = await Promise.all([
        db
          .collection(RUNS)
          .aggregate<Partial<BucketCounts> & { _id: Key }>([
            { $match: { ...asQuery(filter), endedAt: within(buckets) } },
            { $group: { _id: key('$endedAt'), ...runSums } },
          ])
          .toArray(),
        db
          .collection(JOBS)
          .aggregate<Partial<BucketCounts> & { _id: Key }>([
            { $match: { ...asQuery(filter), finishedAt: within(buckets), dryRun: false } },
            { $group: { _id: key('$finishedAt'), ...jobSums } },
          ])
          .toArray(),
      ]);
      return merged([...runs, ...jobs]);
    },
  };
}

interface Key {
  readonly bucket: number;
  readonly mappingId: string | null;
}

const statusCount = (status: string): Document => ({ $sum: { $cond: [{ $eq: ['$status', status] }, 1, 0] } });

const runSums = {
  runsSucceeded: statusCount('SUCCESS'),
  runsFailed: statusCount('ERROR'),
  runsCancelled: statusCount('CANCELLED'),
  runsInterrupted: statusCount('INTERRUPTED'),
  maximumDurationMs: { $max: { $subtract: ['$endedAt', '$startedAt'] } },
};

const handledKinds = ['inserted', 'modified', 'deleted', 'unchanged', 'skipped', 'failed', 'conflicts'];

const jobSums = {
  ...Object.fromEntries(
    ['inserted', 'modified', 'deleted', 'failed', 'conflicts'].map((name) => [name, { $sum: `$${name}` }]),
  ),
  maximumLagSeconds: { $max: '$maximumLagSeconds' },
  handled: { $sum: { $add: handledKinds.map((name) => ({ $ifNull: [`$${name}`, 0] })) } },
};

const within = (buckets: readonly Bucket[]): Document => ({ $gte: buckets[0]?.start, $lt: buckets.at(-1)?.end });

// The place of the bucket: how many of them begin at that time or before, less one.
const bucketOf = (time: string, buckets: readonly Bucket[]): Document => ({
  $subtract: [
    { $size: { $filter: { input: buckets.map(({ start }) => start), cond: { $lte: ['$$this', time] } } } },
    1,
  ],
});

const asQuery = ({ connectionSetupId, mappingIds }: StatisticsFilter): Document => ({
  ...(connectionSetupId !== undefined && { connectionSetupId }),
  ...(mappingIds && { mappingId: { $in: [...mappingIds] } }),
});

function merged(parts: readonly (Partial<BucketCounts> & { readonly _id: Key })[]): BucketCounts[] {
  const found = new Map<string, BucketCounts>();
  for (const { _id, ...counts } of parts) {
    const key = `${_id.bucket} ${_id.mappingId}`;
    found.set(key, { ...noCounts, ..._id, ...found.get(key), ...counts });
  }
  return [...found.values()];
}
