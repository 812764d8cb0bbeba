import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Row, Tandem } from '../../support/tandem.js';

/** How each field pair is checked. */
const fields = {
  'CUSTPRCGRP-PRICE': {
    'code - name': 'edited, and put back; a group always has a code',
    'description - description': 'edited, blanked, and put back',
    'currencyId - transactioncurrencyid': 'set on creation: that of the prices of the group',
  },
  'SALESPRC-PRODPRICE': {
    'customerPriceGroupId - pricelevelid': 'Dataverse takes it on creation only, and listed when it changes',
    'itemId - productid': 'Dataverse takes it on creation only, and listed when it changes',
    'priceUnitOfMeasureId - uomid': 'the unit of the price, or the base unit of its item; put back',
    'currencyId - transactioncurrencyid': 'that of the price list, and refused when it differs',
    ' - pricingmethodcode': 'a constant, and put back',
    'unitPrice - amount': 'edited, set to nothing, and put back',
  },
} as const;

const FOREIGN_GROUP = 'ONLINE';

describe('every field of price groups and sales prices', () => {
  let tandem: Tandem;

  beforeAll(async () => {
    tandem = await Tandem.open();
    // A company that may give published products another unit group.
    await tandem.control('POST', '/settings', { SALES: { unitGroupIsFixed: false } });
    await tandem.start();
    await tandem.firstSynchronization();
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  test.each(Object.entries(fields))('is checked here: %s', async (name, checked) => {
    const { integrationTableMapping } = await tandem.ask(
      'query($name: String!) { integrationTableMapping(name: $name) { fields { field integrationField enabled } } }',
      { name },
    );
    const enabled = (integrationTableMapping.fields as Record<string, any>[]).filter((field) => field.enabled);
    expect(enabled.map(({ field, integrationField }) => `${field} - ${integrationField}`).toSorted()).toEqual(
      Object.keys(checked).toSorted(),
    );
  });

  test('travels: the code and the description of a group, as blank too', async () => {
    const group = await groupOf('ONLINE');
    await edit('customerPriceGroups', group.businessId, { code: 'WEBSHOP', description: 'Prices of the web shop' });
    await run('CUSTPRCGRP-PRICE');
    expect(await listOf(group)).toMatchObject({ name: 'WEBSHOP', description: 'Prices of the web shop' });
    await edit('customerPriceGroups', group.businessId, { code: FOREIGN_GROUP, description: '' });
    await run('CUSTPRCGRP-PRICE');
    expect(await listOf(group)).toMatchObject({ name: FOREIGN_GROUP, description: null });
  });

  test('is set on creation: the currency of a group is that of its prices', async () => {
    const currencies = new Map(
      (await tandem.salesRows('transactioncurrencies')).map((row) => [row.transactioncurrencyid, row.isocurrencycode]),
    );
    const currencyOf = async (code: string) =>
      currencies.get((await listOf(await groupOf(code)))._transactioncurrencyid_value);
    expect([await currencyOf(FOREIGN_GROUP), await currencyOf('RETAIL')]).toEqual(['USD', 'EUR']);
  });

  test('travels: the price itself, as nothing too, and a negative one as nothing', async () => {
    const { price, line } = await pricedIn(FOREIGN_GROUP);
    for (const [entered, shown] of [
      [123.45, 123.45],
      [0, 0],
      [77.5, 77.5],
      [-5, 0],
    ]) {
      await edit('salesPrices', price.id, { unitPrice: entered });
      await run('SALESPRC-PRODPRICE');
      expect((await lineRow(line)).amount).toBe(shown);
    }
  });

  test('travels: the unit of a price, its own or the base unit of its item', async () => {
    const { price, line } = await pricedIn(FOREIGN_GROUP);
    const units = await tandem.all(
      'couplings',
      'businessId salesId',
      'filter: { mapping: ["UNITOFMEASURE"], state: [COUPLED] }',
    );
    const bases = new Map((await tandem.salesRows('uoms')).map((unit) => [unit._uomscheduleid_value, unit.uomid]));
    const before = (await lineRow(line))._uomid_value;
    const other = units.find(({ salesId }) => bases.get(salesId) !== before);
    await tandem.editAsPerson('BUSINESS', 'items', String(price.itemId), { baseUnitOfMeasureId: other?.businessId });
    await run('ITEM-PRODUCT');
    // Without a unit the price is for the item's base unit.
    await edit('salesPrices', price.id, { unitOfMeasureCode: '', unitPrice: 50 });
    await run('SALESPRC-PRODPRICE');
    expect(await lineRow(line)).toMatchObject({ _uomid_value: bases.get(other?.salesId), amount: 50 });
    const code = (await tandem.businessRows('unitsOfMeasure')).find(({ id }) => id === other?.businessId)?.code;
    await edit('salesPrices', price.id, { unitOfMeasureCode: code, unitPrice: 51 });
    await run('SALESPRC-PRODPRICE');
    expect(await lineRow(line)).toMatchObject({ _uomid_value: bases.get(other?.salesId), amount: 51 });
  });

  test('gets the value of its source back when it is edited in Dataverse', async () => {
    const group = await groupOf(FOREIGN_GROUP);
    const { line } = await pricedIn(FOREIGN_GROUP);
    const [listBefore, lineBefore] = [await listOf(group), await lineRow(line)];
    await tandem.editAsPerson('SALES', 'pricelevels', String(group.salesId), { name: 'There', description: 'There' });
    await tandem.editAsPerson('SALES', 'productpricelevels', String(line), { amount: 1, pricingmethodcode: 2 });
    await run('CUSTPRCGRP-PRICE', 'SALESPRC-PRODPRICE');
    const [list, price] = [await listOf(group), await lineRow(line)];
    expect([list.name, list.description]).toEqual([listBefore.name, listBefore.description]);
    expect([price.amount, price.pricingmethodcode]).toEqual([lineBefore.amount, 1]);
  });

  test('that Dataverse takes on creation only is listed with its reason when it changes: the group and the item of a price', async () => {
    const { price, line } = await pricedIn(FOREIGN_GROUP, 1);
    const before = await lineRow(line);
    const other = (await tandem.businessRows('salesPrices')).find(
      ({ salesType, salesCode, itemId }) =>
        salesType === 'Customer_x0020_Price_x0020_Group' && salesCode !== FOREIGN_GROUP && itemId !== price.itemId,
    );
    const moved = { itemId: other?.itemId, salesCode: other?.salesCode, currencyCode: '', startingDate: '2029-01-01' };
    await edit('salesPrices', price.id, { ...moved, unitOfMeasureCode: '' });
    await run('SALESPRC-PRODPRICE');
    expect(await lineRow(line)).toMatchObject({
      _pricelevelid_value: before._pricelevelid_value,
      _productid_value: before._productid_value,
    });
    expect(await reasonsOf(price.id)).not.toEqual([]);
  });

  test('in another currency than its list is refused, and goes on when it is back: a price, and its group with it', async () => {
    const group = await groupOf(FOREIGN_GROUP);
    const { price } = await pricedIn(FOREIGN_GROUP);
    const currencies = await tandem.businessRows('currencies');
    const other = currencies.find(({ code }) => code !== 'USD' && String(code).length === 3);
    await edit('salesPrices', price.id, { currencyCode: other?.code });
    await run('CUSTPRCGRP-PRICE', 'SALESPRC-PRODPRICE');
    expect(await reasonsOf(price.id)).toEqual(['0x80048cf6']);
    await edit('customerPriceGroups', group.businessId, { description: 'Two currencies' });
    await run('CUSTPRCGRP-PRICE');
    expect(await reasonsOf(group.businessId)).toEqual(['SEVERAL_CURRENCIES']);
    await edit('salesPrices', price.id, { currencyCode: 'USD' });
    await edit('customerPriceGroups', group.businessId, { description: 'One currency' });
    await run('CUSTPRCGRP-PRICE', 'SALESPRC-PRODPRICE');
    expect(await reasonsOf(price.id)).toEqual([]);
    expect(await listOf(group)).toMatchObject({ description: 'One currency' });
  });

  test('is not written again once it agrees or is listed', async () => {
    await run('CUSTPRCGRP-PRICE', 'SALESPRC-PRODPRICE', 'CUSTPRCGRP-PRICE', 'SALESPRC-PRODPRICE');
    await tandem.control('DELETE', '/requests');
    await run('CUSTPRCGRP-PRICE', 'SALESPRC-PRODPRICE');
    expect(await tandem.writeRequests()).toBe(0);
  });

  const run = async (...codes: readonly string[]): Promise<void> => {
    for (const code of codes) await tandem.runOnce(code);
  };

  const edit = (entitySet: string, id: unknown, values: Row): Promise<void> =>
    tandem.editAsPerson('BUSINESS', entitySet, String(id), values);

  /** Codes of what stands against a record of the business system. */
  async function reasonsOf(businessId: unknown): Promise<string[]> {
    const couplings = await tandem.all(
      'couplings',
      'error { code }',
      `filter: { businessId: "${String(businessId)}" }`,
    );
    return couplings.flatMap(({ error }) => error?.code ?? []);
  }

  async function groupOf(code: string): Promise<Row> {
    const group = (await tandem.businessRows('customerPriceGroups')).find((one) => one.code === code);
    const [coupling] = await tandem.all(
      'couplings',
      'businessId salesId',
      `filter: { businessId: "${String(group?.id)}" }`,
    );
    return coupling ?? {};
  }

  const listOf = async ({ salesId }: Row): Promise<Row> =>
    (await tandem.salesRows('pricelevels')).find(({ pricelevelid }) => pricelevelid === salesId) ?? {};

  const lineRow = async (id: unknown): Promise<Row> =>
    (await tandem.salesRows('productpricelevels')).find(({ productpricelevelid }) => productpricelevelid === id) ?? {};

  /** A price of a group with the id of what became of it in Dataverse. */
  async function pricedIn(group: string, at = 0): Promise<{ readonly price: Row; readonly line: unknown }> {
    const prices = (await tandem.businessRows('salesPrices')).filter(({ salesCode }) => salesCode === group);
    const coupled = await tandem.all(
      'couplings',
      'businessId salesId',
      'filter: { mapping: ["SALESPRC-PRODPRICE"], state: [COUPLED] }',
    );
    const found = prices.flatMap((price) => {
      const line = coupled.find(({ businessId }) => businessId === price.id)?.salesId;
      return line === undefined ? [] : [{ price, line }];
    })[at];
    if (found === undefined) throw new Error(`no price of ${group} is coupled`);
    return found;
  }
});
