import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FieldMetadata, FieldType, FieldValue } from '../../../src/mapping/field-value.js';
import { type FilterNode, FilterSyntaxError, type PatternPart } from '../../../src/mapping/filter/filter-ast.js';
import { compileFilter } from '../../../src/mapping/filter/filter-predicate.js';
import { parseFilter } from '../../../src/mapping/filter/parse-filter.js';
import { normalFilter, printFilter } from '../../../src/mapping/filter/print-filter.js';

const field = (type: FieldType, options: FieldMetadata['options'] = []): FieldMetadata => ({
  name: 'f',
  label: 'F',
  type,
  nativeType: type,
  maxLength: null,
  scale: null,
  nullable: true,
  readOnly: false,
  target: null,
  options,
});

const blocked = field('OPTION', [
  { value: 'Ship', label: 'Ship' },
  { value: 'All', label: 'All' },
]);
const customerType = field('OPTION', [
  { value: '3', label: 'Customer' },
  { value: '8', label: 'Prospect' },
]);

interface FilterCase {
  readonly expression: string;
  readonly of: FieldMetadata;
  readonly matches: readonly FieldValue[];
  readonly leaves: readonly FieldValue[];
}

const text = field('TEXT');
const code = field('CODE');
const decimal = field('DECIMAL');
const moment = field('DATE_TIME');
const at = (time: string): string => new Date(`${time}Z`).toISOString();
/** An option that a system counts by numbers of its own, from a blank one. */
const numbered = field('OPTION', [
  { value: 'G/L Account', label: 'G/L Account', number: 1 },
  { value: 'Item', label: 'Item', number: 2 },
  { value: 'Resource', label: 'Resource', number: 3 },
]);

describe('a NAV filter expression', () => {
  test.each<FilterCase>([
    { expression: 'Oslo', of: text, matches: ['Oslo'], leaves: ['oslo', 'Oslo 2', null] },
    { expression: '@oslo', of: text, matches: ['Oslo', 'OSLO'], leaves: ['Bergen', null] },
    { expression: 'A*|B?', of: text, matches: ['A', 'Abc', 'Bx'], leaves: ['B', 'Bxx', 'cA', null] },
    { expression: '@*fa*', of: text, matches: ['FA', 'sofas'], leaves: ['soda'] },
    { expression: "'A*'", of: text, matches: ['A*'], leaves: ['Abc'] },
    { expression: "'R&D|x'", of: text, matches: ['R&D|x'], leaves: ['R', 'x'] },
    { expression: "'O''Brien'", of: text, matches: ["O'Brien"], leaves: ['OBrien'] },
    { expression: "''", of: text, matches: [null], leaves: ['x'] },
    { expression: "<>''", of: text, matches: ['x'], leaves: [null] },
    { expression: '<>A&<>B', of: code, matches: ['C', null], leaves: ['A', 'B'] },
    { expression: 'c1..c3', of: code, matches: ['C1', 'C2', 'C3'], leaves: ['C0', 'C4', null] },
    { expression: '..C3', of: code, matches: ['A', 'C3'], leaves: ['C4', null] },
    { expression: '10..', of: decimal, matches: ['10', '10.0001', '100'], leaves: ['9.9999', '2', null] },
    { expression: '>=100&<200', of: decimal, matches: ['100', '199.99'], leaves: ['99', '200', null] },
    { expression: '(<0|>10)&<>20', of: decimal, matches: ['-1', '11'], leaves: ['0', '5', '20'] },
    { expression: '1.50', of: decimal, matches: ['1.5'], leaves: ['15', null] },
    { expression: "' '", of: blocked, matches: [null], leaves: ['All', 'Ship'] },
    { expression: 'ship|all', of: blocked, matches: ['Ship', 'All'], leaves: [null] },
    { expression: '3', of: customerType, matches: ['3'], leaves: ['8', null] },
    { expression: 'Customer', of: customerType, matches: ['3'], leaves: ['8', null] },
    { expression: 'No', of: field('BOOLEAN'), matches: [false], leaves: [true, null] },
    { expression: '2026-01-01..2026-01-31', of: field('DATE'), matches: ['2026-01-31'], leaves: ['2026-02-01', null] },
    { expression: ' A | B ', of: text, matches: ['A', 'B'], leaves: ['A '] },
    { expression: "'R&D'*|*'(x)'", of: text, matches: ['R&D', 'R&D 2', 'a(x)'], leaves: ['RD', 'x'] },
    { expression: "O'Brien", of: text, matches: ["O'Brien"], leaves: ['OBrien'] },
    { expression: '*', of: text, matches: ['x', null], leaves: [] },
    { expression: '?*', of: text, matches: ['x', 'xy'], leaves: [null] },
    { expression: '<>A*', of: text, matches: ['B', 'a', null], leaves: ['A', 'Ab'] },
    { expression: '?', of: text, matches: ['é', '😀'], leaves: ['ab'] },
    { expression: 'a*', of: code, matches: ['A', 'AB'], leaves: ['B'] },
    { expression: '@a', of: code, matches: ['A'], leaves: ['B'] },
    {
      expression: '2026-02-01',
      of: moment,
      matches: [at('2026-02-01T00:00'), at('2026-02-01T23:59')],
      leaves: [at('2026-02-02T00:00'), null],
    },
    { expression: '..2026-02-01', of: moment, matches: [at('2026-02-01T23:59')], leaves: [at('2026-02-02T00:00')] },
    { expression: '>2026-02-01', of: moment, matches: [at('2026-02-02T00:00')], leaves: [at('2026-02-01T23:59')] },
    {
      expression: '<>2026-02-01',
      of: moment,
      matches: [at('2026-02-02T00:00'), null],
      leaves: [at('2026-02-01T12:00')],
    },
    {
      expression: '2026-02-01T10:00..',
      of: moment,
      matches: [at('2026-02-01T10:00')],
      leaves: [at('2026-02-01T09:59')],
    },
    { expression: '8:00..12:30', of: field('TIME'), matches: ['08:00:00', '12:30:00'], leaves: ['12:30:01', null] },
    { expression: '2..3', of: numbered, matches: ['Item', 'Resource'], leaves: ['G/L Account', null] },
    { expression: '2', of: numbered, matches: ['Item'], leaves: ['Resource', null] },
    { expression: '0', of: numbered, matches: [null], leaves: ['Item'] },
    { expression: "'G/L Account'|<>1&<>2", of: numbered, matches: ['G/L Account', 'Resource', null], leaves: ['Item'] },
    { expression: '1|2|3..4&<>4', of: field('INTEGER'), matches: [1, 2, 3], leaves: [4, 5, null] },
    { expression: '{ABC}', of: field('GUID'), matches: ['abc'], leaves: ['x'] },
  ])('$expression selects what NAV would select', ({ expression, of, matches, leaves }) => {
    const predicate = compileFilter(expression, of);
    expect(matches.filter((value) => !predicate(value))).toEqual([]);
    expect(leaves.filter((value) => predicate(value))).toEqual([]);
  });

  test.each([
    { expression: '', position: 0, expected: 'a value' },
    { expression: 'A|', position: 2, expected: 'a value' },
    { expression: '(A|B', position: 4, expected: ')' },
    { expression: "'A", position: 2, expected: "a closing '" },
    { expression: 'A)', position: 1, expected: '|, & or the end' },
    { expression: '>=', position: 2, expected: 'a value' },
    { expression: '10..2*', position: 4, expected: 'without wildcards' },
    { expression: 'A|>B*', position: 3, expected: 'without wildcards' },
    { expression: "'A'B", position: 3, expected: '|, & or the end' },
    { expression: 'A|(B&', position: 5, expected: 'a value' },
  ])('"$expression" is refused at its character $position', ({ expression, position, expected }) => {
    const error = errorOf(() => parseFilter(expression));
    expect(error.position).toBe(position);
    expect(error.expected).toContain(expected);
    expect(error.message).toContain(`character ${position + 1}`);
  });

  test.each([
    { expression: '>x', of: decimal, position: 1 },
    { expression: '3|Gold', of: customerType, position: 2 },
    { expression: 'maybe', of: field('BOOLEAN'), position: 0 },
    { expression: '31/01/2026', of: field('DATE'), position: 0 },
    { expression: '<2026-02-30', of: field('DATE'), position: 1 },
    { expression: '8:00..25:00', of: field('TIME'), position: 6 },
    { expression: '1*', of: decimal, position: 0 },
  ])('"$expression" is refused for a field of another type, naming the operand', ({ expression, of, position }) => {
    expect(errorOf(() => compileFilter(expression, of)).position).toBe(position);
  });

  test.each([
    [' ( A | B ) | C ', 'A|B|C'],
    ['(A|B)&(C)', '(A|B)&C'],
    ["=A|'B'|'C D'", 'A|B|C D'],
    ["'R&D'|'*'|'x '|O'Brien", "'R&D'|'*'|'x '|'O''Brien'"],
    ['1 .. 2|3..|..4', '1..2|3..|..4'],
    ["@'fa'*|<>''", "@fa*|<>''"],
  ])('%s has the normal form %s', (expression, normal) => {
    expect(normalFilter(expression)).toBe(normal);
  });

  test('what is printed reads as the same filter', () => {
    fc.assert(
      fc.property(filters, (node) => {
        const printed = printFilter(node);
        expect(withoutPositions(parseFilter(printed))).toEqual(withoutPositions(node));
        expect(normalFilter(printed)).toBe(printed);
      }),
    );
  });

  test('any text is either a filter that prints and reads as itself, or refused inside of it', () => {
    const texts = fc.string({ unit: fc.constantFrom(...Array.from("|&()<>=*?@'. ab1-")), maxLength: 20 });
    fc.assert(
      fc.property(texts, (expression) => {
        try {
          const node = parseFilter(expression);
          expect(withoutPositions(parseFilter(printFilter(node)))).toEqual(withoutPositions(node));
        } catch (error) {
          if (!(error instanceof FilterSyntaxError)) throw error;
          expect(error.position).toBeLessThanOrEqual(expression.length);
        }
      }),
    );
  });

  test('a pattern of many stars is matched without blowing up', () => {
    expect(compileFilter(`${'*a'.repeat(50)}b`, text)('a'.repeat(5_000))).toBe(false);
  });
});

/** Texts and wildcards in turn, as the parser gives them. */
const parts = fc
  .array(
    fc.oneof(
      fc.record({ text: fc.string({ minLength: 1, maxLength: 8 }) }),
      fc.record({ wildcard: fc.constantFrom('*' as const, '?' as const) }),
    ),
    { maxLength: 4 },
  )
  .map((drawn) => drawn.filter((part, index) => !('text' in part) || !('text' in (drawn[index - 1] ?? {}))));
const operandOf = (some: fc.Arbitrary<readonly PatternPart[]>) =>
  fc.record({ parts: some, ignoreCase: fc.boolean(), position: fc.constant(0) });
const patterns = operandOf(parts);
const values = operandOf(fc.string({ maxLength: 8 }).map((drawn) => (drawn === '' ? [] : [{ text: drawn }])));
const terms: fc.Arbitrary<FilterNode> = fc.oneof(
  fc.record({
    kind: fc.constant('compare' as const),
    operator: fc.constantFrom('=' as const, '<>' as const),
    operand: patterns,
  }),
  fc.record({
    kind: fc.constant('compare' as const),
    operator: fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const),
    operand: values,
  }),
  fc
    .tuple(fc.option(values), fc.option(values))
    .filter(([from, to]) => from !== null || to !== null)
    .map(([from, to]): FilterNode => ({ kind: 'range', from, to })),
);
const several = (items: fc.Arbitrary<FilterNode>) => fc.array(items, { minLength: 2, maxLength: 3 });
const conjunctions = several(
  fc.oneof(
    terms,
    several(terms).map((nodes): FilterNode => ({ kind: 'or', nodes })),
  ),
).map((nodes): FilterNode => ({ kind: 'and', nodes }));
const filters: fc.Arbitrary<FilterNode> = fc.oneof(
  terms,
  conjunctions,
  several(fc.oneof(terms, conjunctions)).map((nodes): FilterNode => ({ kind: 'or', nodes })),
);

const withoutPositions = (node: FilterNode): unknown =>
  JSON.parse(JSON.stringify(node, (key, value: unknown) => (key === 'position' ? undefined : value)));

function errorOf(act: () => unknown): FilterSyntaxError {
  try {
    act();
  } catch (error) {
    if (error instanceof FilterSyntaxError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
