import { rowsOf } from '../context.js';
import { DataverseError } from '../errors.js';
import { checkUnitOfGroup } from './products.js';
import { idIn, invalidArgument, type TableRules, type Writing } from './table-rules.js';

/** A price list is kept in one currency, by default the organisation's. */
export const priceListRules: TableRules = {
  beforeWrite: ({ context, values }) => {
    values['transactioncurrencyid'] ??=
      rowsOf(context, 'organization').find(() => true)?.values['basecurrencyid'] ?? null;
  },
};

/** A price belongs to a list, a product and one of the product's units; there is one for each such three. */
export const priceRules: TableRules = {
  beforeWrite: (writing) => {
    const { context, values } = writing;
    const product = rowsOf(context, 'product').get(idIn(values, 'productid'));
    if (product === undefined || idIn(values, 'uomid') === '') return;
    const group = idIn(product.values, 'defaultuomscheduleid');
    checkUnitOfGroup(context, idIn(values, 'uomid'), group);
    if (idIn(writing.given, 'uomscheduleid') !== '' && writing.given['uomscheduleid'] !== group)
      throw invalidArgument('The unit group of a price is the one of its product.');
    values['uomscheduleid'] = group;
    values['productnumber'] = product.values['productnumber'] ?? null;
    values['pricingmethodcode'] ??= 1;
    values['quantitysellingcode'] ??= 1;
    values['transactioncurrencyid'] = currencyOfList(writing);
    checkUnique(writing);
  },
};

/** Refuses another currency than that of the row's price list; answers with the currency to be stored. */
export function currencyOfList({ context, given, values }: Writing): string | null {
  const list = rowsOf(context, 'pricelevel').get(idIn(values, 'pricelevelid'));
  const own = idIn(values, 'transactioncurrencyid') || null;
  if (list === undefined) return own;
  const currency = idIn(list.values, 'transactioncurrencyid');
  const wanted = given['transactioncurrencyid'] ?? null;
  if (wanted !== null && wanted !== currency)
    throw new DataverseError(
      400,
      '0x80048cf6',
      'The currency of the record does not match the currency of the price list.',
    );
  return currency;
}

function checkUnique({ context, id, values }: Writing): void {
  const columns = ['pricelevelid', 'productid', 'uomid'];
  const same = rowsOf(context, 'productpricelevel').find(
    (row) => row.id !== id && columns.every((column) => row.values[column] === values[column]),
  );
  if (same !== undefined)
    throw new DataverseError(
      400,
      '0x80043b08',
      'This product and unit combination has a price for this price list already.',
    );
}
