import { describe, expect, test } from 'vitest';
import type { FieldBase } from '../../../src/coupling/coupling.js';
import type { FieldValues } from '../../../src/mapping/field-value.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { compileMapping } from '../../../src/synch/compiled-mapping.js';
import { findBase, isClean } from '../../../src/synch/field-base.js';
import { type PairInput, planPair } from '../../../src/synch/plan-pair.js';
import { noReferences } from '../../../src/synch/references.js';
import { accounts, customerMapping, customers, fieldMapping } from '../../support/customer-mapping.js';

const agreed = {
  business: {
    displayName: 'Adatum',
    city: 'Oslo',
    country: 'NO',
    phoneNumber: '1',
    contact: 'Kim',
    creditLimit: '100',
  },
  sales: {
    name: 'Adatum',
    address1_city: 'Oslo',
    address1_country: 'NO',
    telephone1: '1',
    address1_primarycontactname: 'Kim',
    creditlimit: '100',
  },
} satisfies { business: FieldValues; sales: FieldValues };

interface PlanCase {
  readonly name: string;
  readonly business?: FieldValues;
  readonly sales?: FieldValues;
  /** Fields of the business side that have no base. */
  readonly withoutBase?: readonly string[];
  readonly mapping?: Partial<IntegrationTableMapping>;
  readonly late?: PairInput['late'];
  readonly decision?: PairInput['decision'];
  readonly modified?: { readonly business: string; readonly sales: string };
  readonly toSales?: FieldValues;
  readonly toBusiness?: FieldValues;
  readonly conflicts?: readonly string[];
  readonly problem?: string;
}

const askPhone = (conflictRule: 'BUSINESS_WINS' | 'SALES_WINS' | 'NEWEST_WINS' | 'ASK') => ({
  fields: [
    fieldMapping('displayName', 'name'),
    fieldMapping('phoneNumber', 'telephone1', 'BIDIRECTIONAL', { conflictRule }),
  ],
});

const bothPhones = { business: { phoneNumber: '2' }, sales: { telephone1: '3' } };

describe('the plan of a pair', () => {
  test.each<PlanCase>([
    { name: 'nothing changed: nothing is written' },
    { name: 'a business change goes to sales', business: { phoneNumber: '2' }, toSales: { telephone1: '2' } },
    {
      name: 'a sales change goes to the business system',
      sales: { telephone1: '3' },
      toBusiness: { phoneNumber: '3' },
    },
    {
      name: 'a value that was cleared is cleared on the other side',
      business: { phoneNumber: null },
      toSales: { telephone1: null },
    },
    {
      name: 'changes of different fields are merged',
      business: { city: 'Bergen' },
      sales: { telephone1: '3' },
      toSales: { address1_city: 'Bergen' },
      toBusiness: { phoneNumber: '3' },
    },
    {
      name: 'the same change on both sides agrees without a write',
      business: { phoneNumber: '2' },
      sales: { telephone1: '2' },
    },
    {
      name: 'different changes of one field are a conflict, and nothing else is lost',
      ...bothPhones,
      conflicts: ['phoneNumber'],
    },
    {
      name: 'a conflict in one field does not hold back another',
      business: { phoneNumber: '2', city: 'Bergen' },
      sales: { telephone1: '3' },
      toSales: { address1_city: 'Bergen' },
      conflicts: ['phoneNumber'],
    },
    {
      name: 'NONE writes nothing to a pair in conflict',
      business: { phoneNumber: '2', city: 'Bergen' },
      sales: { telephone1: '3' },
      mapping: { updateConflictResolution: 'NONE' },
      conflicts: ['phoneNumber'],
    },
    {
      name: 'NONE merges changes of different fields',
      business: { city: 'Bergen' },
      sales: { telephone1: '3' },
      mapping: { updateConflictResolution: 'NONE' },
      toSales: { address1_city: 'Bergen' },
      toBusiness: { phoneNumber: '3' },
    },
    {
      name: 'SEND_TO_INTEGRATION decides for the business value',
      ...bothPhones,
      mapping: { updateConflictResolution: 'SEND_TO_INTEGRATION' },
      toSales: { telephone1: '2' },
    },
    {
      name: 'GET_FROM_INTEGRATION decides for the sales value',
      ...bothPhones,
      mapping: { updateConflictResolution: 'GET_FROM_INTEGRATION' },
      toBusiness: { phoneNumber: '3' },
    },
    {
      name: 'GET_FROM_INTEGRATION decides only the conflicting field',
      business: { phoneNumber: '2', city: 'Bergen' },
      sales: { telephone1: '3' },
      mapping: { updateConflictResolution: 'GET_FROM_INTEGRATION' },
      toSales: { address1_city: 'Bergen' },
      toBusiness: { phoneNumber: '3' },
    },
    {
      name: 'BUSINESS_WINS decides its field',
      ...bothPhones,
      mapping: askPhone('BUSINESS_WINS'),
      toSales: { telephone1: '2' },
    },
    {
      name: 'SALES_WINS decides its field',
      ...bothPhones,
      mapping: askPhone('SALES_WINS'),
      toBusiness: { phoneNumber: '3' },
    },
    { name: 'ASK leaves the field to a person', ...bothPhones, mapping: askPhone('ASK'), conflicts: ['phoneNumber'] },
    {
      name: 'NEWEST_WINS takes the newer record',
      ...bothPhones,
      mapping: askPhone('NEWEST_WINS'),
      modified: { business: '2026-01-05T10:00:00Z', sales: '2026-01-05T10:01:00Z' },
      toBusiness: { phoneNumber: '3' },
    },
    {
      name: 'NEWEST_WINS asks where the times are too close to tell',
      ...bothPhones,
      mapping: askPhone('NEWEST_WINS'),
      modified: { business: '2026-01-05T10:00:00Z', sales: '2026-01-05T10:00:01Z' },
      conflicts: ['phoneNumber'],
    },
    {
      name: 'a one-way field takes the source change',
      business: { creditLimit: '250' },
      toSales: { creditlimit: '250' },
    },
    {
      name: 'a one-way field edited at its destination gets the source value back',
      sales: { creditlimit: '7' },
      toSales: { creditlimit: '100' },
    },
    {
      name: 'a one-way field changed on both sides is no conflict',
      business: { creditLimit: '250' },
      sales: { creditlimit: '7' },
      toSales: { creditlimit: '250' },
    },
    {
      name: 'a field from sales edited in the business system gets the sales value back',
      business: { contact: 'Eli' },
      toBusiness: { contact: 'Kim' },
    },
    { name: 'decimals beyond the other side are no change', business: { creditLimit: '100.004' } },
    {
      name: 'a decimal is rounded to what the destination keeps',
      business: { creditLimit: '100.006' },
      toSales: { creditlimit: '100.01' },
    },
    { name: 'a code in another case agrees', sales: { address1_country: 'no' } },
    {
      name: 'a text too long for its destination is cut',
      sales: { name: 'Adatum Corporation of Oslo' },
      toBusiness: { displayName: 'Adatum Corporation o' },
    },
    {
      name: 'an edit behind the cut is not written',
      business: { displayName: 'Adatum Corporation o' },
      sales: { name: 'Adatum Corporation of Bergen' },
    },
    {
      name: 'a code too long for its destination fails the record',
      sales: { address1_country: 'Kingdom of Norway', telephone1: '3' },
      problem: 'TOO_LONG',
    },
    {
      name: 'without base a one-way field takes the source',
      withoutBase: ['creditLimit'],
      sales: { creditlimit: '7' },
      toSales: { creditlimit: '100' },
    },
    { name: 'without base equal values become the base', withoutBase: ['phoneNumber'] },
    {
      name: 'without base different values follow the strategy',
      withoutBase: ['phoneNumber'],
      sales: { telephone1: '9' },
      conflicts: ['phoneNumber'],
    },
    {
      name: 'without base the direction given decides',
      withoutBase: ['phoneNumber'],
      sales: { telephone1: '9' },
      decision: { source: 'BUSINESS' },
      toSales: { telephone1: '1' },
    },
    {
      name: 'without base SEND_TO_INTEGRATION decides',
      withoutBase: ['phoneNumber'],
      sales: { telephone1: '9' },
      mapping: { updateConflictResolution: 'SEND_TO_INTEGRATION' },
      toSales: { telephone1: '1' },
    },
    {
      name: 'a late application of our own request is no change by a person',
      business: { phoneNumber: '5' },
      sales: { telephone1: '4' },
      late: { SALES: { telephone1: '4' } },
      toSales: { telephone1: '5' },
    },
    {
      name: 'a late application is undone when the source went back meanwhile',
      sales: { telephone1: '4' },
      late: { SALES: { telephone1: '4' } },
      toSales: { telephone1: '1' },
    },
    {
      name: 'a one-way mapping writes its direction only',
      business: { city: 'Bergen' },
      sales: { telephone1: '3' },
      mapping: {
        direction: 'TO_INTEGRATION_TABLE',
        fields: [fieldMapping('city', 'address1_city'), fieldMapping('phoneNumber', 'telephone1')],
      },
      toSales: { address1_city: 'Bergen', telephone1: '1' },
    },
    {
      name: 'a disabled field is left alone',
      business: { phoneNumber: '2' },
      mapping: {
        fields: [
          fieldMapping('city', 'address1_city'),
          fieldMapping('phoneNumber', 'telephone1', 'BIDIRECTIONAL', { enabled: false }),
        ],
      },
    },
    {
      name: 'an option map translates',
      business: { country: 'DK' },
      mapping: {
        fields: [
          fieldMapping('country', 'address1_country', 'BIDIRECTIONAL', {
            optionMap: [
              { value: 'NO', integrationValue: 'NO' },
              { value: 'DK', integrationValue: 'Denmark' },
            ],
          }),
        ],
      },
      withoutBase: ['country'],
      conflicts: ['country'],
    },
    {
      name: 'a value without a pair in the option map fails the record',
      business: { country: 'SE' },
      mapping: {
        fields: [
          fieldMapping('country', 'address1_country', 'TO_INTEGRATION_TABLE', {
            optionMap: [{ value: 'NO', integrationValue: 'NO' }],
          }),
          fieldMapping('city', 'address1_city'),
        ],
      },
      problem: 'UNKNOWN_OPTION',
    },
    {
      name: 'a constant is written where it is missing',
      withoutBase: [''],
      mapping: {
        fields: [
          fieldMapping('city', 'address1_city'),
          fieldMapping('', 'address1_primarycontactname', 'TO_INTEGRATION_TABLE', { constantValue: 'Reception' }),
        ],
      },
      toSales: { address1_primarycontactname: 'Reception' },
    },
  ])('$name', (planCase) => {
    const { plan } = planned(planCase);
    expect(plan.toSales?.values ?? undefined).toEqual(planCase.toSales);
    expect(plan.toBusiness?.values ?? undefined).toEqual(planCase.toBusiness);
    expect(plan.conflicts.map(({ field }) => field)).toEqual(planCase.conflicts ?? []);
    expect(plan.problem?.error.code).toEqual(planCase.problem);
  });

  test('once the plan is carried out, nothing is left to do', () => {
    const { plan, compiled, business, sales } = planned({
      name: '',
      business: { city: 'Bergen', creditLimit: '9' },
      sales: { telephone1: '3', name: 'Adatum Nord' },
    });
    const after = {
      business: { ...business, ...plan.toBusiness?.values },
      sales: { ...sales, ...plan.toSales?.values },
    };
    const bases = planAgain(compiled.fields, plan.bases, after).bases;
    const again = planAgain(compiled.fields, bases, after);
    expect([again.toSales, again.toBusiness]).toEqual([null, null]);
    expect(isClean(compiled.fields, bases, 'BUSINESS', after.business)).toBe(true);
    expect(isClean(compiled.fields, bases, 'SALES', after.sales)).toBe(true);
  });

  test('a side that was not read has the values of its bases', () => {
    const compiled = compileMapping(customerMapping(), customers, accounts);
    const plan = planPair({
      fields: compiled.fields,
      bases: basesOf(compiled.fields),
      sales: 'UNCHANGED',
      business: { values: { ...agreed.business, phoneNumber: '2' }, modifiedAt: null },
      updateConflictResolution: 'MERGE_FIELDS',
      references: noReferences,
    });
    expect(plan.toSales).toEqual({ values: { telephone1: '2' }, before: { telephone1: '1' }, cleared: [] });
    expect(plan.toBusiness).toBeNull();
  });

  test('a long text is kept as a digest in its base, and compared by it', () => {
    const long = 'x'.repeat(5_000);
    const wide = { ...customerMapping(), fields: [fieldMapping('contact', 'address1_primarycontactname')] };
    const widen = (table: typeof customers, name: string) => ({
      ...table,
      fields: new Map(table.fields).set(name, { ...table.fields.get(name)!, maxLength: null }),
    });
    const compiled = compileMapping(wide, widen(customers, 'contact'), widen(accounts, 'address1_primarycontactname'));
    const values = { business: { contact: long }, sales: { address1_primarycontactname: long } };
    const { bases } = planAgain(compiled.fields, [], values);
    expect(JSON.stringify(bases).length).toBeLessThan(1_000);
    expect(planAgain(compiled.fields, bases, values).toSales).toBeNull();
    expect(planAgain(compiled.fields, bases, { ...values, business: { contact: `${long}y` } }).toSales?.values).toEqual(
      { address1_primarycontactname: `${long}y` },
    );
  });
});

function planned({ business = {}, sales = {}, withoutBase = [], mapping = {}, late, decision, modified }: PlanCase) {
  const compiled = compileMapping(customerMapping(mapping), customers, accounts);
  const bases = basesOf(compiled.fields).filter((base) => !withoutBase.includes(base.field));
  const values = { business: { ...agreed.business, ...business }, sales: { ...agreed.sales, ...sales } };
  const plan = planPair({
    fields: compiled.fields,
    bases,
    business: { values: values.business, modifiedAt: modified === undefined ? null : new Date(modified.business) },
    sales: { values: values.sales, modifiedAt: modified === undefined ? null : new Date(modified.sales) },
    updateConflictResolution: compiled.mapping.updateConflictResolution,
    references: noReferences,
    ...(late === undefined ? {} : { late }),
    ...(decision === undefined ? {} : { decision }),
  });
  for (const base of bases) expect(findBase(plan.bases, { ...base })).toBeDefined();
  return { plan, compiled, ...values };
}

const planAgain = (
  fields: PairInput['fields'],
  bases: readonly FieldBase[],
  { business, sales }: { business: FieldValues; sales: FieldValues },
) =>
  planPair({
    fields,
    bases,
    business: { values: business, modifiedAt: null },
    sales: { values: sales, modifiedAt: null },
    updateConflictResolution: 'MERGE_FIELDS',
    references: noReferences,
  });

const basesOf = (fields: PairInput['fields']): readonly FieldBase[] => {
  const business: FieldValues = agreed.business;
  const sales: FieldValues = agreed.sales;
  return fields.map(({ field, integrationField, meaning }) => ({
    field,
    integrationField,
    meaning,
    business: business[field] ?? null,
    sales: sales[integrationField] ?? null,
  }));
};
