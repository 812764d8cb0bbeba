import { describe, expect, test } from 'vitest';
import type { FieldMetadata, FieldType, FieldValue } from '../../../src/mapping/field-value.js';
import { FilterSyntaxError } from '../../../src/mapping/filter/filter-ast.js';
import { compileFilter } from '../../../src/mapping/filter/filter-predicate.js';
import { parseFilter } from '../../../src/mapping/filter/parse-filter.js';

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
  ])('"$expression" is refused for a field of another type, naming the operand', ({ expression, of, position }) => {
    expect(errorOf(() => compileFilter(expression, of)).position).toBe(position);
  });

  test('a pattern of many stars is matched without blowing up', () => {
    expect(compileFilter(`${'*a'.repeat(50)}b`, text)('a'.repeat(5_000))).toBe(false);
  });
});

function errorOf(act: () => unknown): FilterSyntaxError {
  try {
    act();
  } catch (error) {
    if (error instanceof FilterSyntaxError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
