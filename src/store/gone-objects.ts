import type { Db, Document } from 'mongodb';
import type { IndexSpec } from './indexes.js';

const COLLECTION = 'goneObjects';
const KEPT_SECONDS = 7 * 24 * 60 * 60;
// A few seconds of work. More go at once only with a whole connection, and telling all of a deletion too many does no harm.
const MOST_AT_ONCE = 20_000;

/** Where an object belonged that is gone. */
export interface GoneObject {
  readonly connectionSetupId?: string;
  readonly mappingName?: string | null;
  /** Of a pair: its last state. */
  readonly state?: string;
}

export const goneObjectIndexes: readonly IndexSpec[] = [
  { collection: COLLECTION, keys: { at: 1 }, options: { expireAfterSeconds: KEPT_SECONDS } },
];

/**
 * Call it before objects of a collection are deleted: of a deletion the database tells the id alone, and whoever follows the
 * objects of one connection has to be told of those only. Kept for a week, of at most 20,000
 * at once. One that is not deleted after all does no harm.
 */
export async function rememberGone(db: Db, collection: string, filter: Document): Promise<void> {
  await db
    .collection(collection)
    .aggregate([
      { $match: filter },
      { $limit: MOST_AT_ONCE },
      {
        $project: {
          _id: { $concat: [keyOf(collection, ''), '$_id'] },
          connectionSetupId: 1,
          mappingName: 1,
          state: 1,
          at: '$$NOW',
        },
      },
      { $merge: { into: COLLECTION, whenMatched: 'replace' } },
    ])
    .toArray();
}

/** What is remembered of an object that is gone; null for one of which nothing is. */
export const goneObject = (db: Db, collection: string, id: string): Promise<GoneObject | null> =>
  db.collection<GoneObject & { _id: string }>(COLLECTION).findOne({ _id: keyOf(collection, id) });

const keyOf = (collection: string, id: string): string => `${collection}:${id}`;
