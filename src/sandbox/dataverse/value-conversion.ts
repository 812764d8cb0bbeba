import type { Scalar } from '../world/row.js';
import { instantText } from './context.js';
import { badPayload, outOfRange, textTooLong, unknownChoice } from './errors.js';
import type { ColumnDefinition, TableDefinition } from './table-definition.js';

const EARLIEST_MS = Date.parse('1753-01-01T00:00:00Z');

/** Rounds half away from zero, as the platform does with money and decimals. */
export function roundTo(value: number, precision: number): number {
  const scaled = Math.abs(value) * 10 ** precision;
  // Doubles such as 1.005 lie a little below what was written; the smallest step up mends that.
  const rounded = Math.round(scaled + Number.EPSILON * scaled);
  return (Math.sign(value) * rounded) / 10 ** precision;
}

/** The value as it is stored; refuses what the column cannot hold, with the platform's codes and texts. */
export function storedValue(table: TableDefinition, column: ColumnDefinition, value: unknown): Scalar {
  if (value === null) return null;
  switch (column.type) {
    case 'String':
    case 'Memo':
      return storedText(table, column, value);
    case 'Boolean':
      return typeof value === 'boolean' ? value : wrongType(table, column, value, 'Edm.Boolean');
    case 'Integer':
    case 'BigInt':
      return Number.isInteger(value)
        ? inRange(table, column, Number(value))
        : wrongType(table, column, value, 'Edm.Int32');
    case 'Decimal':
    case 'Money':
      return typeof value === 'number'
        ? roundTo(inRange(table, column, value), column.precision ?? 2)
        : wrongType(table, column, value, 'Edm.Decimal');
    case 'Picklist':
    case 'State':
    case 'Status':
      return storedChoice(table, column, value);
    case 'DateTime':
      return column.dateOnly === true ? storedDay(table, column, value) : storedInstant(table, column, value);
    case 'Uniqueidentifier':
      return isGuid(value) ? value.toLowerCase() : wrongType(table, column, value, 'Edm.Guid');
    case 'Lookup':
    case 'Owner':
    case 'Customer':
      return wrongType(table, column, value, 'Edm.Guid');
  }
}

export const isGuid = (value: unknown): value is string =>
  typeof value === 'string' && /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(value);

function wrongType(table: TableDefinition, column: ColumnDefinition, value: unknown, expected: string): never {
  const shown = typeof value === 'string' ? `'${value}'` : typeof value;
  throw badPayload(
    table.entitySetName,
    `Cannot convert the literal ${shown} of property '${column.name}' to the expected type '${expected}'.`,
  );
}

/** An empty text is stored as null. */
function storedText(table: TableDefinition, column: ColumnDefinition, value: unknown): Scalar {
  if (typeof value !== 'string') return wrongType(table, column, value, 'Edm.String');
  if (column.maxLength !== undefined && value.length > column.maxLength)
    throw textTooLong(column.name, table.logicalName, column.maxLength);
  return value === '' ? null : value;
}

function inRange(table: TableDefinition, column: ColumnDefinition, value: number): number {
  const [min, max] = [column.min ?? Number.NEGATIVE_INFINITY, column.max ?? Number.POSITIVE_INFINITY];
  if (value < min || value > max) throw outOfRange(column.name, value, table.logicalName, min, max);
  return value;
}

function storedChoice(table: TableDefinition, column: ColumnDefinition, value: unknown): number {
  if (!Number.isInteger(value)) return wrongType(table, column, value, 'Edm.Int32');
  const values = (column.choices ?? []).map((one) => one.value);
  if (!values.includes(Number(value))) throw unknownChoice(column.name, Number(value), table.logicalName, values);
  return Number(value);
}

function storedInstant(table: TableDefinition, column: ColumnDefinition, value: unknown): string {
  if (typeof value !== 'string') return wrongType(table, column, value, 'Edm.DateTimeOffset');
  const zoned = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value);
  const atMs = Date.parse(zoned ? value : `${value.includes('T') ? value : `${value}T00:00:00`}Z`);
  if (Number.isNaN(atMs)) return wrongType(table, column, value, 'Edm.DateTimeOffset');
  checkEarliest(table, column, atMs);
  return instantText(atMs);
}

function storedDay(table: TableDefinition, column: ColumnDefinition, value: unknown): string {
  const atMs = typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(atMs)) return wrongType(table, column, value, 'Edm.Date');
  checkEarliest(table, column, atMs);
  return String(value);
}

function checkEarliest(table: TableDefinition, column: ColumnDefinition, atMs: number): void {
  if (atMs < EARLIEST_MS)
    throw outOfRange(column.name, atMs, table.logicalName, EARLIEST_MS, Date.parse('9999-12-31T00:00:00Z'));
}
