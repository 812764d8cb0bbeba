import type { WriteIntent } from '../coupling/coupling.js';
import { composeRecord } from './compose-record.js';
import { ValueError } from './convert-value.js';
import { makeError } from './describe-error.js';
import { isUnchangedSinceParked, type PairStep, type PairWork } from './pair-work.js';
import { type References, UncoupledReferenceError } from './references.js';
import { mayExistAlready, otherSide, type Side, type SynchError } from './synch-error.js';
import { createsFrom, type SynchRun } from './synch-run.js';
import { requirementsOf } from './table-rules.js';

/** What becomes of a record without a counterpart. */
export function decideCreate(run: SynchRun, work: PairWork, into: Side, references: References): PairStep {
  const { coupling } = work;
  const source = otherSide(into);
  const begun = coupling.intents.find(({ kind }) => kind === 'CREATE');
  // A create whose id the other system gives is not repeated until its outcome is known; see recover-intents.
  if (begun !== undefined && begun.recordId === null) return { kind: 'LEAVE' };
  if (work.gone.has(source))
    return begun === undefined ? { kind: 'REMOVE' } : { kind: 'PARK', state: 'BROKEN', error: deletedError(source) };
  const row = work.seen[source];
  if (row === undefined) return { kind: 'LEAVE' };
  if (mayExistAlready(coupling.error)) return { kind: 'LEAVE' };
  if (!run.compiled.inFilter[source](row.values))
    return begun === undefined || isOver(run, begun) ? { kind: 'REMOVE' } : { kind: 'LEAVE' };
  // A record that was accepted for creation once is created by any later run that may write there.
  if (!run.options.writes[into] || (!work.stored && !createsFrom(run, source))) return { kind: 'LEAVE' };
  if (isUnchangedSinceParked(run, work)) return { kind: 'LEAVE' };
  const reason = 'the record had no counterpart';
  return createStep(run, work, references, { into, recordId: begun?.recordId ?? null, reason });
}

/** The system can no longer apply a create that was begun, and the record that it would have made was not found. */
const isOver = (run: SynchRun, { side, startedAt }: WriteIntent): boolean =>
  startedAt.getTime() + run.connectors[side].applyMs <= run.now().getTime();

/** The step that makes the counterpart of the record that was read, or why it cannot be made. */
export function createStep(
  run: SynchRun,
  work: PairWork,
  references: References,
  { into, recordId, reason }: { readonly into: Side; readonly recordId: string | null; readonly reason: string },
): PairStep {
  const row = work.seen[otherSide(into)];
  if (row === undefined) return { kind: 'LEAVE' };
  const unmet = into === 'SALES' ? unmetRequirement(run, work, 'CREATE') : null;
  if (unmet !== null) return { kind: 'FAIL', into, error: unmet };
  try {
    return {
      kind: 'CREATE',
      into,
      recordId,
      reason,
      record: composeRecord(run.compiled, into, row.values, references),
    };
  } catch (error) {
    if (error instanceof UncoupledReferenceError) return { kind: 'WAIT', into, waitingFor: [error.reference] };
    if (!(error instanceof ValueError)) throw error;
    return { kind: 'FAIL', into, error: valueError(error, into) };
  }
}

/** Why nothing may be written to Dataverse for the business record, where something stands against it. */
export function unmetRequirement(run: SynchRun, work: PairWork, kind: 'CREATE' | 'UPDATE'): SynchError | null {
  const row = work.seen.BUSINESS;
  if (row === undefined) return null;
  const unmet = requirementsOf(run.compiled.table.BUSINESS).find(
    (requirement) =>
      (kind === 'CREATE' || requirement.ofNewRecords !== true) &&
      !requirement.holds(row.values[requirement.field] ?? null),
  );
  return unmet === undefined
    ? null
    : makeError('VALIDATION', unmet.code, unmet.message, { side: 'BUSINESS', field: unmet.field });
}

/** A record of the pair is gone. */
export const deletedError = (side: Side): SynchError =>
  makeError(
    'NOT_FOUND',
    'RECORD_DELETED',
    `the record in ${side === 'BUSINESS' ? 'the business system' : 'Dataverse'} was deleted`,
    { side },
  );

export const valueError = (error: ValueError, into: Side): SynchError =>
  makeError('VALIDATION', error.code, error.message, { side: into, field: error.field });
