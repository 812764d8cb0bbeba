import { type Answer, type Operation, preferencesOf } from '../http/operation.js';
import { QuerySyntaxError } from '../odata/filter-syntax.js';
import { parsePath, parseQuery, type Segment } from '../odata/query-options.js';
import type { Row } from '../world/row.js';
import { businessTable, textOf } from '../world/world.js';
import type { BusinessContext, CompanyContext, NumberTaken } from './context.js';
import type { EntitySetDefinition } from './entity-set.js';
import { companies, setOf } from './entity-sets.js';
import { BusinessError, badUrl, companyNotFound, errorAnswer, unknownSegment } from './errors.js';
import { metadataDocument, serviceDocument } from './metadata.js';
import { keepNumbers } from './number-series.js';
import { rowBehind } from './projection.js';
import { countRows, listRows, showRow } from './read.js';
import { checkVersion, insert, parsePayload, remove, rowOfId, update } from './write.js';

/** Does one operation as a transaction of its own and answers; what the platform refuses becomes its error. */
export function perform(context: BusinessContext, operation: Operation): Answer {
  const taken: NumberTaken[] = [];
  try {
    return context.world.transaction(() =>
      performOrThrow({ ...context, onNumberTaken: (number) => taken.push(number) }, operation),
    );
  } catch (error) {
    if (context.settings.BUSINESS.gapsOnFailure) keepNumbers(context, taken);
    return refusal(error, operation);
  }
}

/** The answer of an operation that was refused; anything else is a bug and is thrown on. */
export function refusal(error: unknown, operation: Operation): Answer {
  if (error instanceof BusinessError) return errorAnswer(error, operation.headers);
  if (error instanceof QuerySyntaxError) return errorAnswer(badUrl(error.message), operation.headers);
  throw error;
}

/** Does one operation inside the caller's transaction. */
export function performOrThrow(context: BusinessContext, operation: Operation): Answer {
  const [first, ...rest] = parsePath(operation.path);
  if (isOfReplica(context, operation)) return performOrThrow(onReplica(context), withoutIntent(operation));
  if (first === undefined) return serviceDocument(context);
  if (first.name === '$metadata') return metadataDocument(context);
  if (first.name === 'companies') return onCompanies(context, first, rest, operation);
  return onSet({ ...context, companyId: companyOf(context, operation) }, first, rest, operation);
}

const INTENT = 'data-access-intent';

const isOfReplica = (context: BusinessContext, { method, headers }: Operation): boolean =>
  method === 'GET' && context.settings.BUSINESS.replicaLagMs > 0 && headers.get(INTENT)?.toLowerCase() === 'readonly';

const onReplica = (context: BusinessContext): BusinessContext => ({
  ...context,
  derived: ({ companyId, world, settings }, table) =>
    world.asOf(businessTable(companyId, table), settings.BUSINESS.replicaLagMs),
});

const withoutIntent = (operation: Operation): Operation => {
  const headers = new Map(operation.headers);
  headers.delete(INTENT);
  return { ...operation, headers };
};

function onCompanies(context: BusinessContext, first: Segment, rest: readonly Segment[], operation: Operation): Answer {
  const outside: CompanyContext = { ...context, companyId: '' };
  if (first.key === undefined) {
    if (operation.method !== 'GET' || rest.length > 0) throw notAllowed(operation);
    return listRows(outside, companies, 'companies', operation);
  }
  const companyId = companyWithId(context, first.key);
  const [second, ...others] = rest;
  if (second === undefined) return showRow(outside, companies, rowOfId(outside, companies, companyId), operation);
  return onSet({ ...context, companyId }, second, others, operation);
}

/** The company of an address without `companies(id)`: by query, by header, or the first one. */
function companyOf(context: BusinessContext, operation: Operation): string {
  const named = parseQuery(operation.query).options.get('company') ?? operation.headers.get('company');
  const rows = context.world.table(businessTable('', 'companies'));
  if (named === undefined) {
    const first = [...rows.rows()].sort((a, b) => (textOf(a.values['name']) < textOf(b.values['name']) ? -1 : 1))[0];
    if (first === undefined) throw companyNotFound('');
    return first.id;
  }
  const found = rows.get(named.toLowerCase()) ?? rows.find((row) => row.values['name'] === named);
  if (found === undefined) throw companyNotFound(named);
  return found.id;
}

function companyWithId(context: BusinessContext, key: string): string {
  const id = key.toLowerCase();
  if (context.world.table(businessTable('', 'companies')).get(id) === undefined) throw companyNotFound(key);
  return id;
}

function onSet(context: CompanyContext, segment: Segment, rest: readonly Segment[], operation: Operation): Answer {
  const set = setOf(context.api, segment.name);
  if (set === undefined) throw unknownSegment(segment.name);
  if (segment.key !== undefined) return onRow(context, set, segment.key, rest, operation);
  const address = operation.path.replace(/^\//, '').replace(/\/$/, '');
  if (rest[0]?.name === '$count' && rest.length === 1 && operation.method === 'GET')
    return countRows(context, set, operation);
  if (rest[0] !== undefined) throw unknownSegment(rest[0].name);
  if (operation.method === 'GET') return withoutDelta(context, operation) ?? listRows(context, set, address, operation);
  if (operation.method !== 'POST') throw notAllowed(operation);
  return written(context, set, insert(context, set, parsePayload(operation.body)), operation, 201);
}

/** What a server does about the wish for delta links, which version 24 no longer gives; undefined where it ignores it. */
function withoutDelta(context: CompanyContext, operation: Operation): Answer | undefined {
  const { deltaRequests } = context.settings.BUSINESS;
  if (deltaRequests === 'ignored' || !preferencesOf(operation.headers).has('odata.track-changes')) return undefined;
  if (deltaRequests === 'failed')
    throw new BusinessError(500, 'Internal_ServerError', 'An internal server error occurred.');
  throw new BusinessError(410, 'BadRequest', 'The delta token is no longer valid.', {
    Location: `${context.base}${operation.path}`,
  });
}

/** The row after a write, unless the client wants as little as possible and the server cares. */
function written(
  context: CompanyContext,
  set: EntitySetDefinition,
  row: Row,
  operation: Operation,
  status: number,
): Answer {
  const answer = showRow(context, set, row, operation, status);
  const isMinimal = preferencesOf(operation.headers).get('return') === 'minimal';
  if (!isMinimal || !context.settings.BUSINESS.respectsReturnMinimal) return answer;
  return { status: 204, headers: { ...answer.headers, 'Preference-Applied': 'return=minimal' } };
}

function onRow(
  context: CompanyContext,
  set: EntitySetDefinition,
  key: string,
  rest: readonly Segment[],
  operation: Operation,
): Answer {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(key))
    throw badUrl(`The key '${key}' of '${set.entitySet}' is not a GUID.`);
  const row = rowOfId(context, set, key);
  if (rest[0] !== undefined) return onNavigation(context, set, row, rest, operation);
  switch (operation.method) {
    case 'GET':
      return showRow(context, set, row, operation);
    case 'PATCH':
    case 'PUT':
      checkVersion(context, row, operation.headers);
      return written(context, set, update(context, set, row, parsePayload(operation.body)), operation, 200);
    case 'DELETE':
      checkVersion(context, row, operation.headers);
      remove(context, set, row);
      return { status: 204, headers: {} };
    default:
      throw notAllowed(operation);
  }
}

/** `customers(id)/currency` and `salesInvoices(id)/salesInvoiceLines`: what a property leads to. */
function onNavigation(
  context: CompanyContext,
  set: EntitySetDefinition,
  row: Row,
  [first, ...rest]: readonly Segment[],
  operation: Operation,
): Answer {
  const navigation = set.navigation.find((one) => one.name === first?.name);
  const target = navigation === undefined ? undefined : setOf(context.api, navigation.entitySet);
  if (first === undefined || navigation === undefined || target === undefined) throw unknownSegment(first?.name ?? '');
  if (navigation.isCollection === true) {
    if (first.key !== undefined) return onRow(context, target, first.key, rest, operation);
    if (operation.method !== 'GET') throw notAllowed(operation);
    const of = { property: navigation.property, id: row.id };
    if (rest[0]?.name === '$count') return countRows(context, target, operation, of);
    if (rest[0] !== undefined) throw unknownSegment(rest[0].name);
    return listRows(context, target, operation.path.replace(/^\//, '').replace(/\/$/, ''), operation, of);
  }
  if (rest[0] !== undefined) throw unknownSegment(rest[0].name);
  if (operation.method !== 'GET') throw notAllowed(operation);
  const found = rowBehind(context, set, target, navigation, row);
  return found === undefined ? { status: 204, headers: {} } : showRow(context, target, found, operation);
}

const notAllowed = (operation: Operation): BusinessError =>
  new BusinessError(405, 'BadRequest_MethodNotAllowed', `The method ${operation.method} is not allowed here.`);
