import { describe, expect, test } from 'vitest';
import type {
  IntegrationFieldMapping,
  IntegrationTableMapping,
} from '../../../src/mapping/integration-table-mapping.js';
import type { MappingChange } from '../../../src/mapping/mapping-store.js';
import { builtInTransformations } from '../../../src/mapping/transformation/built-in-transformations.js';
import { reversibleRules } from '../../../src/mapping/transformation/transformation-rule.js';
import { type MappingSurroundings, mappingFaults } from '../../../src/mapping/update-mapping.js';
import { fieldPair } from '../../integration/api/records.js';

const customer: IntegrationTableMapping = {
  id: '1',
  connectionSetupId: 'c',
  name: 'CUSTOMER',
  description: '',
  enabled: true,
  kind: 'TABLE',
  table: 'customers',
  integrationTable: 'accounts',
  direction: 'BIDIRECTIONAL',
  synchOnlyCoupledRecords: true,
  tableFilter: [],
  integrationTableFilter: [],
  fields: [fieldPair('displayName', 'name')],
  templates: [],
  updateConflictResolution: 'MERGE_FIELDS',
  deletionConflictResolution: 'NONE',
  wakeOnChange: true,
  dependsOn: [],
  revision: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
};

const surroundings: MappingSurroundings = {
  mappings: [
    { name: 'CUSTOMER', dependsOn: [], fields: [] },
    { name: 'CONTACT', dependsOn: ['CUSTOMER'], fields: [fieldPair('companyId', 'parentid', { lookup: 'CUSTOMER' })] },
    { name: 'ORDER', dependsOn: ['CONTACT'], fields: [] },
    { name: 'CURRENCY', dependsOn: [], fields: [] },
  ],
  keysCanBeRenamed: false,
  transformations: new Map([
    ['UPPERCASE', true],
    ['FIRST_WORD', false],
  ]),
};

const faults = (change: MappingChange) =>
  mappingFaults(customer, change, surroundings).map(({ path, message, position }) => ({
    at: path.join('.'),
    message,
    position,
  }));

test.each(['SUBSTRING', 'REPLACE'] as const)('case 35: a bidirectional field with %s is refused on saving', (kind) => {
  const rules = new Map([
    ...builtInTransformations,
    [kind, { ...builtInTransformations.get('TRIM')!, code: kind, kind }],
  ]);
  const faultsWith = (direction: IntegrationFieldMapping['direction'], code: string) =>
    mappingFaults(
      customer,
      {
        fields: [
          fieldPair('displayName', 'name', { direction, transformations: [code] }),
          fieldPair('city', 'address1_city'),
        ],
      },
      { ...surroundings, transformations: reversibleRules(rules) },
    ).map(({ path }) => path.join('.'));
  expect(faultsWith('BIDIRECTIONAL', kind)).toEqual(['fields.0.transformations.0']);
  expect(faultsWith('TO_INTEGRATION_TABLE', kind)).toEqual([]);
  expect(faultsWith('BIDIRECTIONAL', 'TRIM')).toEqual([]);
});

test('a mapping that is right has no fault', () => {
  expect(faults({})).toEqual([]);
  expect(
    faults({
      description: 'x'.repeat(250),
      tableFilter: [{ field: 'no', expression: "10000..20000|A*&<>''" }],
      fields: [
        fieldPair('displayName', 'name', { transformations: ['UPPERCASE'] }),
        fieldPair('currencyCode', 'transactioncurrencyid', { lookup: 'CURRENCY' }),
        fieldPair('', 'statecode', { constantValue: '0' }),
      ],
      templates: [
        {
          side: 'SALES',
          priority: 1,
          filter: [],
          values: [
            { field: 'a', value: '1' },
            { field: 'b', value: '1' },
          ],
        },
      ],
      dependsOn: ['CURRENCY'],
    }),
  ).toEqual([]);
});

describe.each<{ name: string; change: MappingChange; at: string; message: RegExp }>([
  {
    name: 'a description that is too long',
    change: { description: 'x'.repeat(251) },
    at: 'description',
    message: /at most 250 characters, got 251/,
  },
  {
    name: 'an expression that is too long',
    change: { tableFilter: [{ field: 'a', expression: `${'1|'.repeat(500)}1` }] },
    at: 'tableFilter.0.expression',
    message: /at most 1000 characters, got 1001/,
  },
  {
    name: 'a filter without a field',
    change: { integrationTableFilter: [{ field: ' ', expression: '1' }] },
    at: 'integrationTableFilter.0.field',
    message: /name of a field/,
  },
  {
    name: 'a filter that cannot be read',
    change: {
      integrationTableFilter: [
        { field: 'a', expression: '1' },
        { field: 'a', expression: '>=10&(' },
      ],
    },
    at: 'integrationTableFilter.1.expression',
    message: /character 7/,
  },
  {
    name: 'a template filter that cannot be read',
    change: { templates: [{ side: 'SALES', priority: 1, filter: [{ field: 'a', expression: '(1' }], values: [] }] },
    at: 'templates.0.filter.0.expression',
    message: /character 3/,
  },
  {
    name: 'a template with two values for a field',
    change: {
      templates: [
        {
          side: 'SALES',
          priority: 1,
          filter: [],
          values: [
            { field: 'a', value: '1' },
            { field: 'a', value: '2' },
          ],
        },
      ],
    },
    at: 'templates.0.values.1.field',
    message: /has a value already/,
  },
  {
    name: 'a pair of fields that is mapped twice',
    change: { fields: [fieldPair('a', 'b'), fieldPair('a', 'c'), fieldPair('a', 'b')] },
    at: 'fields.2',
    message: /already in fields 0/,
  },
  {
    name: 'a pair without fields',
    change: { fields: [fieldPair('x', 'y'), fieldPair('', '', { constantValue: '1' })] },
    at: 'fields.1.field',
    message: /at least one side/,
  },
  {
    name: 'a side without field and without a constant',
    change: { fields: [fieldPair('x', 'y'), fieldPair('a', '')] },
    at: 'fields.1.integrationField',
    message: /constantValue/,
  },
  {
    name: 'a lookup into a mapping that is not there',
    change: { fields: [fieldPair('a', 'b', { lookup: 'NOWHERE' })] },
    at: 'fields.0.lookup',
    message: /got "NOWHERE"/,
  },
  {
    name: 'an unknown transformation',
    change: { fields: [fieldPair('a', 'b', { transformations: ['UPPERCASE', 'NONE'] })] },
    at: 'fields.0.transformations.1',
    message: /no transformation rule "NONE"/,
  },
  {
    name: 'a transformation that cannot go back on a bidirectional field',
    change: { fields: [fieldPair('a', 'b', { transformations: ['FIRST_WORD'] })] },
    at: 'fields.0.transformations.0',
    message: /both ways/,
  },
  {
    name: 'an option pair listed twice',
    change: {
      fields: [
        fieldPair('a', 'b', {
          optionMap: [
            { value: '1', integrationValue: 'x' },
            { value: '1', integrationValue: 'x' },
          ],
        }),
      ],
    },
    at: 'fields.0.optionMap.1',
    message: /listed twice/,
  },
  {
    name: 'no field at all',
    change: { direction: 'TO_INTEGRATION_TABLE', fields: [] },
    at: 'fields',
    message: /NO_FIELD_IN_DIRECTION: .* TO_INTEGRATION_TABLE/,
  },
  {
    name: 'no field back',
    change: { fields: [fieldPair('a', 'b', { direction: 'TO_INTEGRATION_TABLE' })] },
    at: 'fields',
    message: /NO_FIELD_IN_DIRECTION: .* FROM_INTEGRATION_TABLE/,
  },
  {
    name: 'no enabled field',
    change: { direction: 'FROM_INTEGRATION_TABLE', fields: [fieldPair('a', 'b', { enabled: false })] },
    at: 'fields',
    message: /NO_FIELD_IN_DIRECTION/,
  },
  {
    name: 'a dependency on itself',
    change: { dependsOn: ['CUSTOMER'] },
    at: 'dependsOn.0',
    message: /CUSTOMER → CUSTOMER/,
  },
  {
    name: 'a circle of dependencies',
    change: { dependsOn: ['CURRENCY', 'ORDER'] },
    at: 'dependsOn.1',
    message: /CUSTOMER → ORDER → CONTACT → CUSTOMER/,
  },
  {
    name: 'a dependency on what is not there',
    change: { dependsOn: ['NOWHERE'] },
    at: 'dependsOn.0',
    message: /got "NOWHERE"/,
  },
  {
    name: 'a dependency listed twice',
    change: { dependsOn: ['CURRENCY', 'CURRENCY'] },
    at: 'dependsOn.1',
    message: /listed twice/,
  },
])('$name', ({ change, at, message }) => {
  test('is told once, with its path', () => {
    expect(faults(change)).toMatchObject([{ at, message: expect.stringMatching(message) }]);
  });
});

test('a filter fault tells the character', () => {
  expect(faults({ tableFilter: [{ field: 'a', expression: '>=10&(' }] })).toMatchObject([{ position: 6 }]);
});

test('a one-way transformation may stand on a one-way field', () => {
  const fields = [
    fieldPair('a', 'b', { transformations: ['FIRST_WORD'], direction: 'TO_INTEGRATION_TABLE' }),
    fieldPair('c', 'd'),
  ];
  expect(faults({ fields })).toEqual([]);
});

test('references that would wait for each other are refused unless one of them may stay blank', () => {
  const contact = fieldPair('contactId', 'primarycontactid', { lookup: 'CONTACT' });
  expect(faults({ fields: [fieldPair('displayName', 'name'), contact] })).toEqual([
    {
      at: 'fields.1.lookup',
      message: expect.stringContaining('CUSTOMER → CONTACT → CUSTOMER'),
      position: undefined,
    },
  ]);
  const clearing = { ...contact, clearValueOnFailedSynch: true };
  expect(faults({ fields: [fieldPair('displayName', 'name'), clearing] })).toEqual([]);
  expect(faults({ fields: [fieldPair('displayName', 'name'), { ...contact, enabled: false }] })).toEqual([]);
});

test.each([
  ['NONE', []],
  ['REMOVE_COUPLING', []],
  ['RESTORE_RECORDS', [['deletionConflictResolution']]],
  ['DELETE_COUNTERPART', [['deletionConflictResolution']]],
] as const)('where keys can be renamed, deletions are answered with %s: %j', (deletionConflictResolution, paths) => {
  const change = { deletionConflictResolution };
  expect(mappingFaults(customer, change, { ...surroundings, keysCanBeRenamed: true }).map(({ path }) => path)).toEqual(
    paths,
  );
  expect(mappingFaults(customer, change, surroundings)).toEqual([]);
});

test('an option mapping has one direction', () => {
  const option = { ...customer, kind: 'OPTION' as const };
  expect(mappingFaults(option, {}, surroundings).map(({ path }) => path)).toEqual([['direction']]);
  expect(mappingFaults(option, { direction: 'FROM_INTEGRATION_TABLE' }, surroundings)).toEqual([]);
});

test.each([
  { name: '', expected: 'expected a name' },
  { name: 'x'.repeat(51), expected: 'at most 50' },
])('a mapping named "$name" is refused', ({ name, expected }) => {
  const [fault] = mappingFaults({ ...customer, name }, {}, surroundings);
  expect(fault).toMatchObject({ path: ['name'], message: expect.stringContaining(expected) });
});
