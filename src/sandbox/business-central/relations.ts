import type { Row, Scalar } from '../world/row.js';
import { textOf } from '../world/world.js';
import { type CompanyContext, rowsOf } from './context.js';
import type { ForRows, PropertyDefinition, Relation } from './entity-set.js';
import { code, idOf } from './entity-set.js';

export const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

/** The tables that others refer to. */
export const relations = {
  contact: { table: 'contacts', caption: 'Contact', key: 'number' },
  country: { table: 'countriesRegions', caption: 'Country/Region' },
  currency: { table: 'currencies', caption: 'Currency' },
  customer: { table: 'customers', caption: 'Customer', key: 'number' },
  generalProductPostingGroup: { table: 'generalProductPostingGroups', caption: 'Gen. Product Posting Group' },
  inventoryPostingGroup: { table: 'inventoryPostingGroups', caption: 'Inventory Posting Group' },
  item: { table: 'items', caption: 'Item', key: 'number' },
  itemCategory: { table: 'itemCategories', caption: 'Item Category' },
  paymentMethod: { table: 'paymentMethods', caption: 'Payment Method' },
  paymentTerms: { table: 'paymentTerms', caption: 'Payment Terms' },
  priceGroup: { table: 'customerPriceGroups', caption: 'Customer Price Group' },
  resource: { table: 'resources', caption: 'Resource', key: 'number' },
  salesInvoice: { table: 'salesInvoices', caption: 'Sales Invoice', key: 'number' },
  salesperson: { table: 'salespeoplePurchasers', caption: 'Salesperson/Purchaser' },
  shipmentMethod: { table: 'shipmentMethods', caption: 'Shipment Method' },
  shippingAgent: { table: 'shippingAgents', caption: 'Shipping Agent' },
  taxGroup: { table: 'taxGroups', caption: 'Tax Group' },
  unit: { table: 'unitsOfMeasure', caption: 'Unit of Measure' },
  vendor: { table: 'vendors', caption: 'Vendor', key: 'number' },
} as const satisfies Readonly<Record<string, Relation>>;

/** The code that names a row of a related table. */
export const keyOf = (relation: Relation, row: Row): string => textOf(row.values[relation.key ?? 'code']);

/** The row of a code; a blank code names none. */
export const rowOfCode = (context: CompanyContext, table: string, value: Scalar | undefined): Row | undefined =>
  textOf(value) === '' ? undefined : rowsOf(context, table).withKey(textOf(value));

/** Looks ids up by code, each code once. Blank and unknown codes have the zero GUID. */
export function idsByCode(context: CompanyContext, relation: Relation): (value: Scalar | undefined) => string {
  const known = new Map<string, string>([['', ZERO_GUID]]);
  return (value) => {
    const wanted = textOf(value);
    const before = known.get(wanted);
    if (before !== undefined) return before;
    const found = rowOfCode(context, relation.table, wanted)?.id ?? ZERO_GUID;
    known.set(wanted, found);
    return found;
  };
}

/** ISO code of the company's own currency. */
export const localCurrency = (context: CompanyContext): string =>
  textOf(rowsOf(context, 'generalLedgerSetup').find(() => true)?.values['localCurrencyCode']);

/** A column of the row that a code in `column` names. */
export const readThrough =
  (column: string, relation: Relation, shown: string): ForRows<Scalar> =>
  (context) =>
  (row) =>
    rowOfCode(context, relation.table, row.values[column])?.values[shown] ?? '';

/** Id and code of the currency of a row; the local currency is stored blank. */
export const currencyPair: readonly PropertyDefinition[] = [
  idOf('currencyId', 'currencyCode', relations.currency),
  code('currencyCode', 10, 'Currency Code', { codeOf: relations.currency, blankIsLocalCurrency: true }),
];

/** Id and code of a related row, kept in one column. */
export const pair = (name: string, codeName: string, length: number, field: string, relation: Relation) => [
  idOf(name, codeName, relation),
  code(codeName, length, field, { codeOf: relation }),
];
