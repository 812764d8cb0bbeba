import type { Collection, Db, Filter } from 'mongodb';
import { rememberGone } from '../store/gone-objects.js';
import { LongTextsStore } from '../store/long-texts-store.js';
import type { Coupling } from './coupling.js';
import type { CouplingFilter, CouplingSelection } from './coupling-filter.js';
import { couplingQuery } from './coupling-queries.js';
import { couplingsWhole } from './large-coupling-store.js';
import { fromStored } from './stored-coupling.js';

const COLLECTION = 'couplings';

/** Reads and removes couplings that somebody chose. */
export class CouplingSelectionStore {
  private readonly couplings: Collection<Coupling>;
  private readonly texts: LongTextsStore;

  constructor(private readonly db: Db) {
    this.texts = new LongTextsStore(db);
    this.couplings = db.collection<Coupling>(COLLECTION);
  }

  /** The chosen couplings, of one mapping or of all (null), in order of their ids, after the given one. */
  async page(
    mappingId: string | null,
    selection: CouplingSelection,
    afterId: string | null,
    limit: number,
  ): Promise<Coupling[]> {
    const bounds: Filter<Coupling>[] = [
      selectionQuery(selection),
      ...(mappingId === null ? [] : [{ mappingId }]),
      ...(afterId === null ? [] : [{ _id: { $gt: afterId } }]),
    ];
    const found = await this.couplings.find({ $and: bounds }).sort({ _id: 1 }).limit(limit).toArray();
    return couplingsWhole(this.texts, found.map(fromStored<Coupling>));
  }

  /** How many a filter matches, counted up to the limit. */
  async count(filter: CouplingFilter, limit: number): Promise<number> {
    return this.couplings.countDocuments(couplingQuery(filter), { limit });
  }

  /** How many of the chosen couplings a mapping has. */
  async countIn(mappingId: string, selection: CouplingSelection): Promise<number> {
    return this.couplings.countDocuments({ $and: [selectionQuery(selection), { mappingId }] });
  }

  /** The mappings of the chosen couplings. */
  async mappingIds(selection: CouplingSelection): Promise<string[]> {
    return this.couplings.distinct('mappingId', selectionQuery(selection));
  }

  /** Removes couplings that nobody changed since they were read and that no write is under way for; answers their ids. */
  async remove(couplings: readonly Pick<Coupling, '_id' | 'revision'>[]): Promise<Set<string>> {
    const removed = new Set(couplings.map(({ _id }) => _id));
    if (couplings.length === 0) return removed;
    await rememberGone(this.db, COLLECTION, { _id: { $in: [...removed] } });
    await this.couplings.bulkWrite(
      couplings.map(({ _id, revision }) => ({
        deleteOne: { filter: { _id, revision, 'intents.0': { $exists: false } } },
      })),
      { ordered: false },
    );
    const left = await this.couplings.find({ _id: { $in: [...removed] } }, { projection: { _id: 1 } }).toArray();
    for (const { _id } of left) removed.delete(_id);
    return removed;
  }
}

const selectionQuery = (selection: CouplingSelection): Filter<Coupling> =>
  'ids' in selection ? { _id: { $in: [...selection.ids] } } : couplingQuery(selection.filter);
