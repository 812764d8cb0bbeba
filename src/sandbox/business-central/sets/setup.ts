import type { Row, Scalar } from '../../world/row.js';
import { businessTable, textOf } from '../../world/world.js';
import { type CompanyContext, rowsOf } from '../context.js';
import {
  code,
  date,
  decimal,
  type EntitySetDefinition,
  type ForRows,
  id,
  lastModified,
  text,
  yesNo,
} from '../entity-set.js';
import { localCurrency, rowOfCode } from '../relations.js';
import { named, postingGroups } from './named.js';

const companyInformation: EntitySetDefinition = {
  entitySet: 'companyInformation',
  entityType: 'companyInformation',
  table: 'companyInformation',
  caption: 'Company Information',
  properties: [
    id,
    text('displayName', 100, 'Name'),
    text('addressLine1', 100, 'Address'),
    text('addressLine2', 50, 'Address 2'),
    text('city', 30, 'City'),
    text('state', 30, 'County'),
    code('country', 10, 'Country/Region Code'),
    code('postalCode', 20, 'Post Code'),
    text('phoneNumber', 30, 'Phone No.'),
    text('faxNumber', 30, 'Fax No.'),
    text('email', 80, 'Email'),
    text('website', 255, 'Home Page'),
    text('taxRegistrationNumber', 20, 'VAT Registration No.'),
    // It repeats what the General Ledger Setup says.
    code('currencyCode', 10, 'Currency Code', { readOnly: true, read: (context) => () => localCurrency(context) }),
    lastModified,
  ],
  navigation: [],
};

const generalLedgerSetup: EntitySetDefinition = {
  entitySet: 'generalLedgerSetup',
  entityType: 'generalLedgerSetup',
  table: 'generalLedgerSetup',
  caption: 'General Ledger Setup',
  readOnly: true,
  properties: [
    id,
    date('allowPostingFrom', 'Allow Posting From'),
    date('allowPostingTo', 'Allow Posting To'),
    code('localCurrencyCode', 10, 'LCY Code'),
    text('localCurrencySymbol', 10, 'Local Currency Symbol'),
    lastModified,
  ],
  navigation: [],
};

/** The local currency is not among them. */
const currencies = named('currencies', 'currency', 'Currency', 30, [
  text('symbol', 10, 'Symbol'),
  text('amountDecimalPlaces', 5, 'Amount Decimal Places'),
  decimal('amountRoundingPrecision', 'Amount Rounding Precision'),
]);

const currencyExchangeRates: EntitySetDefinition = {
  entitySet: 'currencyExchangeRates',
  entityType: 'currencyExchangeRate',
  table: 'currencyExchangeRates',
  caption: 'Currency Exchange Rate',
  readOnly: true,
  properties: [
    id,
    code('currencyCode', 10, 'Currency Code'),
    date('startingDate', 'Starting Date'),
    decimal('exchangeRateAmount', 'Exchange Rate Amount'),
    code('relationalCurrencyCode', 10, 'Relational Currency Code'),
    decimal('relationalExchangeRateAmount', 'Relational Exch. Rate Amount'),
    lastModified,
  ],
  navigation: [],
  rules: {
    beforeWrite: ({ values }) => {
      values['key'] = `${textOf(values['currencyCode'])} ${textOf(values['startingDate'])}`;
    },
    afterWrite: touchCurrency,
    beforeDelete: touchCurrency,
  },
};

/** The companion follows the rates: a change of one is a change of its currency. */
function touchCurrency(context: CompanyContext, rate: Row): void {
  const currency = rowOfCode(context, 'currencies', rate.values['currencyCode']);
  if (currency === undefined || !context.settings.BUSINESS.companionApi) return;
  const { id: currencyId, values } = currency;
  context.world.put({
    table: businessTable(context.companyId, 'currencies'),
    id: currencyId,
    values,
    by: context.user,
  });
}

const RATE_DECIMALS = 10;
// A currency may be quoted in another one; a longer chain than this is a circle.
const LONGEST_CHAIN = 5;

/** Units of a currency for one unit of the local currency on the day of the system's clock; 0 when no rate is known. */
function exchangeRate(context: CompanyContext, currencyCode: string, links = 0): number {
  if (currencyCode === '') return 1;
  if (links > LONGEST_CHAIN) return 0;
  const today = new Date(context.world.now('BUSINESS')).toISOString().slice(0, 10);
  let latest: Row | undefined;
  for (const row of rowsOf(context, 'currencyExchangeRates').rows()) {
    const startingDate = textOf(row.values['startingDate']);
    if (row.values['currencyCode'] !== currencyCode || startingDate > today) continue;
    if (latest === undefined || startingDate > textOf(latest.values['startingDate'])) latest = row;
  }
  const relational = Number(latest?.values['relationalExchangeRateAmount'] ?? 0);
  if (latest === undefined || relational === 0) return 0;
  const link = exchangeRate(context, textOf(latest.values['relationalCurrencyCode']), links + 1);
  return (Number(latest.values['exchangeRateAmount']) / relational) * link;
}

const rounded = (value: number): number => Math.round(value * 10 ** RATE_DECIMALS) / 10 ** RATE_DECIMALS;

/** Units of the currency of a row for one unit of the local currency today. */
export const rateOfCurrency: ForRows<Scalar> = (context) => (row) =>
  rounded(exchangeRate(context, textOf(row.values['code'])));

/** Currencies with their rate of today, as the custom API shows them. */
export const currenciesWithRate: EntitySetDefinition = {
  ...currencies,
  properties: [...currencies.properties, decimal('exchangeRate', 'Exchange Rate', { read: rateOfCurrency })],
};

const salespeople: EntitySetDefinition = {
  entitySet: 'salespeoplePurchasers',
  entityType: 'salespersonPurchaser',
  table: 'salespeoplePurchasers',
  caption: 'Salesperson/Purchaser',
  key: 'code',
  properties: [
    id,
    code('code', 20, 'Code'),
    text('displayName', 50, 'Name'),
    text('email', 80, 'E-Mail'),
    text('email2', 80, 'E-Mail 2'),
    text('phoneNo', 30, 'Phone No.'),
    text('jobTitle', 30, 'Job Title'),
    decimal('commisionPercent', 'Commission %'),
    yesNo('privacyBlocked', 'Privacy Blocked'),
    yesNo('blocked', 'Blocked'),
    lastModified,
  ],
  navigation: [],
};

const paymentTerms = named('paymentTerms', 'paymentTerm', 'Payment Terms', 100, [
  text('dueDateCalculation', 32, 'Due Date Calculation'),
  text('discountDateCalculation', 32, 'Discount Date Calculation'),
  decimal('discountPercent', 'Discount %'),
  yesNo('calculateDiscountOnCreditMemos', 'Calc. Pmt. Disc. on Cr. Memos'),
]);

/** What the other tables of a company refer to, in the standard API. */
export const setupSets: readonly EntitySetDefinition[] = [
  companyInformation,
  generalLedgerSetup,
  currencies,
  currencyExchangeRates,
  named('countriesRegions', 'countryRegion', 'Country/Region', 50, [text('addressFormat', 50, 'Address Format')]),
  salespeople,
  paymentTerms,
  named('shipmentMethods', 'shipmentMethod', 'Shipment Method', 100),
  named('paymentMethods', 'paymentMethod', 'Payment Method', 100),
  named('itemCategories', 'itemCategory', 'Item Category', 100),
  named('taxGroups', 'taxGroup', 'Tax Group', 100),
  postingGroups('generalProductPostingGroups', 'generalProductPostingGroup', 'Gen. Product Posting Group'),
  postingGroups('inventoryPostingGroups', 'inventoryPostingGroup', 'Inventory Posting Group'),
];

/** Set-up tables that only the custom API shows. */
export const setupExtras: readonly EntitySetDefinition[] = [
  {
    ...named('shippingAgents', 'shippingAgent', 'Shipping Agent', 50),
    properties: [id, code('code', 10, 'Code'), text('name', 50, 'Name'), lastModified],
  },
];
