import type { Person, System } from './person.js';
import type { Row, Tandem } from './tandem.js';

/** A customer price group, which Dataverse has as a price list. */
export const PRICE_GROUP = 'RETAIL';

/** An item, with its product and the base unit of that. */
export interface PricedItem {
  readonly itemId: string;
  readonly productId: string;
  readonly unitId: string;
}

export interface PriceList {
  readonly listId: string;
  readonly currencyId: string;
  /** Items without a price of the group. */
  readonly items: readonly PricedItem[];
}

/** The base units of Dataverse by their groups. */
export const baseUnits = async (person: Person): Promise<ReadonlyMap<unknown, string>> =>
  new Map(
    (await person.rows('SALES', 'uoms')).flatMap((row) =>
      row['isschedulebaseuom'] === true ? [[row['_uomscheduleid_value'], String(row['uomid'])] as const] : [],
    ),
  );

/** The list of {@link PRICE_GROUP}. */
export async function priceListOf(tandem: Tandem, person: Person): Promise<PriceList> {
  const bases = await baseUnits(person);
  const list = (await person.rows('SALES', 'pricelevels')).find(({ name }) => name === PRICE_GROUP);
  const listed = new Set(
    (await person.rows('SALES', 'productpricelevels')).flatMap((line) =>
      line['_pricelevelid_value'] === list?.['pricelevelid'] ? [line['_productid_value']] : [],
    ),
  );
  const products = new Map((await person.rows('SALES', 'products')).map((row) => [row['productid'], row]));
  const pairs = await tandem.all(
    'couplings',
    'businessId salesId',
    'filter: { mapping: ["ITEM-PRODUCT"], state: [COUPLED] }',
  );
  const items = pairs.flatMap(({ businessId: itemId, salesId: productId }) => {
    const unitId = bases.get(products.get(productId)?.['_defaultuomscheduleid_value']);
    return listed.has(productId) || unitId === undefined ? [] : [{ itemId, productId, unitId }];
  });
  return {
    listId: String(list?.['pricelevelid']),
    currencyId: String(list?.['_transactioncurrencyid_value']),
    items,
  };
}

/** One price of an item, as people enter it on either side. */
export const priceRows = (
  { listId, currencyId }: Omit<PriceList, 'items'>,
  { itemId, productId, unitId }: PricedItem,
  price: Readonly<Record<System, number>>,
): Readonly<Record<System, Row>> => ({
  BUSINESS: {
    itemId,
    salesType: 'Customer_x0020_Price_x0020_Group',
    salesCode: PRICE_GROUP,
    unitPrice: price.BUSINESS,
    startingDate: '2030-01-01',
  },
  SALES: {
    amount: price.SALES,
    pricingmethodcode: 1,
    'pricelevelid@odata.bind': `/pricelevels(${listId})`,
    'productid@odata.bind': `/products(${productId})`,
    'uomid@odata.bind': `/uoms(${unitId})`,
    'transactioncurrencyid@odata.bind': `/transactioncurrencies(${currencyId})`,
  },
});

export function itemAt({ items }: PriceList, index: number): PricedItem {
  const item = items[index];
  if (item === undefined) throw new Error('every item has a price on the list');
  return item;
}
