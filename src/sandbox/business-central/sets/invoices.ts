import type { Row, Scalar } from '../../world/row.js';
import { textOf } from '../../world/world.js';
import { type CompanyContext, rowsOf } from '../context.js';
import {
  code,
  date,
  decimal,
  type EntitySetDefinition,
  type ForRows,
  guid,
  id,
  idOf,
  lastModified,
  type NavigationDefinition,
  option,
  type PropertyDefinition,
  type Relation,
  text,
  whole,
  yesNo,
} from '../entity-set.js';
import { currencyPair, idsByCode, pair, readThrough, relations, rowOfCode, ZERO_GUID } from '../relations.js';
import { customerIds } from './contact-rules.js';
import { orderRules } from './order-rules.js';

/** An address of a document. */
const place = (prefix: string, caption: string): readonly PropertyDefinition[] => [
  text(`${prefix}AddressLine1`, 100, `${caption} Address`),
  text(`${prefix}AddressLine2`, 50, `${caption} Address 2`),
  text(`${prefix}City`, 30, `${caption} City`),
  code(`${prefix}Country`, 10, `${caption} Country/Region Code`, { codeOf: relations.country }),
  text(`${prefix}State`, 30, `${caption} County`),
  code(`${prefix}PostCode`, 20, `${caption} Post Code`),
];

const customer = pair('customerId', 'customerNumber', 20, 'Sell-to Customer No.', relations.customer);
const billToCustomer = pair('billToCustomerId', 'billToCustomerNumber', 20, 'Bill-to Customer No.', relations.customer);

const totals: readonly PropertyDefinition[] = [
  decimal('discountAmount', 'Invoice Discount Amount'),
  decimal('totalAmountExcludingTax', 'Amount'),
  decimal('totalTaxAmount', 'Total Tax Amount'),
  decimal('totalAmountIncludingTax', 'Amount Including VAT'),
];

const parties: readonly PropertyDefinition[] = [
  ...customer,
  text('customerName', 100, 'Sell-to Customer Name', {
    read: readThrough('customerNumber', relations.customer, 'displayName'),
  }),
  text('billToName', 100, 'Bill-to Name'),
  ...billToCustomer,
  text('shipToName', 100, 'Ship-to Name'),
  text('shipToContact', 100, 'Ship-to Contact'),
  ...place('sellTo', 'Sell-to'),
  ...place('billTo', 'Bill-to'),
  ...place('shipTo', 'Ship-to'),
];

const terms: readonly PropertyDefinition[] = [
  ...currencyPair,
  idOf('paymentTermsId', 'paymentTermsCode', relations.paymentTerms),
  idOf('shipmentMethodId', 'shipmentMethodCode', relations.shipmentMethod),
  code('salesperson', 20, 'Salesperson Code', { column: 'salespersonCode', codeOf: relations.salesperson }),
];

const headerNavigation: readonly NavigationDefinition[] = [
  { name: 'customer', entitySet: 'customers', property: 'customerId' },
  { name: 'currency', entitySet: 'currencies', property: 'currencyId' },
  { name: 'paymentTerm', entitySet: 'paymentTerms', property: 'paymentTermsId' },
  { name: 'shipmentMethod', entitySet: 'shipmentMethods', property: 'shipmentMethodId' },
];

/** Drafts and posted invoices together, as the standard API shows them. */
export const salesInvoices: EntitySetDefinition = {
  entitySet: 'salesInvoices',
  entityType: 'salesInvoice',
  table: 'salesInvoices',
  caption: 'Sales Invoice',
  key: 'number',
  readOnly: true,
  properties: [
    id,
    code('number', 20, 'No.'),
    code('externalDocumentNumber', 35, 'External Document No.'),
    date('invoiceDate', 'Document Date'),
    date('postingDate', 'Posting Date'),
    date('dueDate', 'Due Date'),
    text('customerPurchaseOrderReference', 35, 'Your Reference', { column: 'yourReference' }),
    ...parties,
    ...terms,
    yesNo('pricesIncludeTax', 'Prices Including VAT'),
    decimal('remainingAmount', 'Remaining Amount'),
    ...totals,
    option('status', [' ', 'Draft', 'In Review', 'Open', 'Paid', 'Canceled', 'Corrective'], 'Status'),
    text('phoneNumber', 30, 'Sell-to Phone No.'),
    text('email', 80, 'Sell-to E-Mail'),
    lastModified,
  ],
  navigation: [
    ...headerNavigation,
    { name: 'salesInvoiceLines', entitySet: 'salesInvoiceLines', property: 'documentId', isCollection: true },
  ],
};

const lineTypes = ['Comment', 'Account', 'Item', 'Resource', 'Fixed Asset', 'Charge'];

/** Id of what a line is about, when it is about something of that type. */
const objectOfType =
  (lineType: string, relation: Relation): ForRows<Scalar> =>
  (context) => {
    const ids = idsByCode(context, relation);
    return ({ values }: Row) => (values['lineType'] === lineType ? ids(values['lineObjectNumber']) : ZERO_GUID);
  };
const itemId = guid('itemId', 'Item Id', { read: objectOfType('Item', relations.item) });
const itemNavigation: NavigationDefinition = { name: 'item', entitySet: 'items', property: 'itemId' };

export const salesInvoiceLines: EntitySetDefinition = {
  entitySet: 'salesInvoiceLines',
  entityType: 'salesInvoiceLine',
  table: 'salesInvoiceLines',
  caption: 'Sales Invoice Line',
  readOnly: true,
  listedBy: 'documentId',
  properties: [
    id,
    idOf('documentId', 'documentNumber', relations.salesInvoice),
    whole('sequence', 'Line No.'),
    itemId,
    option('lineType', lineTypes, 'Type'),
    code('lineObjectNumber', 20, 'No.'),
    text('description', 100, 'Description'),
    text('description2', 50, 'Description 2'),
    ...pair('unitOfMeasureId', 'unitOfMeasureCode', 10, 'Unit of Measure Code', relations.unit),
    decimal('quantity', 'Quantity'),
    decimal('unitPrice', 'Unit Price'),
    decimal('discountAmount', 'Line Discount Amount'),
    decimal('discountPercent', 'Line Discount %'),
    decimal('amountExcludingTax', 'Amount'),
    decimal('taxPercent', 'VAT %'),
    decimal('totalTaxAmount', 'Total Tax Amount', { column: 'netTaxAmount' }),
    decimal('amountIncludingTax', 'Amount Including VAT'),
    decimal('invoiceDiscountAllocation', 'Inv. Discount Amount', { column: 'invoiceDiscountAmount' }),
    decimal('netAmount', 'Net Amount'),
    decimal('netTaxAmount', 'Net Tax Amount'),
    decimal('netAmountIncludingTax', 'Net Amount Including VAT'),
    date('shipmentDate', 'Shipment Date'),
  ],
  navigation: [
    itemNavigation,
    { name: 'unitOfMeasure', entitySet: 'unitsOfMeasure', property: 'unitOfMeasureId' },
    { name: 'salesInvoice', entitySet: 'salesInvoices', property: 'documentId' },
  ],
};

/** Drafts stand in one table with invoices that are posted. */
export const isPosted = (row: Row | undefined): boolean =>
  row !== undefined && row.values['status'] !== 'Draft' && row.values['status'] !== 'In Review';

/** Numbers of the documents with a line whose item or resource is blocked; they are looked up once a request. */
export const hasBlockedLine: ForRows<Scalar> = (context) => {
  let documents: ReadonlySet<string> | undefined;
  return (row) => (documents ??= documentsWithBlockedLine(context)).has(textOf(row.values['number']));
};

function documentsWithBlockedLine(context: CompanyContext): ReadonlySet<string> {
  const tables: Readonly<Record<string, string>> = { Item: 'items', Resource: 'resources' };
  const documents = new Set<string>();
  for (const { values } of rowsOf(context, 'salesInvoiceLines').rows()) {
    const table = tables[textOf(values['lineType'])];
    if (table !== undefined && rowOfCode(context, table, values['lineObjectNumber'])?.values['blocked'] === true)
      documents.add(textOf(values['documentNumber']));
  }
  return documents;
}

/** How much of an invoice is paid, as the customer's ledger entry tells; nothing is owed yet for one that is not posted. */
export const paymentStatus: ForRows<Scalar> =
  () =>
  (row): Scalar => {
    const { remainingAmount, totalAmountIncludingTax } = row.values;
    if (!isPosted(row)) return 'Open';
    if (remainingAmount === 0) return 'Paid';
    return Number(remainingAmount) < Number(totalAmountIncludingTax) ? 'Partial' : 'Open';
  };

/** Invoices with what their table has beyond the standard API. */
export const salesInvoicesWithExtras: EntitySetDefinition = {
  ...salesInvoices,
  properties: [
    ...salesInvoices.properties.filter(({ name }) => name !== lastModified.name),
    idOf('salespersonId', 'salespersonCode', relations.salesperson),
    idOf('shippingAgentId', 'shippingAgentCode', relations.shippingAgent),
    text('shipmentMethodDescription', 100, 'Shipment Method Description', {
      read: readThrough('shipmentMethodCode', relations.shipmentMethod, 'displayName'),
    }),
    date('shipmentDate', 'Shipment Date'),
    option('paymentStatus', ['Open', 'Partial', 'Paid'], 'Payment Status', { read: paymentStatus }),
    yesNo('hasBlockedLine', 'Has Blocked Line', { read: hasBlockedLine }),
    lastModified,
  ],
  navigation: [
    ...salesInvoices.navigation,
    { name: 'salesperson', entitySet: 'salespeoplePurchasers', property: 'salespersonId' },
    { name: 'shippingAgent', entitySet: 'shippingAgents', property: 'shippingAgentId' },
  ],
};

/** Lines with the resource that one of them is about. */
export const salesInvoiceLinesWithExtras: EntitySetDefinition = {
  ...salesInvoiceLines,
  properties: [
    ...salesInvoiceLines.properties,
    guid('resourceId', 'Resource Id', { read: objectOfType('Resource', relations.resource) }),
    lastModified,
  ],
  navigation: [...salesInvoiceLines.navigation, { name: 'resource', entitySet: 'resources', property: 'resourceId' }],
};

/** Orders that are not posted yet, without their lines: amounts are what a client says. */
export const salesOrders: EntitySetDefinition = {
  entitySet: 'salesOrders',
  entityType: 'salesOrder',
  table: 'salesOrders',
  caption: 'Sales Order',
  key: 'number',
  numberSeries: { code: 'S-ORD', start: 'SO-101000', setup: 'Sales & Receivables Setup', field: 'Order Nos.' },
  rules: orderRules,
  properties: [
    id,
    code('number', 20, 'No.'),
    code('externalDocumentNumber', 35, 'External Document No.'),
    date('orderDate', 'Document Date'),
    date('postingDate', 'Posting Date'),
    ...parties,
    ...terms,
    yesNo('pricesIncludeTax', 'Prices Including VAT'),
    yesNo('partialShipping', 'Partial Shipping'),
    date('requestedDeliveryDate', 'Requested Delivery Date'),
    ...totals,
    yesNo('fullyShipped', 'Completely Shipped'),
    option('status', ['Draft', 'In Review', 'Open'], 'Status'),
    text('phoneNumber', 30, 'Sell-to Phone No.'),
    text('email', 80, 'Sell-to E-Mail'),
    lastModified,
  ],
  navigation: headerNavigation,
};

export const opportunities: EntitySetDefinition = {
  entitySet: 'opportunities',
  entityType: 'opportunity',
  table: 'opportunities',
  caption: 'Opportunity',
  key: 'number',
  numberSeries: { code: 'OPP', start: 'OP000000', setup: 'Marketing Setup', field: 'Opportunity Nos.' },
  properties: [
    id,
    code('number', 20, 'No.'),
    code('contactNumber', 20, 'Contact No.', { codeOf: relations.contact }),
    text('contactName', 100, 'Contact Name', { read: readThrough('contactNumber', relations.contact, 'displayName') }),
    code('salespersonCode', 20, 'Salesperson Code', { codeOf: relations.salesperson }),
    text('description', 100, 'Description'),
    option('status', ['Not Started', 'In Progress', 'Won', 'Lost'], 'Status'),
    date('creationDate', 'Creation Date'),
    decimal('estimatedValue', 'Estimated Value (LCY)'),
    date('estimatedClosingDate', 'Estimated Closing Date'),
    lastModified,
  ],
  navigation: [],
};

/** Orders with what their table has beyond the standard API. */
export const salesOrdersWithExtras: EntitySetDefinition = {
  ...salesOrders,
  properties: [
    ...salesOrders.properties.filter(({ name }) => name !== lastModified.name),
    idOf('salespersonId', 'salespersonCode', relations.salesperson),
    idOf('shippingAgentId', 'shippingAgentCode', relations.shippingAgent),
    date('lastShipmentDate', 'Last Shipment Date'),
    yesNo('fullyInvoiced', 'Completely Invoiced'),
    lastModified,
  ],
};

/** The customer of the company that a contact works for. */
const customerOfContact: ForRows<Scalar> = (context) => {
  const customerOf = customerIds(context);
  return ({ values }: Row) => {
    const contact = rowOfCode(context, 'contacts', values['contactNumber']);
    return contact === undefined ? ZERO_GUID : customerOf(contact);
  };
};

/** Opportunities with ids of those whom they are about. */
export const opportunitiesWithExtras: EntitySetDefinition = {
  ...opportunities,
  properties: [
    ...opportunities.properties.filter(({ name }) => name !== lastModified.name),
    idOf('contactId', 'contactNumber', relations.contact),
    guid('customerId', 'Customer Id', { read: customerOfContact }),
    idOf('salespersonId', 'salespersonCode', relations.salesperson),
    lastModified,
  ],
  navigation: [
    { name: 'contact', entitySet: 'contacts', property: 'contactId' },
    { name: 'customer', entitySet: 'customers', property: 'customerId' },
  ],
};
