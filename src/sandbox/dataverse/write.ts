import { randomUUID } from 'node:crypto';
import { type Answer, type Headers, type Operation, preferencesOf } from '../http/operation.js';
import { parseQuery } from '../odata/query-options.js';
import type { Row, Values } from '../world/row.js';
import { salesTable } from '../world/world.js';
import { alternateKeys, findRow, type RowKey, rowOfKey, rowWithSame } from './addressing.js';
import { rowsOf, type SalesContext } from './context.js';
import { deleteWithDependants } from './deletion.js';
import { detectDuplicates } from './duplicate-detection.js';
import { badPayload, duplicateRow, keyViolated, versionMismatch } from './errors.js';
import { type Payload, parsePayload, valuesAfter } from './payload.js';
import { checkAccess, checkPrivilege } from './privileges.js';
import { contextOf, etagOf, projectionOf } from './projection.js';
import { appliedHeaders } from './read.js';
import { rulesOf } from './rules/rules.js';
import { nameOfRead, type TableDefinition } from './table-definition.js';
import { isGuid } from './value-conversion.js';

/** Answers `POST accounts`. */
export function createRow(context: SalesContext, table: TableDefinition, operation: Operation): Answer {
  const row = insert(context, table, parsePayload(table, operation.body));
  detectDuplicates(context, table, row, operation.headers);
  return written(context, table, row, operation, { created: true });
}

/** Answers `PATCH accounts(key)`: update, or upsert when nothing forbids it. */
export function patchRow(context: SalesContext, table: TableDefinition, key: RowKey, operation: Operation): Answer {
  const payload = parsePayload(table, operation.body);
  const found = findRow(context, table, key);
  if (found === undefined) {
    // Any If-Match says that the row must be there already.
    if (operation.headers.has('if-match')) rowOfKey(context, table, key);
    const row = insert(context, table, withKey(key, payload), key.kind === 'id' ? key.id : undefined);
    detectDuplicates(context, table, row, operation.headers);
    return written(context, table, row, operation, { created: true, ...(key.kind === 'alternate' ? { key } : {}) });
  }
  if (operation.headers.get('if-none-match') === '*') throw duplicateRow();
  checkVersion(found, operation.headers);
  const row = update(context, table, found, key.kind === 'alternate' ? withoutKey(key, payload) : payload);
  detectDuplicates(context, table, row, operation.headers);
  return written(context, table, row, operation, { created: false, ...(key.kind === 'alternate' ? { key } : {}) });
}

/** Key columns of an alternate key are used when the row is made; what the body says goes before the address. */
const withKey = (key: RowKey, payload: Payload): Payload =>
  key.kind === 'alternate' ? { ...Object.fromEntries(key.columns), ...payload } : payload;

const withoutKey = (key: Extract<RowKey, { kind: 'alternate' }>, payload: Payload): Payload =>
  Object.fromEntries(Object.entries(payload).filter(([name]) => !key.columns.has(name)));

/** Answers `PUT accounts(key)/name` and `DELETE accounts(key)/name`, which set and clear one column. */
export function setProperty(
  context: SalesContext,
  table: TableDefinition,
  key: RowKey,
  property: string,
  operation: Operation,
): Answer {
  const found = rowOfKey(context, table, key);
  checkVersion(found, operation.headers);
  update(context, table, found, {
    [property]: operation.method === 'DELETE' ? null : (parsePayload(table, operation.body)['value'] ?? null),
  });
  return { status: 204, headers: {} };
}

/** Answers `DELETE accounts(key)`. */
export function deleteRow(context: SalesContext, table: TableDefinition, key: RowKey, headers: Headers): Answer {
  const found = rowOfKey(context, table, key);
  checkVersion(found, headers);
  remove(context, table, found);
  return { status: 204, headers: {} };
}

/** Inserts a row and answers with it; the id may come from the address or the payload. */
export function insert(context: SalesContext, table: TableDefinition, payload: Payload, idOfAddress?: string): Row {
  checkPrivilege(context, table, 'Create');
  const id = idOfAddress ?? idOf(table, payload) ?? randomUUID();
  if (rowsOf(context, table.logicalName).get(id) !== undefined) throw duplicateRow();
  const values = valuesAfter(context, table, { id, payload, before: undefined });
  checkUnique(context, table, values, id);
  const row = context.world.put({ table: salesTable(table.logicalName), id, values, by: context.userId });
  rulesOf(table).afterInsert?.(context, row);
  return row;
}

function idOf(table: TableDefinition, payload: Payload): string | undefined {
  const id = payload[table.primaryId];
  if (id === undefined || id === null) return undefined;
  if (!isGuid(id))
    throw badPayload(
      table.entitySetName,
      `Cannot convert the literal ${JSON.stringify(id)} to the expected type 'Edm.Guid'.`,
    );
  return id.toLowerCase();
}

/** Updates a row. Equal values count as a change too: version and time of change move. */
export function update(context: SalesContext, table: TableDefinition, found: Row, payload: Payload): Row {
  checkPrivilege(context, table, 'Write');
  checkAccess(context, table, found.id, 'Write');
  const values = valuesAfter(context, table, { id: found.id, payload, before: found });
  checkUnique(context, table, values, found.id);
  return context.world.put({ table: salesTable(table.logicalName), id: found.id, values, by: context.userId });
}

/** Deletes a row with what belongs to it; a row that others need is refused. */
export function remove(context: SalesContext, table: TableDefinition, found: Row): void {
  checkPrivilege(context, table, 'Delete');
  checkAccess(context, table, found.id, 'Delete');
  deleteWithDependants(context, table, found);
}

function checkVersion(found: Row, headers: Headers): void {
  const condition = headers.get('if-match');
  if (condition === undefined || condition === '*' || condition === etagOf(found)) return;
  throw versionMismatch();
}

/** Alternate keys, where blanks are never equal. */
function checkUnique(context: SalesContext, table: TableDefinition, values: Values, id: string): void {
  const rows = rowsOf(context, table.logicalName);
  for (const key of alternateKeys(context, table)) {
    const columns = key.map(nameOfRead);
    if (rowWithSame(rows, columns, values, id) !== undefined) throw keyViolated(columns.join('_'), columns.join(', '));
  }
}

interface Outcome {
  readonly created: boolean;
  readonly key?: Extract<RowKey, { kind: 'alternate' }>;
}

/** The answer to a write: empty with the address of the row, or the row when `return=representation` asks for it. */
function written(
  context: SalesContext,
  table: TableDefinition,
  row: Row,
  operation: Operation,
  outcome: Outcome,
): Answer {
  const address = `${context.base}${table.entitySetName}(${outcome.key?.text ?? row.id})`;
  if (preferencesOf(operation.headers).get('return') !== 'representation')
    return {
      status: 204,
      headers: {
        'OData-EntityId': address,
        ...(operation.method === 'POST' ? { Location: address } : {}),
        ...appliedHeaders(operation.headers),
      },
    };
  const select = parseQuery(operation.query).options.get('$select');
  const project = projectionOf(context, table, operation.headers, select);
  return {
    status: outcome.created ? 201 : 200,
    headers: {
      ETag: etagOf(row),
      ...(operation.method === 'POST' ? { Location: address } : {}),
      ...appliedHeaders(operation.headers),
    },
    body: { '@odata.context': contextOf(context, table, select, '/$entity'), ...project(row) },
  };
}
