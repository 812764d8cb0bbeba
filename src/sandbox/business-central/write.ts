import { randomUUID } from 'node:crypto';
import type { Headers } from '../http/operation.js';
import type { Row, Values } from '../world/row.js';
import { businessTable, textOf } from '../world/world.js';
import { type CompanyContext, rowsOf, versionTag } from './context.js';
import type { Columns, EntitySetDefinition } from './entity-set.js';
import { alreadyExists, BusinessError, badRequest, dialog, recordNotFound } from './errors.js';
import { numberOfNewRow } from './number-series.js';
import { renameReferences } from './renaming.js';
import { columnsOfPayload } from './validation.js';

export type Payload = Readonly<Record<string, unknown>>;

export function parsePayload(body: string): Payload {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw badRequest('Invalid Request Body');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw badRequest('Invalid Request Body');
  return parsed as Payload;
}

/** Inserts a row and answers with it. */
export function insert(context: CompanyContext, set: EntitySetDefinition, payload: Payload): Row {
  checkWritable(set);
  const given = columnsOfPayload(context, set, payload);
  const values: Columns = { ...blankValues(set), ...given };
  const id = randomUUID();
  if (set.numberSeries !== undefined)
    values['number'] = numberOfNewRow(context, set, set.numberSeries, textOf(values['number']));
  set.rules?.beforeWrite?.({ context, set, id, given, values, before: undefined });
  if (set.nameRequired === true && textOf(values['displayName']) === '')
    throw dialog('A "displayName" must be provided.');
  checkKey(context, set, values, undefined);
  return put(context, set, id, values, undefined);
}

/** Changes a row. Another number or code renames it: it keeps its id, and what refers to it follows. */
export function update(context: CompanyContext, set: EntitySetDefinition, row: Row, payload: Payload): Row {
  checkWritable(set);
  const given = columnsOfPayload(context, set, payload);
  // What a property means may have been made just now, with traces in this very row.
  const before = rowsOf(context, set.table).get(row.id) ?? row;
  const values: Columns = { ...before.values, ...given };
  set.rules?.beforeWrite?.({ context, set, id: row.id, given, values, before });
  if (set.nameRequired === true && textOf(values['displayName']) === '')
    throw dialog('The blank "displayName" is not allowed.');
  checkKey(context, set, values, row.id);
  if (set.key !== undefined && textOf(values[set.key]) !== textOf(before.values[set.key]))
    renameReferences(context, set.table, textOf(before.values[set.key]), textOf(values[set.key]));
  return put(context, set, row.id, values, before);
}

/** Deletes a row, unless the table's code refuses that. */
export function remove(context: CompanyContext, set: EntitySetDefinition, row: Row): void {
  checkWritable(set);
  set.rules?.beforeDelete?.(context, row);
  context.world.remove(businessTable(context.companyId, set.table), row.id);
}

export function rowOfId(context: CompanyContext, set: EntitySetDefinition, id: string): Row {
  const row = rowsOf(context, set.table).get(id.toLowerCase());
  if (row === undefined || set.holds?.(context)(row) === false) throw recordNotFound(set.caption, id);
  return row;
}

/** Updates and deletions have to name the version that they mean, or say that any will do. */
export function checkVersion(context: CompanyContext, row: Row, headers: Headers): void {
  const condition = headers.get('if-match');
  const { missingEtagStatus, staleEtagStatus } = context.settings.BUSINESS;
  if (condition === undefined)
    throw new BusinessError(
      missingEtagStatus,
      'BadRequest_InvalidToken',
      'Could not validate the client concurrency token required by the service. Please provide a valid token in the client request.',
    );
  if (condition !== '*' && condition !== versionTag(context, row))
    throw new BusinessError(staleEtagStatus, 'Request_EntityChanged', 'Another user has already changed the record.');
}

function put(
  context: CompanyContext,
  set: EntitySetDefinition,
  id: string,
  values: Values,
  before: Row | undefined,
): Row {
  const late = context.atMs === undefined ? {} : { atMs: context.atMs };
  const row = context.world.put({
    table: businessTable(context.companyId, set.table),
    id,
    values,
    by: context.user,
    ...late,
  });
  set.rules?.afterWrite?.(context, row, before);
  return row;
}

function checkWritable(set: EntitySetDefinition): void {
  if (set.readOnly === true)
    throw new BusinessError(
      405,
      'BadRequest_MethodNotAllowed',
      `The entity set '${set.entitySet}' does not allow this operation.`,
    );
}

/** Every column of the table has a value, blank where nothing was given. */
function blankValues(set: EntitySetDefinition): Values {
  const blanks: Record<string, Values[string]> = {};
  for (const property of set.properties) {
    if (property.name === 'id' || property.kind === 'instant' || property.read !== undefined) continue;
    if (property.kind === 'boolean') blanks[property.column] = false;
    else if (property.kind === 'decimal' || property.kind === 'integer') blanks[property.column] = 0;
    else blanks[property.column] = property.kind === 'enum' ? (property.members?.[0] ?? '') : '';
  }
  return blanks;
}

function checkKey(context: CompanyContext, set: EntitySetDefinition, values: Values, id: string | undefined): void {
  if (set.key === undefined) return;
  const field = set.properties.find((property) => property.column === set.key)?.field ?? set.key;
  const value = textOf(values[set.key]);
  if (value === '') throw dialog(`${field} must have a value in ${set.caption}. It cannot be zero or empty.`);
  const same = rowsOf(context, set.table).withKey(value);
  if (same !== undefined && same.id !== id) throw alreadyExists(set.caption, field, value);
}
