import { describe, expect, test } from 'vitest';
import { canonicalOption, unescapeName } from '../../../../src/connectors/business-central/enum-names.js';
import { readMetadata } from '../../../../src/connectors/business-central/metadata.js';
import { fieldIn, rowReader, selectOf, writeValues } from '../../../../src/connectors/business-central/values.js';
import { equalTo } from '../../../../src/connectors/odata/find.js';

const edmx = `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
  <EnumType Name="customerBlocked">
    <Member Name="_x0020_" Value="0"/><Member Name="Ship" Value="1"/><Member Name="Non_x002D_Inventory" Value="2"/>
  </EnumType>
  <EntityType Name="currency"><Key><PropertyRef Name="id"/></Key><Property Name="id" Type="Edm.Guid" Nullable="false"/><Property Name="code" Type="Edm.String" MaxLength="10"/></EntityType>
  <EntityType Name="customer">
    <Key><PropertyRef Name="id"/></Key>
    <Property Name="id" Type="Edm.Guid" Nullable="false"/>
    <Property Name="number" Type="Edm.String" MaxLength="20"/>
    <Property Name="displayName" Type="Edm.String" MaxLength="100"/>
    <Property Name="blocked" Type="Microsoft.NAV.customerBlocked"/>
    <Property Name="currencyId" Type="Edm.Guid"/>
    <Property Name="creditLimit" Type="Edm.Decimal" Scale="Variable"/>
    <Property Name="balance" Type="Edm.Decimal"><Annotation Term="Org.OData.Core.V1.Computed" Bool="true"/></Property>
    <Property Name="overdue" Type="Edm.Boolean"/>
    <Property Name="birthday" Type="Edm.Date"/>
    <Property Name="lastModifiedDateTime" Type="Edm.DateTimeOffset"/>
    <NavigationProperty Name="currency" Type="Microsoft.NAV.currency"><ReferentialConstraint Property="currencyId" ReferencedProperty="id"/></NavigationProperty>
  </EntityType>
  <EntityContainer Name="NAV"><EntitySet Name="customers" EntityType="Microsoft.NAV.customer"/><EntitySet Name="currencies" EntityType="Microsoft.NAV.currency"/></EntityContainer>
  <Annotations Target="Microsoft.NAV.customer/overdue"><Annotation Term="Org.OData.Core.V1.Computed"/></Annotations>
</Schema></edmx:DataServices></edmx:Edmx>`;

const customers = readMetadata(edmx).get('customers')!;

describe('metadata', () => {
  test('tells types, lengths, options and references', () => {
    const told = [...customers.metadata.fields.values()].map(
      ({ name, type, maxLength, readOnly, target, options }) => ({
        name,
        type,
        maxLength,
        readOnly,
        target,
        options: options.map(({ value }) => value),
      }),
    );
    const field = { maxLength: null, readOnly: false, target: null, options: [] };
    expect(told).toEqual([
      { ...field, name: 'id', type: 'GUID', readOnly: true },
      { ...field, name: 'number', type: 'CODE', maxLength: 20 },
      { ...field, name: 'displayName', type: 'TEXT', maxLength: 100 },
      { ...field, name: 'blocked', type: 'OPTION', options: ['Ship', 'Non-Inventory'] },
      { ...field, name: 'currencyId', type: 'REFERENCE', target: 'currencies' },
      { ...field, name: 'creditLimit', type: 'DECIMAL' },
      { ...field, name: 'balance', type: 'DECIMAL', readOnly: true },
      { ...field, name: 'overdue', type: 'BOOLEAN', readOnly: true },
      { ...field, name: 'birthday', type: 'DATE' },
      { ...field, name: 'lastModifiedDateTime', type: 'DATE_TIME', readOnly: true },
    ]);
  });

  test.each(['', 'no xml', '<html></html>'])('%j is no metadata', (xml) => {
    expect(() => readMetadata(xml)).toThrow(expect.objectContaining({ code: 'BAD_ANSWER' }));
  });
});

test.each([
  ['_x0020_', null],
  [' ', null],
  ['', null],
  ['Non_x002D_Inventory', 'Non-Inventory'],
  ['Non-Inventory', 'Non-Inventory'],
])('the member %j is the option %j', (member, option) => expect(canonicalOption(member)).toBe(option));

test('names without escapes stay as they are', () => expect(unescapeName('max_xyz_')).toBe('max_xyz_'));

describe('values', () => {
  const row = {
    '@odata.etag': 'W/"JzQ0"',
    id: '6B29FC40-CA47-1067-B31D-00DD010662DA',
    number: 'C0001 ',
    displayName: '',
    blocked: '_x0020_',
    currencyId: '00000000-0000-0000-0000-000000000000',
    creditLimit: '0.1234567890123456789',
    birthday: '0001-01-01',
    lastModifiedDateTime: '2026-01-31T10:00:59.58Z',
  };

  test('are read in their canonical form', () => {
    const read = rowReader(customers, ['number', 'displayName', 'blocked', 'currencyId', 'creditLimit', 'birthday']);
    expect(read(row)).toEqual({
      id: '6b29fc40-ca47-1067-b31d-00dd010662da',
      version: 'W/"JzQ0"',
      modifiedAt: new Date('2026-01-31T10:00:59.580Z'),
      values: {
        number: 'C0001',
        displayName: null,
        blocked: null,
        currencyId: null,
        creditLimit: '0.1234567890123456789',
        birthday: null,
      },
    });
  });

  test('of another type than the metadata says are no answer', () => {
    expect(() => rowReader(customers, ['birthday'])({ ...row, birthday: 7 })).toThrow(
      expect.objectContaining({ code: 'BAD_ANSWER' }),
    );
  });

  test('are written in the order given, blank in the form of each type', () => {
    const body = writeValues(customers, {
      blocked: null,
      displayName: null,
      currencyId: null,
      birthday: null,
      creditLimit: '0.1234567890123456789',
    });
    expect(JSON.stringify(body)).toBe(
      '{"blocked":"_x0020_","displayName":"","currencyId":"00000000-0000-0000-0000-000000000000","birthday":"0001-01-01","creditLimit":0.1234567890123456789}',
    );
    expect(writeValues(customers, { blocked: 'Non-Inventory' })).toEqual({ blocked: 'Non_x002D_Inventory' });
  });

  test('that an option does not have are refused with those it has', () => {
    expect(() => writeValues(customers, { blocked: 'Everything' })).toThrow(
      /"blocked".*expected one of Ship, Non-Inventory/,
    );
  });

  test('of an unknown field are refused with its name', () => {
    expect(() => selectOf(customers, ['faxNumber'])).toThrow(/customers has no field "faxNumber"/);
  });

  test.each([
    ['displayName', "Meyer's", null],
    ['displayName', 'A*', null],
    ['displayName', 'Meyer', "displayName eq 'Meyer'"],
    ['displayName', null, "displayName eq ''"],
    ['blocked', 'Ship', null],
    ['creditLimit', '12.5', 'creditLimit eq 12.5'],
    ['currencyId', null, 'currencyId eq 00000000-0000-0000-0000-000000000000'],
  ])('the filter for %s %j is %j', (field, value, expected) =>
    expect(equalTo(fieldIn(customers, field), value)).toBe(expected),
  );
});
