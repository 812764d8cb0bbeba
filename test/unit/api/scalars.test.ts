import { parseValue } from 'graphql';
import { expect, test } from 'vitest';
import { DateTimeScalar, JsonScalar, LocalTimeScalar, TimeZoneScalar } from '../../../src/api/scalars.js';

test('a time of day may leave out the seconds, and is otherwise exact', () => {
  expect(LocalTimeScalar.parseValue('08:30')).toBe('08:30:00');
  expect(LocalTimeScalar.parseValue('23:59:59')).toBe('23:59:59');
  expect(LocalTimeScalar.parseLiteral(parseValue('"00:00"'), null)).toBe('00:00:00');
  for (const wrong of ['24:00', '8:30', '08:60', '08:30:00.5', '', null, 830]) {
    expect(() => LocalTimeScalar.parseValue(wrong)).toThrow('LocalTime: expected a time of day');
  }
});

test('a JSON value is text, boolean, null or a whole number that a double holds', () => {
  for (const value of ['', 'a', true, null, 0, -1, Number.MAX_SAFE_INTEGER]) {
    expect(JsonScalar.parseValue(value)).toBe(value);
    expect(JsonScalar.serialize(value)).toBe(value);
  }
  for (const wrong of [
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    [2 ** 53 + 0.5],
    { a: { b: 2 ** 53 } },
    new Map(),
    undefined,
  ]) {
    expect(() => JsonScalar.parseValue(wrong)).toThrow('JSON: expected');
    expect(() => JsonScalar.serialize(wrong)).toThrow('JSON: expected');
  }
  expect(JsonScalar.parseLiteral(parseValue('12'), null)).toBe(12);
  expect(() => JsonScalar.parseLiteral(parseValue('9007199254740993'), null)).toThrow('JSON: expected');
});

test('a decimal number becomes the text that tells all of its digits', () => {
  for (const [value, text] of [
    [1.5, '1.5'],
    [-0.05, '-0.05'],
    [1e-10, '0.0000000001'],
    [1234.25, '1234.25'],
  ] as const) {
    expect(JsonScalar.parseValue({ amounts: [value] })).toEqual({ amounts: [text] });
    expect(JsonScalar.serialize(value)).toBe(text);
  }
  expect(JsonScalar.parseLiteral(parseValue('{ amount: 0.1000000000000000055 }'), null)).toEqual({
    amount: '0.1000000000000000055',
  });
  expect(JsonScalar.parseLiteral(parseValue('1.5e2'), null)).toBe(150);
});

test('a JSON value may be a document of such values, but none that is nested without end', () => {
  const document = { name: 'CUSTOMER', fields: [{ field: 'name', enabled: true, length: 20 }, null] };
  expect(JSON.stringify(JsonScalar.parseValue(document))).toBe(JSON.stringify(document));
  const literal = parseValue('{ name: "CUSTOMER", fields: [{ field: "name", enabled: true, length: 20 }, null] }');
  expect(JSON.stringify(JsonScalar.parseLiteral(literal, null))).toBe(JSON.stringify(document));
  expect(JsonScalar.parseLiteral(parseValue('[$a]'), { a: 1 })).toEqual([1]);
  let deep: unknown = 1;
  for (let level = 0; level < 31; level += 1) deep = [deep];
  expect(() => JsonScalar.parseValue(deep)).toThrow('at most 30 levels');
  expect(() => JsonScalar.parseLiteral(parseValue(JSON.stringify(deep)), null)).toThrow('at most 30 levels');
});

test('an instant of any offset becomes the same instant', () => {
  expect(DateTimeScalar.parseValue('2026-01-05T11:30:05+01:00')).toEqual(new Date('2026-01-05T10:30:05.000Z'));
  expect(JSON.stringify(DateTimeScalar.serialize(new Date('2026-01-05T10:30:05Z')))).toBe('"2026-01-05T10:30:05.000Z"');
  expect(() => DateTimeScalar.parseValue('2026-01-05')).toThrow();
});

test('a time zone has to exist', () => {
  expect(TimeZoneScalar.parseValue('Europe/Copenhagen')).toBe('Europe/Copenhagen');
  expect(() => TimeZoneScalar.parseValue('Mars/Base')).toThrow();
});
