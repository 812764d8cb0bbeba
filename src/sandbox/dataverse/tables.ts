import {
  activity,
  choice,
  currency,
  day,
  decimal,
  guid,
  instant,
  lookup,
  memo,
  money,
  ownership,
  stamps,
  text,
  whole,
  yesNo,
  type ColumnDefinition,
  type TableDefinition,
} from './table-definition.js';

const freightTerms = { 1: 'FOB', 2: 'No Charge' };
const shippingMethods = {
  1: 'Airborne',
  2: 'DHL',
  3: 'FedEx',
  4: 'UPS',
  5: 'Postal Mail',
  6: 'Full Load',
  7: 'Will Call',
};
const paymentTerms = { 1: 'Net 30', 2: '2% 10, Net 30', 3: 'Net 45', 4: 'Net 60' };

const address = (prefix: string): readonly ColumnDefinition[] => [
  text(`${prefix}_line1`, 250),
  text(`${prefix}_line2`, 250),
  text(`${prefix}_line3`, 250),
  text(`${prefix}_city`, 80),
  text(`${prefix}_stateorprovince`, 50),
  text(`${prefix}_postalcode`, 20),
  text(`${prefix}_country`, 80),
  text(`${prefix}_primarycontactname`, 100),
  choice(`${prefix}_freighttermscode`, freightTerms),
  choice(`${prefix}_shippingmethodcode`, shippingMethods),
];

const account: TableDefinition = {
  logicalName: 'account',
  entitySetName: 'accounts',
  primaryId: 'accountid',
  primaryName: 'name',
  objectTypeCode: 1,
  ownedByUsers: true,
  changeTracking: true,
  columns: [
    text('name', 160, { required: 'ApplicationRequired' }),
    text('accountnumber', 20),
    choice('customertypecode', {
      1: 'Competitor',
      2: 'Consultant',
      3: 'Customer',
      4: 'Investor',
      5: 'Partner',
      6: 'Influencer',
      7: 'Press',
      8: 'Prospect',
      9: 'Reseller',
      10: 'Supplier',
      11: 'Vendor',
      12: 'Other',
    }),
    memo('description', 2_000),
    ...address('address1'),
    choice('paymenttermscode', paymentTerms),
    text('telephone1', 50),
    text('telephone2', 50),
    text('fax', 50),
    text('emailaddress1', 100),
    text('websiteurl', 200),
    ...money('creditlimit', 0, 100_000_000_000_000),
    ...money('revenue', 0, 100_000_000_000_000),
    whole('numberofemployees', 0, 1_000_000_000),
    lookup('primarycontactid', 'contact'),
    lookup('parentaccountid', 'account'),
    ...currency,
    ...ownership,
    ...activity,
    ...stamps,
  ],
};

const contact: TableDefinition = {
  logicalName: 'contact',
  entitySetName: 'contacts',
  primaryId: 'contactid',
  primaryName: 'fullname',
  objectTypeCode: 2,
  ownedByUsers: true,
  changeTracking: true,
  columns: [
    text('firstname', 50),
    text('middlename', 50),
    text('lastname', 50, { required: 'ApplicationRequired' }),
    text('fullname', 160, { readOnly: true }),
    text('salutation', 100),
    text('jobtitle', 100),
    {
      name: 'parentcustomerid',
      type: 'Customer',
      targets: [
        { table: 'account', navigation: 'parentcustomerid_account' },
        { table: 'contact', navigation: 'parentcustomerid_contact' },
      ],
    },
    text('emailaddress1', 100),
    text('telephone1', 50),
    text('mobilephone', 50),
    text('fax', 50),
    text('pager', 50),
    text('websiteurl', 200),
    day('birthdate'),
    ...address('address1'),
    ...money('creditlimit', 0, 100_000_000_000_000),
    ...currency,
    ...ownership,
    ...activity,
    ...stamps,
  ],
};

const transactionCurrency: TableDefinition = {
  logicalName: 'transactioncurrency',
  entitySetName: 'transactioncurrencies',
  primaryId: 'transactioncurrencyid',
  primaryName: 'currencyname',
  objectTypeCode: 9_105,
  ownedByUsers: false,
  changeTracking: true,
  columns: [
    text('isocurrencycode', 5, { required: 'SystemRequired', createOnly: true }),
    text('currencyname', 100, { required: 'SystemRequired' }),
    text('currencysymbol', 10, { required: 'SystemRequired' }),
    whole('currencyprecision', 0, 4, { required: 'SystemRequired' }),
    decimal('exchangerate', 12, { required: 'SystemRequired', min: 0.000000000001, max: 100_000_000_000 }),
    lookup('organizationid', 'organization', { readOnly: true }),
    ...activity,
    ...stamps,
  ],
};

const systemUser: TableDefinition = {
  logicalName: 'systemuser',
  entitySetName: 'systemusers',
  primaryId: 'systemuserid',
  primaryName: 'fullname',
  objectTypeCode: 8,
  ownedByUsers: false,
  readOnly: true,
  changeTracking: true,
  columns: [
    text('fullname', 200, { readOnly: true }),
    text('firstname', 64),
    text('lastname', 64),
    text('internalemailaddress', 100),
    text('personalemailaddress', 100),
    text('mobilephone', 64),
    text('jobtitle', 100),
    text('domainname', 250),
    yesNo('isdisabled', { readOnly: true }),
    yesNo('islicensed', { readOnly: true }),
    yesNo('isintegrationuser'),
    choice('accessmode', { 0: 'Read-Write', 1: 'Administrative', 2: 'Read', 3: 'Support User', 4: 'Non-interactive' }),
    guid('applicationid'),
    lookup('businessunitid', 'businessunit', { required: 'SystemRequired' }),
    ...stamps,
  ],
};

const team: TableDefinition = {
  logicalName: 'team',
  entitySetName: 'teams',
  primaryId: 'teamid',
  primaryName: 'name',
  objectTypeCode: 9,
  ownedByUsers: false,
  readOnly: true,
  changeTracking: true,
  columns: [
    text('name', 160, { required: 'SystemRequired' }),
    lookup('businessunitid', 'businessunit', { required: 'SystemRequired' }),
    ...stamps,
  ],
};

const businessUnit: TableDefinition = {
  logicalName: 'businessunit',
  entitySetName: 'businessunits',
  primaryId: 'businessunitid',
  primaryName: 'name',
  objectTypeCode: 10,
  ownedByUsers: false,
  readOnly: true,
  changeTracking: false,
  columns: [text('name', 160, { required: 'SystemRequired' }), ...stamps],
};

const organization: TableDefinition = {
  logicalName: 'organization',
  entitySetName: 'organizations',
  primaryId: 'organizationid',
  primaryName: 'name',
  objectTypeCode: 1_019,
  ownedByUsers: false,
  readOnly: true,
  changeTracking: false,
  columns: [
    text('name', 160, { required: 'SystemRequired' }),
    lookup('basecurrencyid', 'transactioncurrency', { readOnly: true }),
    text('basecurrencysymbol', 5, { readOnly: true }),
    whole('currencydecimalprecision', 0, 10),
    whole('pricingdecimalprecision', 0, 4),
    whole('expirechangetrackingindays', 0, 365),
    yesNo('createproductswithoutparentinactivestate'),
    instant('fiscalcalendarstart'),
    ...stamps,
  ],
};

/** Every table of the sandbox's organisation. */
export const tables: readonly TableDefinition[] = [
  account,
  contact,
  transactionCurrency,
  systemUser,
  team,
  businessUnit,
  organization,
];

const bySetName = new Map(tables.map((table) => [table.entitySetName, table]));
const byLogicalName = new Map(tables.map((table) => [table.logicalName, table]));

/** The table of an entity set; names are case-sensitive. */
export const tableOfSet = (entitySetName: string): TableDefinition | undefined => bySetName.get(entitySetName);

export const tableNamed = (logicalName: string): TableDefinition | undefined => byLogicalName.get(logicalName);
