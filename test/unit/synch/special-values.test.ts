import { describe, expect, test } from 'vitest';
import type { FieldValue, TableMetadata } from '../../../src/mapping/field-value.js';
import type { IntegrationFieldMapping, SynchDirection } from '../../../src/mapping/integration-table-mapping.js';
import { compileMapping } from '../../../src/synch/compiled-mapping.js';
import { planPair } from '../../../src/synch/plan-pair.js';
import type { References } from '../../../src/synch/references.js';
import { customerMapping, field, fieldMapping, tableOf } from '../../support/customer-mapping.js';

const business: TableMetadata = tableOf('customers', 'id', [
  field('id', 'GUID', { readOnly: true }),
  field('currencyId', 'REFERENCE'),
  field('shippingAgentId', 'REFERENCE'),
  field('amount', 'DECIMAL'),
  field('days', 'INTEGER'),
  field('taxable', 'BOOLEAN'),
  field('blocked', 'OPTION', {
    options: [
      { value: 'All', label: 'All' },
      { value: 'Ship', label: 'Ship' },
    ],
  }),
  field('text', 'TEXT', { maxLength: 20 }),
]);

const sales: TableMetadata = tableOf('accounts', 'accountid', [
  field('accountid', 'GUID', { readOnly: true }),
  field('transactioncurrencyid', 'REFERENCE', { target: 'transactioncurrencies' }),
  field('shippingmethodcode', 'OPTION', {
    options: [
      { value: '1', label: 'DHL' },
      { value: '2', label: 'UPS' },
    ],
  }),
  field('amount', 'DECIMAL', { scale: 2 }),
  field('days', 'INTEGER'),
  field('taxable', 'BOOLEAN'),
  field('freightcode', 'OPTION', {
    options: [
      { value: '0', label: 'Active' },
      { value: '1', label: 'Inactive' },
    ],
  }),
  field('text', 'TEXT', { maxLength: 20 }),
]);

const lookups = new Map([
  ['CURRENCY', customerMapping({ name: 'CURRENCY', integrationTable: 'transactioncurrencies' })],
  ['SHIPPING AGENT', customerMapping({ name: 'SHIPPING AGENT', kind: 'OPTION', integrationTable: 'accounts' })],
]);

/** EUR is coupled, and DHL is; the local currency is the one that blank means. */
const references: References = {
  salesIdOf: (_mapping, id) => ({ 'eur-business': 'eur-sales', dhl: '1' })[id] ?? null,
  businessIdOf: (_mapping, id) => ({ 'eur-sales': 'eur-business', '1': 'dhl' })[id] ?? null,
  localCurrency: 'local-sales',
};

interface Case {
  readonly given: string;
  readonly pair: readonly [string, string];
  readonly business: FieldValue;
  readonly sales: FieldValue;
  readonly more?: Partial<IntegrationFieldMapping>;
  /** What is planned of a pair without base: nothing where both agree, else a conflict in both directions. */
  readonly agrees: boolean;
}

const currency = { pair: ['currencyId', 'transactioncurrencyid'], more: { lookup: 'CURRENCY' } } as const;
const agent = { pair: ['shippingAgentId', 'shippingmethodcode'], more: { lookup: 'SHIPPING AGENT' } } as const;
const blocking = {
  pair: ['blocked', 'freightcode'],
  more: {
    optionMap: [
      { value: 'All', integrationValue: '1' },
      { value: 'Ship', integrationValue: '1' },
    ],
  },
} as const;

const cases: readonly Case[] = [
  { given: 'no currency on either side', ...currency, business: null, sales: null, agrees: true },
  { given: 'no currency, and the local one', ...currency, business: null, sales: 'local-sales', agrees: true },
  { given: 'no currency, and another one', ...currency, business: null, sales: 'eur-sales', agrees: false },
  { given: 'a currency, and none', ...currency, business: 'eur-business', sales: null, agrees: false },
  { given: 'the same currency', ...currency, business: 'eur-business', sales: 'eur-sales', agrees: true },
  { given: 'no agent on either side', ...agent, business: null, sales: null, agrees: true },
  { given: 'an agent without choice, and blank', ...agent, business: 'post', sales: null, agrees: true },
  { given: 'blank, and a choice without agent', ...agent, business: null, sales: '2', agrees: true },
  { given: 'an agent, and another choice', ...agent, business: 'dhl', sales: '2', agrees: false },
  { given: 'an agent, and blank', ...agent, business: 'dhl', sales: null, agrees: false },
  { given: 'nought, and no amount', pair: ['amount', 'amount'], business: '0', sales: null, agrees: true },
  { given: 'an amount, and none', pair: ['amount', 'amount'], business: '1', sales: null, agrees: false },
  { given: 'nought, and no number', pair: ['days', 'days'], business: 0, sales: null, agrees: true },
  { given: 'no, and neither yes nor no', pair: ['taxable', 'taxable'], business: false, sales: null, agrees: true },
  { given: 'yes, and neither yes nor no', pair: ['taxable', 'taxable'], business: true, sales: null, agrees: false },
  { given: 'no text on either side', pair: ['text', 'text'], business: null, sales: null, agrees: true },
  { given: 'two choices that mean one', ...blocking, business: 'All', sales: '1', agrees: true },
  { given: 'the other of two choices that mean one', ...blocking, business: 'Ship', sales: '1', agrees: true },
  { given: 'a choice, and blank', ...blocking, business: 'All', sales: null, agrees: false },
];

const planOf = ({ pair, business: value, sales: other, more }: Case, direction: SynchDirection) => {
  const [name, column] = pair;
  const fields = [
    fieldMapping(name, column, direction, more),
    // It keeps the mapping valid in both directions.
    ...(name === 'text' ? [] : [fieldMapping('text', 'text')]),
  ];
  const compiled = compileMapping(
    customerMapping({ fields, tableFilter: [], integrationTableFilter: [] }),
    business,
    sales,
    lookups,
  );
  return planPair({
    fields: compiled.fields.filter((one) => one.field === name),
    bases: [],
    business: { values: { [name]: value }, modifiedAt: null },
    sales: { values: { [column]: other }, modifiedAt: null },
    updateConflictResolution: 'MERGE_FIELDS',
    references,
  });
};

describe('a pair that is compared for the first time', () => {
  test.each(cases)('$given: agrees is $agrees', (one) => {
    const plan = planOf(one, 'BIDIRECTIONAL');
    expect({ conflicts: plan.conflicts.length, toSales: plan.toSales, toBusiness: plan.toBusiness }).toEqual({
      conflicts: one.agrees ? 0 : 1,
      toSales: null,
      toBusiness: null,
    });
    expect(plan.bases).toHaveLength(one.agrees ? 1 : 0);
  });

  test('one way to Sales, a blank that means something there is written out', () => {
    const blank = (given: string) => cases.find((one) => one.given === given) as Case;
    expect(planOf(blank('no currency on either side'), 'TO_INTEGRATION_TABLE').toSales?.values).toEqual({
      transactioncurrencyid: 'local-sales',
    });
    expect(planOf(blank('nought, and no amount'), 'TO_INTEGRATION_TABLE').toSales?.values).toEqual({ amount: '0' });
  });

  test('one way from Sales, a blank that the business system cannot hold is not written again and again', () => {
    const plan = planOf(cases.find(({ given }) => given === 'nought, and no amount') as Case, 'FROM_INTEGRATION_TABLE');
    expect(plan.toBusiness).toBeNull();
  });
});
