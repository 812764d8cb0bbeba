import type { JobQueueStore, WorkerDocument } from './job-queue-store.js';

/** A worker as it presents itself. */
export type WorkerIdentity = Pick<WorkerDocument, '_id' | 'name' | 'host' | 'processId' | 'version'>;

/** A worker that was not heard for so long is forgotten; the name stays in its runs. */
const FORGOTTEN_AFTER_MS = 24 * 60 * 60_000;

/** Notes that a worker lives, by the database's clock. Registers it the first time. */
export async function hearWorker(store: JobQueueStore, { _id, ...identity }: WorkerIdentity): Promise<void> {
  await store.workers.updateOne(
    { _id },
    [{ $set: { ...literals(identity), startedAt: { $ifNull: ['$startedAt', '$$NOW'] }, heartbeatAt: '$$NOW' } }],
    { upsert: true },
  );
}

/** Takes a worker that stops, and those that vanished long ago, off the list. */
export async function forgetWorkers(store: JobQueueStore, workerId: string): Promise<void> {
  await store.workers.deleteMany({
    $or: [{ _id: workerId }, { $expr: { $lt: ['$heartbeatAt', { $subtract: ['$$NOW', FORGOTTEN_AFTER_MS] }] } }],
  });
}

/** The workers that were heard within `withinMs`, oldest first, and those that were not. */
export async function listWorkers(
  store: JobQueueStore,
  withinMs: number,
): Promise<(WorkerDocument & { readonly alive: boolean })[]> {
  return store.workers
    .aggregate<WorkerDocument & { alive: boolean }>([
      { $addFields: { alive: { $gt: ['$heartbeatAt', { $subtract: ['$$NOW', withinMs] }] } } },
      { $sort: { startedAt: 1, _id: 1 } },
    ])
    .toArray();
}

// In a pipeline a text that begins with "$" would be read as a field's name.
const literals = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { $literal: value }]));
