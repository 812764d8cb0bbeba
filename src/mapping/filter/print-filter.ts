import type { FilterNode, FilterOperand, PatternPart } from './filter-ast.js';
import { parseFilter } from './parse-filter.js';

/** The one normal form of a filter: without needless blanks, quotes and parentheses. Parsed again it is the same filter. */
export function printFilter(node: FilterNode): string {
  switch (node.kind) {
    case 'or':
      return node.nodes.map(printFilter).join('|');
    case 'and':
      return node.nodes.map((part) => (part.kind === 'or' ? `(${printFilter(part)})` : printFilter(part))).join('&');
    case 'range':
      return `${node.from === null ? '' : printOperand(node.from)}..${node.to === null ? '' : printOperand(node.to)}`;
    case 'compare':
      return `${node.operator === '=' ? '' : node.operator}${printOperand(node.operand)}`;
  }
}

/** The normal form of an expression. Throws FilterSyntaxError for what is none. */
export const normalFilter = (expression: string): string => printFilter(parseFilter(expression));

/** The expression that a value matches which holds the text, in whatever case. */
export const filterContaining = (text: string): string =>
  printOperand({ parts: [{ wildcard: '*' }, { text }, { wildcard: '*' }], ignoreCase: true });

/** The expression that a value matches which is one of these texts. */
export const filterOneOf = (texts: readonly string[]): string =>
  texts
    .map((text) => printOperand({ parts: text === '' ? [] : [{ text }], ignoreCase: false }))
    .toSorted()
    .join('|');

function printOperand({ parts, ignoreCase }: Pick<FilterOperand, 'parts' | 'ignoreCase'>): string {
  const text = parts.length === 0 ? "''" : parts.map(printPart).join('');
  return ignoreCase ? `@${text}` : text;
}

const printPart = (part: PatternPart): string =>
  'wildcard' in part ? part.wildcard : isPlain(part.text) ? part.text : `'${part.text.replaceAll("'", "''")}'`;

/** Text that is not taken for an operator, a quote or a blank around one. */
const isPlain = (text: string): boolean => !/[|&()<>=*?@']|\.\.|^[. ]|[. ]$/.test(text);
