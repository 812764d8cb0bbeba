import type { IndexSpec } from '../store/indexes.js';
import { collections } from './job-queue-store.js';

/** The indexes that the job queue and the stream of its transitions need. */
export const jobQueueIndexes: readonly IndexSpec[] = [
  { collection: collections.entries, keys: { connectionSetupId: 1, code: 1 }, options: { unique: true } },
  {
    collection: collections.entries,
    keys: { connectionSetupId: 1, idempotencyKey: 1 },
    options: { unique: true, partialFilterExpression: { idempotencyKey: { $type: 'string' } } },
  },
  {
    collection: collections.entries,
    keys: { partOf: 1 },
    options: { partialFilterExpression: { partOf: { $type: 'string' } } },
  },
  // Whose turn it is in a category.
  {
    collection: collections.entries,
    keys: { categoryCode: 1, connectionSetupId: 1, status: 1 },
    options: { partialFilterExpression: { categoryCode: { $type: 'string' } } },
  },
  // What is due, and what will be soon.
  { collection: collections.entries, keys: { status: 1, nextRunAt: 1 } },
  {
    collection: collections.entries,
    keys: { expiresAt: 1 },
    options: { partialFilterExpression: { expiresAt: { $type: 'date' } } },
  },
  // What retention deletes.
  {
    collection: collections.entries,
    keys: { updatedAt: 1 },
    options: { partialFilterExpression: { status: 'FINISHED' } },
  },
  // Pages of entries, in each order that can be asked for; with and without connection.
  { collection: collections.entries, keys: { connectionSetupId: 1, oneOff: 1, code: 1, _id: 1 } },
  { collection: collections.entries, keys: { connectionSetupId: 1, oneOff: 1, nextRunAt: 1, _id: 1 } },
  { collection: collections.entries, keys: { connectionSetupId: 1, oneOff: 1, createdAt: 1, _id: 1 } },
  { collection: collections.entries, keys: { code: 1, _id: 1 } },
  { collection: collections.entries, keys: { nextRunAt: 1, _id: 1 } },
  { collection: collections.entries, keys: { createdAt: 1, _id: 1 } },
  // Without connection: what recurs is few, among all that was run once.
  { collection: collections.entries, keys: { oneOff: 1, code: 1, _id: 1 } },
  { collection: collections.entries, keys: { oneOff: 1, nextRunAt: 1, _id: 1 } },
  { collection: collections.entries, keys: { oneOff: 1, createdAt: 1, _id: 1 } },
  { collection: collections.entries, keys: { task: 1 } },
  { collection: collections.entries, keys: { mappingName: 1 } },
  { collection: collections.entries, keys: { categoryCode: 1 } },
  { collection: collections.entries, keys: { searchWords: 1 } },
  { collection: collections.entries, keys: { mappingId: 1, oneOff: 1 } },
  // Pages of runs, newest first: all, of an entry, of a connection, by status. With the status at the end those of one status are
  // found by the keys alone: of an entry with a hundred thousand runs the few that failed.
  { collection: collections.runs, keys: { startedAt: -1, _id: -1 } },
  { collection: collections.runs, keys: { entryId: 1, startedAt: -1, _id: -1, status: 1 } },
  { collection: collections.runs, keys: { connectionSetupId: 1, startedAt: -1, _id: -1, status: 1 } },
  { collection: collections.runs, keys: { status: 1, startedAt: -1, _id: -1 } },
  { collection: collections.runs, keys: { code: 1, startedAt: -1, _id: -1, status: 1, mappingName: 1 } },
  { collection: collections.runs, keys: { mappingName: 1, startedAt: -1, _id: -1, status: 1, code: 1 } },
  { collection: collections.transitions, keys: { number: 1 }, options: { unique: true } },
  { collection: collections.transitions, keys: { entryId: 1, number: 1 } },
  { collection: collections.transitions, keys: { code: 1, number: 1 } },
  { collection: collections.transitions, keys: { mappingName: 1, number: 1 } },
  { collection: collections.transitions, keys: { to: 1, number: 1 } },
  { collection: collections.transitions, keys: { connectionSetupId: 1, number: 1 } },
  // The order in which transitions get their numbers.
  { collection: collections.pending, keys: { at: 1, order: 1 } },
  { collection: collections.leases, keys: { runId: 1 } },
  { collection: collections.leases, keys: { endsAt: 1 } },
  // Agenda's search for the next job, as Agenda would declare it, and ours for a wake-up that exists already.
  {
    collection: collections.wakeUps,
    keys: { name: 1, priority: -1, lockedAt: 1, nextRunAt: 1, disabled: 1 },
    options: { name: 'findAndLockNextJobIndex' },
  },
  { collection: collections.wakeUps, keys: { name: 1, 'data.at': 1 } },
  { collection: collections.workers, keys: { heartbeatAt: 1 } },
  { collection: collections.workers, keys: { startedAt: 1, _id: 1 } },
  // What a worker runs now: of a million runs hardly any is in process.
  {
    collection: collections.runs,
    keys: { workerId: 1, startedAt: 1, _id: 1 },
    options: { partialFilterExpression: { status: 'IN_PROCESS' } },
  },
];
