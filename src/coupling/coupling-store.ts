import { randomUUID } from 'node:crypto';
import { type Collection, type Db, type FindCursor, MongoServerError } from 'mongodb';
import { rememberGone } from '../store/gone-objects.js';
import type { IndexSpec } from '../store/indexes.js';
import { insertNew } from '../store/insert-new.js';
import { LongTextsStore } from '../store/long-texts-store.js';
import { withTransaction } from '../store/store.js';
import type { Side } from '../synch/synch-error.js';
import {
  type CouplingChange,
  changeCouplings,
  type MarkedCoupling,
  notAfter,
  updateBy,
} from './change-couplings-store.js';
import { type Coupling, couplingStates } from './coupling.js';
import { IS_DUE_SOMETIME } from './coupling-filter.js';
import { couplingApart, couplingsWhole, isLargeCoupling } from './large-coupling-store.js';
import { asStored, fromStored, type Stored } from './stored-coupling.js';

const COLLECTION = 'couplings';
const DUPLICATE_KEY = 11_000;
const HOLDS_REFERENCES = { 'waitingKeys.0': { $exists: true } };
const REFERS = { 'refs.0': { $exists: true } };
const HANGS = { 'hangsOn.0': { $exists: true } };

/**
 * Indexes that the runs need; those of the lists stand with their queries. A pair that is in step stands in as few of them as can
 * be: each one is written twice while the pair is made.
 */
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
  {
    collection: COLLECTION,
    keys: { state: 1, mappingId: 1, nextAttemptAt: 1, stateSince: 1, _id: 1 },
    options: { partialFilterExpression: IS_DUE_SOMETIME },
  },
  {
    collection: COLLECTION,
    keys: { connectionSetupId: 1, waitingKeys: 1, mappingId: 1 },
    options: { partialFilterExpression: HOLDS_REFERENCES },
  },
  {
    collection: COLLECTION,
    keys: { connectionSetupId: 1, refs: 1, mappingId: 1 },
    options: { partialFilterExpression: REFERS },
  },
  { collection: COLLECTION, keys: { connectionSetupId: 1, hangsOn: 1 }, options: { partialFilterExpression: HANGS } },
  { collection: COLLECTION, keys: { mappingId: 1, _id: 1 }, options: { partialFilterExpression: HOLDS_REFERENCES } },
];

/** A coupling as it is stored: with a mark of the last change, so that a bulk of changes can tell which of them took effect. */
type StoredCoupling = Stored<MarkedCoupling> & {
  /** The last sweep of each side that listed its record. */
  readonly swept?: Partial<Record<Side, string>>;
};

/** Two coupled records, and what came with the Dataverse one. */
export interface CoupledPair {
  readonly businessId: string;
  readonly salesId: string;
  readonly related: Readonly<Record<string, string>>;
}

export type { CouplingChange };

/** A pair by its ids. */
export type BrokenPair = Pick<Coupling, '_id' | 'businessId' | 'salesId'>;

/** What runs ask of couplings. */
export type Couplings = Pick<CouplingStore, keyof CouplingStore>;

/** Reads and writes pairs for the runs. */
export class CouplingStore {
  private readonly couplings: Collection<StoredCoupling>;
  private readonly texts: LongTextsStore;

  constructor(private readonly db: Db) {
    this.couplings = db.collection<StoredCoupling>(COLLECTION);
    this.texts = new LongTextsStore(db);
  }

  /** The couplings of these records of one side; at most as many as ids. */
  async byRecordIds(mappingId: string, side: Side, ids: readonly string[]): Promise<Coupling[]> {
    if (ids.length === 0) return [];
    const field = side === 'BUSINESS' ? 'businessId' : 'salesId';
    return this.#whole(this.couplings.find({ mappingId, [field]: among(ids) }, withoutMark));
  }

  async byIds(ids: readonly string[]): Promise<Coupling[]> {
    return ids.length === 0 ? [] : this.#whole(this.couplings.find({ _id: { $in: [...ids] } }, withoutMark));
  }

  /** Couplings whose next attempt is due, in order of their ids, after the given one. Those with a begun write are always due. */
  async due(mappingId: string, now: Date, afterId: string | null, limit: number): Promise<Coupling[]> {
    return this.#whole(
      this.couplings
        .find(
          {
            mappingId,
            // The index that holds those with an attempt to come begins with the state, for the lists of people.
            state: { $in: [...couplingStates] },
            nextAttemptAt: { $lte: now, $type: 'date' },
            ...(afterId === null ? {} : { _id: { $gt: afterId } }),
          },
          withoutMark,
        )
        .sort({ _id: 1 })
        .limit(limit),
    );
  }

  /** All couplings of a mapping in order of their ids, after the given one. */
  async page(mappingId: string, afterId: string | null, limit: number): Promise<Coupling[]> {
    return this.#whole(
      this.couplings
        .find({ mappingId, ...(afterId === null ? {} : { _id: { $gt: afterId } }) }, withoutMark)
        .sort({ _id: 1 })
        .limit(limit),
    );
  }

  /** Pairs that are BROKEN, in order of their ids, after the given one. */
  async brokenPairs(mappingId: string, afterId: string | null, limit: number): Promise<BrokenPair[]> {
    return this.couplings
      .find(
        { mappingId, state: 'BROKEN', ...(afterId === null ? {} : { _id: { $gt: afterId } }) },
        { projection: { businessId: 1, salesId: 1 } },
      )
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
  }

  /** How many pairs of two records a mapping has. */
  async countPairs(mappingId: string): Promise<number> {
    return this.couplings.countDocuments({
      mappingId,
      businessId: { $type: 'string' },
      salesId: { $type: 'string' },
    });
  }

  /** Notes that a sweep listed these records. The revision stays: nothing that a run decides by changes. */
  async markSwept(mappingId: string, side: Side, ids: readonly string[], sweepId: string): Promise<void> {
    if (ids.length === 0) return;
    await this.couplings.updateMany(
      { mappingId, [idField(side)]: among(ids) },
      { $set: { [`swept.${side}`]: sweepId } },
    );
  }

  /** Couplings with a record of a side that a sweep did not list, in order of their ids, after the given one. */
  async unswept(
    mappingId: string,
    side: Side,
    sweep: {
      readonly sweepId: string;
      readonly createdBefore: Date;
      readonly afterId: string | null;
      readonly limit: number;
    },
  ): Promise<Coupling[]> {
    return this.#whole(
      this.couplings
        .find(
          {
            mappingId,
            [idField(side)]: { $type: 'string' },
            [`swept.${side}`]: { $ne: sweep.sweepId },
            createdAt: { $lt: sweep.createdBefore },
            ...(sweep.afterId === null ? {} : { _id: { $gt: sweep.afterId } }),
          },
          withoutMark,
        )
        .sort({ _id: 1 })
        .limit(sweep.limit),
    );
  }

  /** The complete pairs of these records of one side: both records exist, and none of them is still being created. */
  async pairsOf(mappingId: string, side: Side, ids: readonly string[]): Promise<CoupledPair[]> {
    if (ids.length === 0) return [];
    const field = side === 'BUSINESS' ? 'businessId' : 'salesId';
    const pairs = await this.couplings
      .find(
        {
          mappingId,
          businessId: { $type: 'string' },
          salesId: { $type: 'string' },
          [field]: among(ids),
          'intents.kind': { $ne: 'CREATE' },
          // Of a broken pair one record is gone: a reference to what is left has no translation.
          state: { $ne: 'BROKEN' },
        },
        { projection: { businessId: 1, salesId: 1, related: 1 } },
      )
      .toArray();
    return pairs.flatMap(({ businessId, salesId, related }) =>
      businessId === null || salesId === null ? [] : [{ businessId, salesId, related }],
    );
  }

  /** Couplings that have a use for records that were not coupled when they were written, in order of their ids, after the given one. */
  async holders(mappingId: string, afterId: string | null, limit: number): Promise<Coupling[]> {
    return this.#whole(
      this.couplings
        .find({ mappingId, ...HOLDS_REFERENCES, ...(afterId === null ? {} : { _id: { $gt: afterId } }) }, withoutMark)
        .sort({ _id: 1 })
        .limit(limit),
    );
  }

  /**
   * Call it for records that were coupled, uncoupled or coupled anew: makes everything that waits for one of them, hangs on
   * one of them, or last agreed on one of them, due now. Answers the mappings that have something to do by that.
   */
  async wakeHolders(connectionSetupId: string, keys: readonly string[], now: Date): Promise<string[]> {
    if (keys.length === 0) return [];
    const waiting = { connectionSetupId, ...HOLDS_REFERENCES, waitingKeys: { $in: [...keys] } };
    const holding = { connectionSetupId, ...REFERS, refs: { $in: [...keys] } };
    const [isWaited, isHeld] = await Promise.all([
      this.#refersToAny(connectionSetupId, 'waitingKeys', keys),
      this.#refersToAny(connectionSetupId, 'refs', keys),
    ]);
    const mappingIds = isWaited ? await this.couplings.distinct('mappingId', waiting) : [];
    if (mappingIds.length > 0) await this.couplings.updateMany(waiting, { $set: { nextAttemptAt: now } });
    const holderMappingIds = isHeld ? await this.couplings.distinct('mappingId', holding) : [];
    if (holderMappingIds.length > 0) {
      const recoupled = { $setUnion: [{ $ifNull: ['$recoupled', []] }, { $setIntersection: ['$refs', [...keys]] }] };
      // The revision grows: a run that evaluated one of them before must not take the mark away.
      await this.couplings.updateMany(holding, [
        { $set: { nextAttemptAt: now, recoupled, revision: { $add: ['$revision', 1] } } },
      ]);
    }
    return [
      ...new Set([...mappingIds, ...holderMappingIds, ...(await this.takeUpHanging({ connectionSetupId }, keys, now))]),
    ];
  }

  /** True when a pair of the connection hangs on a record of one of these mappings. */
  async isHungOn(connectionSetupId: string, mappingNames: readonly string[]): Promise<boolean> {
    // From the name with its colon to the name with what follows the colon in the order of characters.
    const ofMapping = mappingNames.map((name) => ({ hangsOn: { $elemMatch: { $gte: `${name}:`, $lt: `${name};` } } }));
    if (ofMapping.length === 0) return false;
    const found = await this.couplings.findOne(
      { connectionSetupId, ...HANGS, $or: ofMapping },
      { projection: { _id: 1 } },
    );
    return found !== null;
  }

  /** Those of the keys that a pair of the connection hangs on. */
  async hungKeys(connectionSetupId: string, keys: readonly string[]): Promise<Set<string>> {
    if (keys.length === 0) return new Set();
    const asked = new Set(keys);
    const found = await this.couplings.distinct('hangsOn', {
      connectionSetupId,
      ...HANGS,
      hangsOn: { $in: [...keys] },
    });
    return new Set(found.flatMap((key) => (key !== undefined && asked.has(key) ? [key] : [])));
  }

  /**
   * Makes the pairs of a connection due that hang on one of these records, on request without those of one mapping. Answers the mappings concerned. The revision grows: a run that evaluates one of them at this moment judged by what
   * was there before.
   */
  async takeUpHanging(
    { connectionSetupId, except }: { readonly connectionSetupId: string; readonly except?: string },
    keys: readonly string[],
    now: Date,
  ): Promise<string[]> {
    if (keys.length === 0) return [];
    const hanging = {
      connectionSetupId,
      ...HANGS,
      hangsOn: { $in: [...keys] },
      ...(except === undefined ? {} : { mappingId: { $ne: except } }),
    };
    const mappingIds = await this.couplings.distinct('mappingId', hanging);
    if (mappingIds.length > 0)
      await this.couplings.updateMany(hanging, { $set: { nextAttemptAt: now }, $inc: { revision: 1 } });
    return mappingIds;
  }

  /**
   * Opens steps of pairs of a mapping once more and makes the pairs due: of all that are complete, or of those with one of
   * these Dataverse records, and those that hang on one of these keys.
   */
  async openSteps(
    mappingId: string,
    steps: readonly string[],
    of: { readonly salesIds: readonly string[]; readonly keys: readonly string[] } | 'ALL',
    now: Date,
  ): Promise<void> {
    const chosen =
      of === 'ALL'
        ? { salesId: { $type: 'string' as const } }
        : { $or: [{ salesId: among(of.salesIds) }, { ...HANGS, hangsOn: { $in: [...of.keys] } }] };
    const open = { $concatArrays: ['$openSteps', { $setDifference: [[...steps], '$openSteps'] }] };
    await this.couplings.updateMany({ mappingId, businessId: { $type: 'string' }, intents: [], ...chosen }, [
      { $set: { nextAttemptAt: now, openSteps: open, revision: { $add: ['$revision', 1] } } },
    ]);
  }

  /** Parked pairs of a connection whose next look has come, at most so many; by the database's clock. */
  async parkedDue(
    connectionSetupId: string,
    limit: number,
  ): Promise<Pick<Coupling, '_id' | 'mappingId' | 'nextAttemptAt'>[]> {
    return this.couplings
      .find(
        {
          connectionSetupId,
          state: 'SKIPPED',
          nextAttemptAt: { $type: 'date' },
          $expr: { $lte: ['$nextAttemptAt', '$$NOW'] },
        },
        { projection: { _id: 1, mappingId: 1, nextAttemptAt: 1 } },
      )
      .limit(limit)
      .toArray();
  }

  /** A step in the index tells that nobody refers to any record of a mapping, as in a first synchronization. */
  async #refersToAny(
    connectionSetupId: string,
    field: 'waitingKeys' | 'refs',
    keys: readonly string[],
  ): Promise<boolean> {
    const found = await Promise.all(
      beginningsOf(keys).map((beginning) =>
        this.couplings.findOne(
          // The character after the colon that a beginning ends with.
          {
            connectionSetupId,
            ...(field === 'refs' ? REFERS : HOLDS_REFERENCES),
            [field]: { $elemMatch: { $gte: beginning, $lt: `${beginning.slice(0, -1)};` } },
          },
          { projection: { _id: 1 } },
        ),
      ),
    );
    return found.some((coupling) => coupling !== null);
  }

  /** Makes what waits for one of these records due, to look again why they are not coupled. Answers the mappings concerned. */
  async makeWaitingDue(connectionSetupId: string, keys: readonly string[], now: Date): Promise<string[]> {
    const waiting = {
      connectionSetupId,
      ...HOLDS_REFERENCES,
      waitingKeys: { $in: [...keys] },
      state: 'WAITING' as const,
    };
    const mappingIds = await this.couplings.distinct('mappingId', waiting);
    if (mappingIds.length > 0) await this.couplings.updateMany(waiting, { $set: { nextAttemptAt: now } });
    return mappingIds;
  }

  /** Makes pairs in conflict due that other rules left there than the mapping has now. */
  async makeConflictsDue(mappingId: string, rulesHash: string, now: Date): Promise<void> {
    await this.couplings.updateMany(
      { mappingId, state: 'CONFLICT', rulesHash: { $ne: rulesHash }, nextAttemptAt: null },
      { $set: { nextAttemptAt: now } },
    );
  }

  /**
   * Makes couplings due. The revision stays: a run that is writing one of them at this moment goes on, and the next run finds
   * by `holders` what its write has put off.
   */
  async makeDue(ids: readonly string[], now: Date): Promise<void> {
    if (ids.length > 0) await this.couplings.updateMany({ _id: { $in: [...ids] } }, { $set: { nextAttemptAt: now } });
  }

  /** True when a record of one side is in any coupling of the mapping. */
  async coupledIds(mappingId: string, side: Side, ids: readonly string[]): Promise<Set<string>> {
    const field = side === 'BUSINESS' ? 'businessId' : 'salesId';
    const found = await this.couplings
      .find({ mappingId, [field]: among(ids) }, { projection: { [field]: 1 } })
      .toArray();
    return new Set(found.flatMap((coupling) => coupling[field] ?? []));
  }

  /** Inserts new couplings; answers the ids of those whose records were still free. */
  async insert(couplings: readonly Coupling[]): Promise<Set<string>> {
    const taken = await insertNew(this.couplings, await this.#apart(couplings));
    const refused = new Set(taken.map(({ _id }) => _id));
    return new Set(couplings.flatMap(({ _id }) => (refused.has(_id) ? [] : [_id])));
  }

  /** Applies changes; answers the ids of those that nobody had changed meanwhile. */
  async change(changes: readonly CouplingChange[]): Promise<Set<string>> {
    const large = await this.#largeSets(changes);
    return changeCouplings(
      this.couplings,
      changes.map((change) => ({ ...change, set: asStored(large.get(change._id) ?? change.set) })),
    );
  }

  /**
   * Removes couplings and applies the change of another one, together or not at all. False, and nothing done, when somebody
   * changed one of them since it was read, or coupled a record that the change names.
   */
  async replace(
    removed: readonly Pick<Coupling, '_id' | 'revision' | 'leaseToken'>[],
    { _id, revision, set, leaseToken }: CouplingChange,
  ): Promise<boolean> {
    await rememberGone(this.db, COLLECTION, { _id: { $in: removed.map((one) => one._id) } });
    try {
      await withTransaction(this.db, async (session) => {
        for (const one of removed) {
          const filter = { _id: one._id, revision: one.revision, ...notAfter(one.leaseToken) };
          const { deletedCount } = await this.couplings.deleteOne(filter, { session });
          if (deletedCount === 0) throw new ChangedMeanwhileError();
        }
        const { matchedCount } = await this.couplings.updateOne(
          { _id, revision, ...notAfter(leaseToken) },
          updateBy({ ...asStored(set), ...(leaseToken === undefined ? {} : { leaseToken }) }, randomUUID()),
          { session },
        );
        if (matchedCount === 0) throw new ChangedMeanwhileError();
      });
      return true;
    } catch (error) {
      if (error instanceof ChangedMeanwhileError) return false;
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  /** Removes couplings that nobody changed since they were read, and no run with a later lease. */
  async remove(couplings: readonly Pick<Coupling, '_id' | 'revision' | 'leaseToken'>[]): Promise<void> {
    if (couplings.length === 0) return;
    await rememberGone(this.db, COLLECTION, { _id: { $in: couplings.map(({ _id }) => _id) } });
    await this.couplings.bulkWrite(
      couplings.map(({ _id, revision, leaseToken }) => ({
        deleteOne: { filter: { _id, revision, ...notAfter(leaseToken) } },
      })),
      { ordered: false },
    );
  }

  async #whole(cursor: FindCursor<StoredCoupling>): Promise<Coupling[]> {
    return couplingsWhole(this.texts, (await cursor.toArray()).map(fromStored<Coupling>));
  }

  async #apart(couplings: readonly Coupling[]): Promise<StoredCoupling[]> {
    const stored: StoredCoupling[] = [];
    for (const coupling of couplings) {
      const apart = await couplingApart(this.texts, coupling.connectionSetupId, coupling);
      stored.push({ ...asStored(apart), changeId: '' });
    }
    return stored;
  }

  /** What is set in couplings that would be too large by it, by their ids. */
  async #largeSets(changes: readonly CouplingChange[]): Promise<ReadonlyMap<string, CouplingChange['set']>> {
    const large = changes.filter(({ set }) => isLargeCoupling(set));
    const sets = new Map<string, CouplingChange['set']>();
    for (const { _id, set } of large) {
      const coupling = await this.couplings.findOne({ _id }, { projection: { connectionSetupId: 1 } });
      if (coupling !== null) sets.set(_id, await couplingApart(this.texts, coupling.connectionSetupId, set));
    }
    return sets;
  }
}

class ChangedMeanwhileError extends Error {
  override readonly name = 'ChangedMeanwhileError';
}

// The unique indexes hold texts only, and are used only by a query that says so too.
const among = (ids: readonly string[]) => ({ $in: [...ids], $type: 'string' as const });

const withoutMark = { projection: { changeId: 0, leftState: 0, swept: 0 } } as const;

/** What keys begin with: the names of mappings and sides. */
const beginningsOf = (keys: readonly string[]): readonly string[] => [
  ...new Set(keys.map((key) => key.slice(0, key.indexOf(':', key.indexOf(':') + 1) + 1))),
];

const idField = (side: Side) => (side === 'BUSINESS' ? 'businessId' : 'salesId');
