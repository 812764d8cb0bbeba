import { type JobQueueEntry, tasksWokenByChanges } from './job-queue-entry.js';
import { type JobQueueDatabase, jobQueueStore } from './job-queue-store.js';
import { statusesWith } from './transitions.js';

/** An entry that a change may wake. */
export type WatchedEntry = Pick<JobQueueEntry, '_id' | 'minutesBetweenRuns'> & {
  readonly connectionSetupId: string;
  readonly mappingId: string;
};

/** Who watches a connection. */
interface WatchDocument {
  readonly _id: string;
  readonly workerId: string;
  /** By the database's clock. */
  readonly until: Date;
}

export interface WatchStore {
  /** Recurring synchronization entries that sleep, and READY ones that run in more than `soonMs` and not as a retry. */
  watchedEntries(soonMs: number): Promise<WatchedEntry[]>;
  /** True when this worker may watch the connection for `ms`: nobody else does. */
  takeWatch(connectionSetupId: string, workerId: string, ms: number): Promise<boolean>;
  /** The changes for which a mapping's entries were woken last, by whichever worker watched. */
  wokenFor(mappingId: string): Promise<readonly string[]>;
  keepWokenFor(mappingId: string, changes: readonly string[]): Promise<void>;
}

/** What a mapping's entries were woken for. */
interface WokenDocument {
  readonly _id: string;
  readonly changes: readonly string[];
}

export function watchStore(database: JobQueueDatabase): WatchStore {
  const { entries } = jobQueueStore(database);
  const watches = database.db.collection<WatchDocument>('changeWatches');
  const woken = database.db.collection<WokenDocument>('wokenForChanges');
  return {
    wokenFor: async (mappingId) => (await woken.findOne({ _id: mappingId }))?.changes ?? [],
    async keepWokenFor(mappingId, changes) {
      await woken.updateOne({ _id: mappingId }, { $set: { changes } }, { upsert: true });
    },

    watchedEntries: (soonMs) =>
      entries
        .find({
          $or: [
            { status: { $in: statusesWith('wake') } },
            { status: 'READY', retriesMade: 0, $expr: { $gt: ['$nextRunAt', { $add: ['$$NOW', soonMs] }] } },
          ],
          oneOff: false,
          task: { $in: [...tasksWokenByChanges] },
          connectionSetupId: { $type: 'string' },
          mappingId: { $type: 'string' },
        })
        .project<WatchedEntry>({ connectionSetupId: 1, mappingId: 1, minutesBetweenRuns: 1 })
        .toArray(),

    async takeWatch(connectionSetupId, workerId, ms) {
      const take = () =>
        watches.updateOne({ _id: connectionSetupId, $or: [{ workerId }, { $expr: { $lt: ['$until', '$$NOW'] } }] }, [
          { $set: { workerId, until: { $add: ['$$NOW', ms] } } },
        ]);
      if ((await take()).matchedCount === 1) return true;
      // The first watch of a connection: a free one is made, which an upsert by the database's clock could not do.
      const { upsertedCount } = await watches.updateOne(
        { _id: connectionSetupId },
        { $setOnInsert: { workerId: '', until: new Date(0) } },
        { upsert: true },
      );
      return upsertedCount === 1 && (await take()).matchedCount === 1;
    },
  };
}
