import type { SourceRow } from '../connectors/connector.js';
import type { AwaitedReference, Coupling } from '../coupling/coupling.js';
import type { FieldValues } from '../mapping/field-value.js';
import { type ComposedRecord, composeRecord } from './compose-record.js';
import { ValueError } from './convert-value.js';
import { isParked } from './coupling-states.js';
import { makeError } from './describe-error.js';
import { type PairPlan, planPair, type SideView } from './plan-pair.js';
import { type References, UncoupledReferenceError } from './references.js';
import { otherSide, type Side, type SynchError, sides } from './synch-error.js';
import { createsFrom, type SynchRun } from './synch-run.js';
import { requirementsOf } from './table-rules.js';

/** One pair on its way through a run. */
export interface PairWork {
  /** As it is stored, or as it will be when its first write is begun. */
  coupling: Coupling;
  /** False until the coupling of a record to be created is stored. */
  stored: boolean;
  /** The side whose staged record brought it here. */
  readonly stagedSide: Side;
  /** What was read of each side in this run, the newest. */
  readonly seen: Partial<Record<Side, SourceRow>>;
  /** Sides whose record was not found by its id. */
  readonly gone: Set<Side>;
  /** Sides that have to be read before the next plan. */
  readonly toRead: Set<Side>;
  /** Rounds of writing so far. */
  round: number;
  /** True once it was counted in a synch job. */
  counted: boolean;
}

/** What is to be done with a pair next. */
export type PairStep =
  | { readonly kind: 'LEAVE' }
  | { readonly kind: 'REMOVE' }
  | { readonly kind: 'PARK'; readonly state: 'SKIPPED' | 'BROKEN'; readonly error: SynchError }
  | { readonly kind: 'FAIL'; readonly into: Side; readonly error: SynchError }
  | { readonly kind: 'WAIT'; readonly into: Side; readonly waitingFor: readonly AwaitedReference[] }
  | { readonly kind: 'CREATE'; readonly into: Side; readonly recordId: string | null; readonly record: ComposedRecord }
  | { readonly kind: 'SYNCHRONIZE'; readonly plan: PairPlan };

/** A pair with its next step. */
export interface PlannedStep {
  readonly work: PairWork;
  readonly step: PairStep;
}

/** The sides that a plan writes and this run may write. */
export const writesOf = (run: SynchRun, plan: PairPlan): readonly Side[] => {
  const planned: readonly Side[] = [
    ...(plan.toSales === null ? [] : ['SALES' as const]),
    ...(plan.toBusiness === null ? [] : ['BUSINESS' as const]),
  ];
  return planned.filter((side) => run.options.writes[side]);
};

/** Sides that have to be read first: not seen in this run, and not known to be as they were when they last agreed. */
export function sidesToRead(work: PairWork): readonly Side[] {
  return sides.filter((side) => {
    if (idOn(work.coupling, side) === null || work.gone.has(side)) return false;
    if (work.toRead.has(side)) return true;
    return work.seen[side] === undefined && !stateOn(work.coupling, side).clean;
  });
}

/** Decides the next step of a pair from what was read. Pure but for the run's options. */
export function decideStep(run: SynchRun, work: PairWork, references: References): PairStep {
  const missing = missingSide(work.coupling);
  if (missing !== null) return decideCreate(run, work, missing, references);
  if (work.gone.size === 2) return { kind: 'REMOVE' };
  if (work.gone.size === 1) return decideBroken(work);
  if (isUnchangedSinceParked(run, work)) return { kind: 'LEAVE' };
  if (isOutsideFilter(run, work)) return { kind: 'PARK', state: 'SKIPPED', error: outsideFilterError };
  return decideSynchronize(run, work, references);
}

export const idOn = (coupling: Coupling, side: Side): string | null =>
  side === 'BUSINESS' ? coupling.businessId : coupling.salesId;

export const stateOn = (coupling: Coupling, side: Side) => (side === 'BUSINESS' ? coupling.business : coupling.sales);

/** The side on which the record has still to be created: it has no id there, or only the one that a begun create reserved. */
export function missingSide(coupling: Coupling): Side | null {
  const creating = coupling.intents.find(({ kind }) => kind === 'CREATE');
  if (creating !== undefined) return creating.side;
  if (coupling.salesId === null) return 'SALES';
  return coupling.businessId === null ? 'BUSINESS' : null;
}

function decideCreate(run: SynchRun, work: PairWork, into: Side, references: References): PairStep {
  const { coupling } = work;
  const source = otherSide(into);
  const begun = coupling.intents.find(({ kind }) => kind === 'CREATE');
  // A create whose id the other system gives is not repeated until its outcome is known; see recover-intents.
  if (begun !== undefined && begun.recordId === null) return { kind: 'LEAVE' };
  if (work.gone.has(source))
    return begun === undefined ? { kind: 'REMOVE' } : { kind: 'PARK', state: 'BROKEN', error: deletedError(source) };
  const row = work.seen[source];
  if (row === undefined) return { kind: 'LEAVE' };
  if (coupling.error?.class === 'DUPLICATE') return { kind: 'LEAVE' };
  if (!run.compiled.inFilter[source](row.values)) return begun === undefined ? { kind: 'REMOVE' } : { kind: 'LEAVE' };
  // A record that was accepted for creation once is created by any later run that may write there.
  if (!run.options.writes[into] || (!work.stored && !createsFrom(run, source))) return { kind: 'LEAVE' };
  if (isUnchangedSinceParked(run, work)) return { kind: 'LEAVE' };
  const unmet = into === 'SALES' ? unmetRequirement(run, work) : null;
  if (unmet !== null) return { kind: 'FAIL', into, error: unmet };
  try {
    return {
      kind: 'CREATE',
      into,
      recordId: begun?.recordId ?? null,
      record: composeRecord(run.compiled, into, row.values, references),
    };
  } catch (error) {
    if (error instanceof UncoupledReferenceError) return { kind: 'WAIT', into, waitingFor: [error.reference] };
    if (!(error instanceof ValueError)) throw error;
    return { kind: 'FAIL', into, error: valueError(error, into) };
  }
}

function decideBroken(work: PairWork): PairStep {
  const side: Side = work.gone.has('BUSINESS') ? 'BUSINESS' : 'SALES';
  if (work.coupling.state === 'BROKEN') return { kind: 'LEAVE' };
  return { kind: 'PARK', state: 'BROKEN', error: deletedError(side) };
}

function decideSynchronize(run: SynchRun, work: PairWork, references: References): PairStep {
  const { coupling } = work;
  const plan = planPair({
    fields: run.compiled.fields,
    bases: coupling.bases,
    business: viewOf(work, 'BUSINESS'),
    sales: viewOf(work, 'SALES'),
    updateConflictResolution: run.compiled.mapping.updateConflictResolution,
    references,
    late: { BUSINESS: lateValues(coupling, 'BUSINESS', run.now()), SALES: lateValues(coupling, 'SALES', run.now()) },
  });
  if (plan.problem !== null)
    return { kind: 'FAIL', into: plan.problem.into, error: valueError(plan.problem.error, plan.problem.into) };
  const unmet = plan.toSales === null ? null : unmetRequirement(run, work);
  if (unmet !== null) return { kind: 'FAIL', into: 'SALES', error: unmet };
  if (plan.waitingFor.length > 0)
    return { kind: 'WAIT', into: sideThatWaits(plan.waitingFor), waitingFor: plan.waitingFor };
  return { kind: 'SYNCHRONIZE', plan };
}

/** A reference to a business record holds up what is to be written to Dataverse. */
const sideThatWaits = ([first]: readonly AwaitedReference[]): Side => (first?.side === 'SALES' ? 'BUSINESS' : 'SALES');

/** Why nothing may be written to Dataverse for the business record, where something stands against it. */
function unmetRequirement(run: SynchRun, work: PairWork): SynchError | null {
  const row = work.seen.BUSINESS;
  if (row === undefined) return null;
  const unmet = requirementsOf(run.compiled.table.BUSINESS).find(
    (requirement) => !requirement.holds(row.values[requirement.field] ?? null),
  );
  return unmet === undefined
    ? null
    : makeError('VALIDATION', unmet.code, unmet.message, { side: 'BUSINESS', field: unmet.field });
}

const viewOf = (work: PairWork, side: Side): SideView => {
  const row = work.seen[side];
  return row === undefined ? 'UNCHANGED' : { values: row.values, modifiedAt: row.modifiedAt };
};

const lateValues = (coupling: Coupling, side: Side, now: Date): FieldValues =>
  Object.assign(
    {},
    ...coupling.late.filter((late) => late.side === side && late.until > now).map(({ values }) => values),
  );

/** Parked, and neither the mapping nor a record of the pair has changed since. */
function isUnchangedSinceParked(run: SynchRun, work: PairWork): boolean {
  if (!isParked(work.coupling) || work.round > 0 || work.coupling.mappingHash !== run.compiled.hash) return false;
  return sides.every((side) => {
    const row = work.seen[side];
    return row === undefined || row.version === stateOn(work.coupling, side).version;
  });
}

const isOutsideFilter = (run: SynchRun, work: PairWork): boolean =>
  sides.some((side) => {
    const row = work.seen[side];
    return row !== undefined && !run.compiled.inFilter[side](row.values);
  });

const outsideFilterError = makeError(
  'VALIDATION',
  'OUTSIDE_FILTER',
  'a record of the pair is outside the filter of the mapping; it goes on when it is back inside',
);

const deletedError = (side: Side): SynchError =>
  makeError(
    'NOT_FOUND',
    'RECORD_DELETED',
    `the record in ${side === 'BUSINESS' ? 'the business system' : 'Dataverse'} was deleted`,
    { side },
  );

const valueError = (error: ValueError, into: Side): SynchError =>
  makeError('VALIDATION', error.code, error.message, { side: into, field: error.field });
