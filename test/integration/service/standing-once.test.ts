import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Person } from '../../support/person.js';
import { itemAt, type PriceList, priceListOf, priceRows } from '../../support/price-lists.js';
import { type Row, Tandem } from '../../support/tandem.js';

/** What both systems have under one code, without being coupled. */
interface Both {
  readonly businessId: string;
  readonly salesId: string;
}

interface Kind {
  readonly name: string;
  readonly mapping: string;
  readonly enter: (number: number) => Promise<Both>;
  /** Records of Dataverse of that code. */
  readonly standing: (number: number) => Promise<readonly Row[]>;
}

describe('what Dataverse has under its code already is coupled before another one is created', () => {
  let tandem: Tandem;
  let person: Person;
  let prices: PriceList;

  beforeAll(async () => {
    tandem = await Tandem.open();
    person = new Person(tandem.sandboxUrl);
    await tandem.start();
    await tandem.firstSynchronization();
    prices = await priceListOf(tandem, person);
    // The runs are those that are asked for here.
    for (const { mapping } of kinds) await tandem.setStatus(mapping, 'ON_HOLD');
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  const letters = (number: number): string => `V${String.fromCharCode(65 + number)}V`;

  const kinds: readonly Kind[] = [
    {
      name: 'a currency, by its ISO code',
      mapping: 'CURRENCY',
      enter: async (number) => {
        const code = letters(number);
        const business = await person.create('BUSINESS', 'currencies', { code, displayName: 'Ours', symbol: 'o' });
        await tandem.createExchangeRate(code);
        const sales = await person.create('SALES', 'transactioncurrencies', {
          isocurrencycode: code,
          currencyname: 'Theirs',
          currencysymbol: 't',
          currencyprecision: 2,
          exchangerate: 1,
        });
        return { businessId: String(business['id']), salesId: String(sales['transactioncurrencyid']) };
      },
      standing: async (number) =>
        (await person.rows('SALES', 'transactioncurrencies')).filter(
          ({ isocurrencycode }) => isocurrencycode === letters(number),
        ),
    },
    {
      name: 'a unit of measure, by the name of its group',
      mapping: 'UNITOFMEASURE',
      enter: async (number) => {
        const code = letters(number);
        const business = await person.create('BUSINESS', 'unitsOfMeasure', { code, displayName: `Unit ${code}` });
        const sales = await person.create('SALES', 'uomschedules', { name: `NAV ${code}`, baseuomname: code });
        return { businessId: String(business['id']), salesId: String(sales['uomscheduleid']) };
      },
      standing: async (number) =>
        (await person.rows('SALES', 'uomschedules')).filter(({ name }) => name === `NAV ${letters(number)}`),
    },
    {
      name: 'a sales price, by list, product and unit',
      mapping: 'SALESPRC-PRODPRICE',
      enter: async (number) => {
        const rows = priceRows(prices, itemAt(prices, number), { BUSINESS: 6, SALES: 5 });
        const sales = await person.create('SALES', 'productpricelevels', rows.SALES);
        const business = await person.create('BUSINESS', 'salesPrices', rows.BUSINESS);
        return { businessId: String(business['id']), salesId: String(sales['productpricelevelid']) };
      },
      standing: async (number) =>
        (await person.rows('SALES', 'productpricelevels')).filter(
          (line) =>
            line['_pricelevelid_value'] === prices.listId &&
            line['_productid_value'] === itemAt(prices, number).productId,
        ),
    },
  ];

  describe.each(kinds)('$name', ({ mapping, enter, standing }) => {
    test('in a full synchronization that creates what is missing', async () => {
      const both = await enter(0);
      const { fullSynchronization } = await tandem.mutate(
        'runFullSynchronization',
        'RunFullSynchronizationInput',
        { connectionSetupId: await connectionId(), mode: 'CREATE_MISSING', mappings: [mapping] },
        'fullSynchronization { run { code } }',
      );
      expect(await tandem.endOf(fullSynchronization.run.code)).toBe('FINISHED');
      expect(await couplingsOf(mapping, both.businessId)).toEqual([{ ...both, state: 'COUPLED', error: null }]);
      expect(await standing(0)).toHaveLength(1);
    });

    test('also where a person asks for the counterpart of the record', async () => {
      const both = await enter(1);
      expect(await tandem.createCounterpart(mapping, both.businessId)).toBe('FINISHED');
      expect(await couplingsOf(mapping, both.businessId)).toEqual([{ ...both, state: 'COUPLED', error: null }]);
      expect(await standing(1)).toHaveLength(1);
    });

    test('also in a mapping without matching fields of its own', async () => {
      const { integrationTableMapping } = await tandem.ask(
        `query($name: String!) { integrationTableMapping(name: $name) { id fields {
          field integrationField direction constantValue transformations clearValueOnFailedSynch notNull lookup
          optionMap { value integrationValue } conflictRule enabled caseSensitiveMatching matchPriority } } }`,
        { name: mapping },
      );
      const { id, fields } = integrationTableMapping;
      const values = { id, synchOnlyCoupledRecords: false, fields };
      await tandem.mutate('updateIntegrationTableMapping', 'UpdateIntegrationTableMappingInput', values);
      const both = await enter(2);
      await tandem.runOnce(mapping);
      expect(await couplingsOf(mapping, both.businessId)).toEqual([{ ...both, state: 'COUPLED', error: null }]);
      expect(await standing(2)).toHaveLength(1);
    });
  });

  const connectionId = async (): Promise<string> =>
    (await tandem.ask('{ connectionSetup(name: "Sandbox") { id } }'))['connectionSetup'].id;

  const couplingsOf = (mapping: string, businessId: string) =>
    tandem.all(
      'couplings',
      'businessId salesId state error { code message }',
      `filter: { mapping: ["${mapping}"], businessId: "${businessId}" }`,
    );
});
