import { addDecimals, negateDecimal } from '../../mapping/decimal.js';
import type { FieldValue, FieldValues } from '../../mapping/field-value.js';

/** A line of a posted invoice, with what it is about. */
export interface InvoiceLine {
  /** Its values in the business system. */
  readonly values: FieldValues;
  /** The product that its item or resource is coupled with; null for any other line. */
  readonly product: { readonly id: string; readonly unitId: FieldValue } | null;
}

/** Columns of the invoice that its lines repeat. */
export const shippingColumns = [
  'shipto_name',
  'shipto_line1',
  'shipto_line2',
  'shipto_city',
  'shipto_stateorprovince',
  'shipto_postalcode',
  'shipto_country',
] as const;

/** Fields of a line in the business system that the rules here look at. */
export const lineFields = [
  'sequence',
  'itemId',
  'resourceId',
  'lineObjectNumber',
  'description',
  'discountAmount',
  'invoiceDiscountAllocation',
  'netAmount',
  'netAmountIncludingTax',
] as const;

/**
 * What an invoice line of Dataverse has beyond the mapped fields, as Dynamics NAV fills it: from its invoice, of its product or
 * as a write-in product, and the amounts that Dataverse would compute otherwise. Pure.
 */
export function invoiceLineValues(
  { values, product }: InvoiceLine,
  invoice: FieldValues,
): Readonly<Record<string, FieldValue>> {
  const amount = (name: string): string => String(values[name] ?? '0');
  const [net, gross] = [amount('netAmount'), amount('netAmountIncludingTax')];
  const [discount, invoiceDiscount] = [amount('discountAmount'), amount('invoiceDiscountAllocation')];
  return {
    ...Object.fromEntries(shippingColumns.map((name) => [name, invoice[name] ?? null])),
    transactioncurrencyid: invoice['transactioncurrencyid'] ?? null,
    actualdeliveryon: momentOf(invoice['datedelivered'] ?? null),
    lineitemnumber: values['sequence'] ?? null,
    tax: addDecimals(gross, negateDecimal(net)),
    baseamount: addDecimals(net, invoiceDiscount, discount),
    extendedamount: addDecimals(gross, invoiceDiscount),
    volumediscountamount: '0',
    ...(product === null
      ? { isproductoverridden: true, productdescription: textOf(values) }
      : { isproductoverridden: false, productid: product.id, uomid: product.unitId }),
  };
}

/** Line discounts of all lines, as the invoice sums them up. */
export const sumOfDiscounts = (lines: readonly InvoiceLine[]): string =>
  addDecimals('0', ...lines.map(({ values }) => String(values['discountAmount'] ?? '0')));

/** The text of a write-in product: number and description of what was sold. */
const textOf = (values: FieldValues): string =>
  `${[values['lineObjectNumber'], values['description']].filter((part) => (part ?? null) !== null).join(' ')}.`;

const momentOf = (day: FieldValue): FieldValue => (day === null ? null : new Date(String(day)).toISOString());
