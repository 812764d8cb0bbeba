import {
  code,
  date,
  decimal,
  type EntitySetDefinition,
  lastModified,
  option,
  type PropertyDefinition,
  text,
  yesNo,
} from '../business-central/entity-set.js';
import { readThrough, relations } from '../business-central/relations.js';
import { contacts, customers } from '../business-central/sets/parties.js';
import { salesPrices } from '../business-central/sets/prices.js';
import { items, resources } from '../business-central/sets/products.js';
import { rateOfCurrency } from '../business-central/sets/setup.js';
import { postedInvoicePages } from './document-pages.js';
import { type Page, page } from './page.js';
import {
  currency,
  currencyCountOfGroup,
  currencyOfGroup,
  customerOfContact,
  dayOfChange,
  paymentTerms,
  salesperson,
  shipmentMethod,
  shippingAgent,
  short,
  unitOfMeasure,
  unitOfPrice,
} from './page-fields.js';

/** What belongs to the table, whichever page shows it. */
const tableOf = ({ numberSeries, rules, hidden }: EntitySetDefinition): Partial<EntitySetDefinition> => ({
  ...(numberSeries === undefined ? {} : { numberSeries }),
  ...(rules === undefined ? {} : { rules }),
  ...(hidden === undefined ? {} : { hidden }),
});

const lastDateModified = date('Last_Date_Modified', 'Last Date Modified', { read: dayOfChange, tellsChange: true });

const place: readonly PropertyDefinition[] = [
  short('Address', 50, 'addressLine1', 'Address'),
  text('Address_2', 50, 'Address 2', { column: 'addressLine2' }),
  text('City', 30, 'City', { column: 'city' }),
  text('County', 30, 'County', { column: 'state' }),
  code('Country_Region_Code', 10, 'Country/Region Code', { column: 'country', codeOf: relations.country }),
  code('Post_Code', 20, 'Post Code', { column: 'postalCode' }),
  text('Phone_No', 30, 'Phone No.', { column: 'phoneNumber' }),
  text('Mobile_Phone_No', 30, 'Mobile Phone No.', { column: 'mobilePhoneNumber' }),
  text('Fax_No', 30, 'Fax No.', { column: 'faxNumber' }),
  text('E_Mail', 80, 'E-Mail', { column: 'email' }),
  short('Home_Page', 80, 'website', 'Home Page'),
];

const number = code('No', 20, 'No.', { column: 'number' });
const named = (length: number): readonly PropertyDefinition[] => [
  code('Code', 10, 'Code', { column: 'code' }),
  short('Description', length, 'displayName', 'Description'),
];

const vendor: readonly PropertyDefinition[] = [
  code('Vendor_No', 20, 'Vendor No.', { column: 'vendorNumber', codeOf: relations.vendor }),
];
const baseUnit = code('Base_Unit_of_Measure', 10, 'Base Unit of Measure', {
  column: 'baseUnitOfMeasureCode',
  codeOf: relations.unit,
});

/** The pages that the synchronization needs, with their usual names and the fields that the guide tells to add. */
export const pages: readonly Page[] = [
  page({
    service: 'Customer',
    pageNumber: 21,
    tableNumber: 18,
    table: 'customers',
    caption: 'Customer',
    keys: ['No'],
    dateTimeField: 'Last_Modified_Date_Time',
    properties: [
      number,
      short('Name', 50, 'displayName', 'Name'),
      text('Contact', 50, 'Contact', { column: 'contact' }),
      ...place,
      salesperson,
      currency,
      decimal('Credit_Limit_LCY', 'Credit Limit (LCY)', { column: 'creditLimit' }),
      decimal('Balance_LCY', 'Balance (LCY)', { column: 'balanceDue', readOnly: true, calculated: true }),
      paymentTerms,
      shipmentMethod,
      shippingAgent,
      code('Customer_Price_Group', 10, 'Customer Price Group', {
        column: 'customerPriceGroup',
        codeOf: relations.priceGroup,
      }),
      code('Primary_Contact_No', 20, 'Primary Contact No.', {
        column: 'primaryContactNumber',
        codeOf: relations.contact,
      }),
      text('VAT_Registration_No', 20, 'VAT Registration No.', { column: 'taxRegistrationNumber' }),
      option('Blocked', [' ', 'Ship', 'Invoice', 'All'], 'Blocked', { column: 'blocked' }),
      lastDateModified,
    ],
    more: { key: 'number', ...tableOf(customers) },
  }),
  page({
    service: 'Contact',
    pageNumber: 5050,
    tableNumber: 5050,
    table: 'contacts',
    caption: 'Contact',
    keys: ['No'],
    properties: [
      number,
      option('Type', ['Company', 'Person'], 'Type', { column: 'type' }),
      short('Name', 50, 'displayName', 'Name'),
      text('First_Name', 30, 'First Name', { column: 'firstName' }),
      text('Middle_Name', 30, 'Middle Name', { column: 'middleName' }),
      text('Surname', 30, 'Surname', { column: 'surname' }),
      text('Job_Title', 30, 'Job Title', { column: 'jobTitle' }),
      code('Company_No', 20, 'Company No.', { column: 'companyNumber', codeOf: relations.contact }),
      text('Company_Name', 50, 'Company Name', {
        read: readThrough('companyNumber', relations.contact, 'displayName'),
      }),
      customerOfContact,
      ...place,
      text('Pager', 30, 'Pager', { column: 'pager' }),
      code('Salutation_Code', 10, 'Salutation Code', { column: 'salutationCode' }),
      currency,
      salesperson,
      lastDateModified,
    ],
    more: { key: 'number', ...tableOf(contacts) },
  }),
  page({
    service: 'Item',
    pageNumber: 30,
    tableNumber: 27,
    table: 'items',
    caption: 'Item',
    keys: ['No'],
    dateTimeField: 'Last_DateTime_Modified',
    properties: [
      number,
      short('Description', 50, 'displayName', 'Description'),
      text('Description_2', 50, 'Description 2', { column: 'displayName2' }),
      option('Type', ['Inventory', 'Service', 'Non-Inventory'], 'Type', { column: 'type' }),
      code('Item_Category_Code', 20, 'Item Category Code', {
        column: 'itemCategoryCode',
        codeOf: relations.itemCategory,
      }),
      baseUnit,
      decimal('Unit_Price', 'Unit Price', { column: 'unitPrice' }),
      decimal('Unit_Cost', 'Unit Cost', { column: 'unitCost' }),
      decimal('Inventory', 'Inventory', { column: 'inventory', readOnly: true, calculated: true }),
      ...vendor,
      text('Vendor_Item_No', 20, 'Vendor Item No.', { column: 'vendorItemNumber' }),
      decimal('Unit_Volume', 'Unit Volume', { column: 'unitVolume' }),
      decimal('Gross_Weight', 'Gross Weight', { column: 'grossWeight' }),
      yesNo('Blocked', 'Blocked', { column: 'blocked' }),
      lastDateModified,
    ],
    more: { key: 'number', ...tableOf(items) },
  }),
  page({
    service: 'Resource',
    pageNumber: 76,
    tableNumber: 156,
    table: 'resources',
    caption: 'Resource',
    keys: ['No'],
    properties: [
      number,
      short('Name', 50, 'name', 'Name'),
      option('Type', ['Person', 'Machine'], 'Type', { column: 'type' }),
      baseUnit,
      decimal('Unit_Price', 'Unit Price', { column: 'unitPrice' }),
      decimal('Unit_Cost', 'Unit Cost', { column: 'unitCost' }),
      ...vendor,
      decimal('Capacity', 'Capacity', { column: 'capacity', readOnly: true, calculated: true }),
      yesNo('Blocked', 'Blocked', { column: 'blocked' }),
      lastDateModified,
    ],
    more: { key: 'number', ...tableOf(resources) },
  }),
  page({
    service: 'Currencies',
    pageNumber: 5,
    tableNumber: 4,
    table: 'currencies',
    caption: 'Currency',
    dateTimeField: 'Last_Modified_Date_Time',
    properties: [
      ...named(30),
      text('Symbol', 10, 'Symbol', { column: 'symbol' }),
      text('Amount_Decimal_Places', 5, 'Amount Decimal Places', { column: 'amountDecimalPlaces' }),
      decimal('Amount_Rounding_Precision', 'Amount Rounding Precision', { column: 'amountRoundingPrecision' }),
      decimal('Currency_Factor', 'Currency Factor', { read: rateOfCurrency }),
      lastDateModified,
    ],
  }),
  page({
    service: 'SalespersonPurchaser',
    pageNumber: 5116,
    tableNumber: 13,
    table: 'salespeoplePurchasers',
    caption: 'Salesperson/Purchaser',
    properties: [
      code('Code', 20, 'Code', { column: 'code' }),
      text('Name', 50, 'Name', { column: 'displayName' }),
      text('E_Mail', 80, 'E-Mail', { column: 'email' }),
      text('E_Mail_2', 80, 'E-Mail 2', { column: 'email2' }),
      text('Phone_No', 30, 'Phone No.', { column: 'phoneNo' }),
      text('Job_Title', 30, 'Job Title', { column: 'jobTitle' }),
      decimal('Commission_Percent', 'Commission %', { column: 'commisionPercent' }),
    ],
  }),
  page({
    service: 'UnitsOfMeasure',
    pageNumber: 209,
    tableNumber: 204,
    table: 'unitsOfMeasure',
    caption: 'Unit of Measure',
    dateTimeField: 'Last_Modified_Date_Time',
    properties: [
      code('Code', 10, 'Code', { column: 'code' }),
      short('Description', 10, 'displayName', 'Description'),
      code('International_Standard_Code', 10, 'International Standard Code', { column: 'internationalStandardCode' }),
    ],
  }),
  page({
    service: 'PaymentTerms',
    pageNumber: 4,
    tableNumber: 3,
    table: 'paymentTerms',
    caption: 'Payment Terms',
    properties: [
      ...named(50),
      text('Due_Date_Calculation', 32, 'Due Date Calculation', { column: 'dueDateCalculation' }),
      decimal('Discount_Percent', 'Discount %', { column: 'discountPercent' }),
    ],
  }),
  page({
    service: 'ShipmentMethods',
    pageNumber: 11,
    tableNumber: 10,
    table: 'shipmentMethods',
    caption: 'Shipment Method',
    properties: named(50),
  }),
  page({
    service: 'ShippingAgents',
    pageNumber: 428,
    tableNumber: 291,
    table: 'shippingAgents',
    caption: 'Shipping Agent',
    properties: [
      code('Code', 10, 'Code', { column: 'code' }),
      text('Name', 50, 'Name', { column: 'name' }),
      text('Internet_Address', 250, 'Internet Address', { column: 'internetAddress' }),
    ],
  }),
  page({
    service: 'CustomerPriceGroups',
    pageNumber: 7,
    tableNumber: 6,
    table: 'customerPriceGroups',
    caption: 'Customer Price Group',
    properties: [
      code('Code', 10, 'Code', { column: 'code' }),
      short('Description', 50, 'description', 'Description'),
      yesNo('Price_Includes_VAT', 'Price Includes VAT', { column: 'priceIncludesTax' }),
      yesNo('Allow_Line_Disc', 'Allow Line Disc.', { column: 'allowLineDiscount' }),
      currencyOfGroup,
      currencyCountOfGroup,
    ],
  }),
  page({
    service: 'SalesPrices',
    pageNumber: 7002,
    tableNumber: 7002,
    table: 'salesPrices',
    caption: 'Sales Price',
    keys: [
      'Item_No',
      'Sales_Type',
      'Sales_Code',
      'Starting_Date',
      'Currency_Code',
      'Variant_Code',
      'Unit_of_Measure_Code',
      'Minimum_Quantity',
    ],
    properties: [
      code('Item_No', 20, 'Item No.', { column: 'itemNumber', codeOf: relations.item }),
      option('Sales_Type', ['Customer', 'Customer Price Group', 'All Customers', 'Campaign'], 'Sales Type', {
        column: 'salesType',
      }),
      code('Sales_Code', 20, 'Sales Code', { column: 'salesCode' }),
      date('Starting_Date', 'Starting Date', { column: 'startingDate' }),
      currency,
      code('Variant_Code', 10, 'Variant Code', { column: 'variantCode' }),
      unitOfMeasure,
      decimal('Minimum_Quantity', 'Minimum Quantity', { column: 'minimumQuantity' }),
      unitOfPrice,
      decimal('Unit_Price', 'Unit Price', { column: 'unitPrice' }),
      date('Ending_Date', 'Ending Date', { column: 'endingDate' }),
    ],
    more: { key: 'key', ...tableOf(salesPrices) },
  }),
  page({
    service: 'GeneralLedgerSetup',
    pageNumber: 118,
    tableNumber: 98,
    table: 'generalLedgerSetup',
    caption: 'General Ledger Setup',
    keys: ['Primary_Key'],
    properties: [
      code('Primary_Key', 10, 'Primary Key', { column: 'primaryKey' }),
      code('LCY_Code', 10, 'LCY Code', { column: 'localCurrencyCode' }),
      date('Allow_Posting_From', 'Allow Posting From', { column: 'allowPostingFrom' }),
      date('Allow_Posting_To', 'Allow Posting To', { column: 'allowPostingTo' }),
    ],
    more: { readOnly: true },
  }),
  ...postedInvoicePages,
];

/** The page with its column of moments, where it is shown. */
export const withDateTime = ({ dateTimeField, set }: Page): EntitySetDefinition =>
  dateTimeField === undefined
    ? set
    : { ...set, properties: [...set.properties, { ...lastModified, name: dateTimeField }] };
