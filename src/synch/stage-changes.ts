import { type ChangePage, CursorExpiredError, type SourceRow } from '../connectors/connector.js';
import { tableOn } from '../mapping/integration-table-mapping.js';
import { matchKeysOf } from './match-keys.js';
import { idOn } from './pair-work.js';
import { readByIds } from './read-records.js';
import { recoverIntents } from './recover-intents.js';
import type { StagedRecord } from './stage-store.js';
import { otherSide, type Side, sides } from './synch-error.js';
import type { SynchRun } from './synch-run.js';

/** Couplings that are looked at together. */
const PAGE = 500;

/** How far a side was read in this run; moved to once everything read is settled. */
export interface ReadResult {
  readonly side: Side;
  readonly cursor: string;
  readonly modifiedUntil: Date | null;
  /** True when all rows were read, so that what was not among them is gone. */
  readonly complete: boolean;
}

/** Reads what changed on the sides whose changes this run takes, and stages it. */
export async function stageChanges(run: SynchRun): Promise<readonly ReadResult[]> {
  const results: ReadResult[] = [];
  for (const side of sides.filter((candidate) => readsChangesOf(run, candidate)))
    results.push(await stageSide(run, side));
  for (const { side, complete } of results) if (complete) await stageMissing(run, side);
  return results;
}

/** A run limited to one direction reads only its source; any other reads both sides, also of a one-way mapping. */
function readsChangesOf(run: SynchRun, side: Side): boolean {
  const { writes } = run.options;
  const limited = run.compiled.mapping.direction === 'BIDIRECTIONAL' && writes.BUSINESS !== writes.SALES;
  return limited ? writes[otherSide(side)] : true;
}

async function stageSide(run: SynchRun, side: Side): Promise<ReadResult> {
  const { compiled, stores } = run;
  const known = await stores.cursors.get(compiled.mapping.id, side);
  const fields = compiled.readFields[side];
  const usable =
    known !== null && !run.options.full && known.mappingHash === compiled.hash && isSameList(known.readFields, fields);
  try {
    return await readInto(run, side, usable ? known.cursor : null);
  } catch (error) {
    if (!(error instanceof CursorExpiredError)) throw error;
    return readInto(run, side, null);
  }
}

async function readInto(run: SynchRun, side: Side, cursor: string | null): Promise<ReadResult> {
  const { compiled, connectors, stores, jobs } = run;
  const request = { table: tableOn(compiled.mapping, side), fields: compiled.readFields[side], cursor };
  let next: string | null = null;
  let modifiedUntil: Date | null = null;
  for await (const page of connectors[side].readChanges(request, run.signal)) {
    jobs[otherSide(side)].count('read', page.rows.length);
    await stores.stage.put(run.runId, stagedRecords(run, side, page));
    modifiedUntil = newest(modifiedUntil, page.rows);
    next = page.cursor;
  }
  if (next === null) throw new Error(`the last page of ${request.table} carried no cursor`);
  return { side, cursor: next, modifiedUntil, complete: cursor === null };
}

const stagedRecords = (run: SynchRun, side: Side, page: ChangePage): StagedRecord[] => [
  ...page.rows.map((row) => stagedRow(run, side, row)),
  ...page.deletedIds.map((id) => deletedRecord(side, id)),
];

function stagedRow(run: SynchRun, side: Side, row: SourceRow): StagedRecord {
  const matches = run.options.mode === 'MATCH_THEN_CREATE' && run.compiled.inFilter[side](row.values);
  const matchKeys = matches ? matchKeysOf(run.matchGroups, side, row.values) : [];
  return {
    side,
    id: row.id,
    version: row.version,
    modifiedAt: row.modifiedAt,
    values: row.values,
    ...(matchKeys.length === 0 ? {} : { matchKeys }),
  };
}

/** A record that the system told deleted or did not list; it counts as gone only when it is not found by its id either. */
const deletedRecord = (side: Side, id: string): StagedRecord => ({
  side,
  id,
  version: null,
  modifiedAt: null,
  values: {},
});

/** After a complete read: coupled records that were not among the rows are staged as deleted. */
async function stageMissing(run: SynchRun, side: Side): Promise<void> {
  const { stores, compiled } = run;
  let afterId: string | null = null;
  for (;;) {
    const couplings = await stores.couplings.page(compiled.mapping.id, afterId, PAGE);
    if (couplings.length === 0) return;
    afterId = couplings.at(-1)?._id ?? null;
    // A record that a begun create will make is not missing.
    const ids = couplings
      .filter(({ intents }) => intents.length === 0)
      .flatMap((coupling) => idOn(coupling, side) ?? []);
    const staged = new Set((await stores.stage.byIds(run.runId, side, ids)).map(({ id }) => id));
    await stores.stage.put(
      run.runId,
      ids.filter((id) => !staged.has(id)).map((id) => deletedRecord(side, id)),
    );
  }
}

/** Stages the pairs whose next attempt is due: outcomes of begun writes are settled first, then both records are read by their ids. */
export async function stageDue(run: SynchRun): Promise<void> {
  const { stores, compiled } = run;
  let afterId: string | null = null;
  for (;;) {
    const due = await stores.couplings.due(compiled.mapping.id, run.now(), afterId, PAGE);
    if (due.length === 0) return;
    afterId = due.at(-1)?._id ?? null;
    await recoverIntents(
      run,
      due.filter(({ intents }) => intents.length > 0),
    );
    const couplings = await stores.couplings.byIds(due.map(({ _id }) => _id));
    for (const side of sides) {
      const ids = couplings.flatMap((coupling) => idOn(coupling, side) ?? []);
      await stores.stage.put(run.runId, await readStaged(run, side, ids));
    }
  }
}

async function readStaged(run: SynchRun, side: Side, ids: readonly string[]): Promise<StagedRecord[]> {
  const rows = await readByIds(run, side, ids);
  return ids.map((id) => {
    const row = rows.get(id);
    return row === undefined ? deletedRecord(side, id) : stagedRow(run, side, row);
  });
}

const newest = (known: Date | null, rows: readonly SourceRow[]): Date | null =>
  rows.reduce<Date | null>(
    (latest, { modifiedAt }) => (modifiedAt !== null && (latest === null || modifiedAt > latest) ? modifiedAt : latest),
    known,
  );

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
