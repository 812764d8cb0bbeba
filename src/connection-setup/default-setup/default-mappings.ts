import type { DefaultMapping } from './field-definitions.js';
import { addressFields, both, common, from, lookup, matching, pairs, template, to } from './field-definitions.js';
import { laterMappings } from './later-mappings.js';
import { postedInvoiceMappings } from './posted-invoice-mappings.js';

/** Choices of accounts that the codes of a table are coupled with; read before a full synchronization, without jobs. */
const optionMapping = (name: string, description: string, table: string, choice: string): DefaultMapping => ({
  ...common,
  name,
  description,
  kind: 'OPTION',
  table,
  integrationTable: 'accounts',
  direction: 'FROM_INTEGRATION_TABLE',
  synchOnlyCoupledRecords: false,
  wakeOnChange: false,
  fields: [from('code', choice)],
});

/** What items and resources have in common on their way to products. */
const productFields = [
  to('number', 'productnumber', matching()),
  to('unitPrice', 'price', { transformations: ['NOTNEGATIVE'] }),
  to('unitCost', 'standardcost', { transformations: ['NOTNEGATIVE'] }),
  to('unitCost', 'currentcost', { transformations: ['NOTNEGATIVE'] }),
  to('vendorNumber', 'vendorid'),
  to('vendorName', 'vendorname'),
  // A product needs a unit group and a unit of it: the group that the unit of measure is coupled with, and its base unit.
  both('baseUnitOfMeasureId', 'defaultuomscheduleid', lookup('UNITOFMEASURE')),
  to('baseUnitOfMeasureId', 'defaultuomid', lookup('UNITOFMEASURE')),
  // Prices of a product are in the local currency, which is what no currency means.
  to('', 'transactioncurrencyid', lookup('CURRENCY')),
  // What is not sold in Dataverse (any more, or yet) is blocked.
  from('blocked', 'statecode', {
    optionMap: pairs([
      ['false', '0'],
      ['true', '1'],
      ['true', '2'],
      ['true', '3'],
    ]),
  }),
];

/**
 * The mappings out of the box, in the order of a first synchronization: what Dynamics NAV 2018 makes when its connection
 * to Dynamics 365 Sales is enabled, in the names of Business Central's API and of the Dataverse Web API.
 */
export const defaultMappings: readonly DefaultMapping[] = [
  optionMapping(
    'SHIPPING AGENT',
    'Shipping agents and shipping methods of accounts',
    'shippingAgents',
    'address1_shippingmethodcode',
  ),
  optionMapping(
    'SHIPMENT METHOD',
    'Shipment methods and freight terms of accounts',
    'shipmentMethods',
    'address1_freighttermscode',
  ),
  optionMapping('PAYMENT TERMS', 'Payment terms and payment terms of accounts', 'paymentTerms', 'paymenttermscode'),
  {
    ...common,
    name: 'CURRENCY',
    description: 'Currencies to transaction currencies',
    table: 'currencies',
    integrationTable: 'transactioncurrencies',
    direction: 'TO_INTEGRATION_TABLE',
    fields: [
      // Dataverse takes the ISO code on creation only; it is also how existing currencies are found.
      to('code', 'isocurrencycode', matching()),
      // A currency may have no symbol in the business system; Dataverse asks for one: see the template.
      to('symbol', 'currencysymbol'),
      to('displayName', 'currencyname'),
      to('exchangeRate', 'exchangerate'),
    ],
    // The sign for any currency stands in for a missing symbol, also for one that was taken away.
    templates: [template('SALES', { currencysymbol: '¤' })],
  },
  {
    ...common,
    name: 'SALESPEOPLE',
    description: 'Salespeople from users',
    table: 'salespeoplePurchasers',
    integrationTable: 'systemusers',
    direction: 'FROM_INTEGRATION_TABLE',
    integrationTableFilter: [
      { field: 'isdisabled', expression: 'No' },
      { field: 'islicensed', expression: 'Yes' },
      { field: 'isintegrationuser', expression: 'No' },
    ],
    fields: [
      from('email', 'internalemailaddress', matching()),
      from('displayName', 'fullname'),
      from('phoneNo', 'mobilephone'),
    ],
  },
  {
    ...common,
    name: 'UNITOFMEASURE',
    description: 'Units of measure to unit groups',
    table: 'unitsOfMeasure',
    integrationTable: 'uomschedules',
    direction: 'TO_INTEGRATION_TABLE',
    fields: [
      to('code', 'name', { transformations: ['UNITGROUPNAME'], ...matching() }),
      // Dataverse takes it on creation only, and makes the base unit with it.
      to('code', 'baseuomname'),
    ],
  },
  {
    ...common,
    name: 'CUSTOMER',
    description: 'Customers and accounts',
    table: 'customers',
    integrationTable: 'accounts',
    direction: 'BIDIRECTIONAL',
    tableFilter: [{ field: 'blocked', expression: "' '" }],
    integrationTableFilter: [
      { field: 'statecode', expression: 'Active' },
      { field: 'customertypecode', expression: 'Customer' },
    ],
    fields: [
      both('displayName', 'name', matching()),
      from('contact', 'address1_primarycontactname'),
      ...addressFields.map((one) => (one.field === 'city' ? { ...one, ...matching() } : one)),
      both('email', 'emailaddress1'),
      both('faxNumber', 'fax'),
      both('website', 'websiteurl'),
      both('phoneNumber', 'telephone1'),
      both('currencyId', 'transactioncurrencyid', lookup('CURRENCY')),
      to('salespersonId', 'ownerid', lookup('SALESPEOPLE', { notNull: true })),
      to('shipmentMethodId', 'address1_freighttermscode', lookup('SHIPMENT METHOD')),
      to('shippingAgentId', 'address1_shippingmethodcode', lookup('SHIPPING AGENT')),
      to('paymentTermsId', 'paymenttermscode', lookup('PAYMENT TERMS')),
      to('creditLimit', 'creditlimit'),
      both('primaryContactId', 'primarycontactid', lookup('CONTACTS', { clearValueOnFailedSynch: true })),
      // The customer of an inactive account is blocked; one that is active says nothing about that.
      from('blocked', 'statecode', {
        notNull: true,
        optionMap: pairs([
          ['', '0'],
          ['All', '1'],
        ]),
      }),
    ],
    templates: [template('SALES', { customertypecode: 'Customer' })],
    dependsOn: ['SALESPEOPLE', 'CURRENCY', 'PAYMENT TERMS', 'SHIPMENT METHOD', 'SHIPPING AGENT'],
  },
  {
    ...common,
    name: 'CONTACTS',
    description: 'Persons and contacts',
    table: 'contacts',
    integrationTable: 'contacts',
    direction: 'BIDIRECTIONAL',
    // Persons of companies that are customers: the original leaves out the others without a word.
    tableFilter: [
      { field: 'type', expression: 'Person' },
      { field: 'companyNumber', expression: "<>''" },
      { field: 'customerId', expression: "<>''" },
    ],
    integrationTableFilter: [{ field: 'parentcustomerid', expression: "<>''" }],
    fields: [
      from('type', '', { constantValue: 'Person' }),
      both('customerId', 'parentcustomerid', lookup('CUSTOMER', matching(1))),
      both('firstName', 'firstname', matching(1)),
      both('middleName', 'middlename'),
      both('surname', 'lastname', matching(1)),
      both('email', 'emailaddress1', matching()),
      ...addressFields,
      both('faxNumber', 'fax'),
      both('website', 'websiteurl'),
      both('mobilePhoneNumber', 'mobilephone'),
      both('pager', 'pager'),
      both('phoneNumber', 'telephone1'),
      both('currencyId', 'transactioncurrencyid', lookup('CURRENCY')),
      to('salespersonId', 'ownerid', lookup('SALESPEOPLE', { notNull: true })),
    ],
    dependsOn: ['CUSTOMER'],
  },
  {
    ...common,
    name: 'RESOURCE-PRODUCT',
    description: 'Resources and products of type services',
    table: 'resources',
    integrationTable: 'products',
    direction: 'BIDIRECTIONAL',
    tableFilter: [{ field: 'blocked', expression: 'No' }],
    integrationTableFilter: [{ field: 'producttypecode', expression: '3' }],
    fields: [
      both('name', 'name'),
      ...productFields,
      to('capacity', 'quantityonhand', { transformations: ['NOTNEGATIVE'] }),
    ],
    templates: [template('SALES', { producttypecode: '3', quantitydecimal: '2' })],
    dependsOn: ['UNITOFMEASURE'],
  },
  {
    ...common,
    name: 'ITEM-PRODUCT',
    description: 'Items and products of type sales inventory',
    table: 'items',
    integrationTable: 'products',
    direction: 'BIDIRECTIONAL',
    tableFilter: [{ field: 'blocked', expression: 'No' }],
    integrationTableFilter: [{ field: 'producttypecode', expression: '1' }],
    fields: [
      both('displayName', 'name'),
      ...productFields,
      to('displayName2', 'description'),
      to('vendorItemNumber', 'vendorpartnumber'),
      to('unitVolume', 'stockvolume'),
      to('grossWeight', 'stockweight'),
      to('inventory', 'quantityonhand', { transformations: ['NOTNEGATIVE'] }),
    ],
    templates: [template('SALES', { producttypecode: '1', quantitydecimal: '2' })],
    dependsOn: ['UNITOFMEASURE'],
  },
  {
    ...common,
    name: 'CUSTPRCGRP-PRICE',
    description: 'Customer price groups to price lists',
    table: 'customerPriceGroups',
    integrationTable: 'pricelevels',
    direction: 'TO_INTEGRATION_TABLE',
    fields: [
      to('code', 'name', matching()),
      to('description', 'description'),
      // Dataverse takes the currency of a price list on creation only.
      to('currencyId', 'transactioncurrencyid', lookup('CURRENCY')),
    ],
    dependsOn: ['CURRENCY', 'ITEM-PRODUCT'],
  },
  {
    ...common,
    name: 'SALESPRC-PRODPRICE',
    description: 'Sales prices of customer price groups to price list items',
    table: 'salesPrices',
    integrationTable: 'productpricelevels',
    direction: 'TO_INTEGRATION_TABLE',
    synchOnlyCoupledRecords: false,
    tableFilter: [
      { field: 'salesType', expression: "'Customer Price Group'" },
      { field: 'salesCode', expression: "<>''" },
    ],
    fields: [
      to('customerPriceGroupId', 'pricelevelid', lookup('CUSTPRCGRP-PRICE', matching())),
      to('itemId', 'productid', lookup('ITEM-PRODUCT', matching())),
      // The unit of the price, or the base unit of its item where it names none.
      to('priceUnitOfMeasureId', 'uomid', lookup('UNITOFMEASURE', matching())),
      to('currencyId', 'transactioncurrencyid', lookup('CURRENCY')),
      to('', 'pricingmethodcode', { constantValue: '1' }),
      to('unitPrice', 'amount', { transformations: ['NOTNEGATIVE'] }),
    ],
    dependsOn: ['CUSTPRCGRP-PRICE', 'ITEM-PRODUCT'],
  },
  ...postedInvoiceMappings,
  ...laterMappings,
];
