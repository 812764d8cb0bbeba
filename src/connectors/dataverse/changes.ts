import { pushFilters } from '../../mapping/filter/push-filter.js';
import { type ChangePage, CursorExpiredError, type ReadChangesRequest, type SourceRow } from '../connector.js';
import { badAnswer, RequestError } from '../odata/classify.js';
import { type Cursor, covers, readCursor, writeCursor } from '../odata/cursor.js';
import type { JsonReader } from '../odata/gathered-reads.js';
import type { JsonObject } from '../odata/json.js';
import { type JsonAnswer, rowsOf } from '../odata/odata-client.js';
import { linkIn, pagesOf } from '../odata/pages.js';
import { nextTimeCursor } from '../odata/time-cursor.js';
import { dataverseCodes } from './error-codes.js';
import { dataverseDialect } from './filter-dialect.js';
import type { Table } from './metadata.js';
import { lookupTablesPreference, rowReader, selectOf } from './values.js';

interface ReadOptions {
  readonly pageSize: number;
  readonly overlapMs: number;
}

/**
 * Reads what changed: by change tracking where the table has it, else by time of change. Change tracking takes no filter;
 * reading everything once is what its cursor costs. Fields that an old cursor does not have: what it still knows of deletions is told, then everything is read anew with the fields of now.
 */
export async function* readDataverseChanges(
  client: JsonReader,
  table: Table,
  request: ReadChangesRequest,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<ChangePage, void, undefined> {
  const cursor = request.cursor === null ? null : readCursor(request.table, request.cursor);
  if (!table.tracksChanges) {
    yield* readByTime(client, table, request, cursor, options, signal);
  } else if (cursor?.kind !== 'LINK') {
    yield* readAllTracked(client, table, request.fields, options, signal);
  } else if (covers(cursor, request.fields)) {
    yield* readTracked(
      client,
      table,
      { path: cursor.path, cursorFields: cursor.fields, fields: request.fields },
      options,
      signal,
    );
  } else {
    for await (const page of readTracked(
      client,
      table,
      { path: cursor.path, cursorFields: cursor.fields, fields: [] },
      options,
      signal,
    )) {
      yield { rows: [], deletedIds: page.deletedIds, cursor: null };
    }
    yield* readAllTracked(client, table, request.fields, options, signal);
  }
}

const preferences = (...values: string[]): Readonly<Record<string, string>> => ({
  prefer: [...values, lookupTablesPreference].join(','),
});

function readAllTracked(
  client: JsonReader,
  table: Table,
  fields: readonly string[],
  options: ReadOptions,
  signal: AbortSignal,
) {
  const path = `${table.entitySet}?$select=${selectOf(table, fields)}`;
  return readTracked(client, table, { path, cursorFields: fields, fields, start: true }, options, signal);
}

interface TrackedRead {
  readonly path: string;
  /** Fields that the link selects. */
  readonly cursorFields: readonly string[];
  /** Fields of the rows that are given; all of them selected by the link. */
  readonly fields: readonly string[];
  readonly start?: boolean;
}

async function* readTracked(
  client: JsonReader,
  table: Table,
  read: TrackedRead,
  { pageSize }: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<ChangePage, void, undefined> {
  const pageSizePreference = `odata.maxpagesize=${pageSize}`;
  const headers =
    read.start === true ? preferences('odata.track-changes', pageSizePreference) : preferences(pageSizePreference);
  const readRow = rowReader(table, read.fields);
  try {
    for await (const answer of pagesOf(client, read.path, headers, signal)) {
      yield {
        ...rowsAndDeletions(rowsOf(answer.body), readRow),
        cursor: cursorIn(client.base, table, answer, read.cursorFields),
      };
    }
  } catch (error) {
    throw hasExpired(error) ? new CursorExpiredError(table.entitySet, { cause: error }) : error;
  }
}

function rowsAndDeletions(
  rows: readonly JsonObject[],
  readRow: (row: JsonObject) => SourceRow,
): Pick<ChangePage, 'rows' | 'deletedIds'> {
  const found: SourceRow[] = [];
  const deletedIds: string[] = [];
  for (const row of rows) {
    if (row['reason'] !== undefined && typeof row['id'] === 'string') deletedIds.push(row['id'].toLowerCase());
    else found.push(readRow(row));
  }
  return { rows: found, deletedIds };
}

/** The cursor of the last page; null on the others. */
function cursorIn(base: URL, table: Table, answer: JsonAnswer, fields: readonly string[]): string | null {
  const delta = linkIn(base, answer, '@odata.deltaLink');
  if (delta !== null) return writeCursor({ kind: 'LINK', path: relative(base, delta), fields });
  if (linkIn(base, answer, '@odata.nextLink') !== null) return null;
  throw badAnswer(`the last page of the changes of ${table.entitySet} has no link for the next read`);
}

/** Stored without the address: a restored or moved connection keeps its cursors. */
const relative = (base: URL, path: string): string =>
  path.startsWith(base.pathname) ? path.slice(base.pathname.length) : path;

const GONE = 410;

const hasExpired = (error: unknown): boolean =>
  error instanceof RequestError && (error.code === dataverseCodes.expiredVersionStamp || error.httpStatus === GONE);

/** `modifiedon` has whole seconds: `ge` and the overlap read the same second again rather than lose a row of it. */
async function* readByTime(
  client: JsonReader,
  table: Table,
  { fields, filter: filters = [] }: ReadChangesRequest,
  cursor: Cursor | null,
  { pageSize, overlapMs }: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<ChangePage, void, undefined> {
  const since = cursor?.kind === 'SINCE' && covers(cursor, fields) ? cursor.since : null;
  const narrowed = pushFilters(filters, table.metadata, dataverseDialect(table)).text;
  const condition = since === null ? (cursor === null ? narrowed : null) : `modifiedon ge ${since}`;
  const filter = condition === null ? '' : `&$filter=${encodeURIComponent(condition)}`;
  const order = table.columns.has('modifiedon') ? `modifiedon,${table.primaryId}` : table.primaryId;
  const path = `${table.entitySet}?$select=${selectOf(table, fields)}${filter}&$orderby=${order}`;
  const readRow = rowReader(table, fields);
  let next: string | null = null;
  for await (const answer of pagesOf(client, path, preferences(`odata.maxpagesize=${pageSize}`), signal)) {
    next ??= writeCursor({ kind: 'SINCE', since: nextTimeCursor(since, answer.date, overlapMs), fields });
    const isLast = linkIn(client.base, answer, '@odata.nextLink') === null;
    yield { rows: rowsOf(answer.body).map(readRow), deletedIds: [], cursor: isLast ? next : null };
  }
}
