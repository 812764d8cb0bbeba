import { type Collection, type Db, ObjectId } from 'mongodb';
import type { IndexSpec } from '../store/indexes.js';

const COLLECTION = 'deletionsActedOn';
const KEPT_SECONDS = 2 * 24 * 60 * 60;

export const deletionIndexes: readonly IndexSpec[] = [
  { collection: COLLECTION, keys: { mappingId: 1, at: 1 } },
  { collection: COLLECTION, keys: { notedAt: 1 }, options: { expireAfterSeconds: KEPT_SECONDS } },
];

interface DeletionsActedOn {
  readonly _id: ObjectId;
  readonly mappingId: string;
  readonly at: Date;
  readonly count: number;
  /** By the database's clock, which removes it: a process whose clock is behind must not lose what the guard counts. */
  readonly notedAt: Date;
}

/** Remembers for how many pairs of a mapping a deletion was acted on, and when. */
export class DeletionStore {
  private readonly deletions: Collection<DeletionsActedOn>;

  constructor(db: Db) {
    this.deletions = db.collection<DeletionsActedOn>(COLLECTION);
  }

  async note(mappingId: string, count: number, at: Date): Promise<void> {
    if (count === 0) return;
    await this.deletions.updateOne(
      { _id: new ObjectId() },
      { $set: { mappingId, at, count }, $currentDate: { notedAt: true } },
      { upsert: true },
    );
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
