import type { Coupling } from '../coupling/coupling.js';
import type { CoupledPair, CouplingChange, Couplings } from '../coupling/coupling-store.js';
import type { Side } from './synch-error.js';

/** The lease under which a run changes couplings. */
export interface Fence {
  readonly leaseToken: number;
  /** Throws once the run may no longer write. */
  readonly assertHeld: () => void;
}

/**
 * The couplings as a run may change them: only while it holds its mapping, and none that a later run has changed. What a run
 * read before it stood still is no news to the pairs that its successor has settled.
 */
export class FencedCouplings implements Couplings {
  constructor(
    private readonly couplings: Couplings,
    private readonly fence: Fence,
  ) {}

  insert(couplings: readonly Coupling[]): Promise<Set<string>> {
    this.fence.assertHeld();
    return this.couplings.insert(couplings.map((coupling) => ({ ...coupling, leaseToken: this.fence.leaseToken })));
  }

  change(changes: readonly CouplingChange[]): Promise<Set<string>> {
    this.fence.assertHeld();
    return this.couplings.change(changes.map((change) => ({ ...change, leaseToken: this.fence.leaseToken })));
  }

  remove(couplings: Parameters<Couplings['remove']>[0]): Promise<void> {
    this.fence.assertHeld();
    return this.couplings.remove(couplings.map((coupling) => ({ ...coupling, leaseToken: this.fence.leaseToken })));
  }

  replace(removed: Parameters<Couplings['replace']>[0], change: CouplingChange): Promise<boolean> {
    this.fence.assertHeld();
    const { leaseToken } = this.fence;
    return this.couplings.replace(
      removed.map((coupling) => ({ ...coupling, leaseToken })),
      { ...change, leaseToken },
    );
  }

  byRecordIds = (mappingId: string, side: Side, ids: readonly string[]): Promise<Coupling[]> =>
    this.couplings.byRecordIds(mappingId, side, ids);
  byIds = (ids: readonly string[]): Promise<Coupling[]> => this.couplings.byIds(ids);
  due: Couplings['due'] = (...page) => this.couplings.due(...page);
  page: Couplings['page'] = (...page) => this.couplings.page(...page);
  brokenPairs: Couplings['brokenPairs'] = (...page) => this.couplings.brokenPairs(...page);
  countPairs = (mappingId: string): Promise<number> => this.couplings.countPairs(mappingId);
  markSwept: Couplings['markSwept'] = (...sweep) => this.couplings.markSwept(...sweep);
  unswept: Couplings['unswept'] = (...sweep) => this.couplings.unswept(...sweep);
  pairsOf = (mappingId: string, side: Side, ids: readonly string[]): Promise<CoupledPair[]> =>
    this.couplings.pairsOf(mappingId, side, ids);
  holders: Couplings['holders'] = (...page) => this.couplings.holders(...page);
  wakeHolders: Couplings['wakeHolders'] = (...keys) => this.couplings.wakeHolders(...keys);
  makeWaitingDue: Couplings['makeWaitingDue'] = (...keys) => this.couplings.makeWaitingDue(...keys);
  isHungOn: Couplings['isHungOn'] = (...mappings) => this.couplings.isHungOn(...mappings);
  hungKeys: Couplings['hungKeys'] = (...keys) => this.couplings.hungKeys(...keys);
  takeUpHanging: Couplings['takeUpHanging'] = (...keys) => this.couplings.takeUpHanging(...keys);
  openSteps: Couplings['openSteps'] = (...steps) => this.couplings.openSteps(...steps);
  parkedDue: Couplings['parkedDue'] = (...of) => this.couplings.parkedDue(...of);
  makeConflictsDue: Couplings['makeConflictsDue'] = (...rules) => this.couplings.makeConflictsDue(...rules);
  makeDue = (ids: readonly string[], now: Date): Promise<void> => this.couplings.makeDue(ids, now);
  coupledIds: Couplings['coupledIds'] = (...records) => this.couplings.coupledIds(...records);
}
