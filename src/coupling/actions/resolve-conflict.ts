import type { JobQueueLogEntry } from '../../job-queue/job-queue-entry.js';
import {
  allowsDirection,
  directionInto,
  type IntegrationTableMapping,
} from '../../mapping/integration-table-mapping.js';
import { otherSide, type Side } from '../../synch/synch-error.js';
import { STALE } from '../../synch/synchronize-couplings.js';
import type { Coupling, FieldConflict } from '../coupling.js';
import type { FieldChoice } from '../coupling-filter.js';
import { type CouplingActionsDeps, requireRunnable } from './action-deps.js';
import { CouplingRefusedError, type Refusal, refuseCoupling } from './coupling-refused-error.js';

/** What a person decided for a pair in conflict. */
export interface ConflictResolution {
  readonly couplingId: string | null;
  readonly expectedRevision: number | null;
  /** The side to keep of every field that is not named. */
  readonly keep: Side | null;
  readonly fields: readonly { readonly field: string; readonly integrationField: string | null; readonly keep: Side }[];
}

export interface ResolvedConflict {
  /** Null where the decision was that neither record is to be there. */
  readonly coupling: Coupling | null;
  /** The run that wrote what had to be written. */
  readonly run: JobQueueLogEntry;
}

/** Two writes take seconds; a run that holds the mapping longer is not waited for. */
const ANSWER_MS = 30_000;

/**
 * Decides the fields in conflict of a pair. The losing values stay in its history. Resolves when both systems have the
 * values, or, where another run holds the mapping for long, once the run is accepted.
 */
export async function resolveConflict(
  deps: CouplingActionsDeps,
  resolution: ConflictResolution,
  actor: string,
): Promise<ResolvedConflict> {
  const coupling = await conflictingCoupling(deps, resolution);
  const mapping = await requireRunnable(deps, coupling.mappingId, 'couplingId');
  const decision =
    coupling.conflicts.length === 0
      ? { source: recordToKeep(coupling, mapping, resolution) }
      : { choices: choicesOf(coupling.conflicts, resolution) };
  const { entry, run } = await deps.jobQueue.createOneOff({
    connectionSetupId: mapping.connectionSetupId,
    task: 'SYNCH_COUPLINGS',
    mappingId: mapping.id,
    mappingName: mapping.name,
    parameters: {
      couplings: { ids: [coupling._id] },
      decision,
      expectedRevision: coupling.revision,
    },
    description: `Conflict of ${coupling.title} resolved`,
    actor,
  });
  await ended(deps, entry._id);
  const last = (await deps.jobQueue.findRun(run._id)) ?? run;
  if (last.error?.code === STALE) refuseCoupling('STALE_REVISION', last.error.message, ['expectedRevision']);
  if (last.status === 'ERROR')
    refuseCoupling(
      'CONNECTION_FAILED',
      `the decision could not be written: ${last.error?.message ?? 'the run failed'}`,
    );
  const [present = null] = await deps.couplings.byIds([coupling._id]);
  return { coupling: present, run: last };
}

async function conflictingCoupling(
  { couplings }: CouplingActionsDeps,
  { couplingId, expectedRevision }: ConflictResolution,
): Promise<Coupling> {
  const [coupling] = couplingId === null ? [] : await couplings.byIds([couplingId]);
  if (coupling === undefined)
    return refuseCoupling('NOT_FOUND', 'couplingId: there is no such coupling', ['couplingId']);
  const { title, revision, state } = coupling;
  if (expectedRevision !== null && expectedRevision !== revision)
    refuseCoupling(
      'STALE_REVISION',
      `expectedRevision: ${title} has revision ${revision}, expected was ${expectedRevision}: look at it again, then decide`,
      ['expectedRevision'],
    );
  if (state !== 'CONFLICT')
    refuseCoupling('ILLEGAL_TRANSITION', `couplingId: ${title} is ${state}, and only a CONFLICT can be resolved`, [
      'couplingId',
    ]);
  return coupling;
}

/**
 * The side whose state is kept where no field is in conflict but the records themselves: one was deleted, and the other one
 * changed. Keeping the side of the deletion deletes the other record, too; keeping the other side makes the deleted one again.
 */
function recordToKeep(
  { title, error }: Coupling,
  mapping: IntegrationTableMapping,
  { keep, fields }: ConflictResolution,
): Side {
  if (fields.length > 0)
    refuseCoupling('INVALID', `fields: no field of ${title} is in conflict, but its records: decide it by keep`, [
      'fields',
    ]);
  if (keep === null)
    return refuseCoupling(
      'INVALID',
      `keep: expected the side whose state counts, got nothing: ${error?.message ?? 'a record was deleted'}`,
      ['keep'],
    );
  const written = keep === error?.side ? otherSide(keep) : (error?.side ?? otherSide(keep));
  if (!allowsDirection(mapping.direction, directionInto(written)))
    refuseCoupling(
      'INVALID',
      `keep: the mapping ${mapping.name} does not write ${written === 'SALES' ? 'Dataverse' : 'the business system'}; uncouple the pair instead`,
      ['keep'],
    );
  return keep;
}

/** A decision for each field in conflict, or all that is wrong with what was given. */
function choicesOf(conflicts: readonly FieldConflict[], { keep, fields }: ConflictResolution): FieldChoice[] {
  const refusals: Refusal[] = [];
  const chosen = new Map<FieldConflict, Side>();
  for (const [index, choice] of fields.entries()) {
    const meant = conflicts.filter(
      ({ field, integrationField }) =>
        field === choice.field && (choice.integrationField ?? integrationField) === integrationField,
    );
    const [conflict] = meant;
    const path = ['fields', String(index), meant.length > 1 ? 'integrationField' : 'field'];
    if (conflict === undefined)
      refusals.push(invalid(path, `expected a field in conflict (${names(conflicts)}), got ${choice.field}`));
    else if (meant.length > 1)
      refusals.push(invalid(path, `two pairs share the field ${choice.field}: name the integrationField`));
    else if (chosen.has(conflict)) refusals.push(invalid(path, `${choice.field} is decided twice`));
    else chosen.set(conflict, choice.keep);
  }
  const undecided = keep === null ? conflicts.filter((conflict) => !chosen.has(conflict)) : [];
  if (undecided.length > 0 && refusals.length === 0)
    refusals.push(invalid(['keep'], `${names(undecided)} would be left undecided: decide it by keep or in fields`));
  if (refusals.length > 0) throw new CouplingRefusedError(refusals);
  return conflicts.flatMap((conflict) => {
    const side = chosen.get(conflict) ?? keep;
    return side === null ? [] : [{ field: conflict.field, integrationField: conflict.integrationField, keep: side }];
  });
}

const names = (conflicts: readonly FieldConflict[]): string => conflicts.map(({ field }) => field).join(', ');

const invalid = (field: readonly string[], message: string): Refusal => ({
  code: 'INVALID',
  message: `${field.join('.')}: ${message}`,
  field,
});

async function ended({ jobQueue }: CouplingActionsDeps, entryId: string): Promise<void> {
  try {
    await jobQueue.waitForEnd(entryId, AbortSignal.timeout(ANSWER_MS));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
