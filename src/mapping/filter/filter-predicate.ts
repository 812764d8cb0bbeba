import { compareDecimals, isDecimal } from '../decimal.js';
import type { FieldMetadata, FieldValue, FieldValues, TableMetadata } from '../field-value.js';
import type { FieldFilter } from '../integration-table-mapping.js';
import { type CompareOperator, type FilterNode, type FilterOperand, FilterSyntaxError } from './filter-ast.js';
import { parseFilter } from './parse-filter.js';

export type ValuePredicate = (value: FieldValue) => boolean;
export type RowPredicate = (values: FieldValues) => boolean;

/**
 * Compiles the filters of one side: a row has to match all of them. Blank is matched by `''` (and `' '`), and by `<>` of
 * anything else; no comparison of order matches it. Options are named by their value or their label.
 * Throws {@link FilterSyntaxError} for an expression, or an operand, that the field's type does not allow, and RangeError
 * for a field that the table does not have.
 */
export function compileFilters(filters: readonly FieldFilter[], table: TableMetadata): RowPredicate {
  const compiled = filters.map(({ field, expression }) => {
    const metadata = table.fields.get(field);
    if (metadata === undefined)
      throw new RangeError(`the filter names the field "${field}", which ${table.name} does not have`);
    return { field, matches: compileFilter(expression, metadata) };
  });
  return (values) => compiled.every(({ field, matches }) => matches(values[field] ?? null));
}

/** Compiles one expression for a field, see {@link compileFilters}. */
export function compileFilter(expression: string, field: FieldMetadata): ValuePredicate {
  return compileNode(parseFilter(expression), field, expression);
}

function compileNode(node: FilterNode, field: FieldMetadata, expression: string): ValuePredicate {
  switch (node.kind) {
    case 'or': {
      const parts = node.nodes.map((part) => compileNode(part, field, expression));
      return (value) => parts.some((matches) => matches(value));
    }
    case 'and': {
      const parts = node.nodes.map((part) => compileNode(part, field, expression));
      return (value) => parts.every((matches) => matches(value));
    }
    case 'range': {
      const from = node.from === null ? () => true : compileOrder('>=', node.from, field, expression);
      const to = node.to === null ? () => true : compileOrder('<=', node.to, field, expression);
      return (value) => from(value) && to(value);
    }
    case 'compare': {
      if (node.operator === '=') return compileEqual(node.operand, field, expression);
      if (node.operator === '<>') {
        const equal = compileEqual(node.operand, field, expression);
        return (value) => !equal(value);
      }
      return compileOrder(node.operator, node.operand, field, expression);
    }
  }
}

function compileEqual(operand: FilterOperand, field: FieldMetadata, expression: string): ValuePredicate {
  if (operand.quoted && operand.text.trim() === '') return (value) => value === null;
  if (isText(field)) return textMatcher(operand, field);
  const wanted = toValue(operand, field, expression);
  if (field.type === 'DECIMAL')
    return (value) => value !== null && compareDecimals(String(value), String(wanted)) === 0;
  return (value) => value === wanted;
}

function compileOrder(
  operator: Exclude<CompareOperator, '=' | '<>'>,
  operand: FilterOperand,
  field: FieldMetadata,
  expression: string,
): ValuePredicate {
  const bound = isText(field) ? normalText(operand, field) : toValue(operand, field, expression);
  const holds = orderTests[operator];
  return (value) => value !== null && holds(compareValues(value, bound, field));
}

const orderTests: Record<Exclude<CompareOperator, '=' | '<>'>, (order: number) => boolean> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

const isText = (field: FieldMetadata): boolean => field.type === 'TEXT' || field.type === 'CODE';

const normalText = (operand: FilterOperand, field: FieldMetadata): string =>
  field.type === 'CODE' ? operand.text.trim().toUpperCase() : operand.text;

function textMatcher(operand: FilterOperand, field: FieldMetadata): ValuePredicate {
  const text = normalText(operand, field);
  if (operand.quoted || !/[*?]/.test(text)) {
    if (!operand.ignoreCase) return (value) => value === text;
    const lower = text.toLowerCase();
    return (value) => typeof value === 'string' && value.toLowerCase() === lower;
  }
  const lower = operand.ignoreCase ? text.toLowerCase() : text;
  return (value) =>
    matchesWildcards(operand.ignoreCase ? String(value ?? '').toLowerCase() : String(value ?? ''), lower);
}

/** `*` any run of characters, `?` one. Linear in both lengths times at worst, without a regular expression to blow up. */
function matchesWildcards(text: string, pattern: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let resumeAt = 0;
  while (at < text.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern;
      inPattern += 1;
      resumeAt = at;
    } else if (pattern[inPattern] === '?' || pattern[inPattern] === text[at]) {
      inPattern += 1;
      at += 1;
    } else if (star >= 0) {
      inPattern = star + 1;
      resumeAt += 1;
      at = resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '*') inPattern += 1;
  return inPattern === pattern.length;
}

function compareValues(value: FieldValue, bound: FieldValue, field: FieldMetadata): number {
  if (field.type === 'DECIMAL' || field.type === 'INTEGER') return compareDecimals(String(value), String(bound));
  const left = String(value);
  const right = String(bound);
  return left < right ? -1 : left > right ? 1 : 0;
}

const booleanWords: Readonly<Record<string, boolean>> = {
  yes: true,
  true: true,
  '1': true,
  no: false,
  false: false,
  '0': false,
};

/** The canonical value that an operand means for a field that is no text. */
function toValue(operand: FilterOperand, field: FieldMetadata, expression: string): FieldValue {
  const fail = (expected: string): never => {
    throw new FilterSyntaxError(expression, operand.position, expected);
  };
  const text = operand.text.trim();
  switch (field.type) {
    case 'INTEGER':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : fail('a whole number');
    case 'DECIMAL':
      return isDecimal(text) ? text : fail('a number, with a point before its decimals');
    case 'BOOLEAN':
      return booleanWords[text.toLowerCase()] ?? fail('Yes or No');
    case 'OPTION': {
      const option = field.options.find(
        ({ value, label }) => value.toLowerCase() === text.toLowerCase() || label.toLowerCase() === text.toLowerCase(),
      );
      return option?.value ?? fail(`one of ${field.options.map(({ label }) => label).join(', ')}`);
    }
    case 'DATE':
      return /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : fail('a date such as 2026-02-01');
    case 'DATE_TIME': {
      const moment = new Date(text);
      return /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(moment.getTime())
        ? moment.toISOString()
        : fail('a moment such as 2026-02-01T08:00:00Z');
    }
    case 'GUID':
    case 'REFERENCE':
      return text.toLowerCase();
    default:
      return text;
  }
}
