import type { SourceRow } from '../connectors/connector.js';
import type { AwaitedReference, Coupling } from '../coupling/coupling.js';
import type { ComposedRecord } from './compose-record.js';
import { isParked } from './coupling-states.js';
import type { PairPlan } from './plan-pair.js';
import { type Side, type SynchError, sides } from './synch-error.js';
import type { SynchRun } from './synch-run.js';

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
  /** Left to a run that may write the side in question. */
  | { readonly kind: 'LATER' }
  | { readonly kind: 'REMOVE' }
  | { readonly kind: 'PARK'; readonly state: 'SKIPPED' | 'BROKEN' | 'CONFLICT'; readonly error: SynchError }
  | {
      readonly kind: 'FAIL';
      readonly into: Side;
      readonly error: SynchError;
      /** Keys of the records because of which it fails (see Coupling.hangsOn). */
      readonly hangsOn?: readonly string[];
    }
  | {
      readonly kind: 'WAIT';
      readonly into: Side;
      readonly waitingFor: readonly AwaitedReference[];
      /** The coupling of the first record waited for, where there is one that is not complete. */
      readonly awaited?: Coupling | null;
    }
  | {
      readonly kind: 'CREATE';
      readonly into: Side;
      readonly recordId: string | null;
      readonly record: ComposedRecord;
      /** For the history. */
      readonly reason: string;
    }
  /** The counterpart of a deleted record is deleted too, if it still is as it was read. */
  | { readonly kind: 'DELETE'; readonly from: Side; readonly row: SourceRow; readonly reason?: string }
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

/**
 * Sides that have to be read first: not seen in this run, and not known to be as they were when they last agreed. What is
 * left of a pair is always read before anything is done about the record that is gone.
 */
export function sidesToRead(work: PairWork): readonly Side[] {
  return sides.filter((side) => {
    if (idOn(work.coupling, side) === null || work.gone.has(side)) return false;
    if (work.toRead.has(side)) return true;
    const mustBeSeen = work.gone.size > 0 || (work.coupling.recoupled ?? []).length > 0;
    return work.seen[side] === undefined && (mustBeSeen || !stateOn(work.coupling, side).clean);
  });
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

/** The works without those of pairs that go on in another work: with the record that came in the place of one that is gone. */
export function withoutOthersOf(goneOn: readonly PairWork[], works: readonly PairWork[]): readonly PairWork[] {
  const own = new Set(goneOn);
  const ids = new Set(goneOn.map(({ coupling }) => coupling._id));
  return works.filter((work) => own.has(work) || !ids.has(work.coupling._id));
}

/** Parked, and neither the mapping nor a record of the pair has changed since; nobody asked for the pair either. */
export function isUnchangedSinceParked(run: SynchRun, work: PairWork): boolean {
  if (!isParked(work.coupling, run.now()) || work.round > 0 || work.coupling.mappingHash !== run.compiled.hash)
    return false;
  if (run.options.forced || (work.coupling.recoupled ?? []).length > 0) return false;
  if (work.coupling.state === 'CONFLICT' && work.coupling.rulesHash !== run.compiled.rulesHash) return false;
  return sides.every((side) => {
    const row = work.seen[side];
    return row === undefined || row.version === stateOn(work.coupling, side).version;
  });
}
