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
  lastModified,
  option,
  text,
  whole,
} from '../entity-set.js';
import { alreadyExists } from '../errors.js';
import { currencyPair, idsByCode, localCurrency, pair, relations, ZERO_GUID } from '../relations.js';

const PRICE_GROUP = 'Customer Price Group';

/** The currencies of the prices of each group, by code of the group; the local one is blank. */
function currenciesOfGroups(context: CompanyContext): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = new Map<string, Set<string>>();
  for (const { values } of rowsOf(context, 'salesPrices').rows()) {
    if (values['salesType'] !== PRICE_GROUP) continue;
    const group = textOf(values['salesCode']);
    groups.set(group, (groups.get(group) ?? new Set()).add(textOf(values['currencyCode'])));
  }
  return groups;
}

/** A value that follows from the currencies of a group's prices. */
const ofCurrencies =
  (read: (currencies: readonly string[], context: CompanyContext) => Scalar): ForRows<Scalar> =>
  (context) => {
    let groups: ReadonlyMap<string, ReadonlySet<string>> | undefined;
    return (row) => {
      groups ??= currenciesOfGroups(context);
      return read([...(groups.get(textOf(row.values['code'])) ?? [])], context);
    };
  };

/** Groups of customers with prices of their own. Their currency is that of their prices, when there is but one. */
export const customerPriceGroups: EntitySetDefinition = {
  entitySet: 'customerPriceGroups',
  entityType: 'customerPriceGroup',
  table: 'customerPriceGroups',
  caption: 'Customer Price Group',
  key: 'code',
  properties: [
    id,
    code('code', 10, 'Code'),
    text('description', 100, 'Description'),
    guid('currencyId', 'Currency Id', {
      read: ofCurrencies((currencies, context) =>
        currencies.length === 1 ? idsByCode(context, relations.currency)(currencies[0]) : ZERO_GUID,
      ),
    }),
    code('currencyCode', 10, 'Currency Code', {
      read: ofCurrencies((currencies, context) =>
        currencies.length === 1 ? currencies[0] || localCurrency(context) : '',
      ),
    }),
    whole('priceCurrencyCount', 'Price Currencies', { read: ofCurrencies((currencies) => currencies.length) }),
    lastModified,
  ],
  navigation: [{ name: 'currency', entitySet: 'currencies', property: 'currencyId' }],
};

/** Fields that name a price; no two prices are equal in all of them. */
const keyFields = [
  'itemNumber',
  'salesType',
  'salesCode',
  'startingDate',
  'currencyCode',
  'unitOfMeasureCode',
  'minimumQuantity',
];

const idOfGroup: ForRows<Scalar> = (context) => {
  const ids = idsByCode(context, relations.priceGroup);
  return ({ values }: Row) => (values['salesType'] === PRICE_GROUP ? ids(values['salesCode']) : ZERO_GUID);
};

/** The unit that a price is for: its own, else the base unit of its item. */
const idOfPriceUnit: ForRows<Scalar> = (context) => {
  const ids = idsByCode(context, relations.unit);
  const items = rowsOf(context, 'items');
  return ({ values }: Row) => {
    const own = textOf(values['unitOfMeasureCode']);
    return ids(own === '' ? textOf(items.withKey(textOf(values['itemNumber']))?.values['baseUnitOfMeasureCode']) : own);
  };
};

export const salesPrices: EntitySetDefinition = {
  entitySet: 'salesPrices',
  entityType: 'salesPrice',
  table: 'salesPrices',
  caption: 'Sales Price',
  properties: [
    id,
    ...pair('itemId', 'itemNumber', 20, 'Item No.', relations.item),
    option('salesType', ['Customer', PRICE_GROUP, 'All Customers', 'Campaign'], 'Sales Type'),
    code('salesCode', 20, 'Sales Code'),
    guid('customerPriceGroupId', 'Customer Price Group Id', { read: idOfGroup }),
    ...currencyPair,
    ...pair('unitOfMeasureId', 'unitOfMeasureCode', 10, 'Unit of Measure Code', relations.unit),
    guid('priceUnitOfMeasureId', 'Price Unit of Measure Id', { read: idOfPriceUnit }),
    date('startingDate', 'Starting Date'),
    date('endingDate', 'Ending Date'),
    decimal('minimumQuantity', 'Minimum Quantity'),
    decimal('unitPrice', 'Unit Price'),
    lastModified,
  ],
  navigation: [
    { name: 'item', entitySet: 'items', property: 'itemId' },
    { name: 'customerPriceGroup', entitySet: 'customerPriceGroups', property: 'customerPriceGroupId' },
    { name: 'currency', entitySet: 'currencies', property: 'currencyId' },
    { name: 'unitOfMeasure', entitySet: 'unitsOfMeasure', property: 'unitOfMeasureId' },
  ],
  rules: {
    beforeWrite: ({ context, id: own, values }) => {
      values['key'] = keyFields.map((field) => textOf(values[field])).join('|');
      const same = rowsOf(context, 'salesPrices').withKey(values['key']);
      if (same !== undefined && same.id !== own) throw alreadyExists('Sales Price', 'Key', values['key']);
    },
  },
};
