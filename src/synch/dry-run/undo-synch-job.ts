import type { SourceRow } from '../../connectors/connector.js';
import type { Coupling, FieldBase } from '../../coupling/coupling.js';
import type { JobExecutor } from '../../job-queue/job-executor.js';
import type { FieldValue, FieldValues } from '../../mapping/field-value.js';
import { directionInto } from '../../mapping/integration-table-mapping.js';
import { carryOut } from '../carry-out.js';
import { isNormalisedForm } from '../convert-value.js';
import { isClean, toBaseValue } from '../field-base.js';
import type { SynchDependencies } from '../open-run.js';
import { idOn, type PairStep, type PairWork } from '../pair-work.js';
import type { SideChanges } from '../plan-pair.js';
import { readByIds } from '../read-records.js';
import type { RecordChangeQueries } from '../record-change-queries.js';
import { runMapping } from '../run-mapping.js';
import { type Side, sides } from '../synch-error.js';
import type { RecordChange } from '../synch-job.js';
import { countOfSides, jobInto, type SynchRun, saveProgress } from '../synch-run.js';
import { ofSides, pagesOfPairs } from './pages-of-pairs.js';
import { type NotUndone, undoDeletions } from './undo-deletions.js';

/** What undoing is given. */
export interface UndoDependencies extends SynchDependencies {
  readonly changes: Pick<RecordChangeQueries, 'made' | 'countMade'>;
}

/**
 * The executor of UNDO: puts back the values that the writes of synch jobs replaced, deletes the records that they
 * created, and makes those again that they deleted. A record that shows anything else than what the job wrote is refused and listed. A pair whose fields were put
 * back differs then: it is listed as a conflict in these fields until a person decides, or a side is edited.
 */
export const undoSynchJob = (dependencies: UndoDependencies): JobExecutor =>
  runMapping(
    dependencies,
    async (run, { entry: { parameters } }) => {
      await undoJobs(
        dependencies,
        run,
        (parameters.undo?.synchJobs ?? []).map(({ id }) => id),
      );
      return 0;
    },
    {
      kind: 'UNDO',
      options: { forced: true, writes: { BUSINESS: true, SALES: true } },
      basedOn: ({ entry: { parameters } }, into) =>
        parameters.undo?.synchJobs.find(({ direction }) => direction === directionInto(into))?.id ?? null,
    },
  );

async function undoJobs({ changes }: UndoDependencies, run: SynchRun, synchJobIds: readonly string[]): Promise<void> {
  countOfSides(run, 'total', await changes.countMade(synchJobIds));
  for await (const page of pagesOfPairs((afterId, limit) => changes.made(synchJobIds, afterId, limit))) {
    countOfSides(run, 'read', ofSides(page));
    await undoPage(run, page);
    await saveProgress(run);
  }
}

async function undoPage(run: SynchRun, changes: readonly RecordChange[]): Promise<void> {
  const deletions = changes.filter(({ action }) => action === 'DELETE');
  const ofDeleted = new Set(deletions.map(({ couplingId }) => couplingId));
  const writes = changes.filter(
    ({ action, couplingId }) => (action === 'MODIFY' || action === 'INSERT') && !ofDeleted.has(couplingId),
  );
  const byPair = Map.groupBy(writes, ({ couplingId }) => couplingId);
  const couplings = new Map((await run.stores.couplings.byIds([...byPair.keys()])).map((one) => [one._id, one]));
  const rows = await presentRows(run, [...couplings.values()]);
  const planned: { work: PairWork; step: PairStep }[] = [];
  const refused: NotUndone[] = [];
  for (const [couplingId, made] of byPair) {
    const undone = undoOf(run, couplings.get(couplingId), { made, rows });
    if (undone === null) refused.push(...made.map((change) => ({ change, reason: MOVED_ON })));
    else planned.push(undone);
  }
  await carryOut(run, planned);
  await listRefused(run, [...refused, ...(await undoDeletions(run, deletions))]);
}

const MOVED_ON = 'the record or its pair is no longer as the synch job left it';

type Rows = Readonly<Record<Side, ReadonlyMap<string, SourceRow>>>;

async function presentRows(run: SynchRun, couplings: readonly Coupling[]): Promise<Rows> {
  const read = (side: Side) =>
    readByIds(
      run,
      side,
      couplings.flatMap((coupling) => idOn(coupling, side) ?? []),
    );
  return { BUSINESS: await read('BUSINESS'), SALES: await read('SALES') };
}

/** The step that undoes the writes of one pair; null when it is not as the writes left it. */
function undoOf(
  { compiled }: SynchRun,
  coupling: Coupling | undefined,
  { made, rows }: { readonly made: readonly RecordChange[]; readonly rows: Rows },
): { readonly work: PairWork; readonly step: PairStep } | null {
  if (coupling === undefined || coupling.intents.length > 0) return null;
  const seen: Partial<Record<Side, SourceRow>> = {};
  for (const side of sides) {
    const row = rows[side].get(idOn(coupling, side) ?? '');
    if (row !== undefined) seen[side] = row;
  }
  const work: PairWork = {
    coupling,
    stored: true,
    stagedSide: 'BUSINESS',
    seen,
    gone: new Set(),
    toRead: new Set(),
    round: 0,
    counted: false,
  };
  const created = made.find(({ action }) => action === 'INSERT');
  const changed = sides.map((side) => overwritten(made.filter((change) => change.side === side)));
  if (sides.some((side, index) => !shows(seen[side], changed[index]?.written ?? {}))) return null;
  if (created !== undefined) {
    const row = seen[created.side];
    // What the job left blank, a person may have filled in since.
    return row === undefined || !isClean(compiled.fields, coupling.bases, created.side, row.values)
      ? null
      : { work, step: { kind: 'DELETE', from: created.side, row, reason: 'the synch job that created it was undone' } };
  }
  return { work, step: { kind: 'SYNCHRONIZE', plan: putBack(coupling, made, changed) } };
}

interface Overwritten {
  /** What the job's last write left, by field of the side. */
  readonly written: FieldValues;
  /** What was there before its first one. */
  readonly before: FieldValues;
}

function overwritten(changes: readonly RecordChange[]): Overwritten {
  const written: Record<string, FieldValue> = {};
  const before: Record<string, FieldValue> = {};
  for (const { side, fields } of changes.toSorted((a, b) => a.number - b.number)) {
    for (const change of fields) {
      const name = side === 'BUSINESS' ? change.field : change.integrationField;
      written[name] = change.after;
      if (!(name in before)) before[name] = change.before;
    }
  }
  return { written, before };
}

/** The record has what was written to it, but for the system's own normalisation. */
const shows = (row: SourceRow | undefined, written: FieldValues): boolean =>
  Object.entries(written).every(
    ([name, value]) =>
      row !== undefined && (!(name in row.values) || isNormalisedForm(value, row.values[name] ?? null)),
  );

function putBack(coupling: Coupling, made: readonly RecordChange[], [business, sales]: readonly Overwritten[]) {
  const fields = new Map(
    made.flatMap((change) =>
      change.fields.map((field) => [JSON.stringify([field.field, field.integrationField]), { change, field }] as const),
    ),
  );
  // Both sides agree no more on what was put back: it is for a person to decide, or for a rule about fields that differ.
  const isPutBack = ({ field, integrationField }: FieldBase) => fields.has(JSON.stringify([field, integrationField]));
  return {
    toBusiness: sideChanges(business),
    toSales: sideChanges(sales),
    bases: coupling.bases.filter((base) => !isPutBack(base)),
    conflicts: [...fields.values()].map(({ change: { side }, field: { field, integrationField, before, after } }) => ({
      field,
      integrationField,
      businessValue: toBaseValue(side === 'BUSINESS' ? before : after),
      salesValue: toBaseValue(side === 'SALES' ? before : after),
      lastAgreedValue: toBaseValue(after),
    })),
    waitingFor: [],
    untranslated: [],
    problem: null,
    reason: 'the synch job that wrote it was undone',
  };
}

const sideChanges = (one: Overwritten | undefined): SideChanges | null =>
  one === undefined || Object.keys(one.before).length === 0
    ? null
    : { values: one.before, before: one.written, cleared: [] };

async function listRefused(run: SynchRun, refused: readonly NotUndone[]): Promise<void> {
  for (const { change } of refused) jobInto(run, change.side).count('skipped');
  await run.stores.jobs.addChanges(
    refused.map(({ change, reason }) => ({
      ...change,
      _id: `${run.runId}:${change._id}`,
      runId: run.runId,
      synchJobId: jobInto(run, change.side).job._id,
      at: run.now(),
      outcome: 'REFUSED',
      reason,
      causedBy: run.causedBy,
      fields: change.fields.map(({ before, after, ...field }) => ({ ...field, before: after, after: before })),
    })),
  );
}
