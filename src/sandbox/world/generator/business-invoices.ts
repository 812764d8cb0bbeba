import type { Values } from '../row.js';
import type { SeedRow } from './business-rows.js';
import { foreignCurrencies } from './catalog.js';
import { type About, businessCase, type ExpectedCase } from './expected-case.js';
import { Random } from './random.js';

export interface BusinessInvoices {
  readonly rows: readonly SeedRow[];
  readonly cases: readonly ExpectedCase[];
}

export interface InvoiceSources {
  readonly customers: readonly SeedRow[];
  readonly items: readonly SeedRow[];
  readonly resources: readonly SeedRow[];
}

type InvoiceRole = 'paid' | 'open' | 'partlyPaid' | 'blockedLine' | 'canceled' | 'draft' | 'inReview';

const blockedAbout: About = ['invoice with a blocked item', 'VALIDATION: an invoice with a blocked line is not sent'];
const draftAbout: About = ['invoice that is not posted', 'not looked at'];

const VAT_PERCENT = 19;
const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.parse('2025-02-03T00:00:00Z');
const knownCurrencies = new Set(['', ...foreignCurrencies.filter((one) => one.inDataverse).map((one) => one.code)]);

/** The last ones are no posted invoices, and the two before them hold a blocked item. */
const lastRoles: readonly InvoiceRole[] = [
  'draft',
  'draft',
  'draft',
  'inReview',
  'inReview',
  'canceled',
  'canceled',
  'blockedLine',
  'blockedLine',
];

/** Invoices with their lines: a third paid, a third open, the others partly paid. */
export function businessInvoices(sources: InvoiceSources, count: number, seed: string): BusinessInvoices {
  const random = new Random(`${seed} invoices`);
  const customers = sources.customers.filter(
    ({ values }) => values['blocked'] === ' ' && knownCurrencies.has(String(values['currencyCode'])),
  );
  const goods = goodsOf(sources);
  if (customers.length === 0 || goods.sold.length === 0) return { rows: [], cases: [] };
  const rows: SeedRow[] = [];
  const cases: ExpectedCase[] = [];
  for (let at = 0; at < count; at++) {
    const role = roleOf(at, count);
    const customer = random.pick(customers).values;
    const number = `${role === 'draft' || role === 'inReview' ? 'SI' : 'PSI'}-${String(103_001 + at)}`;
    const lines = linesOf(role, number, goods, random);
    const header: SeedRow = {
      table: 'salesInvoices',
      id: random.guid(),
      values: headerValues(role, number, customer, lines, at, random),
    };
    rows.push(header, ...lines);
    if (role === 'blockedLine') cases.push(businessCase('salesInvoices', header, number, blockedAbout));
    if (role === 'draft' || role === 'inReview') cases.push(businessCase('salesInvoices', header, number, draftAbout));
  }
  return { rows, cases };
}

function roleOf(at: number, count: number): InvoiceRole {
  const fromEnd = count - 1 - at;
  const special = count < 2 * lastRoles.length ? undefined : lastRoles[fromEnd];
  return special ?? (['paid', 'open', 'partlyPaid'] as const)[at % 3] ?? 'open';
}

/** What lines are about: goods in pieces that may be sold, goods that may not, and people's time. */
interface Goods {
  readonly sold: readonly SeedRow[];
  readonly blocked: readonly SeedRow[];
  readonly resources: readonly SeedRow[];
}

const goodsOf = ({ items, resources }: InvoiceSources): Goods => ({
  sold: items.filter(({ values }) => values['blocked'] === false && values['baseUnitOfMeasureCode'] === 'PCS'),
  blocked: items.filter(({ values }) => values['blocked'] === true),
  resources: resources.filter(({ values }) => values['type'] === 'Person'),
});

function linesOf(
  role: InvoiceRole,
  documentNumber: string,
  { sold, blocked, resources }: Goods,
  random: Random,
): readonly SeedRow[] {
  return Array.from({ length: random.whole(1, 6) }, (_unused, at): SeedRow => {
    const sequence = (at + 1) * 10_000;
    const chance = random.next();
    const first = at === 0;
    const values =
      first && role === 'blockedLine' && blocked.length > 0
        ? productLine('Item', random.pick(blocked).values, random)
        : first || chance < 0.75
          ? productLine('Item', random.pick(sold).values, random)
          : chance < 0.85
            ? productLine('Resource', random.pick(resources).values, random)
            : chance < 0.92
              ? amounts(
                  { lineType: 'Account', lineObjectNumber: '8400', description: 'Packing and handling' },
                  1,
                  12.5,
                  0,
                )
              : amounts(
                  { lineType: 'Comment', lineObjectNumber: '', description: 'Thank you for your order' },
                  0,
                  0,
                  0,
                );
    return {
      table: 'salesInvoiceLines',
      id: random.guid(),
      values: { ...values, documentNumber, sequence, key: `${documentNumber} ${String(sequence).padStart(9, '0')}` },
    };
  });
}

function productLine(lineType: 'Item' | 'Resource', product: Values, random: Random): Values {
  const quantity = random.whole(1, 12);
  const unitPrice = Number(product['unitPrice']);
  const discount = random.chance(0.2) ? cents(quantity * unitPrice * 0.05) : 0;
  const about = {
    lineType,
    lineObjectNumber: String(product['number']),
    description: String(product[lineType === 'Item' ? 'displayName' : 'name']),
    unitOfMeasureCode: String(product['baseUnitOfMeasureCode']),
  };
  return amounts(about, quantity, unitPrice, discount);
}

const cents = (value: number): number => Math.round(value * 100) / 100;

function amounts(about: Values, quantity: number, unitPrice: number, discountAmount: number): Values {
  const netAmount = cents(quantity * unitPrice - discountAmount);
  const netTaxAmount = cents((netAmount * VAT_PERCENT) / 100);
  return {
    description2: '',
    unitOfMeasureCode: '',
    shipmentDate: '',
    ...about,
    quantity,
    unitPrice,
    discountAmount,
    discountPercent: discountAmount === 0 ? 0 : 5,
    invoiceDiscountAmount: 0,
    taxPercent: quantity === 0 ? 0 : VAT_PERCENT,
    amountExcludingTax: netAmount,
    amountIncludingTax: cents(netAmount + netTaxAmount),
    netAmount,
    netTaxAmount,
    netAmountIncludingTax: cents(netAmount + netTaxAmount),
  };
}

const statuses: Readonly<Record<InvoiceRole, string>> = {
  paid: 'Paid',
  open: 'Open',
  partlyPaid: 'Open',
  blockedLine: 'Open',
  canceled: 'Canceled',
  draft: 'Draft',
  inReview: 'In Review',
};

function headerValues(
  role: InvoiceRole,
  number: string,
  customer: Values,
  lines: readonly SeedRow[],
  at: number,
  random: Random,
): Values {
  const sum = (column: string): number => cents(lines.reduce((total, line) => total + Number(line.values[column]), 0));
  const total = sum('netAmountIncludingTax');
  const day = FIRST_DAY_MS + at * 3 * DAY_MS;
  return {
    number,
    externalDocumentNumber: '',
    invoiceDate: dateText(day),
    postingDate: dateText(day),
    dueDate: dateText(day + 30 * DAY_MS),
    shipmentDate: dateText(day + DAY_MS),
    yourReference: random.chance(0.3) ? `Order ${random.digits(5)}` : '',
    customerNumber: customer['number'] ?? '',
    billToCustomerNumber: customer['number'] ?? '',
    billToName: customer['displayName'] ?? '',
    shipToName: customer['displayName'] ?? '',
    shipToContact: customer['contact'] ?? '',
    ...placeOf('sellTo', customer),
    ...placeOf('billTo', customer),
    ...placeOf('shipTo', customer),
    currencyCode: customer['currencyCode'] ?? '',
    paymentTermsCode: customer['paymentTermsCode'] ?? '',
    shipmentMethodCode: customer['shipmentMethodCode'] ?? '',
    shippingAgentCode: customer['shippingAgentCode'] ?? '',
    salespersonCode: customer['salespersonCode'] ?? '',
    pricesIncludeTax: false,
    discountAmount: 0,
    totalAmountExcludingTax: sum('netAmount'),
    totalTaxAmount: sum('netTaxAmount'),
    totalAmountIncludingTax: total,
    remainingAmount: remainingOf(role, total),
    status: statuses[role],
    phoneNumber: customer['phoneNumber'] ?? '',
    email: customer['email'] ?? '',
  };
}

function remainingOf(role: InvoiceRole, total: number): number {
  if (role === 'paid' || role === 'canceled') return 0;
  return role === 'partlyPaid' ? cents(total / 2) : total;
}

const dateText = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

export const placeOf = (prefix: string, customer: Values): Values => ({
  [`${prefix}AddressLine1`]: customer['addressLine1'] ?? '',
  [`${prefix}AddressLine2`]: customer['addressLine2'] ?? '',
  [`${prefix}City`]: customer['city'] ?? '',
  [`${prefix}Country`]: customer['country'] ?? '',
  [`${prefix}State`]: customer['state'] ?? '',
  [`${prefix}PostCode`]: customer['postalCode'] ?? '',
});
