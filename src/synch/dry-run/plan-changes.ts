import type { Coupling, CouplingState, SynchAction } from '../../coupling/coupling.js';
import { isPair } from '../recoupled-pair.js';
import { otherSide } from '../synch-error.js';
import type { RecordChange } from '../synch-job.js';
import type { CouplingPlan } from './planned-couplings.js';
import { PLANNED_ID } from './planning-connector.js';

/** What a dry run tells beside the writes: what it would leave as it is, and why. */
const leftAs: Partial<Record<CouplingState, SynchAction>> = {
  CONFLICT: 'CONFLICT',
  WAITING: 'SKIP',
  SKIPPED: 'SKIP',
  BROKEN: 'SKIP',
  FAILED: 'FAIL',
};

/** A planned change of a coupling, as its row in the plan; null for what the writes tell already. Pure. */
export function plannedChange(
  { before, after }: CouplingPlan,
  row: (coupling: Coupling, action: SynchAction, reason: string) => RecordChange,
): RecordChange | null {
  if (after === null) {
    if (before === null || !isPair(before)) return null;
    return row(before, 'UNCOUPLE', 'both records are gone, or the mapping removes the pair');
  }
  const action = leftAs[after.state];
  if (action === undefined || after.error === null) return null;
  return row(after, action, after.error.message);
}

/** A write as a plan tells it: not made, and without the id that a created record does not have yet. Pure. */
export function asPlanned(change: RecordChange): RecordChange {
  const unmade = change.action === 'INSERT' ? change.side : null;
  return {
    ...change,
    outcome: 'PLANNED',
    businessId: unmade === 'BUSINESS' ? null : known(change.businessId),
    salesId: unmade === 'SALES' ? null : known(change.salesId),
  };
}

const known = (id: string | null): string | null => (id?.startsWith(PLANNED_ID) === true ? null : id);

/** What the planned writes of a record and the writes themselves have in common, although the run and the coupling may be others. */
export const recordKey = ({
  side,
  businessId,
  salesId,
}: Pick<RecordChange, 'side' | 'businessId' | 'salesId'>): string =>
  `${side}:${(otherSide(side) === 'BUSINESS' ? businessId : salesId) ?? ''}`;
