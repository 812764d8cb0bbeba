import { pushFilters } from '../../mapping/filter/push-filter.js';
import { businessCentralDialect } from '../business-central/filter-dialect.js';
import type { ChangePage, ReadChangesRequest } from '../connector.js';
import { covers, readCursor, writeCursor } from '../odata/cursor.js';
import { type ODataClient, rowsOf } from '../odata/odata-client.js';
import type { ResolvedOptions } from '../odata/options.js';
import { linkIn, pagesOf } from '../odata/pages.js';
import { chunksOf } from '../odata/parallel.js';
import { nextTimeCursor } from '../odata/time-cursor.js';
import { type ChangedRecords, changedRecords, tellsChangesOf } from './integration-records.js';
import type { ChangeField } from './metadata.js';
import { pageHeaders, readRecords } from './read.js';
import type { LocatedService } from './service.js';
import { rowReader, selectOf } from './values.js';

type Options = Pick<ResolvedOptions, 'pageSize' | 'overlapMs'>;

/**
 * Reads the rows changed since the cursor, or all of them. By the table Integration Record where a page of it is
 * published, which tells deletions too; else by the moment of a change where the page has it; else by the day, whole days
 * again and again; a table that tells neither is read as a whole. Fields that the cursor's rows were not read with mean
 * that everything is read.
 */
export async function* readNavChanges(
  client: ODataClient,
  service: LocatedService,
  request: ReadChangesRequest,
  options: Options,
  signal: AbortSignal,
): AsyncGenerator<ChangePage, void, undefined> {
  const cursor = request.cursor === null ? null : readCursor(request.table, request.cursor);
  const since = cursor?.kind === 'SINCE' ? cursor.since : null;
  const isCovered = cursor !== null && covers(cursor, request.fields);
  const records =
    since !== null && tellsChangesOf(service) ? await changedRecords(client, service, since, options, signal) : null;
  const { changeField, table } = service;
  const tellsAll = table?.changesElsewhere !== true;
  if (records !== null && isCovered && tellsAll) {
    yield* theseRows(client, service, { records, since, fields: request.fields }, options, signal);
    return;
  }
  const isPartial = since !== null && isCovered && tellsAll && changeField !== null;
  const narrowed = pushFilters(request.filter ?? [], service.metadata, businessCentralDialect(service)).text;
  const condition = isPartial ? changedSince(changeField, since) : cursor === null ? narrowed : null;
  const filter = condition === null ? '' : `&$filter=${encodeURIComponent(condition)}`;
  const path = `${service.path}?$select=${selectOf(service, request.fields)}${filter}`;
  const readRow = rowReader(service, request.fields);
  let next: string | null = null;
  for await (const answer of pagesOf(client, path, pageHeaders(options.pageSize), signal)) {
    next ??= writeCursor({
      kind: 'SINCE',
      since: nextTimeCursor(since, answer.date, options.overlapMs),
      fields: request.fields,
    });
    const isLast = linkIn(client.base, answer, '@odata.nextLink') === null;
    const rows = rowsOf(answer.body).map(readRow);
    yield { rows, deletedIds: isLast ? [...(records?.deleted ?? [])] : [], cursor: isLast ? next : null };
  }
}

/** West of everything else: there it is still yesterday when the day has ended everywhere. */
const WESTERNMOST_MS = 12 * 60 * 60_000;

/** The condition that a record was changed since. The day of a change is the server's own, wherever in the world that is. */
export function changedSince({ name, precision }: ChangeField, since: string): string {
  const day = new Date(Date.parse(since) - WESTERNMOST_MS).toISOString().slice(0, 10);
  return `${name} ge ${precision === 'MOMENT' ? since : day}`;
}

interface Told {
  readonly records: ChangedRecords;
  readonly since: string | null;
  readonly fields: readonly string[];
}

async function* theseRows(
  client: ODataClient,
  service: LocatedService,
  { records, since, fields }: Told,
  options: Options,
  signal: AbortSignal,
): AsyncGenerator<ChangePage, void, undefined> {
  const { changed, deleted, date } = records;
  const cursor = writeCursor({ kind: 'SINCE', since: nextTimeCursor(since, date, options.overlapMs), fields });
  const gone = new Set(deleted);
  for (const ids of chunksOf([...changed], options.pageSize)) {
    const rows = await readRecords(client, service, { fields, ids }, options.pageSize, signal);
    // Deleted, and made again under the same key.
    for (const { id } of rows) gone.delete(id);
    yield { rows, deletedIds: [], cursor: null };
  }
  yield { rows: [], deletedIds: [...gone], cursor };
}
