import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { GraphQLDateTime, GraphQLTimeZone } from 'graphql-scalars';

/** An instant. Values are `Date`s. */
export const DateTimeScalar = new GraphQLScalarType<Date, Date>({
  ...GraphQLDateTime.toConfig(),
  description:
    'An instant, RFC 3339 in UTC with milliseconds, e.g. 2026-01-05T10:30:05.000Z. Input may have any offset.',
});

/** An IANA time zone. */
export const TimeZoneScalar = new GraphQLScalarType<string, string>({
  ...GraphQLTimeZone.toConfig(),
  description: 'An IANA time zone, e.g. Europe/Copenhagen.',
  // What is stored was checked when it came, and checking means building a formatter of times.
  serialize: String,
});

const LOCAL_TIME = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/;

/** A time of day, stored and answered as HH:MM:SS. */
export const LocalTimeScalar = new GraphQLScalarType<string, string>({
  name: 'LocalTime',
  description: 'A time of day, HH:MM:SS, in the time zone that its object names. Input may leave out the seconds.',
  serialize: parseLocalTime,
  parseValue: parseLocalTime,
  parseLiteral: (node) => parseLocalTime(node.kind === Kind.STRING ? node.value : null),
});

function parseLocalTime(value: unknown): string {
  if (typeof value !== 'string' || !LOCAL_TIME.test(value)) {
    throw new GraphQLError(`LocalTime: expected a time of day such as 08:30:00, got ${shown(value)}`);
  }
  return value.length === 'HH:MM'.length ? `${value}:00` : value;
}

type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

// Deeper than any document of this service, and shallow enough that no value exhausts the stack.
const DEEPEST_JSON = 30;

/** A value of a record, or a document of such values. */
export const JsonScalar = new GraphQLScalarType<JsonValue, JsonValue>({
  name: 'JSON',
  description:
    'A value of a record: text, boolean, null, or a whole number that a double holds. Decimals, dates and longer numbers are text, so that no digit is lost: a number with decimals becomes such a text. Where a field says so, an object or a list of such values.',
  serialize: (value) => parseJson(value, 0),
  parseValue: (value) => parseJson(value, 0),
  parseLiteral: (node, variables) => parseJsonLiteral(node, variables ?? {}, 0),
});

function parseJson(value: unknown, depth: number): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'number' && isFraction(value)) return decimalText(value);
  if (typeof value === 'object' && isPlain(value)) {
    refuseDepth(depth);
    if (Array.isArray(value)) return value.map((item) => parseJson(item, depth + 1));
    return objectOf(Object.entries(value).map(([name, item]) => [name, parseJson(item, depth + 1)]));
  }
  throw new GraphQLError(
    `JSON: expected text, true, false, null, a number below 2^53, or an object or list of these, got ${shown(value)}`,
  );
}

/** A number with decimals, in the range in which its shortest text tells it without loss. */
const isFraction = (value: number): boolean => !Number.isInteger(value) && Math.abs(value) < 2 ** 53;

const SMALLEST_DECIMALS = 20;

/** Decimals are text, so that no digit is lost on the way; without exponent. */
const decimalText = (value: number): string => {
  const text = String(value);
  return text.includes('e') ? value.toFixed(SMALLEST_DECIMALS).replace(/\.?0+$/, '') : text;
};

function parseJsonLiteral(node: ValueNode, variables: Readonly<Record<string, unknown>>, depth: number): JsonValue {
  switch (node.kind) {
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
      return parseJson(Number(node.value), depth);
    case Kind.NULL:
      return null;
    case Kind.LIST:
      refuseDepth(depth);
      return node.values.map((item) => parseJsonLiteral(item, variables, depth + 1));
    case Kind.OBJECT:
      refuseDepth(depth);
      return objectOf(
        node.fields.map(({ name, value }) => [name.value, parseJsonLiteral(value, variables, depth + 1)]),
      );
    case Kind.VARIABLE:
      return parseJson(variables[node.name.value] ?? null, depth);
    case Kind.FLOAT:
      // As it was written: a literal may have more digits than a double.
      return /[eE]/.test(node.value) ? parseJson(Number(node.value), depth) : node.value;
    default:
      return parseJson(undefined, depth);
  }
}

// Without a prototype no name of an entry can reach one.
const objectOf = (entries: readonly (readonly [string, JsonValue])[]): { readonly [name: string]: JsonValue } =>
  Object.assign(Object.create(null) as object, Object.fromEntries(entries));

const isPlain = (value: object): boolean =>
  Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);

function refuseDepth(depth: number): void {
  if (depth >= DEEPEST_JSON) {
    throw new GraphQLError(`JSON: expected at most ${DEEPEST_JSON} levels, got more`);
  }
}

// What came is told by its kind only where it may be long or nested.
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 50));
  return typeof value === 'number' ? String(value) : value === null ? 'null' : `a value of type ${typeof value}`;
}
