import {
  code,
  date,
  decimal,
  type EntitySetDefinition,
  guid,
  id,
  idOf,
  lastModified,
  type NavigationDefinition,
  option,
  type PropertyDefinition,
  text,
  yesNo,
} from '../entity-set.js';
import { currencyPair, pair, readThrough, relations } from '../relations.js';
import { companyOfCustomer, contactRules, customerIds, relationOfContact } from './contact-rules.js';
import { customerRules } from './customer-rules.js';

const place: readonly PropertyDefinition[] = [
  text('addressLine1', 100, 'Address'),
  text('addressLine2', 50, 'Address 2'),
  text('city', 30, 'City'),
  text('state', 30, 'County'),
  code('country', 10, 'Country/Region Code', { codeOf: relations.country }),
  code('postalCode', 20, 'Post Code'),
  text('phoneNumber', 30, 'Phone No.'),
];

const customerProperties: readonly PropertyDefinition[] = [
  id,
  code('number', 20, 'No.'),
  text('displayName', 100, 'Name'),
  option('type', ['Company', 'Person'], 'Contact Type'),
  ...place,
  text('email', 80, 'Email'),
  text('website', 255, 'Home Page'),
  code('salespersonCode', 20, 'Salesperson Code', { codeOf: relations.salesperson }),
  decimal('balanceDue', 'Balance Due', { readOnly: true, calculated: true }),
  decimal('creditLimit', 'Credit Limit (LCY)'),
  yesNo('taxLiable', 'Tax Liable'),
  text('taxRegistrationNumber', 20, 'VAT Registration No.'),
  ...currencyPair,
  idOf('paymentTermsId', 'paymentTermsCode', relations.paymentTerms),
  idOf('shipmentMethodId', 'shipmentMethodCode', relations.shipmentMethod),
  idOf('paymentMethodId', 'paymentMethodCode', relations.paymentMethod),
  option('blocked', [' ', 'Ship', 'Invoice', 'All'], 'Blocked'),
];

const customerNavigation: readonly NavigationDefinition[] = [
  { name: 'currency', entitySet: 'currencies', property: 'currencyId' },
  { name: 'paymentTerm', entitySet: 'paymentTerms', property: 'paymentTermsId' },
  { name: 'shipmentMethod', entitySet: 'shipmentMethods', property: 'shipmentMethodId' },
  { name: 'paymentMethod', entitySet: 'paymentMethods', property: 'paymentMethodId' },
];

export const customers: EntitySetDefinition = {
  entitySet: 'customers',
  entityType: 'customer',
  table: 'customers',
  caption: 'Customer',
  key: 'number',
  numberSeries: { code: 'CUST', start: 'C00000', setup: 'Sales & Receivables Setup', field: 'Customer Nos.' },
  nameRequired: true,
  properties: [...customerProperties, lastModified],
  navigation: customerNavigation,
  hidden: [{ column: 'companyContactNumber', codeOf: relations.contact }],
  rules: customerRules,
};

/** Customers with what their table has beyond the standard API. */
export const customersWithExtras: EntitySetDefinition = {
  ...customers,
  properties: [
    ...customerProperties,
    text('contact', 100, 'Contact'),
    text('faxNumber', 30, 'Fax No.'),
    text('mobilePhoneNumber', 30, 'Mobile Phone No.'),
    code('paymentTermsCode', 10, 'Payment Terms Code', { codeOf: relations.paymentTerms }),
    code('shipmentMethodCode', 10, 'Shipment Method Code', { codeOf: relations.shipmentMethod }),
    ...pair('shippingAgentId', 'shippingAgentCode', 10, 'Shipping Agent Code', relations.shippingAgent),
    ...pair('customerPriceGroupId', 'customerPriceGroup', 10, 'Customer Price Group', relations.priceGroup),
    ...pair('primaryContactId', 'primaryContactNumber', 20, 'Primary Contact No.', relations.contact),
    idOf('salespersonId', 'salespersonCode', relations.salesperson),
    lastModified,
  ],
  navigation: [
    ...customerNavigation,
    { name: 'shippingAgent', entitySet: 'shippingAgents', property: 'shippingAgentId' },
    { name: 'priceGroup', entitySet: 'customerPriceGroups', property: 'customerPriceGroupId' },
    { name: 'primaryContact', entitySet: 'contacts', property: 'primaryContactId' },
    { name: 'salesperson', entitySet: 'salespeoplePurchasers', property: 'salespersonId' },
  ],
};

const contactProperties: readonly PropertyDefinition[] = [
  id,
  code('number', 20, 'No.'),
  option('type', ['Company', 'Person'], 'Type'),
  text('displayName', 100, 'Name'),
  text('jobTitle', 30, 'Job Title'),
  code('companyNumber', 20, 'Company No.', { codeOf: relations.contact }),
  text('companyName', 100, 'Company Name', { read: readThrough('companyNumber', relations.contact, 'displayName') }),
  option('contactBusinessRelation', ['None', 'Customer', 'Vendor', 'Multiple'], 'Contact Business Relation', {
    read: relationOfContact,
  }),
  ...place,
  text('mobilePhoneNumber', 30, 'Mobile Phone No.'),
  text('email', 80, 'Email'),
  text('website', 255, 'Home Page'),
  text('searchName', 100, 'Search Name'),
  yesNo('privacyBlocked', 'Privacy Blocked'),
  text('taxRegistrationNumber', 20, 'VAT Registration No.'),
  date('lastInteractionDate', 'Last Date Attempted', { readOnly: true }),
];

export const contacts: EntitySetDefinition = {
  entitySet: 'contacts',
  entityType: 'contact',
  table: 'contacts',
  caption: 'Contact',
  key: 'number',
  numberSeries: { code: 'CONT', start: 'CT000000', setup: 'Marketing Setup', field: 'Contact Nos.' },
  nameRequired: true,
  properties: [...contactProperties, lastModified],
  navigation: [],
  hidden: [{ column: 'customerNumber', codeOf: relations.customer }],
  rules: contactRules,
};

/** Contacts with what their table has beyond the standard API, and the customer that they work for. */
export const contactsWithExtras: EntitySetDefinition = {
  ...contacts,
  properties: [
    ...contactProperties,
    text('firstName', 30, 'First Name'),
    text('middleName', 30, 'Middle Name'),
    text('surname', 30, 'Surname'),
    text('faxNumber', 30, 'Fax No.'),
    text('pager', 30, 'Pager'),
    code('salutationCode', 10, 'Salutation Code'),
    ...currencyPair,
    ...pair('salespersonId', 'salespersonCode', 20, 'Salesperson Code', relations.salesperson),
    guid('customerId', 'Customer Id', { column: 'companyNumber', read: customerIds, write: companyOfCustomer }),
    lastModified,
  ],
  navigation: [
    { name: 'customer', entitySet: 'customers', property: 'customerId' },
    { name: 'currency', entitySet: 'currencies', property: 'currencyId' },
    { name: 'salesperson', entitySet: 'salespeoplePurchasers', property: 'salespersonId' },
  ],
};

export const vendors: EntitySetDefinition = {
  entitySet: 'vendors',
  entityType: 'vendor',
  table: 'vendors',
  caption: 'Vendor',
  key: 'number',
  numberSeries: { code: 'VEND', start: 'V00000', setup: 'Purchases & Payables Setup', field: 'Vendor Nos.' },
  nameRequired: true,
  properties: [
    id,
    code('number', 20, 'No.'),
    text('displayName', 100, 'Name'),
    ...place,
    text('email', 80, 'Email'),
    text('website', 255, 'Home Page'),
    text('taxRegistrationNumber', 20, 'VAT Registration No.'),
    ...currencyPair,
    idOf('paymentTermsId', 'paymentTermsCode', relations.paymentTerms),
    idOf('paymentMethodId', 'paymentMethodCode', relations.paymentMethod),
    yesNo('taxLiable', 'Tax Liable'),
    option('blocked', [' ', 'Payment', 'All'], 'Blocked'),
    decimal('balance', 'Balance', { readOnly: true, calculated: true }),
    lastModified,
  ],
  navigation: [
    { name: 'currency', entitySet: 'currencies', property: 'currencyId' },
    { name: 'paymentTerm', entitySet: 'paymentTerms', property: 'paymentTermsId' },
    { name: 'paymentMethod', entitySet: 'paymentMethods', property: 'paymentMethodId' },
  ],
};

/** Vendors with what their table has beyond the standard API. */
export const vendorsWithExtras: EntitySetDefinition = {
  ...vendors,
  properties: [
    ...vendors.properties.filter(({ name }) => name !== lastModified.name),
    text('contact', 100, 'Contact'),
    text('faxNumber', 30, 'Fax No.'),
    idOf('purchaserId', 'purchaserCode', relations.salesperson),
    idOf('shipmentMethodId', 'shipmentMethodCode', relations.shipmentMethod),
    idOf('shippingAgentId', 'shippingAgentCode', relations.shippingAgent),
    lastModified,
  ],
};
