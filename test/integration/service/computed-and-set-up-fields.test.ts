import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FieldEdits } from '../../support/field-edits.js';

describe('a field that nobody edits like the others', () => {
  let fields: FieldEdits;

  beforeAll(async () => {
    fields = await FieldEdits.open();
  });
  afterAll(() => fields[Symbol.asyncDispose]());

  test('of a user travels when an administrator edits it', async () => {
    const [pair] = await fields.pairs('SALESPEOPLE');
    const values = { internalemailaddress: 'new.address@example.com', mobilephone: '+47 900 00 001' };
    await fields.editAsAdministrator('SALES', 'systemusers', pair?.SALES, values);
    await fields.tandem.runOnce('SALESPEOPLE');
    expect(await fields.row('SALESPEOPLE', 'BUSINESS', pair?.BUSINESS)).toMatchObject({
      email: values.internalemailaddress,
      phoneNo: values.mobilephone,
    });
  });

  test('of a user follows the name that an administrator gives it: the full name is made of its parts', async () => {
    const [pair] = await fields.pairs('SALESPEOPLE');
    await fields.editAsAdministrator('SALES', 'systemusers', pair?.SALES, { firstname: 'Åse', lastname: 'Ødegård' });
    await fields.tandem.runOnce('SALESPEOPLE');
    expect(await fields.row('SALESPEOPLE', 'BUSINESS', pair?.BUSINESS)).toMatchObject({ displayName: 'Åse Ødegård' });
  });

  test('that is computed of other tables travels with the next change of its record: exchange rates, capacity', async () => {
    const [currency] = (await fields.pairs('CURRENCY')).toReversed();
    const { code } = await fields.row('CURRENCY', 'BUSINESS', currency?.BUSINESS);
    const rates = (await fields.person.rows('BUSINESS', 'currencyExchangeRates')).filter(
      (rate) => rate.currencyCode === code,
    );
    for (const { id } of rates)
      await fields.editAsAdministrator('BUSINESS', 'currencyExchangeRates', id, {
        exchangeRateAmount: 100,
        relationalExchangeRateAmount: 80,
      });
    const [crew] = await fields.pairs('RESOURCE-PRODUCT');
    await fields.editAsAdministrator('BUSINESS', 'resources', crew?.BUSINESS, { capacity: 321.5, unitCost: 7.75 });
    await fields.runAll();
    expect(await fields.row('CURRENCY', 'SALES', currency?.SALES)).toMatchObject({ exchangerate: 1.25 });
    expect(await fields.row('RESOURCE-PRODUCT', 'SALES', crew?.SALES)).toMatchObject({
      quantityonhand: 321.5,
      standardcost: 7.75,
    });
  });

  test('of a currency whose symbol is taken away gets the sign for any currency, since Dataverse asks for one', async () => {
    const [currency] = await fields.pairs('CURRENCY');
    const symbolOf = async () => (await fields.row('CURRENCY', 'SALES', currency?.SALES)).currencysymbol;
    const write = async (symbol: string) => {
      await fields.person.update('BUSINESS', 'currencies', String(currency?.BUSINESS), { symbol });
      await fields.tandem.runOnce('CURRENCY');
    };
    await write('Q$');
    expect(await symbolOf()).toBe('Q$');
    await write('');
    expect(await symbolOf()).toBe('¤');
    await write('R$');
    expect(await symbolOf()).toBe('R$');
    await write('');
    expect(await symbolOf()).toBe('¤');
    expect(await fields.stateOf('CURRENCY', currency ?? { BUSINESS: '', SALES: '' })).toMatchObject([
      { state: 'COUPLED' },
    ]);
  });

  test('of a currency that has no symbol in Business Central keeps the one that Dataverse has', async () => {
    const franc = (await fields.person.rows('BUSINESS', 'currencies')).find(({ code }) => code === 'CHF');
    expect(franc?.symbol).toBe('');
    const same = (await fields.person.rows('SALES', 'transactioncurrencies')).find(
      ({ isocurrencycode }) => isocurrencycode === 'CHF',
    );
    expect(same?.currencysymbol).toBe('CHF');
  });

  test('of a renamed unit of measure gives its unit group the new name, and products stay in it', async () => {
    const [unit] = await fields.pairs('UNITOFMEASURE');
    const before = await products(unit?.SALES);
    await fields.person.update('BUSINESS', 'unitsOfMeasure', String(unit?.BUSINESS), { code: 'RENAMED' });
    await fields.runAll();
    expect(await fields.row('UNITOFMEASURE', 'SALES', unit?.SALES)).toMatchObject({ name: 'NAV RENAMED' });
    const units = (await fields.person.rows('SALES', 'uoms')).filter((one) => one._uomscheduleid_value === unit?.SALES);
    expect(units.map(({ name }) => name)).toEqual(['RENAMED']);
    expect(await products(unit?.SALES)).toEqual(before);
    expect(before.length).toBeGreaterThan(0);
    expect(await keptBySystem('UNITOFMEASURE', unit?.SALES)).toEqual(['baseuomname']);
  });

  test.each([
    { mapping: 'ITEM-PRODUCT', what: 'an item' },
    { mapping: 'RESOURCE-PRODUCT', what: 'a resource' },
  ])('of a product in $mapping that is retired blocks $what, which leaves the filter then', async ({ mapping }) => {
    const pair = (await fields.pairs(mapping)).at(-1);
    await fields.person.update('SALES', 'products', String(pair?.SALES), { statecode: 1, statuscode: 2 });
    await fields.tandem.runOnce(mapping);
    expect(await fields.row(mapping, 'BUSINESS', pair?.BUSINESS)).toMatchObject({ blocked: true });
    await fields.tandem.runOnce(mapping);
    expect(await fields.stateOf(mapping, pair ?? { BUSINESS: '', SALES: '' })).toMatchObject([
      { state: 'SKIPPED', error: { code: 'OUTSIDE_FILTER' } },
    ]);
  });

  test('that Dataverse takes on creation only is listed with its reason when it changes: the code of a currency', async () => {
    const [currency] = await fields.pairs('CURRENCY');
    const { code } = await fields.row('CURRENCY', 'BUSINESS', currency?.BUSINESS);
    await fields.person.update('BUSINESS', 'currencies', String(currency?.BUSINESS), { code: 'XTS' });
    // Renaming a currency renames it in its exchange rates.
    const rates = (await fields.person.rows('BUSINESS', 'currencyExchangeRates')).filter(
      (rate) => rate.currencyCode === code,
    );
    for (const { id } of rates)
      await fields.editAsAdministrator('BUSINESS', 'currencyExchangeRates', id, { currencyCode: 'XTS' });
    await fields.runAll();
    expect(await fields.row('CURRENCY', 'SALES', currency?.SALES)).toMatchObject({ isocurrencycode: code });
    expect(await keptBySystem('CURRENCY', currency?.SALES)).toEqual(['isocurrencycode']);
  });

  /** Ids of the products of a unit group. */
  const products = async (unitGroup: string | undefined): Promise<unknown[]> =>
    (await fields.person.rows('SALES', 'products'))
      .filter((product) => product._defaultuomscheduleid_value === unitGroup)
      .map(({ productid }) => productid);

  /** Fields of a record that Dataverse does not change, as the product lists them. */
  async function keptBySystem(mapping: string, salesId: string | undefined): Promise<unknown[]> {
    const errors = await fields.tandem.all(
      'synchJobErrors',
      'salesId error { class field }',
      `filter: { mapping: [${JSON.stringify(mapping)}], code: ["ALTERED_BY_SYSTEM"] }`,
    );
    return errors.filter((one) => one.salesId === salesId).map(({ error }) => error.field);
  }
});
