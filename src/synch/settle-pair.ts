import { type AwaitedReference, type Coupling, referenceKey, type SynchAction } from '../coupling/coupling.js';
import type { CompiledMapping } from './compiled-mapping.js';
import { type CouplingSet, settledState } from './coupling-states.js';
import { makeError } from './describe-error.js';
import { isClean, makeBase } from './field-base.js';
import { referencesOf } from './pair-values.js';
import { type PairWork, stateOn } from './pair-work.js';
import { titleOf, wordsOf } from './record-title.js';
import { type Side, sides } from './synch-error.js';
import { tableRuleOf } from './table-rules.js';

/**
 * What a pair becomes after it was planned, and written where there was something to write: its bases, the versions that
 * were seen, and its state.
 */
export function settlePair(
  compiled: CompiledMapping,
  work: PairWork,
  result: {
    readonly bases: Coupling['bases'];
    readonly conflicts: Coupling['conflicts'];
    /** References that could not be translated, and are blank or in conflict for now. */
    readonly untranslated: readonly AwaitedReference[];
    readonly lastResult: SynchAction;
    readonly lastSynchJobId: string;
  },
  now: Date,
): CouplingSet {
  const { coupling } = work;
  const { bases, conflicts, untranslated, lastResult, lastSynchJobId } = result;
  return {
    ...(isHeldByStep(coupling)
      ? heldSet(coupling, now)
      : settledState(coupling, conflicts.length === 0 ? null : conflictError(conflicts), lastResult, now)),
    ...(isHeldByStep(coupling) ? {} : openStepsSet(compiled, coupling, now)),
    ...titleSet(compiled, work),
    bases,
    conflicts,
    ...(isHeldByStep(coupling) ? {} : { waitingFor: [] }),
    waitingKeys: [...(isHeldByStep(coupling) ? coupling.waitingFor : []), ...untranslated].map(
      ({ mappingName, side, recordId }) => referenceKey(mappingName, side, recordId),
    ),
    refs: [
      ...new Set([
        ...referencesOf(compiled.fields, bases),
        ...referencesOf(compiled.fields, inConflict(compiled, conflicts)),
      ]),
    ],
    recoupled: [],
    ...(conflicts.length === 0 ? {} : { rulesHash: compiled.rulesHash }),
    lastSynchJobId,
    mappingHash: compiled.hash,
    late: coupling.late.filter(({ until }) => until > now),
    ...sidesSet(compiled, work, bases),
  };
}

/** References in conflict may come to agree once what they refer to is coupled anew. */
const inConflict = ({ fields }: CompiledMapping, conflicts: Coupling['conflicts']): Coupling['bases'] =>
  conflicts.flatMap(({ field, integrationField, businessValue, salesValue }) => {
    const compiled = fields.find((one) => one.field === field && one.integrationField === integrationField);
    return compiled === undefined ? [] : [makeBase(compiled, businessValue, salesValue)];
  });

/** A step after coupling failed, or waits: only that step, done again, ends that. */
const isHeldByStep = ({ openSteps, state }: Coupling): boolean =>
  openSteps.length > 0 && ['FAILED', 'SKIPPED', 'WAITING'].includes(state);

/** A parked pair that was planned anew has its step tried again. */
const heldSet = ({ state }: Coupling, now: Date): CouplingSet => ({
  intents: [],
  ...(state === 'SKIPPED' ? { nextAttemptAt: now } : {}),
});

/**
 * Steps that are still to be done keep the pair due: this process may die before they are. What a pair hangs on is told by the
 * steps that look at it; otherwise a pair in step hangs on nothing.
 */
function openStepsSet({ mapping }: CompiledMapping, { openSteps, hangsOn = [] }: Coupling, now: Date): CouplingSet {
  const isHanging = tableRuleOf(mapping.integrationTable).whenTouched !== undefined || hangsOn.length === 0;
  return { ...(openSteps.length > 0 ? { nextAttemptAt: now } : {}), ...(isHanging ? {} : { hangsOn: [] }) };
}

/** Versions that were seen in this run, and whether the sides are as the bases say. A side that was not read keeps its mark. */
export function sidesSet(
  compiled: CompiledMapping,
  work: PairWork,
  bases: Coupling['bases'],
): Pick<Coupling, 'business' | 'sales'> {
  const set = (side: Side): Coupling['business'] => {
    const row = work.seen[side];
    return row === undefined
      ? stateOn(work.coupling, side)
      : { version: row.version, clean: isClean(compiled.fields, bases, side, row.values) };
  };
  return { business: set('BUSINESS'), sales: set('SALES') };
}

/**
 * The versions and the mapping that the pair was evaluated with, not clean: the values are compared again whenever one of
 * the records or the mapping changes.
 */
export function evaluatedWith(
  compiled: CompiledMapping,
  work: PairWork,
): Pick<Coupling, 'business' | 'sales' | 'mappingHash'> {
  const set = (side: Side): Coupling['business'] => ({
    // A record that is gone has no version: so it is known by then, and noticed when it is back.
    version: work.gone.has(side) ? null : (work.seen[side]?.version ?? stateOn(work.coupling, side).version),
    clean: false,
  });
  return { business: set('BUSINESS'), sales: set('SALES'), mappingHash: compiled.hash };
}

/** True when storing the set would change nothing that anybody could see. */
export function changesNothing(coupling: Coupling, set: CouplingSet): boolean {
  const { lastSynchedAt: _at, lastSynchJobId: _job, lastResult: _result, mappingHash: _hash, ...visible } = set;
  return Object.entries(visible).every(
    ([name, value]) => JSON.stringify(coupling[name as keyof Coupling]) === JSON.stringify(value),
  );
}

/** Called by the business record's name where it was seen, else by the other's. */
export function titleSet(compiled: CompiledMapping, work: PairWork): Pick<Coupling, 'title' | 'titleWords'> {
  const side = sides.find((candidate) => work.seen[candidate] !== undefined);
  const row = side === undefined ? undefined : work.seen[side];
  if (
    side === undefined ||
    row === undefined ||
    (side === 'SALES' && work.coupling.title !== '' && work.coupling.businessId !== null)
  ) {
    return { title: work.coupling.title, titleWords: work.coupling.titleWords };
  }
  const title = titleOf(compiled.table[side], row.id, row.values);
  return { title, titleWords: wordsOf(title) };
}

function conflictError(conflicts: Coupling['conflicts']) {
  const loops = conflicts.filter(({ loop }) => loop === true);
  if (loops.length > 0) return loopError(loops);
  const names = conflicts.map(({ field, integrationField }) => `${field} / ${integrationField}`).join(', ');
  return makeError('CONFLICT', 'FIELD_CONFLICT', `both sides changed ${names}, and no rule decides`, {
    field: conflicts[0]?.field ?? null,
  });
}

const loopError = (loops: Coupling['conflicts']) =>
  makeError(
    'CONFLICT',
    'LOOP',
    `${loops.map(({ field, integrationField }) => `${field} / ${integrationField}`).join(', ')} went in circles within the hour: rules of the two systems seem to change it in turn. It is held until a record changes, or a person decides`,
    { field: loops[0]?.field ?? null },
  );
