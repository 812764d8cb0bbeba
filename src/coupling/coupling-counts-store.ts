import { isDeepStrictEqual } from 'node:util';
import { type Collection, type Db, type Document, MongoServerError } from 'mongodb';
import { gatheredFind } from '../store/gathered-reads.js';
import type { IndexSpec } from '../store/indexes.js';
import { type Coupling, type CouplingState, listedStates } from './coupling.js';
import { IS_DUE_SOMETIME } from './coupling-filter.js';

const COUNTS = 'couplingCounts';
const COUPLINGS = 'couplings';
const DUPLICATE_KEY = 11_000;

/** So many couplings of a mapping stand so. */
export interface StateCount {
  readonly state: CouplingState;
  /** Why they are parked, where they are SKIPPED; null otherwise. */
  readonly code: string | null;
  readonly count: number;
  /** Since when the one that has stood so longest does; null for those in step, of which nobody asks. */
  readonly since: Date | null;
}

/** What is counted: a mapping, as its couplings name it. */
export interface CountedMapping {
  readonly id: string;
  readonly name: string;
  readonly connectionSetupId: string;
}

/** Which counts are wanted; an absent part limits nothing. */
export interface CountFilter {
  readonly mappingIds?: readonly string[] | undefined;
  readonly mappingNames?: readonly string[] | undefined;
  readonly connectionSetupIds?: readonly string[] | undefined;
}

/** How the couplings of one mapping stand. */
export interface MappingCounts {
  readonly mappingId: string;
  readonly connectionSetupId: string;
  readonly counts: readonly StateCount[];
}

interface CountsDocument extends MappingCounts {
  readonly _id: string;
  readonly mappingName: string;
  /** Grows with each writing: a count that was begun before is not written over a later one. */
  readonly version: number;
}

/** More than any installation has. */
const MOST_MAPPINGS = 100_000;

/** Says that every mapping with couplings has its counts. */
const COMPLETE = 'complete';

export const couplingCountIndexes: readonly IndexSpec[] = [
  { collection: COUNTS, keys: { connectionSetupId: 1 } },
  { collection: COUNTS, keys: { mappingName: 1 } },
];

/** The id of a mapping's counts names both objects whose summary changes with them. */
export const countsId = ({ connectionSetupId, id }: Pick<CountedMapping, 'connectionSetupId' | 'id'>): string =>
  `${connectionSetupId}:${id}`;

/**
 * Keeps how many couplings of each mapping stand how: runs and people's actions have them counted anew when they changed
 * some, so that reading them costs the same whatever their number.
 */
export class CouplingCountsStore {
  readonly #counts: Collection<CountsDocument>;

  constructor(private readonly db: Db) {
    this.#counts = db.collection<CountsDocument>(COUNTS);
  }

  /** Counts the couplings of these mappings anew, and keeps what differs. */
  async recount(mappings: readonly CountedMapping[]): Promise<void> {
    for (const mapping of mappings) while (!(await this.#recountOne(mapping))) continue;
  }

  /** Counts all mappings unless that was done before: from then on the counts are complete. */
  async complete(allMappings: () => Promise<readonly CountedMapping[]>): Promise<void> {
    if ((await this.#counts.findOne({ _id: COMPLETE })) !== null) return;
    await this.recount(await allMappings());
    await this.#counts.updateOne({ _id: COMPLETE }, { $set: { version: 1 } }, { upsert: true });
  }

  /** The counts of the mappings that have couplings; null while nobody has counted all of them. */
  async read({ mappingIds, mappingNames, connectionSetupIds }: CountFilter): Promise<readonly MappingCounts[] | null> {
    const wanted = {
      ...(mappingIds && { mappingId: { $in: [...mappingIds] } }),
      ...(mappingNames && { mappingName: { $in: [...mappingNames] } }),
      ...(connectionSetupIds && { connectionSetupId: { $in: [...connectionSetupIds] } }),
    };
    const filter = { $or: [wanted, { _id: COMPLETE }] };
    const found = await gatheredFind(this.#counts, { filter, sort: { _id: 1 }, limit: MOST_MAPPINGS });
    return found.some(({ _id }) => _id === COMPLETE) ? found.filter(({ _id }) => _id !== COMPLETE) : null;
  }

  // False when another one counted meanwhile: what it saw may be older than what we were to count.
  async #recountOne(mapping: CountedMapping): Promise<boolean> {
    const _id = countsId(mapping);
    const known = await this.#counts.findOne({ _id });
    const counts = await countsOf(this.db, mapping.id);
    if (known !== null && isDeepStrictEqual(known.counts, counts)) return true;
    const { id: mappingId, name: mappingName, connectionSetupId } = mapping;
    const version = known?.version ?? 0;
    const set = { mappingId, mappingName, connectionSetupId, counts, version: version + 1 };
    try {
      const saved = await this.#counts.updateOne({ _id, version }, { $set: set }, { upsert: version === 0 });
      return saved.matchedCount + saved.upsertedCount > 0;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }
}

/**
 * How the couplings of a mapping stand now, in a fixed order; indexes alone answer. Nearly all are in step: what is not is counted,
 * and the rest is in step, so that a run with few changes among many pairs costs little more than among few.
 */
async function countsOf(db: Db, mappingId: string): Promise<readonly StateCount[]> {
  const also = (...pipeline: readonly Document[]) => ({ $unionWith: { coll: COUPLINGS, pipeline } });
  const counted = { count: { $sum: 1 }, since: { $min: '$stateSince' } };
  const pending = { state: { $literal: 'PENDING' }, code: null };
  const groups = await db
    .collection<Coupling>(COUPLINGS)
    .aggregate<{ _id: Pick<StateCount, 'state' | 'code'> | null; count: number; since: Date | null }>([
      { $match: { mappingId, state: { $in: listedStates } } },
      { $group: { _id: stateAndCode, ...counted } },
      also({ $match: { mappingId, state: 'PENDING', ...IS_DUE_SOMETIME } }, { $group: { _id: pending, ...counted } }),
      { $sort: { _id: 1 } },
      also({ $match: { mappingId } }, { $group: { _id: null, count: { $sum: 1 } } }),
    ])
    .toArray();
  const total = groups.find(({ _id }) => _id === null)?.count ?? 0;
  const others = groups.flatMap(({ _id, count, since }) => (_id === null ? [] : [{ ..._id, count, since }]));
  const inStep = total - others.reduce((sum, { count }) => sum + count, 0);
  return inStep > 0 ? [{ state: 'COUPLED', code: null, count: inStep, since: null }, ...others] : others;
}

/** What counts are grouped by: only why a pair is parked makes a difference. */
export const stateAndCode = {
  state: '$state',
  code: { $cond: [{ $eq: ['$state', 'SKIPPED'] }, '$error.code', null] },
};
