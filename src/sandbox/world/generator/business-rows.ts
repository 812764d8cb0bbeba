import type { Values } from '../row.js';
import {
  type CodeAndName,
  FUND_CURRENCY,
  foreignCurrencies,
  LOCAL_CURRENCY,
  MISSING_CURRENCY,
  paymentMethods,
  paymentTerms,
  priceGroups,
  salesPeople,
  shipmentMethods,
  shippingAgents,
  WITHOUT_USER,
} from './catalog.js';
import { countries } from './places.js';
import type { Plan, PlannedCustomer } from './plan.js';
import { Random } from './random.js';

/** A row that is about to be put into a table. */
export interface SeedRow {
  readonly table: string;
  readonly id: string;
  readonly values: Values;
}

export interface Company {
  readonly id: string;
  readonly name: string;
}

/** The set-up tables of a company, which customers refer to. */
export function setupRows(company: Company, random: Random): readonly SeedRow[] {
  const row = (table: string, values: Values): SeedRow => ({ table, id: random.guid(), values });
  return [
    row('companyInformation', {
      displayName: company.name,
      addressLine1: 'Dockside 7',
      addressLine2: '',
      city: 'Altfurt',
      state: '',
      country: 'DE',
      postalCode: '20999',
      phoneNumber: '+49 555 010-000',
      faxNumber: '',
      email: 'info@sandbox.example',
      website: 'https://www.sandbox.example',
      currencyCode: LOCAL_CURRENCY.code,
      taxRegistrationNumber: 'DE999999999',
    }),
    row('generalLedgerSetup', {
      localCurrencyCode: LOCAL_CURRENCY.code,
      localCurrencySymbol: LOCAL_CURRENCY.symbol,
      allowPostingFrom: '',
      allowPostingTo: '',
    }),
    ...foreignCurrencies.map((one) =>
      row('currencies', {
        code: one.code,
        displayName: one.name,
        symbol: one.symbol,
        amountDecimalPlaces: `${one.decimals}:${one.decimals}`,
        amountRoundingPrecision: 10 ** -one.decimals,
      }),
    ),
    ...foreignCurrencies.flatMap((one) =>
      exchangeRates(one.code, one.rate, random).map((values) => row('currencyExchangeRates', values)),
    ),
    ...countries.map((one) =>
      row('countriesRegions', { code: one.code, displayName: one.name, addressFormat: 'City+Post Code' }),
    ),
    ...salesPeople.map((one) =>
      row('salespeoplePurchasers', {
        code: one.code,
        displayName: `${one.firstName} ${one.lastName}`,
        email: one.email,
        email2: '',
        phoneNo: `+49 555 ${random.digits(6)}`,
        jobTitle: one.jobTitle,
        commisionPercent: random.whole(0, 8),
        privacyBlocked: false,
        blocked: one.blocked,
      }),
    ),
    ...paymentTerms.map((one) =>
      row('paymentTerms', {
        code: one.code,
        displayName: one.name,
        dueDateCalculation: one.due,
        discountDateCalculation: one.discount > 0 ? '10D' : '',
        discountPercent: one.discount,
        calculateDiscountOnCreditMemos: false,
      }),
    ),
    ...coded('shipmentMethods', shipmentMethods, row),
    ...shippingAgents.map((one) => row('shippingAgents', { code: one.code, name: one.name })),
    ...coded('paymentMethods', paymentMethods, row),
    ...priceGroups.map((one) => row('customerPriceGroups', { code: one.code, description: one.name })),
  ];
}

const coded = (
  table: string,
  list: readonly CodeAndName[],
  row: (table: string, values: Values) => SeedRow,
): readonly SeedRow[] => list.map((one) => row(table, { code: one.code, displayName: one.name }));

/** Three dates for each currency; small units are quoted for a hundred. */
function exchangeRates(code: string, rate: number, random: Random): readonly Values[] {
  const amount = rate > 50 ? 100 : 1;
  return ['2024-01-01', '2025-01-01', '2025-07-01'].map((startingDate) => ({
    key: `${code} ${startingDate}`,
    currencyCode: code,
    startingDate,
    exchangeRateAmount: amount,
    relationalCurrencyCode: '',
    relationalExchangeRateAmount: Math.round((amount / rate) * (0.97 + random.next() * 0.06) * 10_000) / 10_000,
  }));
}

/** The customers of the plan, in its order. */
export function customerRows(plan: Plan, seed: string): readonly SeedRow[] {
  const random = new Random(`${seed} customers`);
  return plan.customers.map((customer, at) => ({
    table: 'customers',
    id: random.guid(),
    values: customerValues(customer, at, random),
  }));
}

/** Numbers of another pattern than the series, as older records have them. */
const oddNumbers: Readonly<Record<number, string>> = { 10: 'KD-1001', 20: '77-OLD' };

export const customerNumber = (at: number): string => oddNumbers[at] ?? `C${String((at + 1) * 10).padStart(5, '0')}`;

/** What a customer at a place of the plan is made of; its number is that of the place. */
export function customerValues(customer: PlannedCustomer, at: number, random: Random): Values {
  const { firm, role } = customer;
  const currency = currencyOf(customer, random);
  return {
    number: customerNumber(at),
    displayName: firm.name,
    type: random.chance(0.05) ? 'Person' : 'Company',
    addressLine1: firm.address.line1,
    addressLine2: firm.address.line2,
    city: firm.address.city,
    state: firm.address.state,
    country: firm.address.country,
    postalCode: firm.address.postalCode,
    phoneNumber: firm.phone,
    mobilePhoneNumber: firm.mobile,
    faxNumber: firm.fax,
    email: firm.email,
    website: firm.website,
    contact: firm.contact,
    salespersonCode:
      role === 'salespersonWithoutUser' ? WITHOUT_USER : random.chance(0.8) ? random.pick(withUser).code : '',
    currencyCode: currency,
    paymentTermsCode: random.chance(0.9) ? random.pick(paymentTerms).code : '',
    shipmentMethodCode: random.chance(0.9) ? random.pick(shipmentMethods).code : '',
    shippingAgentCode: random.chance(0.5) ? random.pick(shippingAgents).code : '',
    paymentMethodCode: random.chance(0.9) ? random.pick(paymentMethods).code : '',
    customerPriceGroup: random.chance(0.5) ? random.pick(priceGroups).code : '',
    primaryContactNumber: '',
    creditLimit: random.chance(0.3) ? 0 : random.whole(10, 1_000) * 500,
    balanceDue: random.chance(0.6) ? 0 : random.whole(100, 90_000) / 4,
    blocked: { blockedAll: 'All', blockedShip: 'Ship', blockedInvoice: 'Invoice' }[role as string] ?? ' ',
    taxLiable: random.chance(0.5),
    taxRegistrationNumber: random.chance(0.5) ? `${firm.address.country}${random.digits(9)}` : '',
  };
}

const withUser = salesPeople.filter((one) => one.code !== WITHOUT_USER);

/** Blank, the local currency, for three of four customers. */
function currencyOf({ role, inDataverse }: PlannedCustomer, random: Random): string {
  if (role === 'fundCurrency') return FUND_CURRENCY;
  if (role === 'missingCurrency') return MISSING_CURRENCY;
  const known = foreignCurrencies.filter(
    (one) => one.code !== FUND_CURRENCY && one.code !== MISSING_CURRENCY && (one.inDataverse || !inDataverse),
  );
  return random.chance(0.75) ? '' : random.pick(known.filter((one) => one.inDataverse)).code;
}
