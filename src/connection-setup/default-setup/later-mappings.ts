import {
  addressFields,
  both,
  common,
  type DefaultMapping,
  lookup,
  matching,
  placeOfDocument,
  template,
  to,
} from './field-definitions.js';

const off = { ...common, enabled: false, wakeOnChange: false };

/**
 * Mappings that later versions of the original have. They are there to be enabled by whoever needs them, and have no job
 * before.
 */
export const laterMappings: readonly DefaultMapping[] = [
  {
    ...off,
    name: 'OPPORTUNITY',
    description: 'Opportunities of both systems',
    table: 'opportunities',
    integrationTable: 'opportunities',
    direction: 'BIDIRECTIONAL',
    synchOnlyCoupledRecords: false,
    tableFilter: [{ field: 'status', expression: "'Not Started'|'In Progress'" }],
    fields: [
      both('description', 'name'),
      to('contactId', 'parentcontactid', lookup('CONTACTS')),
      to('customerId', 'parentaccountid', lookup('CUSTOMER')),
      to('salespersonId', 'ownerid', lookup('SALESPEOPLE', { notNull: true })),
      to('estimatedValue', 'estimatedvalue'),
      to('estimatedClosingDate', 'estimatedclosedate'),
    ],
    dependsOn: ['CONTACTS'],
  },
  {
    ...off,
    name: 'VENDOR',
    description: 'Vendors and accounts',
    table: 'vendors',
    integrationTable: 'accounts',
    direction: 'BIDIRECTIONAL',
    tableFilter: [{ field: 'blocked', expression: "' '" }],
    integrationTableFilter: [
      { field: 'statecode', expression: 'Active' },
      { field: 'customertypecode', expression: 'Vendor' },
    ],
    fields: [
      both('displayName', 'name', matching()),
      both('contact', 'address1_primarycontactname'),
      ...addressFields.map((one) => (one.field === 'city' ? { ...one, ...matching() } : one)),
      both('email', 'emailaddress1'),
      both('faxNumber', 'fax'),
      both('website', 'websiteurl'),
      both('phoneNumber', 'telephone1'),
      both('currencyId', 'transactioncurrencyid', lookup('CURRENCY')),
      to('purchaserId', 'ownerid', lookup('SALESPEOPLE', { notNull: true })),
      both('shipmentMethodId', 'address1_freighttermscode', lookup('SHIPMENT METHOD')),
      both('shippingAgentId', 'address1_shippingmethodcode', lookup('SHIPPING AGENT')),
      both('paymentTermsId', 'paymenttermscode', lookup('PAYMENT TERMS')),
    ],
    templates: [template('SALES', { customertypecode: 'Vendor' })],
    dependsOn: ['SALESPEOPLE', 'CURRENCY', 'PAYMENT TERMS', 'SHIPMENT METHOD', 'SHIPPING AGENT'],
  },
  {
    ...off,
    name: 'SALESORDER-ORDER',
    description: 'Released sales orders to orders',
    table: 'salesOrders',
    integrationTable: 'salesorders',
    direction: 'TO_INTEGRATION_TABLE',
    // The API calls an order that is released Open.
    tableFilter: [{ field: 'status', expression: 'Open' }],
    fields: [
      // Dataverse takes the number on creation only.
      to('number', 'ordernumber', matching()),
      to('number', 'name'),
      to('customerId', 'customerid', lookup('CUSTOMER')),
      to('salespersonId', 'ownerid', lookup('SALESPEOPLE', { notNull: true })),
      to('currencyId', 'transactioncurrencyid', lookup('CURRENCY')),
      to('shipToName', 'shipto_name'),
      ...placeOfDocument('shipTo', 'shipto'),
      to('lastShipmentDate', 'datefulfilled'),
      to('billToName', 'billto_name'),
      ...placeOfDocument('billTo', 'billto'),
      to('totalAmountExcludingTax', 'totalamountlessfreight'),
      to('totalAmountIncludingTax', 'totalamount'),
      to('discountAmount', 'discountamount'),
      to('shippingAgentId', 'shippingmethodcode', lookup('SHIPPING AGENT')),
      to('paymentTermsId', 'paymenttermscode', lookup('PAYMENT TERMS')),
      to('requestedDeliveryDate', 'requestdeliveryby'),
    ],
    dependsOn: ['CUSTOMER', 'ITEM-PRODUCT', 'RESOURCE-PRODUCT'],
  },
];
