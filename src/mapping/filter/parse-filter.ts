import { type CompareOperator, type FilterNode, type FilterOperand, FilterSyntaxError } from './filter-ast.js';

const compareOperators: readonly CompareOperator[] = ['<>', '<=', '>=', '<', '>', '='];

/** Characters that end an unquoted operand. */
const endsOperand = new Set(['|', '&', '(', ')', '<', '>', '=']);

/**
 * Parses a NAV filter expression, e.g. `10000..20000`, `A*|B*`, `<>''`, `>=100&<200`, `@*fa*`. `&` binds tighter than `|`.
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
    const nodes = [parseItem()];
    while (this.takes(separator)) nodes.push(parseItem());
    const [only] = nodes;
    return only !== undefined && nodes.length === 1 ? only : { kind, nodes };
  }

  private parseTerm(): FilterNode {
    if (this.takes('(')) {
      const node = this.parseOr();
      if (!this.takes(')')) this.fail(')');
      return node;
    }
    for (const operator of compareOperators) {
      if (this.takes(operator)) return { kind: 'compare', operator, operand: this.parseOperand() };
    }
    return this.parseValueOrRange();
  }

  private parseValueOrRange(): FilterNode {
    if (this.takes('..')) return { kind: 'range', from: null, to: this.parseOperand() };
    const operand = this.parseOperand();
    if (!this.takes('..')) return { kind: 'compare', operator: '=', operand };
    return { kind: 'range', from: operand, to: this.atOperandEnd() ? null : this.parseOperand() };
  }

  private parseOperand(): FilterOperand {
    const ignoreCase = this.takes('@');
    this.skipBlanks();
    return this.expression[this.position] === "'" ? this.parseQuoted(ignoreCase) : this.parseUnquoted(ignoreCase);
  }

  private parseQuoted(ignoreCase: boolean): FilterOperand {
    const position = this.position;
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
        return { text, quoted: true, ignoreCase, position };
      }
    }
  }

  private parseUnquoted(ignoreCase: boolean): FilterOperand {
    const position = this.position;
    while (!this.atOperandEnd()) this.position += 1;
    const text = this.expression.slice(position, this.position).trimEnd();
    if (text === '') this.fail("a value (a blank value is written '')");
    return { text, quoted: false, ignoreCase, position };
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
