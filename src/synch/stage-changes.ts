import { type ChangePage, CursorExpiredError, type SourceRow } from '../connectors/connector.js';
import { type Coupling, referenceKey } from '../coupling/coupling.js';
import { tableOn } from '../mapping/integration-table-mapping.js';
import { loadReferences } from './load-references.js';
import { matchKeysOf } from './match-keys.js';
import { idOn } from './pair-work.js';
import { readByIds } from './read-records.js';
import { recoverIntents } from './recover-intents.js';
import type { StagedRecord } from './stage-store.js';
import { otherSide, type Side, sides } from './synch-error.js';
import { jobInto, type SynchRun } from './synch-run.js';

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
  const { compiled, connectors, stores } = run;
  const request = { table: tableOn(compiled.mapping, side), fields: compiled.readFields[side], cursor };
  let next: string | null = null;
  let modifiedUntil: Date | null = null;
  for await (const page of connectors[side].readChanges(request, run.signal)) {
    jobInto(run, otherSide(side)).count('read', page.rows.length);
    await stores.stage.put(run.runId, await stagedRecords(run, side, page));
    modifiedUntil = newest(modifiedUntil, page.rows);
    next = page.cursor;
  }
  if (next === null) throw new Error(`the last page of ${request.table} carried no cursor`);
  return { side, cursor: next, modifiedUntil, complete: cursor === null };
}

async function stagedRecords(run: SynchRun, side: Side, page: ChangePage): Promise<StagedRecord[]> {
  return [...(await stagedRows(run, side, page.rows)), ...page.deletedIds.map((id) => deletedRecord(side, id))];
}

/** With the keys by which records are matched, where this run matches. */
async function stagedRows(run: SynchRun, side: Side, rows: readonly SourceRow[]): Promise<StagedRecord[]> {
  const staged = (row: SourceRow): StagedRecord => ({
    side,
    id: row.id,
    version: row.version,
    modifiedAt: row.modifiedAt,
    values: row.values,
  });
  if (run.options.mode !== 'MATCH_THEN_CREATE' || run.matchGroups.length === 0) return rows.map(staged);
  const references = await loadReferences(
    run,
    rows.map(({ values }) => ({ side, values })),
  );
  return rows.map((row) => {
    const matchKeys = run.compiled.inFilter[side](row.values)
      ? matchKeysOf(run.matchGroups, side, row.values, references)
      : [];
    return matchKeys.length === 0 ? staged(row) : { ...staged(row), matchKeys };
  });
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

/**
 * Stages the pairs whose next attempt is due: outcomes of begun writes are settled first, then both records are read by
 * their ids. Pairs with a use for references are due as soon as one of those is coupled.
 */
export async function stageDue(run: SynchRun): Promise<void> {
  const { couplings } = run.stores;
  const mappingId = run.compiled.mapping.id;
  await eachPage(
    (afterId) => couplings.holders(mappingId, afterId, PAGE),
    async (holders) => couplings.makeDue(await idsWithCoupledReference(run, holders), run.now()),
  );
  await eachPage(
    (afterId) => couplings.due(mappingId, run.now(), afterId, PAGE),
    async (due) => {
      await recoverIntents(
        run,
        due.filter(({ intents }) => intents.length > 0),
      );
      await stagePairs(run, await couplings.byIds(due.map(({ _id }) => _id)));
    },
  );
}

async function eachPage(
  read: (afterId: string | null) => Promise<readonly Coupling[]>,
  take: (page: readonly Coupling[]) => Promise<void>,
): Promise<void> {
  let afterId: string | null = null;
  for (;;) {
    const page = await read(afterId);
    if (page.length === 0) return;
    afterId = page.at(-1)?._id ?? null;
    await take(page);
  }
}

async function stagePairs(run: SynchRun, couplings: readonly Coupling[]): Promise<void> {
  for (const side of sides) {
    const ids = couplings.flatMap((coupling) => idOn(coupling, side) ?? []);
    await run.stores.stage.put(run.runId, await readStaged(run, side, ids));
  }
}

/** Asks the couplings alone, neither system. */
async function idsWithCoupledReference(run: SynchRun, holders: readonly Coupling[]): Promise<string[]> {
  const keys = holders.flatMap(({ waitingKeys }) => waitingKeys);
  const coupled = new Set<string>();
  for (const mapping of run.compiled.lookups.values()) {
    for (const side of sides) {
      const prefix = referenceKey(mapping.name, side, '');
      const ids = keys.flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
      for (const { businessId, salesId } of await run.stores.couplings.pairsOf(mapping.id, side, ids))
        coupled.add(referenceKey(mapping.name, side, side === 'BUSINESS' ? businessId : salesId));
    }
  }
  return holders.flatMap(({ _id, waitingKeys }) => (waitingKeys.some((key) => coupled.has(key)) ? [_id] : []));
}

async function readStaged(run: SynchRun, side: Side, ids: readonly string[]): Promise<StagedRecord[]> {
  const rows = await readByIds(run, side, ids);
  return [
    ...(await stagedRows(run, side, [...rows.values()])),
    ...ids.filter((id) => !rows.has(id)).map((id) => deletedRecord(side, id)),
  ];
}

const newest = (known: Date | null, rows: readonly SourceRow[]): Date | null =>
  rows.reduce<Date | null>(
    (latest, { modifiedAt }) => (modifiedAt !== null && (latest === null || modifiedAt > latest) ? modifiedAt : latest),
    known,
  );

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
