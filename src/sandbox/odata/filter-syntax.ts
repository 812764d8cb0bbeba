/** Comparison operators of OData that both systems know. */
export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

export type Literal =
  | { readonly kind: 'literal'; readonly type: 'text'; readonly value: string }
  | { readonly kind: 'literal'; readonly type: 'number'; readonly value: number }
  | { readonly kind: 'literal'; readonly type: 'boolean'; readonly value: boolean }
  | { readonly kind: 'literal'; readonly type: 'null'; readonly value: null }
  | { readonly kind: 'literal'; readonly type: 'bare'; readonly value: string };

export interface Path {
  readonly kind: 'path';
  readonly segments: readonly string[];
}

export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Argument[];
}

export interface Argument {
  readonly name?: string;
  readonly value: Operand | readonly Literal[];
}

export type Operand = Literal | Path | Call;

/** A filter as written. `bare` literals are GUIDs, dates and instants: the column tells which. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly operand: Filter }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'in'; readonly left: Operand; readonly items: readonly Literal[] }
  | { readonly kind: 'lambda'; readonly text: string }
  | Call
  | Path;

/** Thrown for a query option that cannot be read; each system gives it its own code and envelope. */
export class QuerySyntaxError extends Error {
  override readonly name = 'QuerySyntaxError';
}

const comparisons: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const isComparison = (word: string): word is Comparison => comparisons.has(word);

type Token = { readonly at: number } & (
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'word'; readonly text: string }
  | { readonly type: 'sign'; readonly text: string }
);

// Words carry dots, dashes, colons and slashes, so that 2026-01-31T10:00:00.123Z, a GUID, a qualified function name and a
// navigation path are each one token.
const pattern = /\s*(?:'((?:[^']|'')*)'|"((?:[^"\\]|\\.)*)"|([\p{L}\d_@$.:+/-]+)|([(),=[\]]))/uy;

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null)
      throw new QuerySyntaxError(`Syntax error: character '${text[at]}' is not valid at position ${at} in '${text}'.`);
    const [, single, double, word, sign] = match;
    if (single !== undefined) tokens.push({ at, type: 'text', text: single.replaceAll("''", "'") });
    else if (double !== undefined) tokens.push({ at, type: 'text', text: JSON.parse(`"${double}"`) as string });
    else if (word !== undefined) tokens.push({ at, type: 'word', text: word });
    else tokens.push({ at, type: 'sign', text: sign ?? '' });
  }
  return tokens;
}

/** Parses a `$filter`. `aliases` holds the parameters `@name` of the same request. */
export function parseFilter(text: string, aliases: ReadonlyMap<string, string> = new Map()): Filter {
  const parser = new FilterParser(text, aliases);
  const filter = parser.or();
  parser.expectEnd();
  return filter;
}

class FilterParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #aliases: ReadonlyMap<string, string>;
  #next = 0;

  constructor(text: string, aliases: ReadonlyMap<string, string>) {
    this.#text = text;
    this.#tokens = tokensOf(text);
    this.#aliases = aliases;
  }

  or(): Filter {
    let left = this.#and();
    while (this.#takeWord('or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  expectEnd(): void {
    if (this.#peek() !== undefined) this.#fail();
  }

  #and(): Filter {
    let left = this.#not();
    while (this.#takeWord('and')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Filter {
    return this.#takeWord('not') ? { kind: 'not', operand: this.#not() } : this.#term();
  }

  #term(): Filter {
    if (this.#takeSign('(')) {
      const inner = this.or();
      this.#expectSign(')');
      return inner;
    }
    const lambda = this.#takeLambda();
    if (lambda !== undefined) return lambda;
    const left = this.#operand();
    const word = this.#peek();
    if (word?.type === 'word' && isComparison(word.text)) {
      this.#next++;
      return { kind: 'compare', operator: word.text, left, right: this.#operand() };
    }
    if (this.#takeWord('in')) return { kind: 'in', left, items: this.#list('(', ')') };
    if (left.kind === 'literal') return this.#fail();
    return left;
  }

  /** `contacts/any(c:c/city eq 'X')`: kept as text, since neither system evaluates it here. */
  #takeLambda(): Filter | undefined {
    const word = this.#peek();
    if (word?.type !== 'word' || !/\/(any|all)$/.test(word.text)) return undefined;
    this.#next++;
    this.#expectSign('(');
    for (let depth = 1; depth > 0; ) {
      const token = this.#take();
      if (token.type === 'sign' && token.text === '(') depth++;
      if (token.type === 'sign' && token.text === ')') depth--;
    }
    return { kind: 'lambda', text: word.text };
  }

  #operand(): Operand {
    const token = this.#take();
    if (token.type === 'text') return { kind: 'literal', type: 'text', value: token.text };
    if (token.type === 'sign') return this.#fail(token);
    const after = this.#peek();
    if (after?.type === 'sign' && after.text === '(') return this.#call(token.text);
    // A typed enum member, Microsoft.NAV.customerBlocked'All', counts as its text.
    if (after?.type === 'text' && token.text.includes('.')) {
      this.#next++;
      return { kind: 'literal', type: 'text', value: after.text };
    }
    if (token.text.startsWith('@')) return this.#alias(token.text);
    return wordOperand(token.text);
  }

  #alias(name: string): Operand {
    const text = this.#aliases.get(name);
    if (text === undefined) return this.#fail();
    return new FilterParser(text, new Map()).#operand();
  }

  #call(name: string): Call {
    this.#expectSign('(');
    const args: Argument[] = [];
    while (!this.#takeSign(')')) {
      if (args.length > 0) this.#expectSign(',');
      args.push(this.#argument());
    }
    return { kind: 'call', name, args };
  }

  #argument(): Argument {
    const token = this.#peek();
    const after = this.#tokens[this.#next + 1];
    if (token?.type === 'word' && after?.type === 'sign' && after.text === '=') {
      this.#next += 2;
      return { name: token.text, value: this.#value() };
    }
    return { value: this.#value() };
  }

  #value(): Operand | readonly Literal[] {
    const token = this.#peek();
    return token?.type === 'sign' && token.text === '[' ? this.#list('[', ']') : this.#operand();
  }

  #list(opening: string, closing: string): readonly Literal[] {
    this.#expectSign(opening);
    const items: Literal[] = [];
    while (!this.#takeSign(closing)) {
      if (items.length > 0) this.#expectSign(',');
      const item = this.#operand();
      if (item.kind !== 'literal') return this.#fail();
      items.push(item);
    }
    return items;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #take(): Token {
    const token = this.#tokens[this.#next++];
    return token ?? this.#fail();
  }

  #takeWord(word: string): boolean {
    return this.#takeIf('word', word);
  }

  #takeSign(sign: string): boolean {
    return this.#takeIf('sign', sign);
  }

  #takeIf(type: Token['type'], text: string): boolean {
    const token = this.#peek();
    if (token?.type !== type || token.text !== text) return false;
    this.#next++;
    return true;
  }

  #expectSign(sign: string): void {
    if (!this.#takeSign(sign)) this.#fail();
  }

  #fail(token: Token | undefined = this.#peek()): never {
    const place = token === undefined ? 'the end' : `position ${token.at}`;
    throw new QuerySyntaxError(`Syntax error at ${place} in '${this.#text}'.`);
  }
}

function wordOperand(word: string): Operand {
  if (word === 'null') return { kind: 'literal', type: 'null', value: null };
  if (word === 'true' || word === 'false') return { kind: 'literal', type: 'boolean', value: word === 'true' };
  if (/^[+-]?\d+(\.\d+)?$/.test(word)) return { kind: 'literal', type: 'number', value: Number(word) };
  if (/^\d{4}-\d\d-\d\d/.test(word) || /^[\da-f]{8}-/i.test(word))
    return { kind: 'literal', type: 'bare', value: word };
  return { kind: 'path', segments: word.split('/') };
}
