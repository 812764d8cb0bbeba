import {
  code,
  date,
  decimal,
  id,
  idOf,
  lastModified,
  option,
  text,
  yesNo,
  type EntitySetDefinition,
  type PropertyDefinition,
} from './entity-set.js';

const paymentTermsTable = { table: 'paymentTerms', caption: 'Payment Terms' };
const shipmentMethodTable = { table: 'shipmentMethods', caption: 'Shipment Method' };

const customerProperties: readonly PropertyDefinition[] = [
  id,
  code('number', 20, 'No.'),
  text('displayName', 100, 'Name'),
  option('type', ['Company', 'Person'], 'Contact Type'),
  text('addressLine1', 100, 'Address'),
  text('addressLine2', 50, 'Address 2'),
  text('city', 30, 'City'),
  text('state', 30, 'County'),
  code('country', 10, 'Country/Region Code', { codeOf: { table: 'countriesRegions', caption: 'Country/Region' } }),
  code('postalCode', 20, 'Post Code'),
  text('phoneNumber', 30, 'Phone No.'),
  text('email', 80, 'Email'),
  text('website', 255, 'Home Page'),
  code('salespersonCode', 20, 'Salesperson Code', {
    codeOf: { table: 'salespeoplePurchasers', caption: 'Salesperson/Purchaser' },
  }),
  decimal('balanceDue', 'Balance Due', { readOnly: true, calculated: true }),
  decimal('creditLimit', 'Credit Limit (LCY)'),
  yesNo('taxLiable', 'Tax Liable'),
  text('taxRegistrationNumber', 20, 'VAT Registration No.'),
  idOf('currencyId', 'currencyCode', 'currencies', 'Currency'),
  code('currencyCode', 10, 'Currency Code', {
    codeOf: { table: 'currencies', caption: 'Currency' },
    blankIsLocalCurrency: true,
  }),
  idOf('paymentTermsId', 'paymentTermsCode', 'paymentTerms', 'Payment Terms'),
  idOf('shipmentMethodId', 'shipmentMethodCode', 'shipmentMethods', 'Shipment Method'),
  idOf('paymentMethodId', 'paymentMethodCode', 'paymentMethods', 'Payment Method'),
  option('blocked', [' ', 'Ship', 'Invoice', 'All'], 'Blocked'),
];

/** What the table of customers has beyond the standard API. */
const customerExtras: readonly PropertyDefinition[] = [
  text('contact', 100, 'Contact'),
  text('faxNumber', 30, 'Fax No.'),
  text('mobilePhoneNumber', 30, 'Mobile Phone No.'),
  code('paymentTermsCode', 10, 'Payment Terms Code', { codeOf: paymentTermsTable }),
  code('shipmentMethodCode', 10, 'Shipment Method Code', { codeOf: shipmentMethodTable }),
  code('shippingAgentCode', 10, 'Shipping Agent Code', {
    codeOf: { table: 'shippingAgents', caption: 'Shipping Agent' },
  }),
  code('customerPriceGroup', 10, 'Customer Price Group', {
    codeOf: { table: 'customerPriceGroups', caption: 'Customer Price Group' },
  }),
  code('primaryContactNumber', 20, 'Primary Contact No.'),
];

const customers: EntitySetDefinition = {
  entitySet: 'customers',
  entityType: 'customer',
  table: 'customers',
  caption: 'Customer',
  key: 'number',
  numberSeries: true,
  properties: [...customerProperties, lastModified],
  navigation: [
    { name: 'currency', entitySet: 'currencies', column: 'currencyCode' },
    { name: 'paymentTerm', entitySet: 'paymentTerms', column: 'paymentTermsCode' },
    { name: 'shipmentMethod', entitySet: 'shipmentMethods', column: 'shipmentMethodCode' },
    { name: 'paymentMethod', entitySet: 'paymentMethods', column: 'paymentMethodCode' },
  ],
};

const named = (
  entitySet: string,
  entityType: string,
  caption: string,
  nameLength: number,
  more: readonly PropertyDefinition[] = [],
): EntitySetDefinition => ({
  entitySet,
  entityType,
  table: entitySet,
  caption,
  key: 'code',
  properties: [id, code('code', 10, 'Code'), text('displayName', nameLength, 'Description'), ...more, lastModified],
  navigation: [],
});

const shared: readonly EntitySetDefinition[] = [
  {
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
      code('currencyCode', 10, 'Currency Code', { readOnly: true }),
      lastModified,
    ],
    navigation: [],
  },
  {
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
  },
  named('currencies', 'currency', 'Currency', 30, [
    text('symbol', 10, 'Symbol'),
    text('amountDecimalPlaces', 5, 'Amount Decimal Places'),
    decimal('amountRoundingPrecision', 'Amount Rounding Precision'),
  ]),
  {
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
  },
  named('countriesRegions', 'countryRegion', 'Country/Region', 50, [text('addressFormat', 50, 'Address Format')]),
  {
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
  },
  named('paymentTerms', 'paymentTerm', 'Payment Terms', 100, [
    text('dueDateCalculation', 32, 'Due Date Calculation'),
    text('discountDateCalculation', 32, 'Discount Date Calculation'),
    decimal('discountPercent', 'Discount %'),
    yesNo('calculateDiscountOnCreditMemos', 'Calc. Pmt. Disc. on Cr. Memos'),
  ]),
  named('shipmentMethods', 'shipmentMethod', 'Shipment Method', 100),
  named('paymentMethods', 'paymentMethod', 'Payment Method', 100),
];

/** The sets of one API, found by name. */
export interface Api {
  /** `v2.0` or the publisher, group and version of a custom API. */
  readonly route: string;
  readonly sets: readonly EntitySetDefinition[];
}

/** The standard API. */
export const standardApi: Api = { route: 'v2.0', sets: [...shared, customers] };

/** The custom API: the same sets with the fields that the standard one lacks, and the tables that it lacks. */
export const companionApi: Api = {
  route: 'tandem/companion/v1.0',
  sets: [
    ...shared,
    { ...customers, properties: [...customerProperties, ...customerExtras, lastModified] },
    named('shippingAgents', 'shippingAgent', 'Shipping Agent', 50),
    named('customerPriceGroups', 'customerPriceGroup', 'Customer Price Group', 100),
  ],
};

/** The list of companies, which belongs to no company. */
export const companies: EntitySetDefinition = {
  entitySet: 'companies',
  entityType: 'company',
  table: 'companies',
  caption: 'Company',
  readOnly: true,
  properties: [
    id,
    text('systemVersion', 50, 'System Version'),
    text('name', 30, 'Name'),
    text('displayName', 250, 'Display Name'),
    text('businessProfileId', 250, 'Business Profile Id'),
    { ...lastModified, name: 'systemCreatedAt' },
    { ...lastModified, name: 'systemModifiedAt' },
  ],
  navigation: [],
};

export const setOf = (api: Api, name: string): EntitySetDefinition | undefined =>
  api.sets.find((set) => set.entitySet === name);
