import type { SourceRow } from '../../connectors/connector.js';
import type { AwaitedReference, Coupling } from '../../coupling/coupling.js';
import { addDecimals, negateDecimal } from '../../mapping/decimal.js';
import type { FieldValue, FieldValues } from '../../mapping/field-value.js';
import { offeredName } from '../offered-name.js';
import type { SynchRun } from '../synch-run.js';
import { sumOfDiscounts } from './invoice-line.js';
import { type InvoiceLines, readLines, writeLines } from './invoice-lines.js';
import { referenceFields } from './invoice-source.js';
import { ensurePrice } from './price-lists.js';
import { refused, type Step, type StepContext, StepWaitsError, writeSales } from './step.js';

/** Columns of the invoice that its completion looks at. */
const invoiceColumns = [
  'statecode',
  'customerid',
  'transactioncurrencyid',
  'datedelivered',
  'pricelevelid',
  'salesorderid',
  'opportunityid',
  'name',
  'totalamount',
  'totalamountlessfreight',
  'discountamount',
  'freightamount',
  'discountpercentage',
  'totaltax',
  'totallineitemdiscountamount',
  'totaldiscountamount',
] as const;

/**
 * Completes an invoice that was created from a posted one: the sales order that it names, its price list, its totals, and its
 * lines with their products and prices. A paid invoice takes nothing more.
 */
export const completeInvoice: Step = async (context, coupling) => {
  const { run } = context;
  const invoice = await readInvoice(run, coupling);
  if (invoice === undefined || invoice.values['statecode'] !== '0') return {};
  const lines = await readLines(run, coupling);
  if (lines.uncoupled.length > 0) throw new StepWaitsError(lines.uncoupled.map(awaited));
  const order = await orderOf(run, coupling, invoice);
  const list = await listOf(context, invoice, order);
  await completeHeader(context, invoice, { ...ofOrder(order), pricelevelid: list, ...totals(invoice.values, lines) });
  for (const product of lines.products.values()) await ensurePrice(context, list, product, 'KEEP');
  await writeLines(context, coupling, invoice, lines);
  return {};
};

const awaited = ({ mappingName, field, recordId }: InvoiceLines['uncoupled'][number]): AwaitedReference => ({
  field,
  mappingName,
  side: 'BUSINESS',
  recordId,
});

async function readInvoice(run: SynchRun, { salesId }: Coupling): Promise<SourceRow | undefined> {
  const fields = [...new Set([...run.compiled.readFields.SALES, ...invoiceColumns])];
  const [invoice] = await run.connectors.SALES.readByIds(
    { table: 'invoices', fields, ids: [salesId ?? ''] },
    run.signal,
  );
  return invoice;
}

/** The sales order that the invoice's reference names; most references name something else. */
async function orderOf(run: SynchRun, { businessId }: Coupling, invoice: SourceRow): Promise<SourceRow | null> {
  const { table, mapping } = run.compiled;
  const reference = offeredName(table.BUSINESS, referenceFields);
  if (reference === null) return null;
  const [header] = await run.connectors.BUSINESS.readByIds(
    { table: mapping.table, fields: [reference], ids: [businessId ?? ''] },
    run.signal,
  );
  const ordernumber = header?.values[reference] ?? null;
  if (ordernumber === null) return null;
  const fields = ['customerid', 'pricelevelid', 'opportunityid', 'name'];
  const request = { table: 'salesorders', fields, equal: { ordernumber }, atMost: 1 };
  const [order] = await run.connectors.SALES.find(request, run.signal);
  if (order === undefined) return null;
  if (order.values['customerid'] === invoice.values['customerid']) return order;
  throw refused(
    'ORDER_OF_OTHER_CUSTOMER',
    `the invoice names the sales order ${ordernumber}, which is another customer's: correct Your Reference, or the order's customer`,
  );
}

const ofOrder = (order: SourceRow | null): FieldValues =>
  order === null
    ? {}
    : {
        salesorderid: order.id,
        opportunityid: order.values['opportunityid'] ?? null,
        name: order.values['name'] ?? null,
      };

async function listOf(context: StepContext, invoice: SourceRow, order: SourceRow | null): Promise<string> {
  const ofTheOrder = order?.values['pricelevelid'] ?? null;
  if (ofTheOrder !== null) return String(ofTheOrder);
  const currency = invoice.values['transactioncurrencyid'] ?? context.run.localCurrency;
  if (currency === null) throw refused('NO_CURRENCY', 'the invoice has no currency in Dataverse');
  return context.priceLists.ofCurrency(context, String(currency));
}

/** What Dataverse would sum up itself, if the prices were its own. */
function totals(invoice: FieldValues, { lines }: InvoiceLines): FieldValues {
  const amount = (name: string): string => String(invoice[name] ?? '0');
  const discounts = sumOfDiscounts(lines);
  return {
    freightamount: '0',
    discountpercentage: '0',
    totaltax: addDecimals(amount('totalamount'), negateDecimal(amount('totalamountlessfreight'))),
    totallineitemdiscountamount: discounts,
    totaldiscountamount: addDecimals(amount('discountamount'), discounts),
  };
}

async function completeHeader(context: StepContext, invoice: SourceRow, wanted: FieldValues): Promise<void> {
  const values: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(wanted)) if (invoice.values[name] !== value) values[name] = value;
  if (Object.keys(values).length === 0) return;
  const { id, version } = invoice;
  await writeSales(context, 'invoices', [], [{ kind: 'UPDATE', id, version, values }]);
}
