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

type JsonValue = string | number | boolean | null;

/** A value of a record. */
export const JsonScalar = new GraphQLScalarType<JsonValue, JsonValue>({
  name: 'JSON',
  description:
    'A value of a record: text, boolean, null, or a whole number that a double holds. Decimals, dates and longer numbers are text, so that no digit is lost.',
  serialize: parseJson,
  parseValue: parseJson,
  parseLiteral: parseJsonLiteral,
});

function parseJson(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new GraphQLError(`JSON: expected text, true, false, null or a whole number below 2^53, got ${shown(value)}`);
}

function parseJsonLiteral(node: ValueNode): JsonValue {
  switch (node.kind) {
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
      return parseJson(Number(node.value));
    case Kind.NULL:
      return null;
    default:
      return parseJson(node);
  }
}

// What came is told by its kind only where it may be long or nested.
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 50));
  return typeof value === 'number' ? String(value) : value === null ? 'null' : `a value of type ${typeof value}`;
}
