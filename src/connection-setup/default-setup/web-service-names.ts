import { type FieldFilter, fieldOn, type RecordTemplate } from '../../mapping/integration-table-mapping.js';
import type { DefaultMapping } from './field-definitions.js';

/** Fields of a table as the page web services of Dynamics NAV name them, by their names in Business Central's API. */
type FieldNames = Readonly<Record<string, string>>;

const place: FieldNames = {
  addressLine1: 'Address',
  addressLine2: 'Address_2',
  postalCode: 'Post_Code',
  city: 'City',
  country: 'Country_Region_Code',
  state: 'County',
  email: 'E_Mail',
  faxNumber: 'Fax_No',
  website: 'Home_Page',
  phoneNumber: 'Phone_No',
};

const product: FieldNames = {
  number: 'No',
  unitPrice: 'Unit_Price',
  unitCost: 'Unit_Cost',
  vendorNumber: 'Vendor_No',
  vendorName: 'Vendor_Name',
  baseUnitOfMeasureId: 'Base_Unit_of_Measure',
  blocked: 'Blocked',
};

const codeOnly: FieldNames = { code: 'Code' };

/** An address of a document: in the API its names begin with `prefix`, on the page with `pagePrefix`. */
const placeOfDocument = (prefix: string, pagePrefix: string): FieldNames => ({
  [`${prefix}Name`]: `${pagePrefix}_Name`,
  [`${prefix}AddressLine1`]: `${pagePrefix}_Address`,
  [`${prefix}AddressLine2`]: `${pagePrefix}_Address_2`,
  [`${prefix}City`]: `${pagePrefix}_City`,
  [`${prefix}Country`]: `${pagePrefix}_Country_Region_Code`,
  [`${prefix}PostCode`]: `${pagePrefix}_Post_Code`,
  [`${prefix}State`]: `${pagePrefix}_County`,
});

/**
 * By entity set of the API. A reference is the code in the field itself, since the code is the id of the record that it
 * names; see docs/decisions/0006-keys-of-nav-as-ids.md.
 */
const fieldNames: Readonly<Record<string, FieldNames>> = {
  customers: {
    ...place,
    displayName: 'Name',
    contact: 'Contact',
    blocked: 'Blocked',
    currencyId: 'Currency_Code',
    salespersonId: 'Salesperson_Code',
    shipmentMethodId: 'Shipment_Method_Code',
    shippingAgentId: 'Shipping_Agent_Code',
    paymentTermsId: 'Payment_Terms_Code',
    creditLimit: 'Credit_Limit_LCY',
    primaryContactId: 'Primary_Contact_No',
  },
  contacts: {
    ...place,
    type: 'Type',
    companyNumber: 'Company_No',
    customerId: 'IntegrationCustomerNo',
    firstName: 'First_Name',
    middleName: 'Middle_Name',
    surname: 'Surname',
    mobilePhoneNumber: 'Mobile_Phone_No',
    pager: 'Pager',
    currencyId: 'Currency_Code',
    salespersonId: 'Salesperson_Code',
  },
  items: {
    ...product,
    displayName: 'Description',
    displayName2: 'Description_2',
    vendorItemNumber: 'Vendor_Item_No',
    unitVolume: 'Unit_Volume',
    grossWeight: 'Gross_Weight',
    inventory: 'Inventory',
  },
  resources: { ...product, name: 'Name', capacity: 'Capacity' },
  currencies: { ...codeOnly, symbol: 'Symbol', displayName: 'Description', exchangeRate: 'Currency_Factor' },
  salespeoplePurchasers: { ...codeOnly, email: 'E_Mail', displayName: 'Name', phoneNo: 'Phone_No' },
  unitsOfMeasure: codeOnly,
  paymentTerms: codeOnly,
  shipmentMethods: codeOnly,
  shippingAgents: codeOnly,
  customerPriceGroups: { ...codeOnly, description: 'Description', currencyId: 'Currency_Code' },
  salesPrices: {
    salesType: 'Sales_Type',
    salesCode: 'Sales_Code',
    customerPriceGroupId: 'Sales_Code',
    itemId: 'Item_No',
    priceUnitOfMeasureId: 'Price_Unit_of_Measure_Code',
    currencyId: 'Currency_Code',
    unitPrice: 'Unit_Price',
  },
  salesInvoices: {
    number: 'No',
    customerId: 'Sell_to_Customer_No',
    salespersonId: 'Salesperson_Code',
    currencyId: 'Currency_Code',
    dueDate: 'Due_Date',
    shipmentDate: 'Shipment_Date',
    ...placeOfDocument('shipTo', 'Ship_to'),
    ...placeOfDocument('billTo', 'Bill_to'),
    totalAmountExcludingTax: 'Amount',
    totalAmountIncludingTax: 'Amount_Including_VAT',
    discountAmount: 'Invoice_Discount_Amount',
    shippingAgentId: 'Shipping_Agent_Code',
    paymentTermsId: 'Payment_Terms_Code',
    paymentStatus: 'Payment_Status',
  },
  salesInvoiceLines: {
    quantity: 'Quantity',
    discountAmount: 'Line_Discount_Amount',
    unitPrice: 'Unit_Price',
    netAmount: 'Amount',
    netAmountIncludingTax: 'Amount_Including_VAT',
  },
};

/** Filters that a page needs not have: that of the posted invoices holds no drafts. */
const heldByThePage: ReadonlySet<string> = new Set(['salesInvoices status']);

/**
 * A default mapping in the names of page web services: `service` is the one that shows its table. A field that those do
 * not have keeps its name, and is left out later as one that the service does not offer.
 */
export function inWebServiceNames(mapping: DefaultMapping, service: string): DefaultMapping {
  const names = fieldNames[mapping.table] ?? {};
  const named = (name: string): string => names[name] ?? name;
  const filter = (one: FieldFilter): FieldFilter => ({ ...one, field: named(one.field) });
  return {
    ...mapping,
    table: service,
    fields: mapping.fields.map((field) => ({ ...field, field: named(fieldOn(field, 'BUSINESS')) })),
    tableFilter: mapping.tableFilter.filter(({ field }) => !heldByThePage.has(`${mapping.table} ${field}`)).map(filter),
    templates: mapping.templates.map((template) => templateIn(template, named, filter)),
  };
}

/** The values of a template are of the record that is made, its filter of the record that it is made from. */
const templateIn = (
  template: RecordTemplate,
  named: (name: string) => string,
  filter: (one: FieldFilter) => FieldFilter,
): RecordTemplate =>
  template.side === 'BUSINESS'
    ? { ...template, values: template.values.map((value) => ({ ...value, field: named(value.field) })) }
    : { ...template, filter: template.filter.map(filter) };
