import type { Db, Document } from 'mongodb';
import type { IndexSpec } from './indexes.js';

const COLLECTION = 'goneObjects';
const KEPT_SECONDS = 7 * 24 * 60 * 60;

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
 * objects of one connection has to be told of those only. Kept for a week. One that is not deleted after all does no harm.
 */
export async function rememberGone(db: Db, collection: string, filter: Document): Promise<void> {
  await db
    .collection(collection)
    .aggregate([
      { $match: filter },
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
