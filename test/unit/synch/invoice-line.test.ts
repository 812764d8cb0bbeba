import { describe, expect, test } from 'vitest';
import { invoiceLineValues, sumOfDiscounts } from '../../../src/synch/steps/invoice-line.js';
import { lineFieldsOf, lineValuesOf } from '../../../src/synch/steps/invoice-source.js';
import { ourId } from '../../../src/synch/steps/our-id.js';
import { field, tableOf } from '../../support/customer-mapping.js';

const line = {
  sequence: 20_000,
  lineType: 'Account',
  itemId: null,
  resourceId: null,
  lineObjectNumber: '8400',
  description: 'Packing',
  discountAmount: '1.5',
  invoiceDiscountAllocation: '2',
  netAmount: '96.5',
  netAmountIncludingTax: '114.84',
};
const invoice = { shipto_city: 'Oslo', transactioncurrencyid: 'nok', datedelivered: '2026-03-01' };

describe('a line of an invoice in Dataverse', () => {
  test('has amounts before all discounts, as Dataverse keeps them', () => {
    expect(invoiceLineValues({ values: line, product: null }, invoice)).toMatchObject({
      baseamount: '100',
      extendedamount: '116.84',
      tax: '18.34',
      volumediscountamount: '0',
      lineitemnumber: 20_000,
    });
  });

  test('is shipped where and when its invoice is, in the currency of the invoice', () => {
    expect(invoiceLineValues({ values: line, product: null }, invoice)).toMatchObject({
      shipto_city: 'Oslo',
      shipto_line1: null,
      transactioncurrencyid: 'nok',
      actualdeliveryon: '2026-03-01T00:00:00.000Z',
    });
  });

  test('is about its product in that product’s unit, or a write-in product with number and description', () => {
    expect(invoiceLineValues({ values: line, product: { id: 'p', unitId: 'u' } }, invoice)).toMatchObject({
      isproductoverridden: false,
      productid: 'p',
      uomid: 'u',
    });
    expect(invoiceLineValues({ values: line, product: null }, invoice)).toMatchObject({
      isproductoverridden: true,
      productdescription: '8400 Packing.',
    });
    const comment = { ...line, lineObjectNumber: null, description: 'Thank you' };
    expect(invoiceLineValues({ values: comment, product: null }, invoice)).toMatchObject({
      productdescription: 'Thank you.',
    });
  });

  test('adds its discount to those of its invoice, exactly', () => {
    const of = (discountAmount: string | null) => ({ values: { ...line, discountAmount }, product: null });
    expect(sumOfDiscounts([of('0.1'), of('0.2'), of(null)])).toBe('0.3');
    expect(sumOfDiscounts([])).toBe('0');
  });
});

describe('a posted line', () => {
  const table = (...names: readonly string[]) =>
    tableOf(
      'lines',
      names[0] ?? '',
      names.map((name) => field(name, 'TEXT')),
    );
  const api = table('sequence', 'lineType', 'itemId', 'resourceId', 'lineObjectNumber', 'netAmount');
  const page = table('Line_No', 'Type', 'No', 'Amount');

  test('is read by the names of the API, or by those of a page', () => {
    expect(lineFieldsOf(api)).toEqual([
      'sequence',
      'lineType',
      'itemId',
      'resourceId',
      'lineObjectNumber',
      'netAmount',
    ]);
    expect(lineFieldsOf(page)).toEqual(['Line_No', 'Type', 'No', 'Amount']);
  });

  test('is about an item or a resource by its id, or by its type and number', () => {
    const told = (...given: Parameters<typeof lineValuesOf>) => {
      const { itemId, resourceId, netAmount } = lineValuesOf(...given);
      return [itemId, resourceId, netAmount];
    };
    expect(told(api, { lineType: 'Item', itemId: 'guid', lineObjectNumber: '1000', netAmount: '5' })).toEqual([
      'guid',
      null,
      '5',
    ]);
    expect(told(page, { Type: 'Item', No: '1000', Amount: '5' })).toEqual(['1000', null, '5']);
    expect(told(page, { Type: 'Resource', No: 'LISE', Amount: '5' })).toEqual([null, 'LISE', '5']);
    expect(told(page, { Type: 'G/L Account', No: '8400', Amount: '5' })).toEqual([null, null, '5']);
  });
});

test('an id of ours is a GUID, and the same for the same parts alone', () => {
  expect(ourId('a', 'b')).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(ourId('a', 'b')).toBe(ourId('a', 'b'));
  expect(new Set([ourId('a', 'b'), ourId('ab'), ourId('a', 'c'), ourId('b', 'a')]).size).toBe(4);
});
