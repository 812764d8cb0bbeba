import type { SourceRow } from '../connectors/connector.js';
import type { Coupling } from '../coupling/coupling.js';
import type { FieldValue } from '../mapping/field-value.js';
import { tableOn } from '../mapping/integration-table-mapping.js';
import { ValueError } from './convert-value.js';
import { recordCoupled } from './couple-change.js';
import { parkedState } from './coupling-states.js';
import { makeError } from './describe-error.js';
import { listAmbiguities } from './list-ambiguities.js';
import type { MatchGroupFields } from './match-keys.js';
import type { PairWork } from './pair-work.js';
import { type References, UncoupledReferenceError } from './references.js';
import { otherSide, type Side } from './synch-error.js';
import { jobInto, markCompleted, type SynchRun } from './synch-run.js';
import { stepsOf } from './table-rules.js';
import { translateOrClear } from './untranslated.js';

/**
 * Before a run of the schedule creates a record, it asks whether somebody entered the same one on the other side meanwhile:
 * one match that is not coupled is coupled instead; several are listed, and nothing is created. A full synchronization that
 * matches has done that for all records before.
 */
export async function matchBeforeCreate(
  run: SynchRun,
  works: readonly PairWork[],
  references: References,
): Promise<void> {
  if (run.options.mode !== null || run.matchGroups.length === 0) return;
  for (const work of works) if (!work.stored) await matchOne(run, work, references);
}

async function matchOne(run: SynchRun, work: PairWork, references: References): Promise<void> {
  for (const group of run.matchGroups) {
    const candidates = await candidatesOf(run, work, group, references);
    if (candidates.length === 0) continue;
    const [only] = candidates;
    const coupling =
      candidates.length === 1 && only !== undefined ? coupled(run, work, only.id) : listed(run, work, candidates);
    const inserted = await run.stores.couplings.insert([coupling]);
    if (!inserted.has(coupling._id)) return;
    work.coupling = coupling;
    work.stored = true;
    if (candidates.length > 1) {
      countListed(run, work);
      await tellCandidates(run, work, group, candidates);
    } else {
      countCoupled(run, work);
      await recordCoupled(run, [coupling]);
    }
    return;
  }
}

/** The records of the other side that agree in all fields of a group, are in the filter, and are not coupled. */
async function candidatesOf(
  run: SynchRun,
  work: PairWork,
  group: MatchGroupFields,
  references: References,
): Promise<SourceRow[]> {
  const { compiled, connectors, stores, signal } = run;
  const into = otherSide(work.stagedSide);
  const equal = equalValues(group, work, into, references);
  if (equal === null) return [];
  const rows = await connectors[into].find(
    { table: tableOn(compiled.mapping, into), fields: compiled.readFields[into], equal },
    signal,
  );
  const inFilter = rows.filter(({ values }) => compiled.inFilter[into](values));
  const taken = await stores.couplings.coupledIds(
    compiled.mapping.id,
    into,
    inFilter.map(({ id }) => id),
  );
  return inFilter.filter(({ id }) => !taken.has(id));
}

/** The group's values as the other side would hold them; null when one is blank or cannot be translated. */
function equalValues(
  { fields }: MatchGroupFields,
  work: PairWork,
  into: Side,
  references: References,
): Record<string, FieldValue> | null {
  const row = work.seen[work.stagedSide];
  const equal: Record<string, FieldValue> = {};
  for (const { compiled } of fields) {
    const [source, name] =
      into === 'SALES' ? [compiled.field, compiled.integrationField] : [compiled.integrationField, compiled.field];
    try {
      const { value } = translateOrClear(compiled, into, row?.values[source] ?? null, references);
      if (value === null) return null;
      equal[name] = value;
    } catch (error) {
      if (error instanceof ValueError || error instanceof UncoupledReferenceError) return null;
      throw error;
    }
  }
  return equal;
}

function coupled(run: SynchRun, { coupling, stagedSide }: PairWork, id: string): Coupling {
  return {
    ...coupling,
    ...(stagedSide === 'BUSINESS' ? { salesId: id } : { businessId: id }),
    lastResult: 'COUPLE',
    openSteps: stepsOf(run.compiled.mapping.integrationTable, null),
  };
}

function listed(run: SynchRun, { coupling, stagedSide, seen }: PairWork, candidates: readonly SourceRow[]): Coupling {
  const ids = candidates.map(({ id }) => id).join(', ');
  const message = `several records match on the other side (${ids}): couple the right one by hand, or make the matching fields differ`;
  const error = makeError('DUPLICATE', 'MATCH_AMBIGUOUS', message, { side: stagedSide });
  const version = { version: seen[stagedSide]?.version ?? null, clean: false };
  return {
    ...coupling,
    ...parkedState(coupling, 'FAILED', error, run.now()),
    ...(stagedSide === 'BUSINESS' ? { business: version } : { sales: version }),
  };
}

async function tellCandidates(
  run: SynchRun,
  { stagedSide, seen }: PairWork,
  group: MatchGroupFields,
  candidates: readonly SourceRow[],
): Promise<void> {
  const row = seen[stagedSide];
  if (row === undefined) return;
  const candidateCount = candidates.length;
  await listAmbiguities(run, { side: stagedSide, records: [row], group, candidates, candidateCount });
}

function countCoupled(run: SynchRun, work: PairWork): void {
  jobInto(run, otherSide(work.stagedSide)).count('coupled');
  work.toRead.add(otherSide(work.stagedSide));
  markCompleted(run, work.coupling);
}

function countListed(run: SynchRun, work: PairWork): void {
  const job = jobInto(run, otherSide(work.stagedSide));
  work.counted = true;
  job.count('failed');
  if (work.coupling.error !== null) job.list(work.coupling, work.coupling.error);
}
