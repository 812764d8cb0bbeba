import { parsePath, splitOutside } from '../odata/query-options.js';
import type { Row, Scalar, Values } from '../world/row.js';
import type { Table } from '../world/table.js';
import { rowsOf, type SalesContext, SERVICE_PATH } from './context.js';
import { badQuery, keyNotDefined, keyNotFound, rowNotFound, unknownSegment } from './errors.js';
import { nameOfRead, readName, type TableDefinition } from './table-definition.js';
import { tableOfSet } from './tables.js';
import { isGuid } from './value-conversion.js';

/** A row named by an address: by id, or by the columns of an alternate key. */
export type RowKey =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'alternate'; readonly columns: ReadonlyMap<string, Scalar>; readonly text: string };

/** Reads what stands in parentheses behind an entity set. */
export function parseKey(context: SalesContext, table: TableDefinition, text: string): RowKey {
  if (isGuid(text)) return { kind: 'id', id: text.toLowerCase() };
  const columns = new Map<string, Scalar>();
  for (const part of splitOutside(text, ',')) {
    const equals = part.indexOf('=');
    if (equals < 0) throw keyNotDefined(table.logicalName);
    columns.set(part.slice(0, equals).trim(), keyValue(part.slice(equals + 1).trim()));
  }
  const id = columns.get(table.primaryId);
  if (columns.size === 1 && isGuid(id)) return { kind: 'id', id: id.toLowerCase() };
  if (
    !alternateKeys(context, table).some((key) => key.length === columns.size && key.every((name) => columns.has(name)))
  )
    throw keyNotDefined(table.logicalName);
  return { kind: 'alternate', columns, text };
}

function keyValue(text: string): Scalar {
  if (/^'.*'$/s.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (isGuid(text)) return text.toLowerCase();
  if (!/^-?\d+$/.test(text)) throw badQuery(`The key value '${String(text)}' is not valid.`);
  return Number(text);
}

/** Alternate keys of a table, each as the read names of its columns. They are made by the sandbox's settings. */
export function alternateKeys(context: SalesContext, table: TableDefinition): readonly (readonly string[])[] {
  return context.settings.SALES.alternateKeys
    .map((key) => key.split(':'))
    .filter(([name]) => name === table.logicalName)
    .map(([, columns = '']) => columns.split('+').map((name) => readKeyName(table, name)));
}

function readKeyName(table: TableDefinition, name: string): string {
  const column = table.columns.find((one) => one.name === name);
  return column === undefined ? name : readName(column);
}

export function findRow(context: SalesContext, table: TableDefinition, key: RowKey): Row | undefined {
  const rows = rowsOf(context, table.logicalName);
  if (key.kind === 'id') return rows.get(key.id);
  const values = Object.fromEntries([...key.columns].map(([name, value]) => [nameOfRead(name), value]));
  return rowWithSame(rows, Object.keys(values), values);
}

/** A row, other than the one of `ownId`, that has the same values in all of these columns; none where one is blank. */
export function rowWithSame(rows: Table, columns: readonly string[], values: Values, ownId?: string): Row | undefined {
  const wanted = columns.map((name) => [name, values[name] ?? null] as const);
  const [first] = wanted;
  if (first === undefined || wanted.some(([, value]) => value === null)) return undefined;
  return rows.findHaving(
    ...first,
    (row) => row.id !== ownId && wanted.every(([name, value]) => sameKeyValue(row.values[name] ?? null, value)),
  );
}

/** Key values compare as the collation does; blank ones are never equal. */
function sameKeyValue(a: Scalar, b: Scalar): boolean {
  if (a === null || b === null) return false;
  return String(a).toLowerCase() === String(b).toLowerCase();
}

/** The row of a key; a missing one is answered as the platform does. */
export function rowOfKey(context: SalesContext, table: TableDefinition, key: RowKey): Row {
  const row = findRow(context, table, key);
  if (row === undefined)
    throw key.kind === 'id' ? rowNotFound(table.logicalName, key.id) : keyNotFound(table.logicalName);
  return row;
}

/** Reads a reference such as `/accounts(<guid>)`, absolute or relative, and answers with its table and row. */
export function rowOfReference(
  context: SalesContext,
  reference: string,
): { readonly table: TableDefinition; readonly row: Row } {
  const at = reference.indexOf(SERVICE_PATH);
  const [segment, ...rest] = parsePath(
    at < 0 ? reference.replace(/^\//, '') : reference.slice(at + SERVICE_PATH.length),
  );
  const table = segment === undefined ? undefined : tableOfSet(segment.name);
  if (table === undefined || segment?.key === undefined || rest.length > 0)
    throw unknownSegment(segment?.name ?? reference);
  return { table, row: rowOfKey(context, table, parseKey(context, table, segment.key)) };
}
