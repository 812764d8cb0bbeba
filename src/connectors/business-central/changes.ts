import { pushFilters } from '../../mapping/filter/push-filter.js';
import type { ChangePage, ReadChangesRequest } from '../connector.js';
import { covers, readCursor, writeCursor } from '../odata/cursor.js';
import type { JsonReader } from '../odata/gathered-reads.js';
import { rowsOf } from '../odata/odata-client.js';
import { linkIn, pagesOf } from '../odata/pages.js';
import { nextTimeCursor } from '../odata/time-cursor.js';
import { businessCentralDialect } from './filter-dialect.js';
import { MODIFIED } from './metadata.js';
import { freshRead, type LocatedSet } from './service.js';
import { rowReader, selectOf } from './values.js';

/** Headers of a read by pages. */
export const pageHeaders = (pageSize: number): Readonly<Record<string, string>> => ({
  ...freshRead,
  prefer: `odata.maxpagesize=${pageSize}`,
});

/**
 * Reads the rows changed since the cursor, or all of them: by time of change, from the server's clock at the start of the
 * last read less the overlap. Fields that the cursor's rows were not read with mean that everything is read.
 */
export async function* readBusinessCentralChanges(
  client: JsonReader,
  set: LocatedSet,
  request: ReadChangesRequest,
  options: { readonly pageSize: number; readonly overlapMs: number },
  signal: AbortSignal,
): AsyncGenerator<ChangePage, void, undefined> {
  const { fields } = request;
  const cursor = request.cursor === null ? null : readCursor(request.table, request.cursor);
  // A table that tells no time of change is small; it is read as a whole each time.
  const since =
    set.metadata.fields.has(MODIFIED) && cursor?.kind === 'SINCE' && covers(cursor, fields) ? cursor.since : null;
  const narrowed = pushFilters(request.filter ?? [], set.metadata, businessCentralDialect(set)).text;
  const condition = since === null ? (cursor === null ? narrowed : null) : `${MODIFIED} ge ${since}`;
  const filter = condition === null ? '' : `&$filter=${encodeURIComponent(condition)}`;
  const path = `${set.api}${set.path}?$select=${selectOf(set, fields)}${filter}`;
  const readRow = rowReader(set, fields);
  let next: string | null = null;
  for await (const answer of pagesOf(client, path, pageHeaders(options.pageSize), signal)) {
    next ??= writeCursor({ kind: 'SINCE', since: nextTimeCursor(since, answer.date, options.overlapMs), fields });
    const isLast = linkIn(client.base, answer, '@odata.nextLink') === null;
    yield { rows: rowsOf(answer.body).map(readRow), deletedIds: [], cursor: isLast ? next : null };
  }
}
