import { candidatesOf } from '../odata/candidates.js';
import { type Condition, compareValues, compileFilter, type FilterDialect } from '../odata/filter-evaluation.js';
import { type Filter, type Operand, parseFilter } from '../odata/filter-syntax.js';
import type { OrderBy } from '../odata/query-options.js';
import type { RowOrder } from '../odata/row-page.js';
import type { Row } from '../world/row.js';
import type { Candidates } from '../world/table.js';
import type { CompanyContext } from './context.js';
import { type EntitySetDefinition, id } from './entity-set.js';
import { unescapeName } from './enum-names.js';
import { BusinessError, unknownProperty } from './errors.js';
import { readable } from './projection.js';

/** Whether a filter says something about one of the given properties. */
export function filterNames(text: string | undefined, names: readonly string[]): boolean {
  return text !== undefined && fieldsOf(parseFilter(text)).some((field) => names.includes(field));
}

/** The condition of a `$filter` on a set. `newerSchema` is `$schemaversion=2.1`, which alone knows `in`. */
export function filterOf(
  context: CompanyContext,
  set: EntitySetDefinition,
  text: string,
  newerSchema: boolean,
): Condition<Row> {
  const filter = parseFilter(text);
  checkFilter(filter, newerSchema);
  return compileFilter(filter, dialectOf(context, set));
}

/** What a `$filter` says of where its rows are found. */
export function candidatesOfFilter(set: EntitySetDefinition, text: string): Candidates | undefined {
  return candidatesOf(parseFilter(text), {
    role: ([name, ...rest]) => {
      const property = rest.length > 0 ? undefined : set.properties.find((one) => one.name === name);
      if (property === undefined) return undefined;
      if (property.name === id.name) return 'id';
      if (property.column === set.key && property.read === undefined) return 'key';
      if (property.tellsChange === true) return 'changed';
      return property.read === undefined ? { column: property.column } : undefined;
    },
  });
}

export function orderOf(context: CompanyContext, set: EntitySetDefinition, orderBy: readonly OrderBy[]): RowOrder {
  const dialect = dialectOf(context, set);
  const columns = orderBy.map((one) => ({ column: dialect.column([one.path]), sign: one.descending ? -1 : 1 }));
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

function dialectOf(context: CompanyContext, set: EntitySetDefinition): FilterDialect<Row> {
  return {
    // Enum members compare in their plain form, so that both spellings of a client are understood.
    foldText: unescapeName,
    column: ([name = '', ...rest]) => {
      const definition = set.properties.find((property) => property.name === name);
      if (definition === undefined || rest.length > 0) throw unknownProperty([name, ...rest].join('/'), set.entityType);
      return readable(context, definition);
    },
    call: () => undefined,
    // The platform leaves a lambda out without a word: the result is not filtered by it.
    lambda: () => () => true,
  };
}

/** What the platform's translation of filters cannot express. */
function checkFilter(filter: Filter, newerSchema: boolean): void {
  switch (filter.kind) {
    case 'or':
      if (new Set(fieldsOf(filter)).size > 1)
        throw new BusinessError(
          400,
          'BadRequest',
          "An error occurred while processing this request. The 'OR' operator is not supported on distinct fields on an OData filter.",
        );
      break;
    case 'and':
      checkFilter(filter.left, newerSchema);
      checkFilter(filter.right, newerSchema);
      break;
    case 'not':
      checkFilter(filter.operand, newerSchema);
      break;
    case 'in':
      if (!newerSchema) throw new BusinessError(400, 'BadRequest', "The 'in' operator needs $schemaversion=2.1.");
      break;
    default:
  }
}

function fieldsOf(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return [...fieldsOf(filter.left), ...fieldsOf(filter.right)];
    case 'not':
      return fieldsOf(filter.operand);
    case 'compare':
      return [...fieldsOfOperand(filter.left), ...fieldsOfOperand(filter.right)];
    case 'in':
      return fieldsOfOperand(filter.left);
    case 'lambda':
      return [];
    case 'call':
    case 'path':
      return fieldsOfOperand(filter);
  }
}

function fieldsOfOperand(operand: Operand): readonly string[] {
  if (operand.kind === 'path') return [operand.segments.join('/')];
  if (operand.kind === 'literal') return [];
  return operand.args.flatMap(({ value }) => (Array.isArray(value) ? [] : fieldsOfOperand(value as Operand)));
}
