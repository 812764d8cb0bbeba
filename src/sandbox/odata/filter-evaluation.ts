import type { Scalar } from '../world/row.js';
import {
  type Call,
  type Comparison,
  type Filter,
  type Literal,
  type Operand,
  QuerySyntaxError,
} from './filter-syntax.js';

/** What a column holds, as far as comparing is concerned. */
export type Comparable = 'text' | 'number' | 'boolean' | 'guid' | 'instant' | 'date';

/** A readable column of a row. */
export interface Column<R> {
  readonly type: Comparable;
  readonly read: (row: R) => Scalar;
  /** An instant in milliseconds as it is read, where that is known without making and parsing its text. */
  readonly readMs?: (row: R) => number;
}

export type Condition<R> = (row: R) => boolean;

/** What differs between the two systems when a filter is evaluated. */
export interface FilterDialect<R> {
  /** The column of a path; throws for an unknown one. */
  column(segments: readonly string[]): Column<R>;
  /** Text as it is compared: Dataverse ignores case, Business Central does not. */
  foldText(text: string): string;
  /** Functions beyond contains, startswith and endswith; undefined when unknown. */
  call(call: Call): Condition<R> | undefined;
  /** What a lambda means: Business Central ignores it, Dataverse needs a collection. */
  lambda(text: string): Condition<R>;
}

type Key = string | number | boolean | null;

/** Turns a filter into a function of a row. Unknown columns and functions throw at once, not for each row. */
export function compileFilter<R>(filter: Filter, dialect: FilterDialect<R>): Condition<R> {
  switch (filter.kind) {
    case 'and': {
      const [left, right] = [compileFilter(filter.left, dialect), compileFilter(filter.right, dialect)];
      return (row) => left(row) && right(row);
    }
    case 'or': {
      const [left, right] = [compileFilter(filter.left, dialect), compileFilter(filter.right, dialect)];
      return (row) => left(row) || right(row);
    }
    case 'not': {
      const operand = compileFilter(filter.operand, dialect);
      return (row) => !operand(row);
    }
    case 'compare':
      return comparison(filter.operator, filter.left, filter.right, dialect);
    case 'in':
      return membership(filter.left, filter.items, dialect);
    case 'lambda':
      return dialect.lambda(filter.text);
    case 'path': {
      const column = dialect.column(filter.segments);
      return (row) => column.read(row) === true;
    }
    case 'call':
      return textFunction(filter, dialect) ?? dialect.call(filter) ?? unknownFunction(filter.name);
  }
}

function unknownFunction(name: string): never {
  throw new QuerySyntaxError(
    `An unknown function with name '${name}' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed.`,
  );
}

function comparison<R>(operator: Comparison, left: Operand, right: Operand, dialect: FilterDialect<R>): Condition<R> {
  const type = typeOf(left, dialect) ?? typeOf(right, dialect) ?? 'text';
  const readLeft = keyReader(left, type, dialect);
  const readRight = keyReader(right, type, dialect);
  const test = tests[operator];
  return (row) => test(readLeft(row), readRight(row));
}

function ordered(test: (a: string | number | boolean, b: string | number | boolean) => boolean) {
  return (a: Key, b: Key): boolean => a !== null && b !== null && test(a, b);
}

const tests: Readonly<Record<Comparison, (a: Key, b: Key) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: ordered((a, b) => a > b),
  ge: ordered((a, b) => a >= b),
  lt: ordered((a, b) => a < b),
  le: ordered((a, b) => a <= b),
};

/** The condition that a column's value is one of `items`. Also behind Dataverse's function `In`. */
export function membership<R>(left: Operand, items: readonly Literal[], dialect: FilterDialect<R>): Condition<R> {
  const type = typeOf(left, dialect) ?? 'text';
  const read = keyReader(left, type, dialect);
  const keys = new Set(items.map((item) => keyOf(item.value, type, dialect)));
  return (row) => keys.has(read(row));
}

const textTests: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  contains: (text, part) => text.includes(part),
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
};

function textFunction<R>(call: Call, dialect: FilterDialect<R>): Condition<R> | undefined {
  const test = textTests[call.name];
  if (test === undefined) return undefined;
  const [text, part] = call.args.map((argument) => argument.value);
  if (text === undefined || part === undefined || !isOperand(text) || !isOperand(part))
    throw new QuerySyntaxError(`The function '${call.name}' expects a column and a text.`);
  const readText = keyReader(text, 'text', dialect);
  const readPart = keyReader(part, 'text', dialect);
  return (row) => {
    const [a, b] = [readText(row), readPart(row)];
    return typeof a === 'string' && typeof b === 'string' && test(a, b);
  };
}

const isOperand = (value: Operand | readonly Literal[]): value is Operand => !Array.isArray(value);

function typeOf<R>(operand: Operand, dialect: FilterDialect<R>): Comparable | undefined {
  if (operand.kind === 'path') return dialect.column(operand.segments).type;
  return operand.kind === 'call' ? 'text' : undefined;
}

function keyReader<R>(operand: Operand, type: Comparable, dialect: FilterDialect<R>): (row: R) => Key {
  if (operand.kind === 'literal') {
    const key = keyOf(operand.value, type, dialect);
    return () => key;
  }
  if (operand.kind === 'call') return caseReader(operand, dialect);
  const column = dialect.column(operand.segments);
  if (type === 'instant' && column.readMs !== undefined) return column.readMs;
  return (row) => keyOf(column.read(row), type, dialect);
}

/** `tolower(x)` and `toupper(x)`, the functions that answer with a text. */
function caseReader<R>(call: Call, dialect: FilterDialect<R>): (row: R) => Key {
  const argument = call.args[0]?.value;
  const change = { tolower: (text: string) => text.toLowerCase(), toupper: (text: string) => text.toUpperCase() }[
    call.name
  ];
  if (change === undefined || argument === undefined || !isOperand(argument)) return unknownFunction(call.name);
  const read = keyReader(argument, 'text', dialect);
  return (row) => {
    const text = read(row);
    return typeof text === 'string' ? dialect.foldText(change(text)) : text;
  };
}

function keyOf<R>(value: Scalar, type: Comparable, dialect: FilterDialect<R>): Key {
  if (value === null) return null;
  if (type === 'text') return dialect.foldText(String(value));
  if (type === 'boolean') return typeof value === 'boolean' ? value : mismatch(value, type);
  if (type === 'number') return typeof value === 'number' ? value : mismatch(value, type);
  if (type === 'guid')
    return /^[\da-f-]{36}$/i.test(String(value)) ? String(value).toLowerCase() : mismatch(value, type);
  const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(instant)) return mismatch(value, type);
  return type === 'instant' ? instant : new Date(instant).toISOString().slice(0, 10);
}

function mismatch(value: Scalar, type: Comparable): never {
  throw new QuerySyntaxError(
    `A binary operator with incompatible types was detected: expected a value of type ${type}, found '${String(value)}'.`,
  );
}

/** Compares two values of a column for `$orderby`; blank comes first. */
export function compareValues<R>(a: Scalar, b: Scalar, type: Comparable, dialect: FilterDialect<R>): number {
  const [left, right] = [keyOf(a, type, dialect), keyOf(b, type, dialect)];
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : 1;
}
