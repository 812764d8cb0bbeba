import type { Collection, Db } from 'mongodb';
import type { IndexSpec } from '../store/indexes.js';

const COLLECTION = 'deletionsActedOn';
const KEPT_SECONDS = 2 * 24 * 60 * 60;

export const deletionIndexes: readonly IndexSpec[] = [
  { collection: COLLECTION, keys: { mappingId: 1, at: 1 } },
  { collection: COLLECTION, keys: { at: 1 }, options: { expireAfterSeconds: KEPT_SECONDS } },
];

interface DeletionsActedOn {
  readonly mappingId: string;
  readonly at: Date;
  readonly count: number;
}

/** Remembers for how many pairs of a mapping a deletion was acted on, and when. */
export class DeletionStore {
  private readonly deletions: Collection<DeletionsActedOn>;

  constructor(db: Db) {
    this.deletions = db.collection<DeletionsActedOn>(COLLECTION);
  }

  async note(mappingId: string, count: number, at: Date): Promise<void> {
    if (count > 0) await this.deletions.insertOne({ mappingId, at, count });
  }

  async countSince(mappingId: string, since: Date): Promise<number> {
    const [sum] = await this.deletions
      .aggregate<{ total: number }>([
        { $match: { mappingId, at: { $gte: since } } },
        { $group: { _id: null, total: { $sum: '$count' } } },
      ])
      .toArray();
    return sum?.total ?? 0;
  }
}
