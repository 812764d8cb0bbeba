import type { Document } from 'mongodb';
import { type Count, countMatches, type Page, type PageRequest, readPage } from '../store/keyset-page.js';
import type { JobQueueLogEntry } from './job-queue-entry.js';
import type { JobQueueStore, WorkerDocument } from './job-queue-store.js';

/** A worker, with whether it was heard lately. */
export type ListedWorker = WorkerDocument & { readonly alive: boolean };

/** A worker as it presents itself. */
export type WorkerIdentity = Pick<WorkerDocument, '_id' | 'name' | 'host' | 'processId' | 'version'>;

/** A worker that was not heard for so long is forgotten; the name stays in its runs. */
const FORGOTTEN_AFTER_MS = 24 * 60 * 60_000;

// A worker is heard with each of its sweeps, every two seconds: one that misses several of them is gone, or stands still.
const ALIVE_WITHIN_MS = 15_000;
const isHeard = { $gt: ['$heartbeatAt', { $subtract: ['$$NOW', ALIVE_WITHIN_MS] }] };

/** Notes that a worker lives, by the database's clock. Registers it the first time. */
export async function hearWorker(store: JobQueueStore, { _id, ...identity }: WorkerIdentity): Promise<void> {
  await store.workers.updateOne(
    { _id },
    [
      { $set: { ...literals(identity), startedAt: { $ifNull: ['$startedAt', '$$NOW'] }, heartbeatAt: '$$NOW' } },
      { $unset: 'lostAt' },
    ],
    { upsert: true },
  );
}

/**
 * Notes once of each worker that nothing is heard of it any more. Nothing else is written when a worker dies, and whoever
 * watches the list is told of what is written.
 */
export async function noteLostWorkers(store: JobQueueStore): Promise<void> {
  await store.workers.updateMany({ lostAt: { $exists: false }, $expr: { $not: [isHeard] } }, [
    { $set: { lostAt: '$$NOW' } },
  ]);
}

/** True while another worker lives. */
export async function hasOtherWorkers(store: JobQueueStore, workerId: string): Promise<boolean> {
  return (await store.workers.findOne({ _id: { $ne: workerId }, $expr: isHeard }, { projection: { _id: 1 } })) !== null;
}

/** Takes a worker that stops, and those that vanished long ago, off the list. */
export async function forgetWorkers(store: JobQueueStore, workerId: string): Promise<void> {
  await store.workers.deleteMany({
    $or: [{ _id: workerId }, { $expr: { $lt: ['$heartbeatAt', { $subtract: ['$$NOW', FORGOTTEN_AFTER_MS] }] } }],
  });
}

/** The workers of these ids that are not forgotten. */
export const findWorkers = (store: JobQueueStore, ids: readonly string[]): Promise<ListedWorker[]> =>
  withAlive(store, [{ $match: { _id: { $in: [...ids] } } }]);

/** A page of workers, in the order of their start. */
export async function pageOfWorkers(store: JobQueueStore, page: PageRequest): Promise<Page<ListedWorker>> {
  const { items, hasMore } = await readPage(store.workers, {}, { field: 'startedAt', direction: 'ASC' }, page);
  const ids = items.map(({ item }) => item._id);
  const found = new Map((await findWorkers(store, ids)).map((worker) => [worker._id, worker]));
  return {
    hasMore,
    // One that was forgotten between the two reads is left out.
    items: items.flatMap(({ place, item }) => {
      const worker = found.get(item._id);
      return worker === undefined ? [] : [{ place, item: worker }];
    }),
  };
}

export const countWorkers = (store: JobQueueStore): Promise<Count> => countMatches(store.workers, {}, true);

/** What each of these workers runs now, oldest first, at most `limit` each. */
export async function runsOfWorkers(
  store: JobQueueStore,
  workerIds: readonly string[],
  limit: number,
): Promise<{ readonly workerId: string; readonly runs: readonly JobQueueLogEntry[] }[]> {
  const running = await store.runs
    .find({ status: 'IN_PROCESS', workerId: { $in: [...workerIds] } })
    .sort({ startedAt: 1, _id: 1 })
    .limit(limit * workerIds.length)
    .toArray();
  return workerIds.map((workerId) => ({
    workerId,
    runs: running.filter((run) => run.workerId === workerId).slice(0, limit),
  }));
}

const withAlive = (store: JobQueueStore, stages: readonly Document[]): Promise<ListedWorker[]> =>
  store.workers.aggregate<ListedWorker>([...stages, { $addFields: { alive: isHeard } }]).toArray();

// In a pipeline a text that begins with "$" would be read as a field's name.
const literals = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { $literal: value }]));
