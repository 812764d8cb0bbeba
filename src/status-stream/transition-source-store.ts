import type { Db, Filter } from 'mongodb';
import type { JobStatusTransition } from '../job-queue/job-queue-entry.js';
import { type CounterDocument, collections } from '../job-queue/job-queue-store.js';
import { transitionCounterId } from '../job-queue/transition-log-store.js';
import { watchCollection } from '../store/watch-collection.js';
import type { TransitionFilter } from './transition-filter.js';

/** Where a stream reads transitions from. */
export interface TransitionSource {
  /** The newest number; 0 before the first transition. */
  newestNumber(): Promise<number>;
  /** The oldest number still kept, or null when none is. */
  oldestNumber(): Promise<number | null>;
  /** Those above `number`, lowest first, at most `limit`. */
  readAfter(number: number, limit: number, filter?: TransitionFilter): Promise<JobStatusTransition[]>;
  /** Those below `number`, highest first, at most `limit`. */
  readBefore(number: number, limit: number, filter?: TransitionFilter): Promise<JobStatusTransition[]>;
  /** Yields once when it watches, then whenever there may be something new. Throws when it cannot go on watching. */
  watch(signal: AbortSignal): AsyncIterable<void>;
}

// A read that takes longer than this is given up, and tried again a second later.
const READ_TIMEOUT_MS = 10_000;

/** Reads the transitions of a database. */
export function transitionSource(db: Db): TransitionSource {
  const transitions = db.collection<JobStatusTransition>(collections.transitions);
  const counters = db.collection<CounterDocument>(collections.counters);
  // A number that a new primary could roll back must not be told to anybody.
  const options = { readConcern: { level: 'majority' }, timeoutMS: READ_TIMEOUT_MS } as const;

  return {
    async newestNumber() {
      const counter = await counters.findOne({ _id: transitionCounterId }, options);
      return counter?.value ?? 0;
    },
    async oldestNumber() {
      const oldest = await transitions.find({}, options).sort({ number: 1 }).limit(1).next();
      return oldest?.number ?? null;
    },
    readAfter: (number, limit, filter = {}) =>
      transitions
        .find({ ...asQuery(filter), number: { $gt: number } }, options)
        .sort({ number: 1 })
        .limit(limit)
        .toArray(),
    readBefore: (number, limit, filter = {}) =>
      transitions
        .find({ ...asQuery(filter), number: { $lt: number } }, options)
        .sort({ number: -1 })
        .limit(limit)
        .toArray(),
    watch: (signal) => watchCollection(transitions, 'insert', signal),
  };
}

function asQuery(filter: TransitionFilter): Filter<JobStatusTransition> {
  return {
    ...(filter.entryIds && { entryId: { $in: [...filter.entryIds] } }),
    ...(filter.codes && { code: { $in: [...filter.codes] } }),
    ...(filter.mappingNames && { mappingName: { $in: [...filter.mappingNames] } }),
    ...(filter.to && { to: { $in: [...filter.to] } }),
    ...(filter.connectionSetupId !== undefined && { connectionSetupId: filter.connectionSetupId }),
  };
}
