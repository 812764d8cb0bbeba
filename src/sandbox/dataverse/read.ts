import { type Answer, type Headers, type Operation, preferencesOf } from '../http/operation.js';
import type { Condition } from '../odata/filter-evaluation.js';
import { parseCount, parseExpand, parseOrderBy, parseQuery, type QueryOptions } from '../odata/query-options.js';
import { takePage } from '../odata/row-page.js';
import type { Row, Scalar } from '../world/row.js';
import type { Candidates } from '../world/table.js';
import { rowsOf, type SalesContext, wantsAnnotation } from './context.js';
import { checkTracking, countChanges, deltaLinkOf, startOfToken, trackingStart } from './delta.js';
import { badQuery, DataverseError } from './errors.js';
import { candidatesOfFilter, filterOf, orderOf } from './filtering.js';
import { nextLinkOf, type PagePlace, placeOf, type TrackingStart } from './paging.js';
import { contextOf, etagOf, type Projection, projectionOf } from './projection.js';
import type { TableDefinition } from './table-definition.js';

/** Counts are cut here by the platform. */
const COUNT_CAP = 5_000;

const knownOptions = new Set([
  '$select',
  '$filter',
  '$orderby',
  '$top',
  '$expand',
  '$count',
  '$skiptoken',
  '$deltatoken',
  'tag',
]);

interface ListRequest {
  readonly context: SalesContext;
  readonly table: TableDefinition;
  readonly operation: Operation;
  readonly query: QueryOptions;
  readonly project: Projection;
  readonly pageSize: number;
}

/** Answers `GET accounts?…`: a page of rows, or of changes. */
export function listRows(context: SalesContext, table: TableDefinition, operation: Operation): Answer {
  const query = readOptions(operation.query);
  const { options } = query;
  const tracked = preferencesOf(operation.headers).has('odata.track-changes') && !options.has('$deltatoken');
  if (tracked || options.has('$deltatoken')) checkTracking(table, options);
  const request: ListRequest = {
    context,
    table,
    operation,
    query,
    project: projectionOf(
      context,
      table,
      operation.headers,
      options.get('$select'),
      parseExpand(options.get('$expand')),
    ),
    pageSize: pageSizeOf(context, operation.headers),
  };
  const token = options.get('$skiptoken');
  const cookie = token === undefined ? undefined : placeOf(context, table.entitySetName, operation.query, token);
  const page = (cookie?.page ?? 1) + 1;
  if (cookie?.place.kind === 'changes') return changesPage(request, cookie.place, page);
  const deltaToken = options.get('$deltatoken');
  if (deltaToken !== undefined) {
    const since = startOfToken(context, deltaToken);
    const place = {
      kind: 'changes',
      row: since.version,
      tombstone: since.version,
      start: trackingStart(context),
    } as const;
    return changesPage(request, place, page);
  }
  const tracking = cookie?.place.tracking ?? (tracked ? trackingStart(context) : undefined);
  return rowsPage(request, cookie?.place.after, tracking, page);
}

function readOptions(raw: string): QueryOptions {
  const query = parseQuery(raw);
  if (query.options.has('$skip')) throw new DataverseError(400, '0x80060888', 'Skip Clause is not supported in CRM');
  for (const name of query.options.keys())
    if (name.startsWith('$') && !knownOptions.has(name))
      throw badQuery(`The query parameter ${name} is not supported.`);
  return query;
}

function pageSizeOf(context: SalesContext, headers: Headers): number {
  const wanted = preferencesOf(headers).get('odata.maxpagesize');
  const limit = context.settings.SALES.maxPageSize;
  if (wanted === undefined) return limit;
  if (!/^[1-9]\d*$/.test(wanted))
    throw badQuery(`The preference odata.maxpagesize expects a number from 1 to 5000, found '${wanted}'.`);
  return Math.min(Number(wanted), limit);
}

function rowsPage(
  request: ListRequest,
  after: readonly Scalar[] | undefined,
  tracking: TrackingStart | undefined,
  page: number,
): Answer {
  const { context, table, query } = request;
  const selection = selectionOf(context, table, query);
  const limit = limitOf(request);
  const orderBy = parseOrderBy(query.options.get('$orderby'));
  const found = takePage({
    rows: rowsOf(context, table.logicalName),
    ...selection,
    order: orderBy.length === 0 ? undefined : orderOf(context, table, orderBy),
    after,
    skip: 0,
    count: Math.min(limit, request.pageSize),
  });
  const more = found.hasMore && found.rows.length < limit;
  const body: Record<string, unknown> = {
    '@odata.context': contextOf(context, table, query.options.get('$select')),
    ...countOf(request, selection),
    value: found.rows.map(request.project),
  };
  if (more) {
    const place: PagePlace = { kind: 'rows', after: found.last, ...(tracking === undefined ? {} : { tracking }) };
    body['@odata.nextLink'] = nextLinkOf(context, table.entitySetName, request.operation.query, place, page);
  } else if (tracking !== undefined) {
    body['@odata.deltaLink'] = deltaLinkOf(context, table, query.options.get('$select'), tracking);
  }
  return answerList(request, body);
}

/** `$top`, which the platform ignores when a page size is asked for. */
function limitOf(request: ListRequest): number {
  const top = parseCount(request.query.options, '$top');
  const sized = preferencesOf(request.operation.headers).has('odata.maxpagesize');
  return top === undefined || sized ? Number.POSITIVE_INFINITY : top;
}

/** The rows that are asked for, and where they are found. */
interface Selection {
  readonly holds: Condition<Row>;
  readonly candidates?: Candidates | undefined;
}

function selectionOf(context: SalesContext, table: TableDefinition, { options, aliases }: QueryOptions): Selection {
  const text = options.get('$filter');
  if (text === undefined) return { holds: () => true };
  return { holds: filterOf(context, table, text, aliases), candidates: candidatesOfFilter(table, text, aliases) };
}

function countOf(request: ListRequest, selection: Selection): Record<string, unknown> {
  if (request.query.options.get('$count') !== 'true') return {};
  const count = countRows(request.context, request.table, selection);
  const annotations = wantsAnnotation(request.operation.headers, 'Microsoft.Dynamics.CRM.totalrecordcount')
    ? {
        '@Microsoft.Dynamics.CRM.totalrecordcount': Math.min(count, COUNT_CAP),
        '@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded': count > COUNT_CAP,
      }
    : {};
  return { '@odata.count': Math.min(count, COUNT_CAP), ...annotations };
}

/** How many rows there are; beyond the cap nobody is told how many more. */
function countRows(context: SalesContext, table: TableDefinition, { holds, candidates }: Selection): number {
  let count = 0;
  for (const row of rowsOf(context, table.logicalName).inOrder(undefined, candidates)) {
    if (holds(row)) count++;
    if (count > COUNT_CAP) break;
  }
  return count;
}

type ChangesPlace = Extract<PagePlace, { kind: 'changes' }>;

/** Rows written since a token, oldest write first, then deletions; both count for the size of the page. */
function changesPage(request: ListRequest, place: ChangesPlace, page: number): Answer {
  const { context, table, query, pageSize } = request;
  const rows = rowsOf(context, table.logicalName);
  const value: Record<string, unknown>[] = [];
  let { row, tombstone } = place;
  let full = false;
  for (const changed of rows.changedSince(row)) {
    if (value.length === pageSize) {
      full = true;
      break;
    }
    value.push(request.project(changed));
    row = changed.version;
  }
  if (!full)
    for (const deleted of rows.deletedSince(tombstone)) {
      if (value.length === pageSize) {
        full = true;
        break;
      }
      value.push({
        '@odata.context': `${context.base}$metadata#${table.entitySetName}/$deletedEntity`,
        id: deleted.id,
        reason: 'deleted',
      });
      tombstone = deleted.version;
    }
  const body: Record<string, unknown> = {
    '@odata.context': contextOf(context, table, query.options.get('$select'), '/$delta'),
  };
  if (full)
    body['@odata.nextLink'] = nextLinkOf(
      context,
      table.entitySetName,
      request.operation.query,
      { ...place, row, tombstone },
      page,
    );
  else body['@odata.deltaLink'] = deltaLinkOf(context, table, query.options.get('$select'), place.start);
  return answerList(request, { ...body, value });
}

function answerList(request: ListRequest, body: Record<string, unknown>): Answer {
  return { status: 200, headers: appliedHeaders(request.operation.headers), body };
}

/** `Preference-Applied`: the preferences that the service took up. */
export function appliedHeaders(headers: Headers): Record<string, string> {
  const known = [
    'odata.maxpagesize',
    'odata.track-changes',
    'odata.include-annotations',
    'return',
    'odata.continue-on-error',
  ];
  const applied = [...preferencesOf(headers)]
    .filter(([name]) => known.includes(name))
    .map(([name, value]) =>
      value === '' ? name : name === 'odata.include-annotations' ? `${name}="${value}"` : `${name}=${value}`,
    );
  return applied.length === 0 ? {} : { 'Preference-Applied': applied.join(',') };
}

/** Answers `GET accounts/$count`: a plain number, of changes when a token is given. */
export function countSet(context: SalesContext, table: TableDefinition, operation: Operation): Answer {
  const query = readOptions(operation.query);
  const token = query.options.get('$deltatoken');
  const count =
    token === undefined
      ? countRows(context, table, selectionOf(context, table, query))
      : countChanges(context, table, startOfToken(context, token));
  return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: String(Math.min(count, COUNT_CAP)) };
}

/** Answers `GET accounts(id)`. */
export function readRow(context: SalesContext, table: TableDefinition, row: Row, operation: Operation): Answer {
  const { options } = readOptions(operation.query);
  const expand = parseExpand(options.get('$expand'));
  const condition = operation.headers.get('if-none-match');
  const annotated = preferencesOf(operation.headers).has('odata.include-annotations');
  if (condition === etagOf(row) && expand.length === 0 && !annotated)
    return { status: 304, headers: { ETag: etagOf(row) } };
  const project = projectionOf(context, table, operation.headers, options.get('$select'), expand);
  return {
    status: 200,
    headers: { ETag: etagOf(row), ...appliedHeaders(operation.headers) },
    body: { '@odata.context': contextOf(context, table, options.get('$select'), '/$entity'), ...project(row) },
  };
}
