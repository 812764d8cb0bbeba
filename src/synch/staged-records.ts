import type { ChangePage, SourceRow } from '../connectors/connector.js';
import { loadReferences } from './load-references.js';
import { matchKeysOf } from './match-keys.js';
import { readByIds } from './read-records.js';
import type { StagedRecord } from './stage-store.js';
import type { Side } from './synch-error.js';
import { groupsMatchedFirst, type SynchRun } from './synch-run.js';

/** What a page of changes becomes. */
export async function stagedRecords(run: SynchRun, side: Side, page: ChangePage): Promise<StagedRecord[]> {
  return [...(await stagedRows(run, side, page.rows)), ...page.deletedIds.map((id) => deletedRecord(side, id))];
}

/** Stages records, so that each is planned together with its counterpart. */
export const stageRecords = (run: SynchRun, records: readonly StagedRecord[]): Promise<void> =>
  run.stores.stage.put(run.runId, records);

/** With the keys by which records are matched, where this run matches. */
async function stagedRows(run: SynchRun, side: Side, rows: readonly SourceRow[]): Promise<StagedRecord[]> {
  const staged = (row: SourceRow): StagedRecord => ({
    side,
    id: row.id,
    version: row.version,
    modifiedAt: row.modifiedAt,
    values: row.values,
  });
  const groups = groupsMatchedFirst(run);
  if (groups.length === 0) return rows.map(staged);
  const references = await loadReferences(
    run,
    rows.map(({ values }) => ({ side, values })),
  );
  return rows.map((row) => {
    const matchKeys = run.compiled.inFilter[side](row.values) ? matchKeysOf(groups, side, row.values, references) : [];
    return matchKeys.length === 0 ? staged(row) : { ...staged(row), matchKeys };
  });
}

/** The rows of these ids as they are now, and as deleted those that are not found. */
export async function readStaged(run: SynchRun, side: Side, ids: readonly string[]): Promise<StagedRecord[]> {
  const rows = await readByIds(run, side, ids);
  return [
    ...(await stagedRows(run, side, [...rows.values()])),
    ...ids.filter((id) => !rows.has(id)).map((id) => deletedRecord(side, id)),
  ];
}

/** A record that the system told deleted or did not list; it counts as gone only when it is not found by its id either. */
export const deletedRecord = (side: Side, id: string): StagedRecord => ({
  side,
  id,
  version: null,
  modifiedAt: null,
  values: {},
});
