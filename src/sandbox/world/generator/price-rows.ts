import type { Values } from '../row.js';
import type { SeedRow } from './business-rows.js';
import { LOCAL_CURRENCY, priceGroups } from './catalog.js';
import { type About, businessCase, type ExpectedCase } from './expected-case.js';
import { Random } from './random.js';
import type { SalesSetup } from './sales-rows.js';

/** The group whose prices are in two currencies, and the one whose prices are in a foreign one. */
const MIXED_GROUP = 'EXPORT';
const FOREIGN_GROUP = 'ONLINE';
const FOREIGN = 'USD';
const PRICES_A_GROUP = 15;
const OTHER_PRICES = 20;

const mixedAbout: About = ['price group with prices in two currencies', 'VALIDATION: a price list has one currency'];
const otherTypeAbout: About = ['sales price of another type than a price group', 'outside the filter: not looked at'];

/** Sales prices of a company: mostly of price groups, some of other types. */
export function businessPrices(
  groups: readonly SeedRow[],
  items: readonly SeedRow[],
  customers: readonly SeedRow[],
  seed: string,
): { readonly rows: readonly SeedRow[]; readonly cases: readonly ExpectedCase[] } {
  const random = new Random(`${seed} prices`);
  const sold = items.filter(({ values }) => values['blocked'] === false && values['baseUnitOfMeasureCode'] !== '');
  const row = (values: Values): SeedRow => ({
    table: 'salesPrices',
    id: random.guid(),
    values: { ...values, key: keyFields.map((field) => String(values[field] ?? '')).join('|') },
  });
  const ofGroups = priceGroups.flatMap(({ code }, group) =>
    sold.slice(0, PRICES_A_GROUP).map((_item, at) => {
      const item = sold[(group * 7 + at) % sold.length];
      return row({
        ...priceOf(item, random),
        salesType: 'Customer Price Group',
        salesCode: code,
        currencyCode: currencyOf(code, at),
      });
    }),
  );
  const others = sold
    .slice(0, OTHER_PRICES)
    .map((item, at) => row({ ...priceOf(item, random), ...otherType(at, customers) }));
  const mixed = groups.find(({ values }) => values['code'] === MIXED_GROUP);
  return {
    rows: [...ofGroups, ...others],
    cases: [
      ...(mixed === undefined ? [] : [businessCase('customerPriceGroups', mixed, MIXED_GROUP, mixedAbout)]),
      ...others.map((one) => businessCase('salesPrices', one, String(one.values['itemNumber']), otherTypeAbout)),
    ],
  };
}

const keyFields = [
  'itemNumber',
  'salesType',
  'salesCode',
  'startingDate',
  'currencyCode',
  'unitOfMeasureCode',
  'minimumQuantity',
];

function currencyOf(group: string, at: number): string {
  if (group === FOREIGN_GROUP) return FOREIGN;
  return group === MIXED_GROUP && at % 3 === 0 ? FOREIGN : '';
}

function priceOf(item: SeedRow | undefined, random: Random): Values {
  const list = Number(item?.values['unitPrice'] ?? 0);
  const unit = String(item?.values['baseUnitOfMeasureCode'] ?? '');
  return {
    itemNumber: String(item?.values['number'] ?? ''),
    currencyCode: '',
    // Without a unit the price is for the item's base unit.
    unitOfMeasureCode: random.chance(0.5) ? unit : '',
    startingDate: random.chance(0.5) ? '2025-01-01' : '',
    endingDate: '',
    minimumQuantity: 0,
    unitPrice: Math.round(list * (80 + random.whole(0, 19))) / 100,
  };
}

function otherType(at: number, customers: readonly SeedRow[]): Values {
  if (at % 5 === 0) return { salesType: 'Campaign', salesCode: 'SPRING' };
  return at % 5 === 1
    ? {
        salesType: 'Customer',
        salesCode: String(customers[at % Math.max(1, customers.length)]?.values['number'] ?? ''),
      }
    : { salesType: 'All Customers', salesCode: '' };
}

const LISTS = ['Standard Price List', 'Partner Prices'];
const PRICES_A_LIST = 30;

/** Price lists of the sales side with their prices; the first one is given to the organisation's own sales. */
export function salesPrices(
  products: readonly SeedRow[],
  setup: SalesSetup,
  seed: string,
): { readonly rows: readonly SeedRow[]; readonly listIds: readonly string[] } {
  const random = new Random(`${seed} sales prices`);
  const currency = setup.currencyIds.get(LOCAL_CURRENCY.code) ?? null;
  const lists = LISTS.map(
    (name): SeedRow => ({
      table: 'pricelevel',
      id: random.guid(),
      values: {
        name,
        description: null,
        begindate: null,
        enddate: null,
        transactioncurrencyid: currency,
        statecode: 0,
        statuscode: 100_001,
      },
    }),
  );
  const priced = products.filter(({ values }) => values['defaultuomid'] !== null).slice(0, PRICES_A_LIST);
  const prices = lists.flatMap((list, at) =>
    priced.map((product): SeedRow => {
      const amount = Math.round(Number(product.values['price'] ?? 0) * (100 - at * 10)) / 100;
      return {
        table: 'productpricelevel',
        id: random.guid(),
        values: {
          pricelevelid: list.id,
          productid: product.id,
          uomid: product.values['defaultuomid'] ?? null,
          uomscheduleid: product.values['defaultuomscheduleid'] ?? null,
          productnumber: product.values['productnumber'] ?? null,
          amount,
          amount_base: amount,
          percentage: null,
          pricingmethodcode: 1,
          quantitysellingcode: 1,
          transactioncurrencyid: currency,
          exchangerate: LOCAL_CURRENCY.rate,
        },
      };
    }),
  );
  return { rows: [...lists, ...prices], listIds: lists.map(({ id }) => id) };
}
