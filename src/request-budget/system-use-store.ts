import type { Db, Document } from 'mongodb';
import type { GateLimits } from '../connectors/odata/gate.js';
import type { IndexSpec } from '../store/indexes.js';
import { DEFAULT_WINDOW_SECONDS, LIVE_MS, SLOT_SECONDS, type SystemUse } from './system-use.js';

const COLLECTION = 'systemUses';

/** The use of a system that no connection asks any more is forgotten after so long. */
const FORGOTTEN_AFTER_SECONDS = 90 * 24 * 60 * 60;

/** The indexes of the use of the systems. */
export const systemUseIndexes: readonly IndexSpec[] = [
  { collection: COLLECTION, keys: { at: 1 }, options: { expireAfterSeconds: FORGOTTEN_AFTER_SECONDS } },
];

type SystemUseDocument = SystemUse & { readonly _id: string };

/** What one process tells of its use of a system. */
export interface ToldUse {
  readonly processId: string;
  readonly limits: GateLimits;
  /** Requests at once that the system takes, or recommends. */
  readonly concurrentLimit: number;
  /** Requests sent since the last time. */
  readonly requests: number;
  readonly busy: number;
  /** How long the system asked to wait, from now; null when it did not. */
  readonly pauseMs: number | null;
  /** The process uses the system no more for now: its permits are for the others. */
  readonly leaves: boolean;
}

/** What the processes tell each other of the use of the systems, one document a system and user. */
export class SystemUseStore {
  constructor(private readonly db: Db) {}

  /**
   * Tells what this process does and answers what all do, in one request. A majority need not have it: what is lost with a
   * primary is told again within a second.
   */
  async tell(name: string, told: ToldUse, timeoutMS: number): Promise<SystemUse> {
    const use = await this.#uses.findOneAndUpdate({ _id: name }, [{ $set: changeOf(told) }], {
      upsert: true,
      returnDocument: 'after',
      writeConcern: { w: 1 },
      timeoutMS,
    });
    if (use === null) throw new Error(`the use of ${name} could not be told`);
    return use;
  }

  /** The use of these systems as it is now; those that were never asked are left out. */
  byNames(names: readonly string[]): Promise<SystemUseDocument[]> {
    return this.#uses
      .aggregate<SystemUseDocument>([{ $match: { _id: { $in: [...names] } } }, { $set: { at: '$$NOW' } }])
      .toArray();
  }

  get #uses() {
    return this.db.collection<SystemUseDocument>(COLLECTION);
  }
}

/** By the database's clock alone: the clocks of the processes may differ. */
function changeOf({ processId, limits, concurrentLimit, requests, busy, pauseMs, leaves }: ToldUse): Document {
  const { window } = limits;
  const windowSeconds = window?.seconds ?? DEFAULT_WINDOW_SECONDS;
  const slot = { $toLong: { $floor: { $divide: [{ $toLong: '$$NOW' }, SLOT_SECONDS * 1_000] } } };
  const isLive = { $gt: ['$$process.seenAt', { $subtract: ['$$NOW', LIVE_MS] }] };
  const others = {
    $filter: {
      input: { $ifNull: ['$processes', []] },
      as: 'process',
      cond: { $and: [isLive, { $ne: ['$$process.id', processId] }] },
    },
  };
  const self = leaves ? [] : [{ id: processId, seenAt: '$$NOW', busy }];
  const kept = {
    $filter: {
      input: { $ifNull: ['$slots', []] },
      as: 'one',
      cond: {
        $and: [
          { $gt: ['$$one.slot', { $subtract: [slot, Math.ceil(windowSeconds / SLOT_SECONDS)] }] },
          { $ne: ['$$one.slot', slot] },
        ],
      },
    },
  };
  const ofThisSlot = {
    $filter: { input: { $ifNull: ['$slots', []] }, as: 'one', cond: { $eq: ['$$one.slot', slot] } },
  };
  const requestsOfThisSlot = {
    $add: [{ $sum: { $map: { input: ofThisSlot, as: 'one', in: '$$one.requests' } } }, requests],
  };
  const pause = pauseMs === null ? null : { $add: ['$$NOW', pauseMs] };
  return {
    at: '$$NOW',
    pausedUntil: { $ifNull: [{ $max: ['$pausedUntil', pause] }, null] },
    processes: { $concatArrays: [others, self] },
    slots: { $concatArrays: [kept, [{ slot, requests: requestsOfThisSlot }]] },
    limit: window?.requests ?? 0,
    windowSeconds,
    concurrentLimit,
  };
}
