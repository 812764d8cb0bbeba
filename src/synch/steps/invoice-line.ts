import { addDecimals, negateDecimal } from '../../mapping/decimal.js';
import type { FieldValue, FieldValues } from '../../mapping/field-value.js';
import type { LineValues } from './invoice-source.js';

/** A line of a posted invoice, with what it is about. */
export interface InvoiceLine {
  /** What the business system tells of it. */
  readonly values: LineValues;
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

/**
 * What an invoice line of Dataverse has beyond the mapped fields, as Dynamics NAV fills it: from its invoice, of its product or
 * as a write-in product, and the amounts that Dataverse would compute otherwise. Pure.
 */
export function invoiceLineValues(
  { values, product }: InvoiceLine,
  invoice: FieldValues,
): Readonly<Record<string, FieldValue>> {
  const amount = (name: keyof LineValues): string => String(values[name] ?? '0');
  const [net, gross] = [amount('netAmount'), amount('netAmountIncludingTax')];
  const [discount, invoiceDiscount] = [amount('discountAmount'), amount('invoiceDiscountAllocation')];
  return {
    ...Object.fromEntries(shippingColumns.map((name) => [name, invoice[name] ?? null])),
    transactioncurrencyid: invoice['transactioncurrencyid'] ?? null,
    actualdeliveryon: momentOf(invoice['datedelivered'] ?? null),
    lineitemnumber: values.sequence,
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
  addDecimals('0', ...lines.map(({ values }) => String(values.discountAmount ?? '0')));

/** The text of a write-in product: number and description of what was sold. */
const textOf = ({ lineObjectNumber, description }: LineValues): string =>
  `${[lineObjectNumber, description].filter((part) => part !== null).join(' ')}.`;

const momentOf = (day: FieldValue): FieldValue => (day === null ? null : new Date(String(day)).toISOString());
