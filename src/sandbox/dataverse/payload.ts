import type { Row, Scalar, Values } from '../world/row.js';
import { rowOfReference } from './addressing.js';
import { rowsOf, type SalesContext } from './context.js';
import { badPayload, DataverseError, invalidProperty, requiredMissing } from './errors.js';
import { rulesOf } from './rules/rules.js';
import {
  type ColumnDefinition,
  isLookup,
  readName,
  statusesOf,
  type TableDefinition,
  targetColumn,
} from './table-definition.js';
import { roundTo, storedValue } from './value-conversion.js';

export type Payload = Readonly<Record<string, unknown>>;

/** Parses the body of a write. */
export function parsePayload(table: TableDefinition, body: string): Payload {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    throw badPayload(table.entitySetName, `Invalid JSON. ${error instanceof Error ? error.message : ''}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw badPayload(table.entitySetName, 'A JSON object was expected.');
  return parsed as Payload;
}

/** What a row is before and after a payload. */
export interface Change {
  readonly id: string;
  readonly payload: Payload;
  /** Undefined for a new row. */
  readonly before: Row | undefined;
}

/** The values of a row after a payload was applied to it. */
export function valuesAfter(context: SalesContext, table: TableDefinition, { id, payload, before }: Change): Values {
  const given = readColumns(context, table, payload, before === undefined);
  checkPlugin(context, table, given);
  const values: Record<string, Scalar> = { ...(before?.values ?? initialValues(context, table)), ...given };
  applyState(context, table, values, given, before);
  rulesOf(table).beforeWrite?.({ context, table, id, given, values, before });
  checkRequired(table, values, before === undefined ? undefined : given);
  applyCurrency(context, table, values, given);
  return values;
}

function initialValues(context: SalesContext, table: TableDefinition): Values {
  const blank = Object.fromEntries(
    table.columns.filter((column) => column.readOnly !== true).map((column) => [column.name, null]),
  );
  const owner = table.ownedByUsers ? { ownerid: context.userId, 'ownerid:table': 'systemuser' } : {};
  return { ...blank, ...owner };
}

/** The columns that a payload sets, as they are stored. */
function readColumns(
  context: SalesContext,
  table: TableDefinition,
  payload: Payload,
  creating: boolean,
): Record<string, Scalar> {
  const values: Record<string, Scalar> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (name.endsWith('@odata.bind')) {
      const { column, id, target } = bound(context, table, name.slice(0, -'@odata.bind'.length), value);
      if (!mayWrite(context, table, column, creating)) continue;
      values[column.name] = id;
      if ((column.targets?.length ?? 0) > 1) values[targetColumn(column)] = target;
    } else if (!name.includes('@') && name !== table.primaryId) {
      const column = plainColumn(table, name);
      if (mayWrite(context, table, column, creating)) values[column.name] = storedValue(table, column, value);
    }
  }
  return values;
}

function plainColumn(table: TableDefinition, name: string): ColumnDefinition {
  const column = table.columns.find((one) => one.name === name || readName(one) === name);
  if (column === undefined) throw invalidProperty(table.entitySetName, name, table.logicalName);
  if (isLookup(column))
    throw badPayload(
      table.entitySetName,
      'CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.',
    );
  return column;
}

/** Whether a client may set the column; by setting, one that it may not is left out silently or refused. */
function mayWrite(context: SalesContext, table: TableDefinition, column: ColumnDefinition, creating: boolean): boolean {
  if (column.readOnly !== true && (creating || column.createOnly !== true)) return true;
  if (context.settings.SALES.readOnlyColumns === 'ignored') return false;
  throw new DataverseError(
    400,
    '0x80048d19',
    `Attribute '${column.name}' of entity '${table.logicalName}' cannot be set: it is read-only.`,
  );
}

function bound(context: SalesContext, table: TableDefinition, navigation: string, value: unknown) {
  const column = table.columns.find((one) => one.targets?.some((target) => target.navigation === navigation));
  if (column === undefined)
    throw badPayload(
      table.entitySetName,
      `An undeclared property '${navigation}' which only has property annotations in the payload but no property value was found in the payload. In OData, only declared navigation properties and declared named streams can be represented as properties without values.`,
    );
  if (value === null) return { column, id: null, target: null };
  if (typeof value !== 'string')
    throw badPayload(table.entitySetName, `The annotation '${navigation}@odata.bind' expects an address.`);
  const found = rowOfReference(context, value);
  const fits = column.targets?.some(
    (target) => target.navigation === navigation && target.table === found.table.logicalName,
  );
  if (fits !== true)
    throw badPayload(
      table.entitySetName,
      `The navigation property '${navigation}' cannot refer to '${found.table.entitySetName}'.`,
    );
  if (column.name === 'ownerid' && found.row.values['isdisabled'] === true)
    throw new DataverseError(
      403,
      '0x80040225',
      `The specified user(Id = ${found.row.id}) is disabled. Consider enabling this user.`,
    );
  return { column, id: found.row.id, target: found.table.logicalName };
}

function checkPlugin(context: SalesContext, table: TableDefinition, given: Readonly<Record<string, Scalar>>): void {
  for (const rule of context.settings.SALES.refusedByPlugin) {
    const [place = '', refused = ''] = rule.split('=');
    const [logicalName, column = ''] = place.split('.');
    if (logicalName === table.logicalName && String(given[column] ?? '') === refused && given[column] !== undefined)
      throw new DataverseError(
        400,
        '0x80040265',
        `The plug-in of this organisation refuses this value of '${column}'.`,
      );
  }
}

/** A new row needs all required columns; an update may not clear one. */
function checkRequired(
  table: TableDefinition,
  values: Readonly<Record<string, Scalar>>,
  given: Readonly<Record<string, Scalar>> | undefined,
): void {
  const missing = table.columns.find(
    (column) =>
      column.required === 'SystemRequired' &&
      (values[column.name] ?? null) === null &&
      (given === undefined || column.name in given),
  );
  if (missing !== undefined) throw requiredMissing(missing.name, table.logicalName);
}

/** State and status go in pairs; one of them implies the other. A new row begins in the first state of its table. */
function applyState(
  context: SalesContext,
  table: TableDefinition,
  values: Record<string, Scalar>,
  given: Readonly<Record<string, Scalar>>,
  before: Row | undefined,
): void {
  const statuses = statusesOf(table);
  if (statuses === undefined) return;
  const initial = rulesOf(table).initialState?.(context) ?? 0;
  const status = given['statuscode'];
  const state =
    given['statecode'] ??
    (typeof status === 'number' ? statuses.find(({ value }) => value === status)?.state : undefined) ??
    before?.values['statecode'] ??
    initial;
  const ofState = statuses.filter((one) => one.state === state).map(({ value }) => value);
  const implied =
    typeof status === 'number'
      ? status
      : state === before?.values['statecode']
        ? before?.values['statuscode']
        : ofState[0];
  if (typeof implied !== 'number' || !ofState.includes(implied) || (before === undefined && state !== initial))
    throw new DataverseError(
      400,
      '0x80048408',
      `${String(implied)} is not a valid status code for state code ${String(before === undefined ? initial : state)} on ${table.logicalName}.`,
    );
  values['statecode'] = state;
  values['statuscode'] = implied;
}

/** Money needs a currency: the base currency unless one is given. The twins in base currency follow its rate. */
function applyCurrency(
  context: SalesContext,
  table: TableDefinition,
  values: Record<string, Scalar>,
  given: Readonly<Record<string, Scalar>>,
): void {
  const amounts = table.columns.filter((column) => column.type === 'Money' && column.readOnly !== true);
  if (amounts.length === 0) return;
  const touched =
    given['transactioncurrencyid'] !== undefined || amounts.some((column) => given[column.name] !== undefined);
  if (!touched) return;
  const filled = amounts.filter((column) => typeof values[column.name] === 'number');
  if (filled.length > 0) values['transactioncurrencyid'] ??= baseCurrencyId(context);
  const currency = rowsOf(context, 'transactioncurrency').get(String(values['transactioncurrencyid'] ?? ''));
  const rate = Number(currency?.values['exchangerate'] ?? 1);
  values['exchangerate'] = currency === undefined ? null : rate;
  for (const column of amounts) {
    const amount = values[column.name];
    values[`${column.name}_base`] = typeof amount === 'number' ? roundTo(amount / rate, 4) : null;
  }
}

function baseCurrencyId(context: SalesContext): Scalar {
  return rowsOf(context, 'organization').find(() => true)?.values['basecurrencyid'] ?? null;
}
