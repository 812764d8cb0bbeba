import type { Answer, Operation } from '../http/operation.js';
import { QuerySyntaxError } from '../odata/filter-syntax.js';
import { parsePath, type Segment } from '../odata/query-options.js';
import { parseKey, rowOfKey } from './addressing.js';
import { bulkAction } from './bulk.js';
import { type SalesContext, wantsAnnotation } from './context.js';
import { badQuery, DataverseError, errorAnswer, unknownSegment } from './errors.js';
import { unboundFunction } from './functions.js';
import { entityDefinitions, messageFilters } from './metadata.js';
import { checkPrivilege } from './privileges.js';
import { boundAction } from './publishing.js';
import { countSet, listRows, readRow } from './read.js';
import type { TableDefinition } from './table-definition.js';
import { tableOfSet, tables } from './tables.js';
import { createRow, deleteRow, patchRow, setProperty } from './write.js';

/** Does one operation as a transaction of its own and answers; what the platform refuses becomes its error. */
export function perform(context: SalesContext, operation: Operation): Answer {
  try {
    return context.world.transaction(() => performOrThrow(context, operation));
  } catch (error) {
    return refusal(error, operation);
  }
}

/** The answer of an operation that was refused; anything else is a bug and is thrown on. */
export function refusal(error: unknown, operation: Operation): Answer {
  const annotated = wantsAnnotation(operation.headers, 'Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus');
  if (error instanceof DataverseError) return errorAnswer(error, annotated);
  if (error instanceof QuerySyntaxError) return errorAnswer(badQuery(error.message), annotated);
  throw error;
}

/** Does one operation inside the caller's transaction. */
export function performOrThrow(context: SalesContext, operation: Operation): Answer {
  const path = parsePath(operation.path);
  const [first, ...rest] = path;
  if (first === undefined) return serviceDocument(context);
  if (operation.method === 'GET') {
    if (first.name === 'EntityDefinitions') return entityDefinitions(context, path, operation);
    if (first.name === 'sdkmessagefilters') return messageFilters(context, operation);
    const answer = unboundFunction(context, first);
    if (answer !== undefined) return answer;
  }
  const table = tableOfSet(first.name);
  if (table === undefined) throw unknownSegment(first.name);
  if (operation.method === 'GET') checkPrivilege(context, table, 'Read');
  return first.key === undefined
    ? onSet(context, table, rest, operation)
    : onRow(context, table, first.key, rest, operation);
}

function onSet(context: SalesContext, table: TableDefinition, rest: readonly Segment[], operation: Operation): Answer {
  const [second] = rest;
  if (rest.length > 1) throw unknownSegment(rest[1]?.name ?? '');
  if (operation.method === 'GET' && second === undefined) return listRows(context, table, operation);
  if (operation.method === 'GET' && second?.name === '$count') return countSet(context, table, operation);
  if (operation.method === 'POST' && second === undefined) return createRow(context, table, operation);
  if (operation.method === 'POST' && second !== undefined) return bulkAction(context, table, second.name, operation);
  if (second !== undefined) throw unknownSegment(second.name);
  throw notAllowed(operation);
}

function onRow(
  context: SalesContext,
  table: TableDefinition,
  keyText: string,
  rest: readonly Segment[],
  operation: Operation,
): Answer {
  const key = parseKey(context, table, keyText);
  const [property] = rest;
  if (rest.length > 1) throw unknownSegment(rest[1]?.name ?? '');
  if (property !== undefined) {
    if (operation.method === 'PUT' || operation.method === 'DELETE')
      return setProperty(context, table, key, property.name, operation);
    if (operation.method === 'POST') return boundAction(context, table, rowOfKey(context, table, key), property.name);
    throw unknownSegment(property.name);
  }
  switch (operation.method) {
    case 'GET':
      return readRow(context, table, rowOfKey(context, table, key), operation);
    case 'PATCH':
      return patchRow(context, table, key, operation);
    case 'DELETE':
      return deleteRow(context, table, key, operation.headers);
    default:
      throw notAllowed(operation);
  }
}

const notAllowed = (operation: Operation): DataverseError =>
  new DataverseError(405, '0x80060888', `The requested resource does not support http method '${operation.method}'.`);

function serviceDocument(context: SalesContext): Answer {
  return {
    status: 200,
    headers: {},
    body: {
      '@odata.context': `${context.base}$metadata`,
      value: tables.map((table) => ({ name: table.entitySetName, kind: 'EntitySet', url: table.entitySetName })),
    },
  };
}
