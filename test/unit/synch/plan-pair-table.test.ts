import { describe, expect, test } from 'vitest';
import type { FieldValue } from '../../../src/mapping/field-value.js';
import type {
  FieldConflictRule,
  IntegrationFieldMapping,
  UpdateConflictResolution,
} from '../../../src/mapping/integration-table-mapping.js';
import { compileMapping } from '../../../src/synch/compiled-mapping.js';
import { makeBase } from '../../../src/synch/field-base.js';
import { type PairPlan, planPair } from '../../../src/synch/plan-pair.js';
import { noReferences } from '../../../src/synch/references.js';
import { accounts, customerMapping, customers, fieldMapping } from '../../support/customer-mapping.js';

/** What a plan does with the one field: nothing, both agree by now, a conflict, or a write: `S=2` writes 2 to Sales. */
type Effect = string;

interface Setting {
  readonly direction: IntegrationFieldMapping['direction'];
  readonly strategy: UpdateConflictResolution;
  readonly rule: FieldConflictRule;
}

const bothWays = (strategy: UpdateConflictResolution, rule: FieldConflictRule = 'INHERIT'): Setting => ({
  direction: 'BIDIRECTIONAL',
  strategy,
  rule,
});

/** The columns of the table. */
const settings: Readonly<Record<string, Setting>> = {
  'one way to Sales': { direction: 'TO_INTEGRATION_TABLE', strategy: 'MERGE_FIELDS', rule: 'INHERIT' },
  'one way from Sales': { direction: 'FROM_INTEGRATION_TABLE', strategy: 'MERGE_FIELDS', rule: 'INHERIT' },
  'both ways, NONE': bothWays('NONE'),
  'both ways, SEND_TO_INTEGRATION': bothWays('SEND_TO_INTEGRATION'),
  'both ways, GET_FROM_INTEGRATION': bothWays('GET_FROM_INTEGRATION'),
  'both ways, MERGE_FIELDS and no rule': bothWays('MERGE_FIELDS'),
  'both ways, MERGE_FIELDS and BUSINESS_WINS': bothWays('MERGE_FIELDS', 'BUSINESS_WINS'),
  'both ways, MERGE_FIELDS and SALES_WINS': bothWays('MERGE_FIELDS', 'SALES_WINS'),
};

interface Row {
  readonly given: string;
  /** Undefined: the field has no base. */
  readonly base: FieldValue | undefined;
  readonly business: FieldValue;
  readonly sales: FieldValue;
  /** In the order of the settings. */
  readonly effects: readonly [Effect, Effect, Effect, Effect, Effect, Effect, Effect, Effect];
}

const all = (to: Effect, from: Effect, both: Effect): Row['effects'] => [to, from, both, both, both, both, both, both];
const decided = (toSales: Effect, toBusiness: Effect): Row['effects'] => [
  toSales,
  toBusiness,
  'conflict',
  toSales,
  toBusiness,
  'conflict',
  toSales,
  toBusiness,
];
const agreed = all('agreed', 'agreed', 'agreed');

const rows: readonly Row[] = [
  { given: 'nothing changed', base: '1', business: '1', sales: '1', effects: all('kept', 'kept', 'kept') },
  { given: 'business changed', base: '1', business: '2', sales: '1', effects: all('S=2', 'B=1', 'S=2') },
  { given: 'Sales changed', base: '1', business: '1', sales: '3', effects: all('S=1', 'B=3', 'B=3') },
  { given: 'both changed to the same', base: '1', business: '2', sales: '2', effects: agreed },
  { given: 'both changed differently', base: '1', business: '2', sales: '3', effects: decided('S=2', 'B=3') },
  { given: 'business cleared', base: '1', business: null, sales: '1', effects: all('S=blank', 'B=1', 'S=blank') },
  { given: 'Sales cleared', base: '1', business: '1', sales: null, effects: all('S=1', 'B=blank', 'B=blank') },
  { given: 'both cleared', base: '1', business: null, sales: null, effects: agreed },
  {
    given: 'business cleared, Sales changed',
    base: '1',
    business: null,
    sales: '3',
    effects: decided('S=blank', 'B=3'),
  },
  {
    given: 'business changed, Sales cleared',
    base: '1',
    business: '2',
    sales: null,
    effects: decided('S=2', 'B=blank'),
  },
  {
    given: 'business filled in what was blank',
    base: null,
    business: '2',
    sales: null,
    effects: all('S=2', 'B=blank', 'S=2'),
  },
  {
    given: 'Sales filled in what was blank',
    base: null,
    business: null,
    sales: '3',
    effects: all('S=blank', 'B=3', 'B=3'),
  },
  { given: 'both filled in the same', base: null, business: '2', sales: '2', effects: agreed },
  { given: 'both filled in differently', base: null, business: '2', sales: '3', effects: decided('S=2', 'B=3') },
  { given: 'no base, both equal', base: undefined, business: '1', sales: '1', effects: agreed },
  { given: 'no base, both blank', base: undefined, business: null, sales: null, effects: agreed },
  { given: 'no base, different values', base: undefined, business: '2', sales: '3', effects: decided('S=2', 'B=3') },
  { given: 'no base, business blank', base: undefined, business: null, sales: '3', effects: decided('S=blank', 'B=3') },
  { given: 'no base, Sales blank', base: undefined, business: '2', sales: null, effects: decided('S=2', 'B=blank') },
];

const cases = rows.flatMap(({ effects, ...row }) =>
  Object.entries(settings).map(([name, setting], column) => ({ ...row, name, setting, effect: effects[column] })),
);

function planOf({ base, business, sales, setting }: Pick<Row, 'base' | 'business' | 'sales'> & { setting: Setting }) {
  const { direction, strategy, rule } = setting;
  // The other field keeps the mapping valid in both directions.
  const fields = [
    fieldMapping('phoneNumber', 'telephone1', direction, { conflictRule: rule }),
    fieldMapping('city', 'address1_city'),
  ];
  const compiled = compileMapping(customerMapping({ fields, updateConflictResolution: strategy }), customers, accounts);
  return planPair({
    fields: compiled.fields,
    bases: compiled.fields.flatMap((field) =>
      field.field === 'city'
        ? [makeBase(field, 'Oslo', 'Oslo')]
        : base === undefined
          ? []
          : [makeBase(field, base, base)],
    ),
    business: { values: { phoneNumber: business, city: 'Oslo' }, modifiedAt: null },
    sales: { values: { telephone1: sales, address1_city: 'Oslo' }, modifiedAt: null },
    updateConflictResolution: strategy,
    references: noReferences,
  });
}

function effectOf(plan: PairPlan, { base, business }: Row | (typeof cases)[number]): Effect {
  const shown = (value: FieldValue | undefined) => value ?? 'blank';
  if (plan.conflicts.length > 0) return 'conflict';
  if (plan.toSales !== null) return `S=${shown(plan.toSales.values['telephone1'])}`;
  if (plan.toBusiness !== null) return `B=${shown(plan.toBusiness.values['phoneNumber'])}`;
  const kept = plan.bases.find(({ field }) => field === 'phoneNumber');
  return kept?.business === base && base === business ? 'kept' : 'agreed';
}

describe('one field', () => {
  test.each(cases)('$given; $name: $effect', (row) => {
    const plan = planOf(row);
    expect(effectOf(plan, row)).toBe(row.effect);
    expect([plan.toSales, plan.toBusiness].filter((side) => side !== null).length).toBeLessThan(2);
    const moved = plan.bases.find(({ field }) => field === 'phoneNumber');
    // A field that agrees by now moves its base; one that is to be written, or in conflict, keeps the old one until then.
    if (row.effect === 'agreed') expect(moved).toMatchObject({ business: row.business, sales: row.sales });
    else if (row.base === undefined) expect(moved).toBeUndefined();
    else expect(moved).toMatchObject({ business: row.base, sales: row.base });
  });
});

interface ValueCase {
  readonly name: string;
  readonly field: readonly [string, string];
  readonly business: FieldValue;
  readonly sales: FieldValue;
  readonly agrees: boolean;
}

describe('values of both systems', () => {
  test.each<ValueCase>([
    { name: 'equal texts agree', field: ['displayName', 'name'], business: 'Adatum', sales: 'Adatum', agrees: true },
    {
      name: 'texts that differ do not',
      field: ['displayName', 'name'],
      business: 'Adatum',
      sales: 'Adatum 2',
      agrees: false,
    },
    {
      name: 'texts agree up to the length of the shorter column',
      field: ['displayName', 'name'],
      business: 'A'.repeat(20),
      sales: 'A'.repeat(30),
      agrees: true,
    },
    {
      name: 'a difference within the shorter column counts',
      field: ['displayName', 'name'],
      business: 'A'.repeat(20),
      sales: `${'A'.repeat(19)}B${'A'.repeat(10)}`,
      agrees: false,
    },
    {
      name: 'capitals of a text count',
      field: ['displayName', 'name'],
      business: 'Adatum',
      sales: 'ADATUM',
      agrees: false,
    },
    {
      name: 'capitals of a code do not',
      field: ['country', 'address1_country'],
      business: 'NO',
      sales: 'no',
      agrees: true,
    },
    {
      name: 'blanks around a code do not',
      field: ['country', 'address1_country'],
      business: 'NO',
      sales: ' NO',
      agrees: true,
    },
    {
      name: 'another code does not agree',
      field: ['country', 'address1_country'],
      business: 'NO',
      sales: 'SE',
      agrees: false,
    },
    {
      name: 'numbers agree in the coarser scale',
      field: ['creditLimit', 'creditlimit'],
      business: '1.004',
      sales: '1',
      agrees: true,
    },
    {
      name: 'a difference within the coarser scale counts',
      field: ['creditLimit', 'creditlimit'],
      business: '1.006',
      sales: '1',
      agrees: false,
    },
    { name: 'blank and blank agree', field: ['displayName', 'name'], business: null, sales: null, agrees: true },
    {
      name: 'blank and a value do not',
      field: ['displayName', 'name'],
      business: null,
      sales: 'Adatum',
      agrees: false,
    },
  ])('$name', ({ field: [business, sales], agrees, ...values }) => {
    const compiled = compileMapping(customerMapping(), customers, accounts);
    const field = compiled.fields.find((one) => one.field === business && one.integrationField === sales)!;
    expect(field.agree(values.business, values.sales, noReferences)).toBe(agrees);
  });
});
