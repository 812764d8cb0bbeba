import type { SourceRow } from '../connectors/connector.js';
import { createStep, deletedError } from './decide-create.js';
import { makeError } from './describe-error.js';
import { isClean } from './field-base.js';
import { isUnchangedSinceParked, missingSide, type PairStep, type PairWork, stateOn } from './pair-work.js';
import type { References } from './references.js';
import { otherSide, type Side, type SynchError } from './synch-error.js';
import type { SynchRun } from './synch-run.js';

/**
 * What becomes of a pair of which one record was deleted, by the mapping's deletion strategy. A pair that is BROKEN stays so
 * until somebody asks for it.
 */
export function decideDeleted(run: SynchRun, work: PairWork, references: References): PairStep {
  const deletion = deletionToDecide(run, work);
  if (deletion === null) return standsAsDecided(work);
  const { gone, row } = deletion;
  const decided = decidedByPerson(run, work);
  if (decided !== null)
    return decided === gone
      ? deletionCounts(run, { gone, row })
      : restore(run, work, references, {
          gone,
          row,
          reason: 'a person decided to keep the record, which is made again',
        });
  if (run.deletions.held > 0) return { kind: 'PARK', state: 'BROKEN', error: massDeletionError(run, gone) };
  switch (run.compiled.mapping.deletionConflictResolution) {
    case 'NONE':
      return { kind: 'PARK', state: 'BROKEN', error: deletedError(gone) };
    case 'REMOVE_COUPLING':
      return { kind: 'REMOVE' };
    case 'RESTORE_RECORDS':
      return restore(run, work, references, { gone, row });
    case 'DELETE_COUNTERPART':
      return deleteCounterpart(run, work, { gone, row });
  }
}

/** What was decided stands. Where something else made the pair due, it has had its turn. */
function standsAsDecided({ coupling: { state, error, nextAttemptAt } }: PairWork): PairStep {
  return state === 'BROKEN' && error !== null && nextAttemptAt !== null
    ? { kind: 'PARK', state, error }
    : { kind: 'LEAVE' };
}

/**
 * Of a pair of which one record is gone: what is to be decided about. Null when it was decided before, and neither record nor
 * a person asks for it again.
 */
export function deletionToDecide(run: SynchRun, work: PairWork): Deletion | null {
  if (work.gone.size !== 1 || missingSide(work.coupling) !== null) return null;
  const gone: Side = work.gone.has('BUSINESS') ? 'BUSINESS' : 'SALES';
  const isKnown = stateOn(work.coupling, gone).version === null;
  if (work.coupling.state === 'BROKEN' && !run.options.forced) return null;
  if (isKnown && isUnchangedSinceParked(run, work)) return null;
  const row = work.seen[otherSide(gone)];
  return row === undefined ? null : { gone, row };
}

/** The side whose state counts, where a person decided about a record that was deleted here and changed there. */
export function decidedByPerson({ options: { decision } }: SynchRun, { coupling }: PairWork): Side | null {
  const isAsked = coupling.state === 'CONFLICT' && coupling.error?.code === DELETED_AND_CHANGED;
  return isAsked && decision !== null && 'source' in decision ? decision.source : null;
}

/** A record of a pair that is gone. */
export interface Deletion {
  readonly gone: Side;
  /** The record that is left. */
  readonly row: SourceRow;
  /** Why it is restored, for the history. */
  readonly reason?: string;
}

function deletionCounts(run: SynchRun, { gone, row }: Deletion): PairStep {
  const survivor = otherSide(gone);
  if (!run.options.writes[survivor]) return leaveToOthers(run, gone);
  return { kind: 'DELETE', from: survivor, row, reason: 'a person decided that the deletion counts' };
}

function restore(
  run: SynchRun,
  work: PairWork,
  references: References,
  { gone, row, reason = 'the record was deleted, and is restored from its counterpart' }: Deletion,
): PairStep {
  if (!run.options.writes[gone]) return leaveToOthers(run, gone);
  if (!run.compiled.inFilter[otherSide(gone)](row.values))
    return { kind: 'PARK', state: 'BROKEN', error: deletedError(gone) };
  return createStep(run, work, references, { into: gone, recordId: null, reason });
}

/** A counterpart that somebody changed since both agreed is not deleted: that is for a person to decide. */
function deleteCounterpart(run: SynchRun, work: PairWork, { gone, row }: Deletion): PairStep {
  const survivor = otherSide(gone);
  if (!run.options.writes[survivor]) return leaveToOthers(run, gone);
  return isClean(run.compiled.fields, work.coupling.bases, survivor, row.values)
    ? { kind: 'DELETE', from: survivor, row }
    : { kind: 'PARK', state: 'CONFLICT', error: deletedAndChangedError(gone) };
}

/** A mapping that never writes the side in question lists the pair; a run limited to the other direction leaves it to the next one. */
const leaveToOthers = (run: SynchRun, gone: Side): PairStep =>
  run.compiled.mapping.direction === 'BIDIRECTIONAL'
    ? { kind: 'LATER' }
    : { kind: 'PARK', state: 'BROKEN', error: deletedError(gone) };

/** The code of a conflict that is about a whole record, not about fields. */
export const DELETED_AND_CHANGED = 'DELETED_AND_CHANGED';

const deletedAndChangedError = (gone: Side): SynchError =>
  makeError(
    'CONFLICT',
    DELETED_AND_CHANGED,
    `the record in ${nameOf(gone)} was deleted, and the one in ${nameOf(otherSide(gone))} changed since both agreed: it is not deleted. Decide which of them counts`,
    { side: gone },
  );

const massDeletionError = (run: SynchRun, gone: Side): SynchError =>
  makeError('NOT_FOUND', 'MASS_DELETION', massDeletionMessage(run.deletions.held, nameOf(gone)), { side: gone });

/** What is told of deletions that are too many to be acted on. */
export const massDeletionMessage = (count: number, system: string): string =>
  `${count} records were deleted within 24 hours, more than is believed without a person (in ${system}): nothing was done about them. Synchronize these couplings if that is right`;

const nameOf = (side: Side): string => (side === 'BUSINESS' ? 'the business system' : 'Dataverse');
