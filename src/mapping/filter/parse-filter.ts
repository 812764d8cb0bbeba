import {
  type CompareOperator,
  type FilterNode,
  type FilterOperand,
  FilterSyntaxError,
  type PatternPart,
} from './filter-ast.js';

const compareOperators: readonly CompareOperator[] = ['<>', '<=', '>=', '<', '>', '='];

/** Characters that end an unquoted operand. */
const endsOperand = new Set(['|', '&', '(', ')', '<', '>', '=']);

/**
 * Parses a NAV filter expression, e.g. `10000..20000`, `A*|B*`, `<>''`, `>=100&<200`, `@*fa*`, `'R&D'*`. `&` binds tighter
 * than `|`. A quote opens a quoted text at the beginning of an operand and beside a wildcard; elsewhere it is a character.
 * Throws {@link FilterSyntaxError} with the position and what was expected there.
 */
export function parseFilter(expression: string): FilterNode {
  const parser = new FilterParser(expression);
  const node = parser.parseOr();
  parser.expectEnd();
  return node;
}

class FilterParser {
  private position = 0;

  constructor(private readonly expression: string) {}

  parseOr(): FilterNode {
    return this.parseList('|', 'or', () => this.parseList('&', 'and', () => this.parseTerm()));
  }

  expectEnd(): void {
    this.skipBlanks();
    if (this.position < this.expression.length) this.fail('|, & or the end of the filter');
  }

  private parseList(separator: '|' | '&', kind: 'or' | 'and', parseItem: () => FilterNode): FilterNode {
    const items = [parseItem()];
    while (this.takes(separator)) items.push(parseItem());
    const [only] = items;
    if (only !== undefined && items.length === 1) return only;
    return { kind, nodes: items.flatMap((item) => (item.kind === kind ? item.nodes : [item])) };
  }

  private parseTerm(): FilterNode {
    if (this.takes('(')) {
      const node = this.parseOr();
      if (!this.takes(')')) this.fail(')');
      return node;
    }
    for (const operator of compareOperators) {
      if (this.takes(operator)) return { kind: 'compare', operator, operand: this.parseComparand(operator) };
    }
    return this.parseValueOrRange();
  }

  private parseComparand(operator: CompareOperator): FilterOperand {
    const operand = this.parseOperand();
    return operator === '=' || operator === '<>' ? operand : this.withoutWildcards(operand);
  }

  private parseValueOrRange(): FilterNode {
    if (this.takes('..')) return { kind: 'range', from: null, to: this.withoutWildcards(this.parseOperand()) };
    const operand = this.parseOperand();
    if (!this.takes('..')) return { kind: 'compare', operator: '=', operand };
    const from = this.withoutWildcards(operand);
    this.skipBlanks();
    return { kind: 'range', from, to: this.atOperandEnd() ? null : this.withoutWildcards(this.parseOperand()) };
  }

  /** What has an order is a value, not a pattern. */
  private withoutWildcards(operand: FilterOperand): FilterOperand {
    if (operand.parts.every((part) => 'text' in part)) return operand;
    throw new FilterSyntaxError(
      this.expression,
      operand.position,
      'a value without wildcards (quote * and ? in a text)',
    );
  }

  private parseOperand(): FilterOperand {
    this.skipBlanks();
    const { position } = this;
    const ignoreCase = this.takes('@');
    this.skipBlanks();
    const parts: PatternPart[] = [];
    for (let after: 'start' | 'wildcard' | 'quoted' | 'plain' = 'start'; ; ) {
      const character = this.expression[this.position];
      if (character === '*' || character === '?') {
        parts.push({ wildcard: character });
        this.position += 1;
        after = 'wildcard';
      } else if (character === "'" && (after === 'start' || after === 'wildcard')) {
        const text = this.parseQuoted();
        if (text !== '') parts.push({ text });
        after = 'quoted';
      } else if (after === 'quoted' || this.atOperandEnd()) {
        if (after === 'start') this.fail("a value (a blank value is written '')");
        return { parts: withoutTrailingBlanks(parts, after), ignoreCase, position };
      } else {
        parts.push({ text: this.parsePlain() });
        after = 'plain';
      }
    }
  }

  private parseQuoted(): string {
    let text = '';
    for (this.position += 1; ; this.position += 1) {
      const character = this.expression[this.position];
      if (character === undefined) this.fail("a closing '");
      if (character !== "'") {
        text += character;
      } else if (this.expression[this.position + 1] === "'") {
        text += "'";
        this.position += 1;
      } else {
        this.position += 1;
        return text;
      }
    }
  }

  private parsePlain(): string {
    const start = this.position;
    while (!this.atOperandEnd() && !this.atWildcard()) this.position += 1;
    return this.expression.slice(start, this.position);
  }

  private atWildcard(): boolean {
    const character = this.expression[this.position];
    return character === '*' || character === '?';
  }

  private atOperandEnd(): boolean {
    const character = this.expression[this.position];
    return character === undefined || endsOperand.has(character) || this.expression.startsWith('..', this.position);
  }

  private takes(symbol: string): boolean {
    this.skipBlanks();
    if (!this.expression.startsWith(symbol, this.position)) return false;
    this.position += symbol.length;
    return true;
  }

  private skipBlanks(): void {
    while (this.expression[this.position] === ' ') this.position += 1;
  }

  private fail(expected: string): never {
    throw new FilterSyntaxError(this.expression, this.position, expected);
  }
}

/** Blanks before an operator belong to the expression, not to the value. */
function withoutTrailingBlanks(parts: readonly PatternPart[], end: string): readonly PatternPart[] {
  const last = parts.at(-1);
  if (end !== 'plain' || last === undefined || !('text' in last)) return parts;
  const text = last.text.trimEnd();
  return text === '' ? parts.slice(0, -1) : [...parts.slice(0, -1), { text }];
}
