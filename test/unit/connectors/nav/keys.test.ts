import { describe, expect, test } from 'vitest';
import { idOfKey, keyInAddress, partsOfId } from '../../../../src/connectors/nav/keys.js';
import { recognise, servicesOfTables } from '../../../../src/connectors/nav/known-tables.js';
import { readServices } from '../../../../src/connectors/nav/metadata.js';

const edmx = (name: string, key: readonly string[], properties: Readonly<Record<string, string>>): string =>
  `<edmx:Edmx xmlns:edmx="x"><edmx:DataServices><Schema Namespace="NAV"><EntityType Name="T"><Key>${key
    .map((one) => `<PropertyRef Name="${one}"/>`)
    .join('')}</Key>${Object.entries(properties)
    .map(([property, type]) => `<Property Name="${property}" Type="${type}" MaxLength="20"/>`)
    .join(
      '',
    )}</EntityType><EntityContainer Name="C"><EntitySet Name="${name}" EntityType="NAV.T"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`;

const service = (key: Readonly<Record<string, string>>) => {
  const found = readServices(edmx('Anything', Object.keys(key), { ...key, Name: 'Edm.String' })).byName.get('Anything');
  if (found === undefined) throw new Error('the service was not read');
  return found;
};

const single = service({ No: 'Edm.String' });
const composite = service({ Item_No: 'Edm.String', Starting_Date: 'Edm.Date', Minimum_Quantity: 'Edm.Decimal' });

describe('keys of NAV as ids', () => {
  test.each([
    ['10000', "'10000'"],
    ["O'BRIEN", "'O''BRIEN'"],
    ['A/B', "'A%2FB'"],
    ['50% #1&2+3', "'50%25%20%231%262%2B3'"],
  ])('the id %j is %s in an address', (id, address) => {
    const parts = partsOfId(single, id);
    expect(keyInAddress(single, parts ?? [])).toBe(address);
  });

  test('a composite key is one id and comes back from it, whatever its parts hold', () => {
    const id = idOfKey(["A,B 'C'", null, '1.5']);
    const parts = partsOfId(composite, id);
    expect(parts).toEqual(["A,B 'C'", '', '1.5']);
    expect(keyInAddress(composite, parts ?? [])).toBe(
      "Item_No='A%2CB%20''C''',Starting_Date=0001-01-01,Minimum_Quantity=1.5",
    );
  });

  test.each([
    [single, 'x'.repeat(21)],
    [composite, '10000'],
    [composite, 'A,not-a-date,1'],
    [composite, 'A,,one'],
    [composite, 'A,%E0%A4%A,1'],
  ])('an id that no record can have is told without asking', (of, id) => expect(partsOfId(of, id)).toBeNull());
});

describe('page web services are recognised under any name', () => {
  const fields = (...names: string[]) => new Set(names);

  test('by the key of their table and by fields that only it has', () => {
    expect(recognise({ name: 'Debitoren', key: ['No'], fields: fields('No', 'Credit_Limit_LCY') })?.standsFor).toBe(
      'customers',
    );
    expect(
      recognise({ name: 'Artikel', key: ['No'], fields: fields('No', 'Base_Unit_of_Measure', 'Vendor_Item_No') })
        ?.standsFor,
    ).toBe('items');
    const invoice = ['No', 'Sell_to_Customer_No', 'Order_No', 'Due_Date'];
    expect(recognise({ name: 'Rechnungen', key: ['No'], fields: fields(...invoice) })?.standsFor).toBe('salesInvoices');
    expect(recognise({ name: 'Lieferanten', key: ['No'], fields: fields('No', 'Name') })).toBeNull();
  });

  test('and of several of one table the suggested name is taken, else the one with the most fields', () => {
    const list = { name: 'List', key: ['No'], fields: fields('No', 'Credit_Limit_LCY') };
    const card = { name: 'Card', key: ['No'], fields: fields('No', 'Name', 'Credit_Limit_LCY') };
    expect(servicesOfTables([list, card]).get('customers')).toBe('Card');
    expect(servicesOfTables([card, { ...list, name: 'Customer' }]).get('customers')).toBe('Customer');
  });
});
