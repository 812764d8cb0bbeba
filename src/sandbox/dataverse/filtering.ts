import { candidatesOf } from '../odata/candidates.js';
import {
  type Column,
  type Condition,
  compareValues,
  compileFilter,
  type FilterDialect,
  membership,
} from '../odata/filter-evaluation.js';
import {
  type Call,
  type Literal,
  type Operand,
  type Path,
  parseFilter,
  QuerySyntaxError,
} from '../odata/filter-syntax.js';
import type { OrderBy } from '../odata/query-options.js';
import type { RowOrder } from '../odata/row-page.js';
import type { Row } from '../world/row.js';
import type { Candidates } from '../world/table.js';
import { columnsOf, targetTableOf } from './columns.js';
import { rowsOf, type SalesContext } from './context.js';
import { unknownProperty } from './errors.js';
import { nameOfRead, type TableDefinition } from './table-definition.js';
import { tableNamed } from './tables.js';

const marks = /\p{Mn}/gu;

/** Comparing ignores case, accents and trailing blanks, as the usual collation of Dataverse does. */
const foldText = (text: string): string => text.normalize('NFD').replace(marks, '').toLowerCase().trimEnd();

/** The condition of a `$filter` on a table. */
export function filterOf(
  context: SalesContext,
  table: TableDefinition,
  text: string,
  aliases: ReadonlyMap<string, string>,
): Condition<Row> {
  return compileFilter(parseFilter(text, aliases), dialectOf(context, table));
}

/** What a `$filter` says of where its rows are found. */
export function candidatesOfFilter(
  table: TableDefinition,
  text: string,
  aliases: ReadonlyMap<string, string>,
): Candidates | undefined {
  return candidatesOf(parseFilter(text, aliases), {
    role: ([name = '', ...rest]) => {
      if (rest.length > 0) return undefined;
      if (name === table.primaryId) return 'id';
      if (name === 'modifiedon') return 'changed';
      return { column: nameOfRead(name) };
    },
    membership: (call) => {
      const [property, items] = [argument(call, 'PropertyName'), argument(call, 'PropertyValues')];
      if (call.name !== `${PREFIX}In` || property === undefined || items === undefined || !isList(items))
        return undefined;
      return isList(property) || property.kind !== 'literal'
        ? undefined
        : { segments: String(property.value).split('/'), items };
    },
  });
}

/** The order of `$orderby`, with the id as its last column so that no two rows are equal. */
export function orderOf(context: SalesContext, table: TableDefinition, orderBy: readonly OrderBy[]): RowOrder {
  const dialect = dialectOf(context, table);
  const columns = orderBy.map((one) => ({
    column: dialect.column(one.path.split('/')),
    sign: one.descending ? -1 : 1,
  }));
  return {
    keysOf: (row) => [...columns.map(({ column }) => column.read(row)), row.id],
    compare: (a, b) => {
      for (const [at, { column, sign }] of columns.entries()) {
        const order = compareValues(a[at] ?? null, b[at] ?? null, column.type, dialect);
        if (order !== 0) return order * sign;
      }
      return compareValues(a.at(-1) ?? null, b.at(-1) ?? null, 'guid', dialect);
    },
  };
}

function dialectOf(context: SalesContext, table: TableDefinition): FilterDialect<Row> {
  const dialect: FilterDialect<Row> = {
    foldText,
    column: (segments) => columnAt(context, table, segments),
    call: (call) => platformFunction(call, dialect),
    lambda: (text) => {
      throw new QuerySyntaxError(
        `The collection '${text.split('/')[0] ?? ''}' of '${table.logicalName}' is not part of this organisation.`,
      );
    },
  };
  return dialect;
}

/** A column of the table itself, or of the row that a lookup leads to. */
function columnAt(context: SalesContext, table: TableDefinition, segments: readonly string[]): Column<Row> {
  const [first = '', ...rest] = segments;
  const column = columnsOf(table).get(first);
  if (rest.length === 0) {
    if (column === undefined) throw unknownProperty(first, table.logicalName);
    return column;
  }
  const lookup = table.columns.find((one) => one.targets?.some((target) => target.navigation === first));
  const target = lookup?.targets?.find((one) => one.navigation === first)?.table;
  const definition = target === undefined ? undefined : tableNamed(target);
  if (lookup === undefined || definition === undefined) throw unknownProperty(first, table.logicalName);
  const inner = columnAt(context, definition, rest);
  const id = columnsOf(table).get(`_${lookup.name}_value`);
  return {
    type: inner.type,
    read: (row) => {
      const value = targetTableOf(lookup, row) === target ? id?.read(row) : null;
      const found = typeof value === 'string' ? rowsOf(context, definition.logicalName).get(value) : undefined;
      return found === undefined ? null : inner.read(found);
    },
  };
}

const PREFIX = 'Microsoft.Dynamics.CRM.';

/** Query functions of the platform, such as `Microsoft.Dynamics.CRM.In(PropertyName='x',PropertyValues=['1'])`. */
function platformFunction(call: Call, dialect: FilterDialect<Row>): Condition<Row> | undefined {
  if (!call.name.startsWith(PREFIX)) return undefined;
  const property = argument(call, 'PropertyName');
  if (property === undefined || isList(property) || property.kind !== 'literal') return undefined;
  const column: Path = { kind: 'path', segments: String(property.value).split('/') };
  const values = argument(call, 'PropertyValues') ?? argument(call, 'PropertyValue');
  const given = values === undefined ? [] : isList(values) ? values : values.kind === 'literal' ? [values] : [];
  // Values of these functions come as texts, also those of number columns.
  const items = dialect.column(column.segments).type === 'number' ? given.map(asNumber) : given;
  switch (call.name.slice(PREFIX.length)) {
    case 'In':
      return membership(column, items, dialect);
    case 'NotIn': {
      const isIn = membership(column, items, dialect);
      return (row) => !isIn(row);
    }
    case 'Between':
      return between(column, items, dialect);
    case 'OnOrAfter':
      return compared('ge', column, items, dialect);
    case 'OnOrBefore':
      return compared('le', column, items, dialect);
    default:
      return undefined;
  }
}

const argument = (call: Call, name: string) => call.args.find((one) => one.name === name)?.value;
const isList = (value: Operand | readonly Literal[]): value is readonly Literal[] => Array.isArray(value);

function compared(
  operator: 'ge' | 'le',
  left: Operand,
  items: readonly Literal[],
  dialect: FilterDialect<Row>,
): Condition<Row> {
  const [right] = items;
  if (right === undefined) throw new QuerySyntaxError('The function expects a PropertyValue.');
  return compileFilter({ kind: 'compare', operator, left, right }, dialect);
}

function between(left: Operand, items: readonly Literal[], dialect: FilterDialect<Row>): Condition<Row> {
  const [low, high] = items;
  if (low === undefined || high === undefined)
    throw new QuerySyntaxError('The function Between expects two PropertyValues.');
  const [above, below] = [compared('ge', left, [low], dialect), compared('le', left, [high], dialect)];
  return (row) => above(row) && below(row);
}

function asNumber(literal: Literal): Literal {
  if (literal.type !== 'text' || !/^-?\d+(\.\d+)?$/.test(literal.value)) return literal;
  return { kind: 'literal', type: 'number', value: Number(literal.value) };
}
