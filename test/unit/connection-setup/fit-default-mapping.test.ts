import { describe, expect, test } from 'vitest';
import type { DefaultMapping } from '../../../src/connection-setup/default-setup/field-definitions.js';
import { fitDefaultMapping, fitTogether } from '../../../src/connection-setup/default-setup/fit-default-mapping.js';
import { fieldPair, mapping } from '../../integration/api/records.js';
import { fieldMetadata, tableMetadata } from '../../support/metadata.js';

function definition(name: string, parts: Parameters<typeof mapping>[2] = {}): DefaultMapping {
  const made = mapping('c', name, {
    tableFilter: [],
    templates: [],
    ...parts,
  });
  const { id: _1, connectionSetupId: _2, revision: _3, createdAt: _4, updatedAt: _5, ...rest } = made;
  return rest;
}
const offering = (table: string, ...fields: string[]) =>
  tableMetadata(
    table,
    fields.map((name) => fieldMetadata(name)),
  );
const to = { direction: 'TO_INTEGRATION_TABLE' } as const;
const customers = offering('customers', 'displayName', 'city', 'blocked');
const accounts = offering('accounts', 'name', 'address1_city', 'fax', 'customertypecode');

describe('a default mapping', () => {
  test('of which everything is offered stays as it is', () => {
    const whole = definition('CUSTOMER', {
      fields: [fieldPair('displayName', 'name'), fieldPair('', 'fax', { ...to, constantValue: 'none' })],
      tableFilter: [{ field: 'blocked', expression: "''" }],
      templates: [{ side: 'SALES', priority: 0, filter: [], values: [{ field: 'customertypecode', value: '3' }] }],
    });
    expect(fitDefaultMapping(whole, customers, accounts)).toEqual({ definition: whole, mapping: whole, leftOut: [] });
  });

  test('loses the pairs, filters and values that a system does not offer, and tells each in words', () => {
    const { mapping: fitted, leftOut } = fitDefaultMapping(
      definition('CUSTOMER', {
        fields: [fieldPair('displayName', 'name'), fieldPair('faxNumber', 'fax'), fieldPair('city', 'address1_town')],
        tableFilter: [
          { field: 'blocked', expression: "''" },
          { field: 'customerId', expression: "<>''" },
        ],
        templates: [
          {
            side: 'SALES',
            priority: 0,
            filter: [],
            values: [
              { field: 'customertypecode', value: '3' },
              { field: 'nothing', value: '1' },
            ],
          },
        ],
      }),
      customers,
      accounts,
    );
    expect(fitted?.fields.map(({ field }) => field)).toEqual(['displayName']);
    expect(fitted?.tableFilter.map(({ field }) => field)).toEqual(['blocked']);
    expect(fitted?.templates[0]?.values.map(({ field }) => field)).toEqual(['customertypecode']);
    expect(leftOut).toEqual([
      'faxNumber and fax is left out: customers does not offer faxNumber.',
      "The filter customerId = <>'' is left out, so more records take part: customers does not offer customerId.",
      'city and address1_town is left out: accounts does not offer address1_town.',
      'New records get no nothing: accounts does not offer it.',
    ]);
  });

  test('without one of its tables cannot be made, and says which', () => {
    const resources = definition('RESOURCE-PRODUCT', { table: 'resources', integrationTable: 'products' });
    expect(fitDefaultMapping(resources, null, accounts)).toEqual({
      definition: resources,
      mapping: null,
      leftOut: ['The business system does not offer resources: the mapping cannot be made.'],
    });
  });

  test('without a field in one of its directions cannot be made', () => {
    const oneWay = definition('CUSTOMER', {
      fields: [fieldPair('displayName', 'name', to), fieldPair('faxNumber', 'fax')],
    });
    expect(fitDefaultMapping(oneWay, customers, accounts)).toMatchObject({
      mapping: null,
      leftOut: ['No field is offered in the direction FROM_INTEGRATION_TABLE: the mapping cannot be made.'],
    });
  });

  test('loses a template whose filter cannot be told', () => {
    const templates = [
      {
        side: 'SALES' as const,
        priority: 0,
        filter: [{ field: 'nothing', expression: 'A' }],
        values: [{ field: 'name', value: 'x' }],
      },
    ];
    const { mapping: fitted } = fitDefaultMapping(
      definition('CUSTOMER', { fields: [fieldPair('displayName', 'name')], templates }),
      customers,
      accounts,
    );
    expect(fitted?.templates).toEqual([]);
  });
});

test('what refers to a mapping that cannot be made is left out, in turn', () => {
  const agents = fitDefaultMapping(definition('AGENT', { table: 'agents' }), null, accounts);
  const routes = fitDefaultMapping(
    definition('ROUTE', { direction: to.direction, fields: [fieldPair('city', 'name', { ...to, lookup: 'AGENT' })] }),
    customers,
    accounts,
  );
  const customer = fitDefaultMapping(
    definition('CUSTOMER', {
      fields: [fieldPair('displayName', 'name'), fieldPair('city', 'address1_city', { lookup: 'ROUTE' })],
      dependsOn: ['AGENT', 'ROUTE'],
    }),
    customers,
    accounts,
  );
  const [, route, fitted] = fitTogether([agents, routes, customer]);
  expect(route?.mapping).toBeNull();
  expect(fitted?.mapping).toMatchObject({ dependsOn: [], fields: [{ field: 'displayName' }] });
  expect(fitted?.leftOut).toEqual([
    'city and address1_city is left out: the mapping ROUTE, which translates it, cannot be made.',
  ]);
});
