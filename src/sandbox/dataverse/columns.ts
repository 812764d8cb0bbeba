import type { Column, Comparable } from '../odata/filter-evaluation.js';
import type { Row, Scalar } from '../world/row.js';
import { instantText } from './context.js';
import { type ColumnDefinition, isLookup, readName, type TableDefinition, targetColumn } from './table-definition.js';

/** A column of a table as it is read: under its read name, lookups as ids. */
export interface ReadableColumn extends Column<Row> {
  readonly name: string;
  /** Undefined for the primary id. */
  readonly definition: ColumnDefinition | undefined;
}

const stampReaders: Readonly<Record<string, (row: Row) => Scalar>> = {
  createdon: (row) => instantText(row.createdAtMs),
  modifiedon: (row) => instantText(row.modifiedAtMs),
  createdby: (row) => row.createdBy,
  modifiedby: (row) => row.modifiedBy,
  versionnumber: (row) => row.version,
  owninguser: (row) => (row.values['ownerid:table'] === 'systemuser' ? (row.values['ownerid'] ?? null) : null),
  owningteam: (row) => (row.values['ownerid:table'] === 'team' ? (row.values['ownerid'] ?? null) : null),
};

const wholeSecondMs = (atMs: number): number => Math.floor(atMs / 1_000) * 1_000;

function comparableOf(column: ColumnDefinition): Comparable {
  if (isLookup(column) || column.type === 'Uniqueidentifier') return 'guid';
  if (column.type === 'String' || column.type === 'Memo') return 'text';
  if (column.type === 'Boolean') return 'boolean';
  if (column.type === 'DateTime') return column.dateOnly === true ? 'date' : 'instant';
  return 'number';
}

function readable(column: ColumnDefinition): ReadableColumn {
  return {
    name: readName(column),
    definition: column,
    type: comparableOf(column),
    read: stampReaders[column.name] ?? ((row) => row.values[column.name] ?? null),
    ...(column.name === 'modifiedon' ? { readMs: (row: Row) => wholeSecondMs(row.modifiedAtMs) } : {}),
  };
}

const known = new WeakMap<TableDefinition, ReadonlyMap<string, ReadableColumn>>();

/** All columns of a table by read name, the primary id last, as the service lists them. */
export function columnsOf(table: TableDefinition): ReadonlyMap<string, ReadableColumn> {
  const before = known.get(table);
  if (before !== undefined) return before;
  const columns = new Map<string, ReadableColumn>();
  for (const column of table.columns) columns.set(readName(column), readable(column));
  columns.set(table.primaryId, { name: table.primaryId, definition: undefined, type: 'guid', read: (row) => row.id });
  known.set(table, columns);
  return columns;
}

/** The table that a lookup of a row points to; undefined when the lookup is blank. */
export function targetTableOf(column: ColumnDefinition, row: Row): string | undefined {
  const read = stampReaders[column.name];
  const value = read === undefined ? row.values[column.name] : read(row);
  if (value === null || value === undefined) return undefined;
  const kept = row.values[targetColumn(column)];
  return typeof kept === 'string' ? kept : column.targets?.[0]?.table;
}
