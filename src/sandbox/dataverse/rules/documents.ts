import type { Row, Scalar } from '../../world/row.js';
import { rowsOf, type SalesContext } from '../context.js';
import { roundTo } from '../value-conversion.js';
import { currencyOfList } from './prices.js';
import { ACTIVE as ACTIVE_PRODUCT } from './product-lifecycle.js';
import { checkUnitOfGroup } from './products.js';
import { idIn, invalidArgument, type TableRules, type Writing } from './table-rules.js';

const ACTIVE = 0;
const states = new Set(['statecode', 'statuscode']);

/** The potential customer of an opportunity is its account, else its contact. */
export const opportunityRules: TableRules = {
  beforeWrite: ({ given, values }) => {
    if (given['parentaccountid'] === undefined && given['parentcontactid'] === undefined) return;
    const account = values['parentaccountid'] ?? null;
    const contact = values['parentcontactid'] ?? null;
    values['customerid'] = account ?? contact;
    values['customerid:table'] = account !== null ? 'account' : contact !== null ? 'contact' : null;
  },
};

/** Orders and invoices get a number of their own when none is given, and take no changes once they are closed. */
const documentRules = (numberColumn: string, prefix: string): TableRules => ({
  beforeWrite: (writing) => {
    const { values, before, given } = writing;
    if (before !== undefined && before.values['statecode'] !== ACTIVE && changesMore(given))
      throw closed(writing.table.logicalName);
    values[numberColumn] ??= `${prefix}-${writing.id.slice(0, 5).toUpperCase()}-${writing.id.slice(-6).toUpperCase()}`;
    values['transactioncurrencyid'] = currencyOfList(writing);
  },
});

export const orderRules = documentRules('ordernumber', 'ORD');
export const invoiceRules = documentRules('invoicenumber', 'INV');

/** Whether more is set than state and status, which close a document and open it again. */
const changesMore = (given: Readonly<Record<string, Scalar>>): boolean =>
  Object.keys(given).some((column) => !states.has(column));

const closed = (table: string) => invalidArgument(`The ${table} cannot be changed because it is not active.`);

/** Lines of an invoice: of a product in one of its units, or with a text of their own. */
export const invoiceLineRules: TableRules = {
  beforeWrite: (writing) => {
    const { context, values } = writing;
    const invoice = rowsOf(context, 'invoice').get(idIn(values, 'invoiceid'));
    if (invoice === undefined) return;
    checkOpen(invoice);
    values['isproductoverridden'] ??= false;
    values['ispriceoverridden'] ??= false;
    checkProduct(writing);
    values['transactioncurrencyid'] = invoice.values['transactioncurrencyid'] ?? null;
    values['lineitemnumber'] ??= nextLineNumber(context, invoice.id);
    fillAmounts(values);
  },
  beforeDelete: (context, row) => {
    const invoice = rowsOf(context, 'invoice').get(idIn(row.values, 'invoiceid'));
    if (invoice !== undefined) checkOpen(invoice);
  },
};

function checkOpen(invoice: Row): void {
  if (invoice.values['statecode'] !== ACTIVE) throw closed('invoice');
}

function checkProduct({ context, values }: Writing): void {
  if (values['isproductoverridden'] === true) {
    if ((values['productdescription'] ?? null) === null)
      throw invalidArgument('A write-in product needs a product description.');
    return;
  }
  const product = rowsOf(context, 'product').get(idIn(values, 'productid'));
  if (product === undefined) throw invalidArgument('The product of the line is missing.');
  if (product.values['statecode'] !== ACTIVE_PRODUCT) throw invalidArgument('You can only add active products.');
  checkUnitOfGroup(context, idIn(values, 'uomid'), idIn(product.values, 'defaultuomscheduleid'));
}

function nextLineNumber(context: SalesContext, invoiceId: string): number {
  let last = 0;
  for (const row of rowsOf(context, 'invoicedetail').rows())
    if (row.values['invoiceid'] === invoiceId) last = Math.max(last, Number(row.values['lineitemnumber'] ?? 0));
  return last + 1;
}

/** Amounts that nobody gave are computed; given ones are kept, as with locked prices. */
function fillAmounts(values: Record<string, Scalar>): void {
  const number = (column: string): number => Number(values[column] ?? 0);
  values['baseamount'] ??= roundTo(number('quantity') * number('priceperunit'), 2);
  values['extendedamount'] ??= roundTo(number('baseamount') - number('manualdiscountamount') + number('tax'), 2);
}
