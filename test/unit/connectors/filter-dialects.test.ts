import { describe, expect, test } from 'vitest';
import { businessCentralDialect } from '../../../src/connectors/business-central/filter-dialect.js';
import { dataverseDialect } from '../../../src/connectors/dataverse/filter-dialect.js';
import type { FieldMetadata, FieldType } from '../../../src/mapping/field-value.js';
import { pushFilters } from '../../../src/mapping/filter/push-filter.js';

const field = (name: string, type: FieldType, options: FieldMetadata['options'] = []): FieldMetadata => ({
  name,
  label: name,
  type,
  nativeType: type,
  maxLength: null,
  scale: null,
  nullable: true,
  readOnly: false,
  target: null,
  options,
});

const fields = [
  field('code', 'CODE'),
  field('name', 'TEXT'),
  field('amount', 'DECIMAL'),
  field('day', 'DATE'),
  field('moment', 'DATE_TIME'),
  field('kind', 'OPTION', [
    { value: 'Inventory', label: 'Inventory', number: 0 },
    { value: 'Non-Inventory', label: 'Non-Inventory', number: 1 },
  ]),
  field('state', 'OPTION', [{ value: '1', label: 'Closed' }]),
  field('owner', 'REFERENCE'),
];
const metadata = { name: 't', label: 't', keyField: 'id', fields: new Map(fields.map((one) => [one.name, one])) };
const dialects = {
  'Business Central': businessCentralDialect({ metadata }),
  Dataverse: dataverseDialect({
    entitySet: 't',
    logicalName: 't',
    primaryId: 'id',
    tracksChanges: true,
    checksVersions: true,
    columns: new Map(
      fields.map((one) => [
        one.name,
        {
          field: one,
          readName: one.name === 'owner' ? '_owner_value' : one.name,
          navigation: null,
          onlyTarget: one.name === 'owner' ? 'systemuser' : null,
        },
      ]),
    ),
    metadata,
  }),
};

describe.each<{ system: keyof typeof dialects; cases: readonly (readonly [string, string, string | null])[] }>([
  {
    system: 'Business Central',
    cases: [
      ['code', 'a|B', "code eq 'A' or code eq 'B'"],
      ['code', '<>a', "code ne 'A'"],
      ['code', "<>''", "code ne ''"],
      ['code', '10000..20000', null],
      ['name', 'Fa*', "startswith(name,'Fa')"],
      ['name', '*fa*&<>Fabrikam', "contains(name,'fa')"],
      ['name', '@FA', "tolower(name) eq 'fa'"],
      ['name', '@FA*', null],
      ['name', "'R&D'|'Fa'", null],
      ['name', "'R&D'&Fa*", "startswith(name,'Fa')"],
      ['amount', '>=100&<200.50', 'amount ge 100 and amount lt 200.5'],
      ['day', '..2026-01-31', 'day le 2026-01-31 and day ne 0001-01-01'],
      ['day', "''", 'day eq 0001-01-01'],
      ['moment', '2026-01-31', 'moment ge 2026-01-31T00:00:00.000Z and moment lt 2026-02-01T00:00:00.000Z'],
      ['kind', 'inventory', "kind eq 'Inventory'"],
      ['kind', 'Non-Inventory', null],
    ],
  },
  {
    system: 'Dataverse',
    cases: [
      ['name', "O'Brien", "name eq 'O''Brien'"],
      ['name', '<>Oslo', null],
      ['name', "<>''", 'name ne null'],
      ['name', '*fa*', "contains(name,'fa')"],
      ['name', '@*fa', "endswith(name,'fa')"],
      ['name', '[a]*', null],
      ['name', 'A*B?', "startswith(name,'A') and contains(name,'B')"],
      ['amount', '<>5', 'amount ne 5 or amount eq null'],
      ['state', 'closed', 'state eq 1'],
      ['owner', "''", null],
      ['owner', '4f6f0a4e-0c9e-4d2c-9f7d-000000000001', '_owner_value eq 4f6f0a4e-0c9e-4d2c-9f7d-000000000001'],
    ],
  },
])('$system is asked', ({ system, cases }) => {
  test.each(cases)('for %s = %s with %s', (name, expression, expected) => {
    expect(pushFilters([{ field: name, expression }], metadata, dialects[system]).text).toBe(expected);
  });

  test('for several filters at once, each of one field', () => {
    const filters = [
      { field: 'amount', expression: '1|2' },
      { field: 'name', expression: 'Fa*' },
    ];
    const { text } = pushFilters(filters, metadata, dialects[system]);
    expect(text).toBe("(amount eq 1 or amount eq 2) and startswith(name,'Fa')");
  });

  test('for nothing that would make an address too long', () => {
    const expression = Array.from({ length: 100 }, (_, index) => `A${index}`).join('|');
    const filters = Array.from({ length: 10 }, () => ({ field: 'name', expression }));
    expect(pushFilters(filters, metadata, dialects[system])).toEqual({ text: null, exact: false });
  });
});
