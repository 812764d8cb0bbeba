import type { FieldValue, FieldValues } from '../../mapping/field-value.js';
import type { SynchRun } from '../synch-run.js';
import { ourId } from './our-id.js';
import { refused, type StepContext, writeSales } from './step.js';

/** The list that each product has a price on, in the local currency. It is kept by us: prices set there by hand are overwritten. */
export const DEFAULT_PRICE_LIST = 'Business Central Default Price List';

/** What of a product its price is made of. */
export const pricedFields = ['price', 'defaultuomid', 'pricelevelid'] as const;

/** Price lists that products and invoices need, made where they are missing. Each is looked for once by a chunk of pairs. */
export class PriceLists {
  private readonly lists = new Map<string, Promise<string>>();

  constructor(private readonly run: SynchRun) {}

  /** The list that holds prices in a currency: the default one for the local currency, one by the currency's code for another. */
  async ofCurrency(context: StepContext, currencyId: string): Promise<string> {
    const { localCurrency } = this.run;
    const known = this.lists.get(currencyId);
    if (known !== undefined) return known;
    const list = (currencyId === localCurrency ? Promise.resolve(DEFAULT_PRICE_LIST) : this.nameOf(currencyId)).then(
      (name) => ensureList(context, name, currencyId),
    );
    this.lists.set(currencyId, list);
    return list;
  }

  private async nameOf(currencyId: string): Promise<string> {
    const { SALES } = this.run.connectors;
    const request = { table: 'transactioncurrencies', fields: ['isocurrencycode'], ids: [currencyId] };
    const [currency] = await SALES.readByIds(request, this.run.signal);
    if (currency === undefined) throw refused('NO_CURRENCY', 'the currency of the record does not exist in Dataverse');
    return `Price List in ${currency.values['isocurrencycode']}`;
  }
}

/** One that we made keeps its id, whatever people call it; one of that name that was there before is taken. */
async function ensureList(context: StepContext, name: string, currencyId: string): Promise<string> {
  const { run } = context;
  const { SALES } = run.connectors;
  const id = ourId(run.compiled.mapping.connectionSetupId, 'pricelevels', name, currencyId);
  const [made] = await SALES.readByIds({ table: 'pricelevels', fields: [], ids: [id] }, run.signal);
  if (made !== undefined) return id;
  const equal = { name, transactioncurrencyid: currencyId };
  const [found] = await SALES.find({ table: 'pricelevels', fields: [], equal, atMost: 1 }, run.signal);
  if (found !== undefined) return found.id;
  await writeSales(context, 'pricelevels', [], [{ kind: 'CREATE', id, values: equal }]);
  return id;
}

export interface PricedProduct {
  readonly id: string;
  readonly values: FieldValues;
}

/** The amount of a price as it is now, and how it is when it differs. */
export type WhenPriced = 'KEEP' | 'UPDATE';

/**
 * Puts a product on a list, in its default unit, at its price. A price that is there already is kept, or follows the product.
 * A product without a unit (a family) has no price.
 */
export async function ensurePrice(
  context: StepContext,
  list: string,
  { id: productid, values }: PricedProduct,
  whenPriced: WhenPriced,
): Promise<void> {
  const { run } = context;
  const uomid = values['defaultuomid'] ?? null;
  if (uomid === null) return;
  const amount: FieldValue = values['price'] ?? '0';
  const table = 'productpricelevels';
  const equal = { pricelevelid: list, productid, uomid };
  const [priced] = await run.connectors.SALES.find({ table, fields: ['amount'], equal, atMost: 1 }, run.signal);
  if (priced === undefined) {
    const made = { ...equal, amount, pricingmethodcode: '1' };
    const id = ourId(run.compiled.mapping.connectionSetupId, table, list, productid, String(uomid));
    await writeSales(context, table, [], [{ kind: 'CREATE', id, values: made }]);
  } else if (whenPriced === 'UPDATE' && priced.values['amount'] !== amount) {
    await writeSales(
      context,
      table,
      [],
      [{ kind: 'UPDATE', id: priced.id, version: priced.version, values: { amount } }],
    );
  }
}
