import {
  code,
  date,
  decimal,
  type ForRows,
  option,
  type PropertyDefinition,
  text,
  whole,
  yesNo,
} from '../business-central/entity-set.js';
import { readThrough, relations, rowOfCode } from '../business-central/relations.js';
import { hasBlockedLine, isPosted, paymentStatus } from '../business-central/sets/invoices.js';
import type { Scalar } from '../world/row.js';
import { textOf } from '../world/world.js';
import { type Page, page } from './page.js';
import {
  currency,
  paymentTerms,
  salesperson,
  shipmentMethod,
  shippingAgent,
  short,
  unitOfMeasure,
} from './page-fields.js';

/** A party of a document; in the data the names of its columns begin with `prefix`. */
const party = (prefix: string, name: string, caption: string): readonly PropertyDefinition[] => [
  short(`${name}_Address`, 50, `${prefix}AddressLine1`, `${caption} Address`),
  text(`${name}_Address_2`, 50, `${caption} Address 2`, { column: `${prefix}AddressLine2` }),
  text(`${name}_City`, 30, `${caption} City`, { column: `${prefix}City` }),
  text(`${name}_County`, 30, `${caption} County`, { column: `${prefix}State` }),
  code(`${name}_Post_Code`, 20, `${caption} Post Code`, { column: `${prefix}PostCode` }),
  code(`${name}_Country_Region_Code`, 10, `${caption} Country/Region Code`, {
    column: `${prefix}Country`,
    codeOf: relations.country,
  }),
];

const customerOf = (name: string, column: string, caption: string): PropertyDefinition =>
  code(name, 20, caption, { column, codeOf: relations.customer });

const isClosed: ForRows<Scalar> = (context) => {
  const status = paymentStatus(context);
  return (row) => status(row) === 'Paid';
};

const postedInvoice: readonly PropertyDefinition[] = [
  code('No', 20, 'No.', { column: 'number' }),
  customerOf('Sell_to_Customer_No', 'customerNumber', 'Sell-to Customer No.'),
  text('Sell_to_Customer_Name', 50, 'Sell-to Customer Name', {
    read: readThrough('customerNumber', relations.customer, 'displayName'),
  }),
  ...party('sellTo', 'Sell_to', 'Sell-to'),
  date('Document_Date', 'Document Date', { column: 'invoiceDate' }),
  date('Posting_Date', 'Posting Date', { column: 'postingDate' }),
  date('Due_Date', 'Due Date', { column: 'dueDate' }),
  date('Shipment_Date', 'Shipment Date', { column: 'shipmentDate' }),
  code('Order_No', 20, 'Order No.', { column: 'orderNumber' }),
  code('External_Document_No', 35, 'External Document No.', { column: 'externalDocumentNumber' }),
  text('Your_Reference', 35, 'Your Reference', { column: 'yourReference' }),
  salesperson,
  currency,
  paymentTerms,
  shipmentMethod,
  text('Shipment_Method_Description', 50, 'Shipment Method Description', {
    read: readThrough('shipmentMethodCode', relations.shipmentMethod, 'displayName'),
  }),
  shippingAgent,
  customerOf('Bill_to_Customer_No', 'billToCustomerNumber', 'Bill-to Customer No.'),
  short('Bill_to_Name', 50, 'billToName', 'Bill-to Name'),
  ...party('billTo', 'Bill_to', 'Bill-to'),
  short('Ship_to_Name', 50, 'shipToName', 'Ship-to Name'),
  short('Ship_to_Contact', 50, 'shipToContact', 'Ship-to Contact'),
  ...party('shipTo', 'Ship_to', 'Ship-to'),
  decimal('Amount', 'Amount', { column: 'totalAmountExcludingTax' }),
  decimal('Amount_Including_VAT', 'Amount Including VAT', { column: 'totalAmountIncludingTax' }),
  decimal('Invoice_Discount_Amount', 'Invoice Discount Amount', { column: 'discountAmount' }),
  decimal('Remaining_Amount', 'Remaining Amount', { column: 'remainingAmount' }),
  yesNo('Closed', 'Closed', { read: isClosed }),
  option('Payment_Status', ['Open', 'Partial', 'Paid'], 'Payment Status', { read: paymentStatus }),
  yesNo('Has_Blocked_Line', 'Has Blocked Line', { read: hasBlockedLine }),
];

/** The types of lines as NAV captions them, by what the data calls them; a comment has none. */
const lineTypes: Readonly<Record<string, string>> = {
  Comment: ' ',
  Account: 'G/L Account',
  Item: 'Item',
  Resource: 'Resource',
  'Fixed Asset': 'Fixed Asset',
  Charge: 'Charge (Item)',
};

const postedLine: readonly PropertyDefinition[] = [
  code('Document_No', 20, 'Document No.', { column: 'documentNumber', codeOf: relations.salesInvoice }),
  whole('Line_No', 'Line No.', { column: 'sequence' }),
  option('Type', Object.values(lineTypes), 'Type', {
    read: () => (row) => lineTypes[textOf(row.values['lineType'])] ?? ' ',
  }),
  code('No', 20, 'No.', { column: 'lineObjectNumber' }),
  short('Description', 50, 'description', 'Description'),
  text('Description_2', 50, 'Description 2', { column: 'description2' }),
  unitOfMeasure,
  decimal('Quantity', 'Quantity', { column: 'quantity' }),
  decimal('Unit_Price', 'Unit Price', { column: 'unitPrice' }),
  decimal('Line_Discount_Percent', 'Line Discount %', { column: 'discountPercent' }),
  decimal('Line_Discount_Amount', 'Line Discount Amount', { column: 'discountAmount' }),
  decimal('Inv_Discount_Amount', 'Inv. Discount Amount', { column: 'invoiceDiscountAmount' }),
  decimal('Amount', 'Amount', { column: 'netAmount' }),
  decimal('Amount_Including_VAT', 'Amount Including VAT', { column: 'netAmountIncludingTax' }),
  date('Shipment_Date', 'Shipment Date', { column: 'shipmentDate' }),
];

/** Lines of drafts belong to another table of NAV. */
const linesOfPosted: ForRows<boolean> = (context) => (row) =>
  isPosted(rowOfCode(context, relations.salesInvoice.table, row.values['documentNumber']));

/** Posted sales invoices and their lines. Nobody changes either by a page. */
export const postedInvoicePages: readonly Page[] = [
  page({
    service: 'PostedSalesInvoice',
    pageNumber: 132,
    tableNumber: 112,
    table: 'salesInvoices',
    caption: 'Sales Invoice Header',
    keys: ['No'],
    properties: postedInvoice,
    more: { key: 'number', readOnly: true, holds: () => isPosted },
  }),
  page({
    service: 'PostedSalesInvoiceLines',
    pageNumber: 526,
    tableNumber: 113,
    table: 'salesInvoiceLines',
    caption: 'Sales Invoice Line',
    keys: ['Document_No', 'Line_No'],
    properties: postedLine,
    more: { key: 'key', readOnly: true, holds: linesOfPosted },
  }),
];
