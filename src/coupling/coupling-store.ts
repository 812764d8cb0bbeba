import { randomUUID } from 'node:crypto';
import { type AnyBulkWriteOperation, type Collection, type Db, MongoBulkWriteError } from 'mongodb';
import type { IndexSpec } from '../store/indexes.js';
import type { Side } from '../synch/synch-error.js';
import type { Coupling } from './coupling.js';

const COLLECTION = 'couplings';
const DUPLICATE_KEY = 11_000;

/** Indexes that the runs need; those of the lists stand with their queries. */
export const couplingIndexes: readonly IndexSpec[] = [
  {
    collection: COLLECTION,
    keys: { mappingId: 1, businessId: 1 },
    options: { unique: true, partialFilterExpression: { businessId: { $type: 'string' } } },
  },
  {
    collection: COLLECTION,
    keys: { mappingId: 1, salesId: 1 },
    options: { unique: true, partialFilterExpression: { salesId: { $type: 'string' } } },
  },
  { collection: COLLECTION, keys: { mappingId: 1, nextAttemptAt: 1, _id: 1 } },
];

/** A coupling as it is stored: with a mark of the last change, so that a bulk of changes can tell which of them took effect. */
type StoredCoupling = Coupling & { readonly changeId: string };

/** A change of one coupling that holds only if nobody changed it since it was read. */
export interface CouplingChange {
  readonly _id: string;
  /** The revision that was read. */
  readonly revision: number;
  readonly set: Partial<Omit<Coupling, '_id' | 'revision'>>;
}

/** Reads and writes pairs for the runs. */
export class CouplingStore {
  private readonly couplings: Collection<StoredCoupling>;

  constructor(db: Db) {
    this.couplings = db.collection<StoredCoupling>(COLLECTION);
  }

  /** The couplings of these records of one side; at most as many as ids. */
  async byRecordIds(mappingId: string, side: Side, ids: readonly string[]): Promise<Coupling[]> {
    if (ids.length === 0) return [];
    const field = side === 'BUSINESS' ? 'businessId' : 'salesId';
    return this.couplings.find({ mappingId, [field]: { $in: [...ids] } }, withoutMark).toArray();
  }

  async byIds(ids: readonly string[]): Promise<Coupling[]> {
    return ids.length === 0 ? [] : this.couplings.find({ _id: { $in: [...ids] } }, withoutMark).toArray();
  }

  /** Couplings whose next attempt is due, in order of their ids, after the given one. Those with a begun write are always due. */
  async due(mappingId: string, now: Date, afterId: string | null, limit: number): Promise<Coupling[]> {
    return this.couplings
      .find(
        { mappingId, nextAttemptAt: { $lte: now }, ...(afterId === null ? {} : { _id: { $gt: afterId } }) },
        withoutMark,
      )
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
  }

  /** All couplings of a mapping in order of their ids, after the given one. */
  async page(mappingId: string, afterId: string | null, limit: number): Promise<Coupling[]> {
    return this.couplings
      .find({ mappingId, ...(afterId === null ? {} : { _id: { $gt: afterId } }) }, withoutMark)
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
  }

  /** True when a record of one side is in any coupling of the mapping. */
  async coupledIds(mappingId: string, side: Side, ids: readonly string[]): Promise<Set<string>> {
    const field = side === 'BUSINESS' ? 'businessId' : 'salesId';
    const found = await this.couplings
      .find({ mappingId, [field]: { $in: [...ids] } }, { projection: { [field]: 1 } })
      .toArray();
    return new Set(found.flatMap((coupling) => coupling[field] ?? []));
  }

  /** Inserts new couplings; answers the ids of those whose records were still free. */
  async insert(couplings: readonly Coupling[]): Promise<Set<string>> {
    const inserted = new Set(couplings.map(({ _id }) => _id));
    if (couplings.length === 0) return inserted;
    try {
      await this.couplings.insertMany(
        couplings.map((coupling) => ({ ...coupling, changeId: '' })),
        { ordered: false },
      );
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw error;
      for (const failure of asArray(error.writeErrors)) {
        if (failure.code !== DUPLICATE_KEY) throw error;
        const refused = couplings[failure.index];
        if (refused !== undefined) inserted.delete(refused._id);
      }
    }
    return inserted;
  }

  /** Applies changes; answers the ids of those that nobody had changed meanwhile. */
  async change(changes: readonly CouplingChange[]): Promise<Set<string>> {
    const applied = new Set(changes.map(({ _id }) => _id));
    if (changes.length === 0) return applied;
    const changeId = randomUUID();
    const operations: AnyBulkWriteOperation<StoredCoupling>[] = changes.map(({ _id, revision, set }) => ({
      updateOne: { filter: { _id, revision }, update: { $set: { ...set, changeId }, $inc: { revision: 1 } } },
    }));
    let refusedByIndex = false;
    const result = await this.couplings.bulkWrite(operations, { ordered: false }).catch((error: unknown) => {
      if (
        !(error instanceof MongoBulkWriteError) ||
        asArray(error.writeErrors).some(({ code }) => code !== DUPLICATE_KEY)
      )
        throw error;
      refusedByIndex = true;
      return error.result;
    });
    if (!refusedByIndex && result.matchedCount === changes.length) return applied;
    const marked = await this.couplings
      .find({ _id: { $in: [...applied] }, changeId }, { projection: { _id: 1 } })
      .toArray();
    return new Set(marked.map(({ _id }) => _id));
  }

  /** Removes couplings that nobody changed since they were read. */
  async remove(couplings: readonly Pick<Coupling, '_id' | 'revision'>[]): Promise<void> {
    if (couplings.length === 0) return;
    await this.couplings.bulkWrite(
      couplings.map(({ _id, revision }) => ({ deleteOne: { filter: { _id, revision } } })),
      { ordered: false },
    );
  }
}

const withoutMark = { projection: { changeId: 0 } } as const;

const asArray = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);
