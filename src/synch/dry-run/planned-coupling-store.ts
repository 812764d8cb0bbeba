import type { Collection, Db, Filter } from 'mongodb';
import type { Coupling } from '../../coupling/coupling.js';
import type { IndexSpec } from '../../store/indexes.js';
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

  constructor(db: Db) {
    this.planned = db.collection<PlannedDocument>(COLLECTION);
  }

  async put(runId: string, planned: readonly Planned[], now: Date): Promise<void> {
    if (planned.length === 0) return;
    await this.planned.bulkWrite(
      planned.map(({ couplingId, coupling }) => {
        const _id = `${runId}:${couplingId}`;
        const replacement = { _id, runId, couplingId, plannedAt: now, coupling };
        return { replaceOne: { filter: { _id }, replacement, upsert: true } };
      }),
      { ordered: false },
    );
  }

  async byIds(runId: string, ids: readonly string[]): Promise<Planned[]> {
    if (ids.length === 0) return [];
    return this.planned.find({ _id: { $in: ids.map((id) => `${runId}:${id}`) } }).toArray();
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
    return found.flatMap(({ coupling }) => coupling ?? []);
  }
}
