import { compareDecimals } from '../decimal.js';
import type { FieldMetadata, FieldValue, FieldValues, TableMetadata } from '../field-value.js';
import type { FieldFilter } from '../integration-table-mapping.js';
import { type CompareOperator, type FilterNode, type FilterOperand } from './filter-ast.js';
import { dayOf, isText, meansBlank, nextDay, orderOf, patternOf, type TextPattern, valueOf } from './filter-operand.js';
import { parseFilter } from './parse-filter.js';

export type ValuePredicate = (value: FieldValue) => boolean;
export type RowPredicate = (values: FieldValues) => boolean;

/**
 * Compiles the filters of one side: a row has to match all of them. Blank is matched by `''` (and `' '`), and by `<>` of
 * anything else; no comparison of order matches it. Options are named by their value, label or number; a date stands for
 * its whole day (UTC) where the field holds moments.
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
  if (meansBlank(operand, field)) return (value) => value === null;
  if (isText(field)) return textMatcher(patternOf(operand, field));
  const day = dayOf(operand, field);
  if (day !== null) return (value) => value !== null && String(value) >= day && String(value) < nextDay(day);
  const wanted = valueOf(operand, field, expression);
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
  const day = dayOf(operand, field);
  if (day !== null) {
    // Up to a day means up to its end, after a day means after its end.
    const [test, bound] = {
      '<': [orderTests['<'], day] as const,
      '<=': [orderTests['<'], nextDay(day)] as const,
      '>': [orderTests['>='], nextDay(day)] as const,
      '>=': [orderTests['>='], day] as const,
    }[operator];
    return (value) => value !== null && test(orderOf(value, bound, field));
  }
  const bound = valueOf(operand, field, expression);
  const holds = orderTests[operator];
  return (value) => value !== null && holds(orderOf(value, bound, field));
}

const orderTests: Record<Exclude<CompareOperator, '=' | '<>'>, (order: number) => boolean> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function textMatcher({ parts, ignoreCase }: TextPattern): ValuePredicate {
  const folded = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  const [only] = parts;
  if (only === undefined) return (value) => value === null;
  if (parts.length === 1 && 'text' in only) {
    const wanted = folded(only.text);
    return (value) => typeof value === 'string' && folded(value) === wanted;
  }
  const pattern = parts.flatMap((part): (string | typeof ANY | typeof ONE)[] =>
    'text' in part ? Array.from(folded(part.text)) : [part.wildcard === '*' ? ANY : ONE],
  );
  return (value) => matchesWildcards(Array.from(folded(String(value ?? ''))), pattern);
}

const ANY = Symbol('any run of characters');
const ONE = Symbol('one character');

/** At worst the product of both lengths, without a regular expression to blow up. */
function matchesWildcards(text: readonly string[], pattern: readonly (string | symbol)[]): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let resumeAt = 0;
  while (at < text.length) {
    if (pattern[inPattern] === ANY) {
      star = inPattern;
      inPattern += 1;
      resumeAt = at;
    } else if (pattern[inPattern] === ONE || pattern[inPattern] === text[at]) {
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
  while (pattern[inPattern] === ANY) inPattern += 1;
  return inPattern === pattern.length;
}
