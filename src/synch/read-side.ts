import type { SourceRow } from '../connectors/connector.js';
import { filterOn, tableOn } from '../mapping/integration-table-mapping.js';
import type { CursorSource } from './cursor-store.js';
import type { StagedRecord } from './stage-store.js';
import { stagedRecords } from './staged-records.js';
import { otherSide, type Side } from './synch-error.js';
import { jobInto, type SynchRun, saveProgress } from './synch-run.js';
import type { TouchedRecords } from './touched-records.js';

/** How far a side was read in this run; moved to once everything read is settled. */
export interface ReadResult {
  readonly source: CursorSource;
  /** Fields that were asked for. */
  readonly readFields: readonly string[];
  readonly cursor: string;
  readonly modifiedUntil: Date | null;
  /** True when all rows were read, so that what was not among them is gone. */
  readonly complete: boolean;
  readonly sweptAt: Date | null;
}

export type SideRead = Omit<ReadResult, 'sweptAt'> & { readonly source: Side };

/** What of a side is read, and who is given it. */
export interface SideToRead {
  readonly side: Side;
  /** Null: everything. */
  readonly cursor: string | null;
  /** The system itself leaves out what the mapping's filter does not select. */
  readonly narrowed?: boolean;
  readonly take: (records: readonly StagedRecord[]) => Promise<void>;
  /** Told of each page, once its records are taken. */
  readonly touched: TouchedRecords;
}

/** Reads a side page by page; the next page is asked for once the records of one are taken. */
export async function readSide(
  run: SynchRun,
  { side, cursor, narrowed = false, take, touched }: SideToRead,
): Promise<SideRead> {
  const { compiled, connectors } = run;
  const { mapping, readFields } = compiled;
  const filter = narrowed ? { filter: filterOn(mapping, side) } : {};
  const request = { table: tableOn(mapping, side), fields: readFields[side], cursor, ...filter };
  let next: string | null = null;
  let modifiedUntil: Date | null = null;
  for await (const page of connectors[side].readChanges(request, run.signal)) {
    jobInto(run, otherSide(side)).count('read', page.rows.length);
    await take(await stagedRecords(run, side, page));
    await touched.tell(side, page);
    if (page.cursor === null) await saveProgress(run);
    modifiedUntil = newest(modifiedUntil, page.rows);
    next = page.cursor;
  }
  if (next === null) throw new Error(`the last page of ${request.table} carried no cursor`);
  return { source: side, readFields: readFields[side], cursor: next, modifiedUntil, complete: cursor === null };
}

const newest = (known: Date | null, rows: readonly SourceRow[]): Date | null =>
  rows.reduce<Date | null>(
    (latest, { modifiedAt }) => (modifiedAt !== null && (latest === null || modifiedAt > latest) ? modifiedAt : latest),
    known,
  );
