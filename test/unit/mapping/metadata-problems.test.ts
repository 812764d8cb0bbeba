import { describe, expect, test } from 'vitest';
import type { FieldMetadata, FieldType } from '../../../src/mapping/field-value.js';
import { metadataProblems } from '../../../src/mapping/metadata-problems.js';
import { fieldPair, mapping } from '../../integration/api/records.js';
import { fieldMetadata, tableMetadata } from '../../support/metadata.js';

const business = tableMetadata('customers', [
  fieldMetadata('displayName', { maxLength: 100 }),
  fieldMetadata('number', { type: 'CODE', maxLength: 20 }),
  fieldMetadata('balance', { type: 'DECIMAL', readOnly: true }),
  fieldMetadata('creditLimit', { type: 'DECIMAL' }),
  fieldMetadata('currencyId', { type: 'REFERENCE', target: 'currencies' }),
  fieldMetadata('city'),
]);
const sales = tableMetadata('accounts', [
  fieldMetadata('name', { maxLength: 160 }),
  fieldMetadata('accountnumber'),
  fieldMetadata('creditlimit', { type: 'DECIMAL', nativeType: 'Money' }),
  fieldMetadata('createdon', { type: 'DATE_TIME', readOnly: true }),
  fieldMetadata('transactioncurrencyid', { type: 'REFERENCE', target: 'transactioncurrencies' }),
  fieldMetadata('statecode', { type: 'OPTION', options: [{ value: '0', label: 'Active' }] }),
]);

const plain = mapping('c', 'CUSTOMER', {
  tableFilter: [],
  templates: [],
  fields: [fieldPair('city', 'accountnumber')],
});
const problems = (parts: Parameters<typeof mapping>[2]) => metadataProblems({ ...plain, ...parts }, business, sales);
const to = 'TO_INTEGRATION_TABLE';

test('a field that a table does not have is an error at its place, and a warning while the pair rests', () => {
  expect(problems({ fields: [fieldPair('displayname', 'nam')] })).toEqual([
    expect.objectContaining({
      severity: 'ERROR',
      code: 'UNKNOWN_FIELD',
      path: ['fields', '0', 'field'],
      message: 'expected a field of customers, got "displayname"',
    }),
    expect.objectContaining({ severity: 'ERROR', code: 'UNKNOWN_FIELD', path: ['fields', '0', 'integrationField'] }),
  ]);
  expect(problems({ fields: [fieldPair('nothing', 'name', { enabled: false })] })).toMatchObject([
    { severity: 'WARNING', code: 'UNKNOWN_FIELD' },
  ]);
});

test('the side of a constant that has no field is no unknown field', () => {
  expect(problems({ fields: [fieldPair('', 'name', { direction: to, constantValue: 'x' })] })).toEqual([]);
});

describe('a field that cannot be written', () => {
  test('is an error only where the mapping would write it, and the message tells the direction that goes', () => {
    expect(problems({ fields: [fieldPair('balance', 'creditlimit', { direction: to })] })).toEqual([]);
    expect(problems({ direction: to, fields: [fieldPair('balance', 'creditlimit')] })).toEqual([]);
    expect(problems({ fields: [fieldPair('balance', 'creditlimit')] })).toEqual([
      {
        severity: 'ERROR',
        code: 'READ_ONLY_FIELD',
        path: ['fields', '0', 'field'],
        position: null,
        message: expect.stringMatching(/customers.*"balance".*TO_INTEGRATION_TABLE/),
      },
    ]);
  });

  test('is an error in a template of its side', () => {
    const templates = [
      { side: 'SALES' as const, priority: 0, filter: [], values: [{ field: 'createdon', value: 'x' }] },
    ];
    expect(problems({ templates })).toMatchObject([
      { code: 'READ_ONLY_FIELD', path: ['templates', '0', 'values', '0', 'field'] },
    ]);
  });
});

describe('types', () => {
  const between = (source: FieldType, destination: FieldType, parts = {}) =>
    metadataProblems(
      { ...plain, direction: to, fields: [fieldPair('a', 'b', parts)] },
      tableMetadata('customers', [fieldMetadata('a', { type: source })]),
      tableMetadata('accounts', [fieldMetadata('b', { type: destination })]),
    );

  test.each<[FieldType, FieldType]>([
    ['CODE', 'TEXT'],
    ['INTEGER', 'DECIMAL'],
    ['DATE', 'DATE_TIME'],
    ['DATE_TIME', 'DATE'],
    ['TEXT', 'OPTION'],
    ['BOOLEAN', 'TEXT'],
  ])('%s fits %s', (source, destination) => {
    expect(between(source, destination)).toEqual([]);
  });

  test.each<[FieldType, FieldType]>([
    ['TEXT', 'INTEGER'],
    ['TEXT', 'DATE'],
    ['DECIMAL', 'INTEGER'],
  ])('only some of %s fit %s, so it is a warning', (source, destination) => {
    expect(between(source, destination)).toMatchObject([{ severity: 'WARNING', code: 'INCOMPATIBLE_TYPES' }]);
  });

  test.each<[FieldType, FieldType]>([
    ['DATE', 'DECIMAL'],
    ['BINARY', 'TEXT'],
    ['BOOLEAN', 'DATE'],
    ['OTHER', 'OTHER'],
  ])('%s never fits %s, and the message names both', (source, destination) => {
    expect(between(source, destination)).toMatchObject([
      {
        severity: 'ERROR',
        code: 'INCOMPATIBLE_TYPES',
        message: expect.stringMatching(new RegExp(`${source}.*${destination}`)),
      },
    ]);
  });

  test('a reference fits a reference by a lookup alone', () => {
    expect(between('REFERENCE', 'REFERENCE')).toMatchObject([
      { severity: 'ERROR', message: expect.stringContaining('needs the lookup of a mapping') },
    ]);
    expect(between('REFERENCE', 'REFERENCE', { lookup: 'CURRENCY' })).toEqual([]);
    expect(between('DATE', 'REFERENCE', { lookup: 'CURRENCY' })).toMatchObject([{ severity: 'ERROR' }]);
  });

  test('are not compared where an option map, a rule or a constant makes the value', () => {
    for (const parts of [
      { optionMap: [{ value: '1', integrationValue: '2' }] },
      { transformations: ['DATEOF'] },
      { constantValue: '5' },
    ])
      expect(between('DATE', 'DECIMAL', parts)).toEqual([]);
  });
});

describe('lengths', () => {
  test('a text that is longer than its destination is a warning that names both, in each direction that is written', () => {
    expect(problems({ fields: [fieldPair('displayName', 'name')] })).toEqual([
      {
        severity: 'WARNING',
        code: 'TOO_LONG',
        path: ['fields', '0', 'field'],
        position: null,
        message: 'name holds 160 characters and displayName 100: longer texts are cut',
      },
    ]);
    expect(problems({ fields: [fieldPair('displayName', 'name', { direction: to })] })).toEqual([]);
  });

  test('a code is not cut, and the warning says so', () => {
    expect(problems({ fields: [fieldPair('number', 'name', { direction: 'FROM_INTEGRATION_TABLE' })] })).toMatchObject([
      { code: 'TOO_LONG', message: expect.stringContaining('a longer code fails the record') },
    ]);
  });
});

test('an option map that leads to an option which does not exist is an error; labels count as options', () => {
  const map = (integrationValue: string) => ({
    fields: [fieldPair('city', 'statecode', { direction: to, optionMap: [{ value: 'x', integrationValue }] } as const)],
  });
  expect(problems(map('0'))).toEqual([]);
  expect(problems(map('active'))).toEqual([]);
  expect(problems(map('7'))).toMatchObject([
    {
      severity: 'ERROR',
      code: 'INCOMPATIBLE_TYPES',
      path: ['fields', '0', 'optionMap', '0', 'integrationValue'],
      message: 'expected an option of statecode, got "7"; it has 0 (Active)',
    },
  ]);
});

describe('filters', () => {
  test('an operand that is none of the type is an error with its character', () => {
    expect(problems({ tableFilter: [{ field: 'creditLimit', expression: '>100&<many' }] })).toMatchObject([
      { severity: 'ERROR', code: 'FILTER_SYNTAX', path: ['tableFilter', '0', 'expression'], position: 6 },
    ]);
    expect(problems({ integrationTableFilter: [{ field: 'statecode', expression: 'Closed' }] })).toMatchObject([
      {
        code: 'FILTER_SYNTAX',
        path: ['integrationTableFilter', '0', 'expression'],
        message: expect.stringContaining('Active'),
      },
    ]);
    expect(problems({ integrationTableFilter: [{ field: 'statecode', expression: 'Active' }] })).toEqual([]);
  });

  test('of a template is on the record that is copied from', () => {
    const template = (field: string) => [
      {
        side: 'SALES' as const,
        priority: 0,
        filter: [{ field, expression: 'A*' }],
        values: [{ field: 'name', value: 'x' }],
      },
    ];
    expect(problems({ templates: template('city') })).toEqual([]);
    expect(problems({ templates: template('name') })).toMatchObject([
      { code: 'UNKNOWN_FIELD', path: ['templates', '0', 'filter', '0', 'field'] },
    ]);
  });
});

describe('a system of which nothing is known', () => {
  const broken = { ...plain, fields: [fieldPair('nothing', 'nothing')] };

  test('that could not be asked leaves one warning, and the other side is checked', () => {
    expect(metadataProblems(broken, 'UNREAD', sales)).toMatchObject([
      { severity: 'WARNING', code: 'OTHER', message: expect.stringContaining('could not be read') },
      { severity: 'ERROR', code: 'UNKNOWN_FIELD', path: ['fields', '0', 'integrationField'] },
    ]);
  });

  test('that has no such table is told as a warning, so that the mapping can still be disabled', () => {
    expect(metadataProblems(plain, business, null)).toMatchObject([
      { severity: 'WARNING', code: 'OTHER', message: expect.stringContaining('no entity set accounts') },
    ]);
  });
});

test('lengths that are not told are not compared', () => {
  const unlimited: FieldMetadata = fieldMetadata('a', { maxLength: null });
  expect(
    metadataProblems(
      { ...plain, fields: [fieldPair('a', 'b')] },
      tableMetadata('customers', [unlimited]),
      tableMetadata('accounts', [fieldMetadata('b')]),
    ),
  ).toEqual([]);
});
