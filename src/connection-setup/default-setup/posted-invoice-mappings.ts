import { common, type DefaultMapping, lookup, matching, pairs, placeOfDocument, to } from './field-definitions.js';

/** Posted sales invoices with their lines. */
export const postedInvoiceMappings: readonly DefaultMapping[] = [
  {
    ...common,
    name: 'POSTEDSALESINV-INV',
    description: 'Posted sales invoices to invoices',
    table: 'salesInvoices',
    integrationTable: 'invoices',
    direction: 'TO_INTEGRATION_TABLE',
    // Drafts and posted invoices stand in one set.
    tableFilter: [{ field: 'status', expression: "<>Draft&<>'In Review'" }],
    fields: [
      // Dataverse takes the number on creation only.
      to('number', 'invoicenumber', matching()),
      to('customerId', 'customerid', lookup('CUSTOMER')),
      to('salespersonId', 'ownerid', lookup('SALESPEOPLE', { notNull: true })),
      to('currencyId', 'transactioncurrencyid', lookup('CURRENCY')),
      to('dueDate', 'duedate'),
      to('shipmentDate', 'datedelivered'),
      to('shipToName', 'shipto_name'),
      ...placeOfDocument('shipTo', 'shipto'),
      to('billToName', 'billto_name'),
      ...placeOfDocument('billTo', 'billto'),
      to('totalAmountExcludingTax', 'totalamountlessfreight'),
      to('totalAmountIncludingTax', 'totalamount'),
      to('discountAmount', 'discountamount'),
      to('shippingAgentId', 'shippingmethodcode', lookup('SHIPPING AGENT')),
      to('paymentTermsId', 'paymenttermscode', lookup('PAYMENT TERMS')),
      // Billed, partly paid, or paid as a whole. Dataverse knows each status in one state alone.
      to('paymentStatus', 'statecode', {
        optionMap: pairs([
          ['Open', '0'],
          ['Partial', '2'],
          ['Paid', '2'],
        ]),
      }),
      to('paymentStatus', 'statuscode', {
        optionMap: pairs([
          ['Open', '4'],
          ['Partial', '100002'],
          ['Paid', '100001'],
        ]),
      }),
    ],
    dependsOn: ['CUSTOMER', 'ITEM-PRODUCT', 'RESOURCE-PRODUCT'],
  },
  {
    ...common,
    name: 'POSTEDSALESLINE-INV',
    description: 'Lines of posted sales invoices to invoice lines; they go with their invoice',
    table: 'salesInvoiceLines',
    integrationTable: 'invoicedetails',
    direction: 'TO_INTEGRATION_TABLE',
    synchOnlyCoupledRecords: false,
    wakeOnChange: false,
    fields: [
      to('quantity', 'quantity'),
      to('discountAmount', 'manualdiscountamount'),
      to('unitPrice', 'priceperunit'),
      to('', 'ispriceoverridden', { constantValue: 'true' }),
      to('netAmount', 'baseamount'),
      to('netAmountIncludingTax', 'extendedamount'),
    ],
    dependsOn: ['POSTEDSALESINV-INV'],
  },
];
