import type { Collection, Db, Filter } from 'mongodb';
import type { Coupling } from '../../coupling/coupling.js';
import { couplingApart, couplingsWhole } from '../../coupling/large-coupling-store.js';
import type { IndexSpec } from '../../store/indexes.js';
import { LongTextsStore } from '../../store/long-texts-store.js';
import type { Side } from '../synch-error.js';

const COLLECTION = 'plannedCouplings';

/** What a crashed dry run left behind is removed by MongoDB itself after a day. */
const KEPT_SECONDS = 24 * 60 * 60;

export const plannedCouplingIndexes: readonly IndexSpec[] = [
  { collection: COLLECTION, keys: { runId: 1, 'coupling.businessId': 1 } },
  { collection: COLLECTION, keys: { runId: 1, 'coupling.salesId': 1 } },
  { collection: COLLECTION, keys: { runId: 1, couplingId: 1 } },
  { collection: COLLECTION, keys: { plannedAt: 1 }, options: { expireAfterSeconds: KEPT_SECONDS } },
];

interface PlannedDocument {
  readonly _id: string;
  readonly runId: string;
  readonly couplingId: string;
  readonly plannedAt: Date;
  /** As the run would leave it; null where it would be removed. */
  readonly coupling: Coupling | null;
}

/** A coupling as a dry run would leave it. */
export type Planned = Pick<PlannedDocument, 'couplingId' | 'coupling'>;

/** Keeps what dry runs would make of couplings, apart from the couplings themselves. */
export class PlannedCouplingStore {
  private readonly planned: Collection<PlannedDocument>;
  private readonly texts: LongTextsStore;

  constructor(db: Db) {
    this.texts = new LongTextsStore(db);
    this.planned = db.collection<PlannedDocument>(COLLECTION);
  }

  async put(runId: string, planned: readonly Planned[], now: Date): Promise<void> {
    if (planned.length === 0) return;
    const documents: PlannedDocument[] = [];
    for (const { couplingId, coupling } of planned)
      documents.push({
        _id: `${runId}:${couplingId}`,
        runId,
        couplingId,
        plannedAt: now,
        coupling: coupling && (await couplingApart(this.texts, coupling.connectionSetupId, coupling)),
      });
    await this.planned.bulkWrite(
      documents.map((replacement) => ({
        replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
      })),
      { ordered: false },
    );
  }

  async byIds(runId: string, ids: readonly string[]): Promise<Planned[]> {
    if (ids.length === 0) return [];
    const found = await this.planned.find({ _id: { $in: ids.map((id) => `${runId}:${id}`) } }).toArray();
    const whole = await this.#whole(found);
    return found.map(({ couplingId, coupling }) => ({
      couplingId,
      coupling: coupling && (whole.get(coupling._id) ?? coupling),
    }));
  }

  /** Those that hold one of these records of one side. */
  async byRecordIds(runId: string, mappingId: string, side: Side, ids: readonly string[]): Promise<Coupling[]> {
    if (ids.length === 0) return [];
    const field = side === 'BUSINESS' ? 'coupling.businessId' : 'coupling.salesId';
    return this.#couplings({ runId, [field]: { $in: [...ids] }, 'coupling.mappingId': mappingId });
  }

  /** In order of their ids, after the given one. */
  async page(runId: string, afterId: string | null, limit: number): Promise<Coupling[]> {
    const after = afterId === null ? {} : { couplingId: { $gt: afterId } };
    return this.#couplings({ runId, coupling: { $ne: null }, ...after }, limit);
  }

  async clear(runId: string): Promise<void> {
    await this.planned.deleteMany({ runId });
  }

  async #couplings(filter: Filter<PlannedDocument>, limit = 0): Promise<Coupling[]> {
    const found = await this.planned.find(filter).sort({ couplingId: 1 }).limit(limit).toArray();
    return [...(await this.#whole(found)).values()];
  }

  async #whole(found: readonly PlannedDocument[]): Promise<ReadonlyMap<string, Coupling>> {
    const couplings = found.flatMap(({ coupling }) => coupling ?? []);
    return new Map((await couplingsWhole(this.texts, couplings)).map((coupling) => [coupling._id, coupling]));
  }
}
