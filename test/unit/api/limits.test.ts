import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { defaultLimits, limitRules } from '../../../src/api/limits.js';

const schema = buildSchema('type Query { a: Query b: Int }');
const nested = (levels: number): string => `${'{ a '.repeat(levels - 1)}{ b }${' }'.repeat(levels - 1)}`;
const messages = (document: string): string[] =>
  validate(schema, parse(document), limitRules(defaultLimits)).map(({ message }) => message);

test('15 levels pass and 16 do not', () => {
  expect(messages(nested(15))).toEqual([]);
  expect(messages(nested(16))).toEqual([expect.stringContaining('16 levels deep; at most 15')]);
});

test('levels are counted through fragments', () => {
  const inFragment = `{ a { ...F } } fragment F on Query ${nested(15)}`;
  const inline = `{ a { ... on Query ${nested(15)} } }`;
  expect(messages(inFragment)).toEqual([expect.stringContaining('16 levels')]);
  expect(messages(inline)).toEqual([expect.stringContaining('16 levels')]);
});

test('an alias in a fragment counts at each use', () => {
  const uses = (count: number): string => `{ ${'...F '.repeat(count)} } fragment F on Query { x: b y: b }`;
  expect(messages(uses(15))).toEqual([]);
  expect(messages(uses(16))).toEqual([expect.stringContaining('32 aliases; at most 30')]);
});

test('fragments of fragments that would multiply are counted without being expanded', () => {
  const fragments = Array.from(
    { length: 40 },
    (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`,
  );
  const document = `{ ...F0 } ${fragments.join(' ')} fragment F40 on Query { x: b }`;
  expect(messages(document)).toEqual([expect.stringContaining('aliases')]);
});

test('50 directives pass and 51 do not', () => {
  const flood = (count: number): string => `{ b ${'@include(if: true) '.repeat(count)} }`;
  expect(messages(flood(50))).toEqual([]);
  expect(messages(flood(51))).toEqual([expect.stringContaining('more than 50 directives')]);
});

test('a fragment that uses itself ends the counting', () => {
  expect(messages('{ ...F } fragment F on Query { a { ...F } }')).toEqual([]);
});
