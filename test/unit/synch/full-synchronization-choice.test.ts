import { expect, test } from 'vitest';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { chooseMappings } from '../../../src/synch/full-synchronization-choice.js';
import { mapping } from '../../integration/api/records.js';

const known: readonly IntegrationTableMapping[] = [
  mapping('connection', 'CUSTOMER'),
  mapping('connection', 'CURRENCY'),
  mapping('connection', 'VENDOR', { enabled: false }),
  mapping('connection', 'PAYMENT TERMS', { kind: 'OPTION' }),
  mapping('connection', 'LINES', { integrationTable: 'invoicedetails' }),
];

const namesOf = (names: readonly string[] | null) => chooseMappings(known, names).mappings?.map(({ name }) => name);

test('without names all enabled mappings with records take part', () => {
  expect(namesOf(null)).toEqual(['CUSTOMER', 'CURRENCY']);
});

test('with names only these take part', () => {
  expect(namesOf(['CURRENCY'])).toEqual(['CURRENCY']);
});

test.each([
  ['an unknown name', ['CUSTOMER', 'PIRATES'], 'NOT_FOUND', 1, 'no mapping "PIRATES"; it has CUSTOMER, CURRENCY'],
  ['a disabled mapping', ['VENDOR'], 'INVALID', 0, '"VENDOR" is disabled; enable it first'],
  ['an option mapping', ['PAYMENT TERMS'], 'INVALID', 0, 'leave the mapping "PAYMENT TERMS" out: it couples options'],
  ['a mapping of lines', ['LINES'], 'INVALID', 0, '"LINES" out: its records go with those of invoices'],
  ['a name that comes twice', ['CUSTOMER', 'CUSTOMER'], 'INVALID', 1, 'each name once, got "CUSTOMER" again'],
  ['an empty list', [], 'INVALID', null, 'leave it out to take all'],
])('%s is refused with its place', (_, names, code, index, message) => {
  const { mappings, problems } = chooseMappings(known, names);
  expect(mappings).toBeNull();
  expect(problems).toEqual([{ code, index, message: expect.stringContaining(message) }]);
});

test('all that is wrong is told at once', () => {
  expect(chooseMappings(known, ['NOBODY', 'VENDOR']).problems.map(({ code }) => code)).toEqual([
    'NOT_FOUND',
    'INVALID',
  ]);
});

test('a connection without an enabled mapping has nothing to synchronize', () => {
  const disabled = known.filter(({ enabled }) => !enabled);
  expect(chooseMappings(disabled, null).problems).toMatchObject([{ code: 'INVALID', index: null }]);
});
