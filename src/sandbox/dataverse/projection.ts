import type { Headers } from '../http/operation.js';
import { type Expand, parseSelect } from '../odata/query-options.js';
import type { Row, Scalar } from '../world/row.js';
import { columnsOf, type ReadableColumn, targetTableOf } from './columns.js';
import { rowsOf, type SalesContext, wantsAnnotation } from './context.js';
import { badQuery, unknownProperty } from './errors.js';
import type { ColumnDefinition, TableDefinition } from './table-definition.js';
import { tableNamed } from './tables.js';

const FORMATTED = 'OData.Community.Display.V1.FormattedValue';
const LOOKUP_TABLE = 'Microsoft.Dynamics.CRM.lookuplogicalname';
const NAVIGATION = 'Microsoft.Dynamics.CRM.associatednavigationproperty';

/** Turns a row into what the client asked to see of it. */
export type Projection = (row: Row) => Record<string, unknown>;

export const etagOf = (row: Row): string => `W/"${row.version}"`;

/** The columns that `$select` names; unknown ones are refused. */
export function selectedColumns(table: TableDefinition, select: string | undefined): readonly ReadableColumn[] {
  const columns = columnsOf(table);
  const names = parseSelect(select);
  if (names === undefined) return [...columns.values()];
  const chosen = names.map((name) => {
    const column = columns.get(name);
    if (column === undefined) throw unknownProperty(name, table.logicalName);
    return column;
  });
  const primary = columns.get(table.primaryId);
  return primary === undefined || chosen.includes(primary) ? chosen : [...chosen, primary];
}

/** Builds the projection of a request once, so that a page of thousands of rows looks nothing up again. */
export function projectionOf(
  context: SalesContext,
  table: TableDefinition,
  headers: Headers,
  select: string | undefined,
  expand: readonly Expand[] = [],
): Projection {
  const columns = selectedColumns(table, select);
  const annotate = annotator(context, headers);
  const expansions = expand.map((one) => expansionOf(context, table, headers, one));
  return (row) => {
    const shown: Record<string, unknown> = { '@odata.etag': etagOf(row) };
    for (const column of columns) {
      const value = column.read(row);
      shown[column.name] = value;
      if (value !== null && column.definition !== undefined)
        annotate(shown, column.name, column.definition, value, row);
    }
    for (const add of expansions) add(row, shown);
    return shown;
  };
}

type Annotate = (
  shown: Record<string, unknown>,
  name: string,
  column: ColumnDefinition,
  value: Scalar,
  row: Row,
) => void;

function annotator(context: SalesContext, headers: Headers): Annotate {
  const [formatted, table, navigation] = [FORMATTED, LOOKUP_TABLE, NAVIGATION].map((name) =>
    wantsAnnotation(headers, name),
  );
  if (formatted !== true && table !== true && navigation !== true) return () => {};
  return (shown, name, column, value, row) => {
    const target = column.targets === undefined ? undefined : targetTableOf(column, row);
    if (formatted === true) {
      const label = formattedValue(context, column, value, target);
      if (label !== undefined) shown[`${name}@${FORMATTED}`] = label;
    }
    if (target === undefined) return;
    if (table === true) shown[`${name}@${LOOKUP_TABLE}`] = target;
    const bound = column.targets?.find((one) => one.table === target)?.navigation;
    if (navigation === true && bound !== undefined) shown[`${name}@${NAVIGATION}`] = bound;
  };
}

function formattedValue(
  context: SalesContext,
  column: ColumnDefinition,
  value: Scalar,
  target: string | undefined,
): string | undefined {
  if (target !== undefined) {
    const definition = tableNamed(target);
    const name = definition && rowsOf(context, target).get(String(value))?.values[definition.primaryName];
    return name === null || name === undefined ? undefined : String(name);
  }
  if (column.choices !== undefined) return column.choices.find((one) => one.value === value)?.label;
  if (column.type === 'Boolean') return value === true ? 'Yes' : 'No';
  if (column.type === 'DateTime') return formattedInstant(String(value), column.dateOnly === true);
  if (typeof value === 'number' && column.type !== 'BigInt')
    return value.toLocaleString('en-US', {
      minimumFractionDigits: column.type === 'Money' ? 2 : 0,
      maximumFractionDigits: 10,
    });
  return column.type === 'BigInt' ? String(value) : undefined;
}

function formattedInstant(value: string, dateOnly: boolean): string {
  const shape = dateOnly ? ({ dateStyle: 'short' } as const) : ({ dateStyle: 'short', timeStyle: 'short' } as const);
  return new Date(value).toLocaleString('en-US', { ...shape, timeZone: 'UTC' });
}

/** `$expand` of a navigation property that leads to one row. */
function expansionOf(context: SalesContext, table: TableDefinition, headers: Headers, expand: Expand) {
  const column = table.columns.find((one) => one.targets?.some((target) => target.navigation === expand.property));
  const target = column?.targets?.find((one) => one.navigation === expand.property)?.table;
  const definition = target === undefined ? undefined : tableNamed(target);
  if (column === undefined || definition === undefined) throw unknownProperty(expand.property, table.logicalName);
  for (const option of expand.options.keys())
    if (option !== '$select')
      throw badQuery(`The option ${option} is not supported inside $expand of '${expand.property}'.`);
  const project = projectionOf(context, definition, headers, expand.options.get('$select'));
  const id = columnsOf(table).get(`_${column.name}_value`);
  return (row: Row, shown: Record<string, unknown>): void => {
    const value = id?.read(row) ?? null;
    const found =
      value === null || targetTableOf(column, row) !== target
        ? undefined
        : rowsOf(context, definition.logicalName).get(String(value));
    shown[expand.property] = found === undefined ? null : project(found);
  };
}

/** What a context address names behind the entity set: the selected columns. */
export function contextOf(
  context: SalesContext,
  table: TableDefinition,
  select: string | undefined,
  suffix = '',
): string {
  const names = parseSelect(select);
  return `${context.base}$metadata#${table.entitySetName}${names === undefined ? '' : `(${names.join(',')})`}${suffix}`;
}
