import { describe, expect, test } from 'vitest';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { compileMapping } from '../../../src/synch/compiled-mapping.js';
import { matchGroupsOf, matchKeysOf } from '../../../src/synch/match-keys.js';
import { noReferences } from '../../../src/synch/references.js';
import { accounts, customerMapping, customers, field, fieldMapping, tableOf } from '../../support/customer-mapping.js';

const byNameAndCity = matchGroupsOf(compileMapping(customerMapping(), customers, accounts));
const keyOf = (side: 'BUSINESS' | 'SALES', values: Record<string, string | null>) =>
  matchKeysOf(byNameAndCity, side, values, noReferences);

describe('the matching keys of a record', () => {
  test('are equal for records that differ in case and blanks only', () => {
    expect(keyOf('BUSINESS', { displayName: 'Adatum  AS', city: 'Oslo' })).toEqual(
      keyOf('SALES', { name: ' ADATUM as', address1_city: 'OSLO ' }),
    );
  });

  test('differ for records that differ in one field of a group', () => {
    expect(keyOf('BUSINESS', { displayName: 'Adatum', city: 'Oslo' })).not.toEqual(
      keyOf('SALES', { name: 'Adatum', address1_city: 'Bergen' }),
    );
  });

  test('do not exist for a record with a blank in the group', () => {
    expect(keyOf('BUSINESS', { displayName: 'Adatum', city: null })).toEqual([]);
  });

  test('come one a priority, the lowest first', () => {
    const mapping = customerMapping({
      fields: [
        fieldMapping('city', 'address1_city', 'BIDIRECTIONAL', { useForMatchBasedCoupling: true, matchPriority: 2 }),
        fieldMapping('displayName', 'name', 'BIDIRECTIONAL', { useForMatchBasedCoupling: true, matchPriority: 1 }),
        fieldMapping('contact', 'address1_primarycontactname', 'FROM_INTEGRATION_TABLE'),
        fieldMapping('creditLimit', 'creditlimit', 'TO_INTEGRATION_TABLE'),
      ],
    });
    const groups = matchGroupsOf(compileMapping(mapping, customers, accounts));
    expect(matchKeysOf(groups, 'BUSINESS', { displayName: 'Adatum', city: 'Oslo' }, noReferences)).toEqual([
      '1:["adatum"]',
      '2:["oslo"]',
    ]);
  });

  test('compare what a transformation makes of the business value', () => {
    const mapping = customerMapping({
      direction: 'TO_INTEGRATION_TABLE',
      fields: [
        fieldMapping('number', 'name', 'TO_INTEGRATION_TABLE', {
          useForMatchBasedCoupling: true,
          transformations: ['UNITGROUPNAME'],
        }),
      ],
    });
    const groups = matchGroupsOf(compileMapping(mapping, customers, accounts));
    expect(matchKeysOf(groups, 'BUSINESS', { number: 'PCS' }, noReferences)).toEqual(
      matchKeysOf(groups, 'SALES', { name: 'NAV PCS' }, noReferences),
    );
  });
});

describe('what records of a table stand once by', () => {
  const groupsOf = (fields: IntegrationTableMapping['fields'], integrationTable = 'transactioncurrencies') =>
    matchGroupsOf(
      compileMapping(
        customerMapping({ integrationTable, integrationTableFilter: [], direction: 'TO_INTEGRATION_TABLE', fields }),
        customers,
        tableOf(integrationTable, 'id', [field('isocurrencycode', 'TEXT'), field('currencyname', 'TEXT')]),
      ),
    ).map(({ priority, fields: group }) => [priority, group.map(({ compiled }) => compiled.integrationField)]);
  const matching = { useForMatchBasedCoupling: true };
  const code = fieldMapping('number', 'isocurrencycode', 'TO_INTEGRATION_TABLE');
  const name = fieldMapping('displayName', 'currencyname', 'TO_INTEGRATION_TABLE');

  test('is looked for first, whether the mapping asks for it or not', () => {
    expect(groupsOf([code, name])).toEqual([['STANDS_ONCE', ['isocurrencycode']]]);
    expect(groupsOf([code, { ...name, ...matching }])).toEqual([
      ['STANDS_ONCE', ['isocurrencycode']],
      [0, ['currencyname']],
    ]);
  });

  test('is looked for once where the mapping asks for the same', () => {
    expect(groupsOf([{ ...code, ...matching }, name])).toEqual([['STANDS_ONCE', ['isocurrencycode']]]);
  });

  test('is not looked for in a mapping that leaves it out', () => {
    expect(groupsOf([name])).toEqual([]);
  });
});
