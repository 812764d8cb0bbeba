import { type Answer, type Operation, preferencesOf } from '../http/operation.js';
import type { Condition } from '../odata/filter-evaluation.js';
import { parseCount, parseExpand, parseOrderBy, parseQuery, type QueryOptions } from '../odata/query-options.js';
import { takePage } from '../odata/row-page.js';
import type { Row, Scalar } from '../world/row.js';
import type { Candidates } from '../world/table.js';
import { addressIn, type CompanyContext, rowsOf } from './context.js';
import type { EntitySetDefinition } from './entity-set.js';
import { BusinessError, badRequest, badUrl, dialog } from './errors.js';
import { candidatesOfFilter, filterNames, filterOf, orderOf } from './filtering.js';
import { contextOf, projectionOf } from './projection.js';

const knownOptions = new Set([
  '$select',
  '$filter',
  '$orderby',
  '$top',
  '$skip',
  '$expand',
  '$count',
  '$skiptoken',
  '$schemaversion',
  '$format',
]);

interface Place {
  readonly after: readonly Scalar[];
  /** How many rows of `$top` were given already. */
  readonly given: number;
}

/** Answers `GET customers?…`: a page, each a query of its own without a snapshot. `of` is the row that the list belongs to. */
export function listRows(
  context: CompanyContext,
  set: EntitySetDefinition,
  address: string,
  operation: Operation,
  of?: Belonging,
): Answer {
  const query = readOptions(operation.query);
  const { options } = query;
  const holds = conditionOf(context, set, query, of);
  const candidates = candidatesIn(set, query);
  const place = placeOf(context, address, operation.query, options.get('$skiptoken'));
  const top = parseCount(options, '$top') ?? Number.POSITIVE_INFINITY;
  const size = pageSizeOf(context, operation);
  const left = top - (place?.given ?? 0);
  const orderBy = parseOrderBy(options.get('$orderby'));
  const page = takePage({
    rows: rowsOf(context, set.table),
    holds,
    candidates,
    order: orderBy.length === 0 ? undefined : orderOf(context, set, orderBy),
    after: place?.after,
    skip: place === undefined ? (parseCount(options, '$skip') ?? 0) : 0,
    count: Math.min(size, left),
  });
  const project = projectionOf(context, set, options.get('$select'), parseExpand(options.get('$expand')));
  const given = (place?.given ?? 0) + page.rows.length;
  const body: Record<string, unknown> = {
    '@odata.context': contextOf(context, set),
    ...(options.get('$count') === 'true' ? { '@odata.count': count(context, set, holds, candidates) } : {}),
    value: page.rows.map(project),
  };
  if (page.hasMore && given < top)
    body['@odata.nextLink'] = nextLinkOf(context, address, operation.query, { after: page.last, given });
  return { status: 200, headers: {}, body };
}

function readOptions(raw: string): QueryOptions {
  const query = parseQuery(raw);
  for (const name of query.options.keys())
    if (name.startsWith('$') && !knownOptions.has(name))
      throw badUrl(`The query parameter '${name}' is not supported.`);
  return query;
}

/** The row that a list belongs to, by the property that names it. */
export interface Belonging {
  readonly property: string;
  readonly id: string;
}

const everyRow: Condition<Row> = () => true;

function conditionOf(
  context: CompanyContext,
  set: EntitySetDefinition,
  { options }: QueryOptions,
  of: Belonging | undefined,
): Condition<Row> {
  const text = options.get('$filter');
  if (set.listedBy !== undefined && of === undefined && !filterNames(text, ['id', set.listedBy]))
    throw dialog('You must specify an Id or a Document Id to get the lines.');
  const conditions = [
    text === undefined ? undefined : filterOf(context, set, text, options.get('$schemaversion') === '2.1'),
    set.holds?.(context),
    of === undefined ? undefined : filterOf(context, set, `${of.property} eq ${of.id}`, false),
  ].filter((one) => one !== undefined);
  const [only, ...others] = conditions;
  if (only === undefined) return everyRow;
  return others.length === 0 ? only : (row) => conditions.every((holds) => holds(row));
}

function pageSizeOf(context: CompanyContext, operation: Operation): number {
  const wanted = preferencesOf(operation.headers).get('odata.maxpagesize');
  const limit = context.settings.BUSINESS.maxPageSize;
  if (wanted === undefined) return limit;
  if (!/^[1-9]\d*$/.test(wanted))
    throw badRequest(`The preference odata.maxpagesize expects a number above 0, found '${wanted}'.`);
  if (Number(wanted) > limit)
    throw new BusinessError(413, 'BadRequest', `The requested page size ${wanted} is above the limit of ${limit}.`);
  return Number(wanted);
}

function withoutToken(raw: string): string {
  return raw
    .split('&')
    .filter((part) => part !== '' && !/^(\$|%24)skiptoken=/i.test(part))
    .join('&');
}

function nextLinkOf(context: CompanyContext, address: string, rawQuery: string, place: Place): string {
  const query = withoutToken(rawQuery);
  return `${context.base}${address}?${query}${query === '' ? '' : '&'}$skiptoken=${context.seal.close(place, `${address}?${query}`)}`;
}

function placeOf(
  context: CompanyContext,
  address: string,
  rawQuery: string,
  token: string | undefined,
): Place | undefined {
  if (token === undefined) return undefined;
  const place = context.seal.open(token, `${address}?${withoutToken(rawQuery)}`);
  if (place === undefined)
    throw badUrl('The $skiptoken does not belong to this query. Use the next link as it was given.');
  return place as Place;
}

const candidatesIn = (set: EntitySetDefinition, { options }: QueryOptions): Candidates | undefined => {
  const text = options.get('$filter');
  return text === undefined ? undefined : candidatesOfFilter(set, text);
};

function count(
  context: CompanyContext,
  set: EntitySetDefinition,
  holds: Condition<Row>,
  candidates: Candidates | undefined,
): number {
  const table = rowsOf(context, set.table);
  if (holds === everyRow) return table.size;
  let rows = 0;
  for (const row of table.inOrder(undefined, candidates)) if (holds(row)) rows++;
  return rows;
}

/** Answers `GET customers/$count`. */
export function countRows(
  context: CompanyContext,
  set: EntitySetDefinition,
  operation: Operation,
  of?: Belonging,
): Answer {
  const query = readOptions(operation.query);
  const holds = conditionOf(context, set, query, of);
  const body = String(count(context, set, holds, candidatesIn(set, query)));
  return { status: 200, headers: { 'Content-Type': 'text/plain' }, body };
}

/** Answers `GET customers(id)`, and what a write gives back. */
export function showRow(
  context: CompanyContext,
  set: EntitySetDefinition,
  row: Row,
  operation: Operation,
  status = 200,
): Answer {
  const { options } = readOptions(operation.query);
  const project = projectionOf(context, set, options.get('$select'), parseExpand(options.get('$expand')));
  const address = `${context.base}${addressIn(context, set, row)}`;
  return {
    status,
    headers: status === 201 ? { Location: address } : {},
    body: { '@odata.context': contextOf(context, set, '/$entity'), ...project(row) },
  };
}
