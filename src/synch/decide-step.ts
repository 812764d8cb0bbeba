import type { AwaitedReference, Coupling } from '../coupling/coupling.js';
import type { FieldValues } from '../mapping/field-value.js';
import { decideCreate, unmetRequirement, valueError } from './decide-create.js';
import { decideDeleted } from './decide-deleted.js';
import { makeError } from './describe-error.js';
import { isUnchangedSinceParked, missingSide, type PairStep, type PairWork } from './pair-work.js';
import type { SideView } from './plan-pair.js';
import type { References } from './references.js';
import { type Side, sides } from './synch-error.js';
import type { SynchRun } from './synch-run.js';
import { tableRuleOf } from './table-rules.js';
import { planWithinRules } from './within-rules.js';

/** Decides the next step of a pair from what was read. Pure but for the run's options. */
export function decideStep(run: SynchRun, work: PairWork, references: References): PairStep {
  const missing = missingSide(work.coupling);
  if (missing !== null) return decideCreate(run, work, missing, references);
  if (work.gone.size === 2) return { kind: 'REMOVE' };
  if (work.gone.size === 1) return decideDeleted(run, work, references);
  if (isUnchangedSinceParked(run, work)) return { kind: 'LEAVE' };
  if (isOutsideFilter(run, work)) return { kind: 'PARK', state: 'SKIPPED', error: outsideFilterError };
  return decideSynchronize(run, work, references);
}

function decideSynchronize(run: SynchRun, work: PairWork, references: References): PairStep {
  const { coupling } = work;
  const plan = planWithinRules({
    rule: tableRuleOf(run.compiled.mapping.integrationTable),
    hasOpenSteps: coupling.openSteps.length > 0,
    fields: run.compiled.fields,
    bases: coupling.bases,
    business: viewOf(work, 'BUSINESS'),
    sales: viewOf(work, 'SALES'),
    updateConflictResolution: run.compiled.mapping.updateConflictResolution,
    references,
    decision: run.options.decision,
    recoupled: coupling.recoupled ?? [],
    recentWrites: coupling.recentWrites ?? [],
    now: run.now(),
    late: { BUSINESS: lateValues(coupling, 'BUSINESS', run.now()), SALES: lateValues(coupling, 'SALES', run.now()) },
  });
  if (plan === 'READ_ONLY') return { kind: 'PARK', state: 'SKIPPED', error: readOnlyError };
  if (plan.problem !== null)
    return { kind: 'FAIL', into: plan.problem.into, error: valueError(plan.problem.error, plan.problem.into) };
  const unmet = plan.toSales === null ? null : unmetRequirement(run, work, 'UPDATE');
  if (unmet !== null) return { kind: 'FAIL', into: 'SALES', error: unmet };
  if (plan.waitingFor.length > 0)
    return { kind: 'WAIT', into: sideThatWaits(plan.waitingFor), waitingFor: plan.waitingFor };
  return { kind: 'SYNCHRONIZE', plan };
}

/** A reference to a business record holds up what is to be written to Dataverse. */
const sideThatWaits = ([first]: readonly AwaitedReference[]): Side => (first?.side === 'SALES' ? 'BUSINESS' : 'SALES');

const viewOf = (work: PairWork, side: Side): SideView => {
  const row = work.seen[side];
  return row === undefined ? 'UNCHANGED' : { values: row.values, modifiedAt: row.modifiedAt };
};

const lateValues = (coupling: Coupling, side: Side, now: Date): FieldValues =>
  Object.assign(
    {},
    ...coupling.late.filter((late) => late.side === side && late.until > now).map(({ values }) => values),
  );

const isOutsideFilter = (run: SynchRun, work: PairWork): boolean =>
  sides.some((side) => {
    const row = work.seen[side];
    return row !== undefined && !run.compiled.inFilter[side](row.values);
  });

const readOnlyError = makeError(
  'VALIDATION',
  'READ_ONLY',
  'the record in Dataverse is closed and takes no changes: they go on when it is open again',
  { side: 'SALES' },
);

const outsideFilterError = makeError(
  'VALIDATION',
  'OUTSIDE_FILTER',
  'a record of the pair is outside the filter of the mapping; it goes on when it is back inside',
);
