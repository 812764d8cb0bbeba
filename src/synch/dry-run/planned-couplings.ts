import type { Coupling } from '../../coupling/coupling.js';
import type { BrokenPair, CoupledPair, CouplingChange, Couplings } from '../../coupling/coupling-store.js';
import { idOn } from '../pair-work.js';
import type { Side } from '../synch-error.js';
import type { SynchStores } from '../synch-run.js';

/** What a dry run would do to a coupling, told for its plan. */
export interface CouplingPlan {
  readonly before: Coupling | null;
  /** Null: it would be forgotten. */
  readonly after: Coupling | null;
}

/**
 * The couplings as a dry run sees them: as they are stored, with what the run would have made of them so far. Nothing is
 * changed but a copy beside them.
 */
export class PlannedCouplings implements Couplings {
  constructor(
    private readonly real: Couplings,
    private readonly planned: SynchStores['planned'],
    private readonly run: { readonly runId: string; readonly now: () => Date },
    private readonly tell: (plans: readonly CouplingPlan[]) => Promise<void>,
  ) {}

  async byRecordIds(mappingId: string, side: Side, ids: readonly string[]): Promise<Coupling[]> {
    const asked = new Set<string | null>(ids);
    const stored = await this.#present(await this.real.byRecordIds(mappingId, side, ids));
    const made = await this.planned.byRecordIds(this.run.runId, mappingId, side, ids);
    // A pair that would go on with another record does not hold this one any more.
    const holding = stored.filter((coupling) => asked.has(idOn(coupling, side)));
    return distinct([...made, ...holding]);
  }

  async byIds(ids: readonly string[]): Promise<Coupling[]> {
    const planned = await this.planned.byIds(this.run.runId, ids);
    const known = new Set(planned.map(({ couplingId }) => couplingId));
    const stored = await this.real.byIds(ids.filter((id) => !known.has(id)));
    return [...planned.flatMap(({ coupling }) => coupling ?? []), ...stored];
  }

  async due(mappingId: string, now: Date, afterId: string | null, limit: number): Promise<Coupling[]> {
    const stored = await this.real.due(mappingId, now, afterId, limit);
    const made = await this.planned.page(this.run.runId, afterId, limit);
    const isDue = ({ nextAttemptAt }: Coupling): boolean => nextAttemptAt !== null && nextAttemptAt <= now;
    return this.#merged(stored, made.filter(isDue), limit);
  }

  async page(mappingId: string, afterId: string | null, limit: number): Promise<Coupling[]> {
    const stored = await this.real.page(mappingId, afterId, limit);
    return this.#merged(stored, await this.planned.page(this.run.runId, afterId, limit), limit);
  }

  async pairsOf(mappingId: string, side: Side, ids: readonly string[]): Promise<CoupledPair[]> {
    const made = await this.planned.byRecordIds(this.run.runId, mappingId, side, ids);
    const pairs = made.flatMap(({ businessId, salesId, related }) =>
      businessId === null || salesId === null ? [] : [{ businessId, salesId, related }],
    );
    return [...pairs, ...(await this.real.pairsOf(mappingId, side, ids))];
  }

  async holders(mappingId: string, afterId: string | null, limit: number): Promise<Coupling[]> {
    return this.real.holders(mappingId, afterId, limit);
  }

  async brokenPairs(mappingId: string, afterId: string | null, limit: number): Promise<BrokenPair[]> {
    return this.real.brokenPairs(mappingId, afterId, limit);
  }

  async countPairs(mappingId: string): Promise<number> {
    return this.real.countPairs(mappingId);
  }

  /** A mark of the sweep, by which nothing is decided. */
  async markSwept(mappingId: string, side: Side, ids: readonly string[], sweepId: string): Promise<void> {
    await this.real.markSwept(mappingId, side, ids, sweepId);
  }

  async unswept(...sweep: Parameters<Couplings['unswept']>): Promise<Coupling[]> {
    return this.real.unswept(...sweep);
  }

  async wakeHolders(): Promise<string[]> {
    return [];
  }

  async makeWaitingDue(): Promise<string[]> {
    return [];
  }

  /** What hangs on a record that changed is taken up by a run that may write. */
  async isHungOn(): Promise<boolean> {
    return false;
  }

  async hungKeys(): Promise<Set<string>> {
    return new Set();
  }

  async takeUpHanging(): Promise<string[]> {
    return [];
  }

  async openSteps(): Promise<void> {}

  async parkedDue(): Promise<[]> {
    return [];
  }

  /** What other rules left in conflict is looked at by a run that may write. */
  async makeConflictsDue(): Promise<void> {}

  async makeDue(ids: readonly string[], now: Date): Promise<void> {
    const couplings = await this.byIds(ids);
    await this.#put(couplings.map((coupling) => ({ ...coupling, nextAttemptAt: now })));
  }

  async coupledIds(mappingId: string, side: Side, ids: readonly string[]): Promise<Set<string>> {
    const couplings = await this.byRecordIds(mappingId, side, ids);
    return new Set(couplings.flatMap(({ businessId, salesId }) => (side === 'BUSINESS' ? businessId : salesId) ?? []));
  }

  async insert(couplings: readonly Coupling[]): Promise<Set<string>> {
    const free: Coupling[] = [];
    for (const coupling of couplings) {
      const taken = await this.#isTaken(coupling);
      if (!taken) free.push(coupling);
    }
    await this.#put(free);
    await this.tell(free.map((after) => ({ before: null, after })));
    return new Set(free.map(({ _id }) => _id));
  }

  async change(changes: readonly CouplingChange[]): Promise<Set<string>> {
    const known = new Map((await this.byIds(changes.map(({ _id }) => _id))).map((one) => [one._id, one]));
    const plans: { readonly before: Coupling; readonly after: Coupling }[] = [];
    for (const { _id, revision, set } of changes) {
      const before = known.get(_id);
      if (before?.revision !== revision) continue;
      plans.push({ before, after: { ...before, ...set, revision: revision + 1 } });
    }
    await this.#put(plans.map(({ after }) => after));
    await this.tell(plans);
    return new Set(plans.map(({ after }) => after._id));
  }

  async replace(removed: readonly Pick<Coupling, '_id' | 'revision'>[], change: CouplingChange): Promise<boolean> {
    const known = new Map((await this.byIds(removed.map(({ _id }) => _id))).map((one) => [one._id, one]));
    if (removed.some(({ _id, revision }) => known.get(_id)?.revision !== revision)) return false;
    if (!(await this.change([change])).has(change._id)) return false;
    await this.remove(removed);
    return true;
  }

  async remove(couplings: readonly Pick<Coupling, '_id' | 'revision'>[]): Promise<void> {
    const known = await this.byIds(couplings.map(({ _id }) => _id));
    await this.planned.put(
      this.run.runId,
      known.map(({ _id }) => ({ couplingId: _id, coupling: null })),
      this.run.now(),
    );
    await this.tell(known.map((before) => ({ before, after: null })));
  }

  async #isTaken({ mappingId, businessId, salesId }: Coupling): Promise<boolean> {
    const business = businessId === null ? [] : await this.byRecordIds(mappingId, 'BUSINESS', [businessId]);
    const sales = salesId === null ? [] : await this.byRecordIds(mappingId, 'SALES', [salesId]);
    return business.length + sales.length > 0;
  }

  async #put(couplings: readonly Coupling[]): Promise<void> {
    await this.planned.put(
      this.run.runId,
      couplings.map((coupling) => ({ couplingId: coupling._id, coupling })),
      this.run.now(),
    );
  }

  /** Stored ones as the run would have left them, without those that it would have removed. */
  async #present(stored: readonly Coupling[]): Promise<Coupling[]> {
    const planned = new Map(
      (
        await this.planned.byIds(
          this.run.runId,
          stored.map(({ _id }) => _id),
        )
      ).map((one) => [one.couplingId, one]),
    );
    return stored.flatMap((coupling) => {
      const plan = planned.get(coupling._id);
      return plan === undefined ? [coupling] : (plan.coupling ?? []);
    });
  }

  /** One page of both, in order of their ids. A page must not look empty only because its couplings would be removed. */
  async #merged(stored: readonly Coupling[], made: readonly Coupling[], limit: number): Promise<Coupling[]> {
    const present = await this.#present(stored);
    const last = stored[stored.length - 1];
    const kept = present.length === 0 && made.length === 0 && last !== undefined ? [last] : present;
    return distinct([...made, ...kept])
      .toSorted((a, b) => (a._id < b._id ? -1 : 1))
      .slice(0, limit);
  }
}

const distinct = (couplings: readonly Coupling[]): Coupling[] => [
  ...new Map(couplings.toReversed().map((coupling) => [coupling._id, coupling])).values(),
];
