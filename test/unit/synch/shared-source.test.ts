import { expect, test } from 'vitest';
import { compileMapping } from '../../../src/synch/compiled-mapping.js';
import { makeBase } from '../../../src/synch/field-base.js';
import { planPair } from '../../../src/synch/plan-pair.js';
import { noReferences } from '../../../src/synch/references.js';
import { accounts, customerMapping, customers, fieldMapping } from '../../support/customer-mapping.js';

/** The city goes both ways, and to a second column of the account one way, as a unit goes with its unit group. */
const { fields } = compileMapping(
  customerMapping({
    fields: [
      fieldMapping('city', 'address1_city'),
      fieldMapping('city', 'address1_primarycontactname', 'TO_INTEGRATION_TABLE'),
    ],
  }),
  customers,
  accounts,
);

function plan(city: string, salesCity: string, copy: string) {
  return planPair({
    fields,
    bases: fields.map((field) => makeBase(field, 'Oslo', 'Oslo')),
    business: { values: { city }, modifiedAt: null },
    sales: { values: { address1_city: salesCity, address1_primarycontactname: copy }, modifiedAt: null },
    updateConflictResolution: 'MERGE_FIELDS',
    references: noReferences,
  });
}

test('a value that is about to be replaced at its source is not written to a column that reads it too', () => {
  const { toBusiness, toSales, bases } = plan('Oslo', 'Bergen', 'Bergen');
  expect(toBusiness?.values).toEqual({ city: 'Bergen' });
  expect(toSales).toBeNull();
  expect(bases).toHaveLength(2);
});

test('once the source has its new value, the column that reads it agrees or gets it', () => {
  expect(plan('Bergen', 'Bergen', 'Bergen')).toMatchObject({ toSales: null, toBusiness: null });
  expect(plan('Bergen', 'Bergen', 'Oslo').toSales?.values).toEqual({ address1_primarycontactname: 'Bergen' });
});

test('a change at the source goes to both columns at once', () => {
  expect(plan('Molde', 'Oslo', 'Oslo').toSales?.values).toEqual({
    address1_city: 'Molde',
    address1_primarycontactname: 'Molde',
  });
});

test('a value that both sides dispute is not written to a column that reads it too', () => {
  const { toSales, toBusiness, conflicts } = plan('Molde', 'Bergen', 'Bergen');
  expect([toSales, toBusiness]).toEqual([null, null]);
  expect(conflicts.map(({ field }) => field)).toEqual(['city']);
});
