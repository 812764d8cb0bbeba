import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Person } from '../../support/person.js';
import { type Row, Tandem } from '../../support/tandem.js';

const PRICE_GROUP = 'RETAIL';

/** What both systems have under one code, without being coupled. */
interface Both {
  readonly businessId: string;
  readonly salesId: string;
}

interface Priced {
  readonly itemId: string;
  readonly productId: string;
  readonly unitId: string;
}

interface Surroundings {
  readonly listId: string;
  readonly currencyId: string;
  /** Items with their products that have no price on the list. */
  readonly items: readonly Priced[];
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
  let surroundings: Surroundings;

  beforeAll(async () => {
    tandem = await Tandem.open();
    person = new Person(tandem.sandboxUrl);
    await tandem.start();
    await tandem.firstSynchronization();
    surroundings = await surroundingsOf();
    // The runs are those that are asked for here.
    for (const { mapping } of kinds) await tandem.setStatus(mapping, 'ON_HOLD');
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  const letters = (number: number): string => `V${String.fromCharCode(65 + number)}V`;
  const itemOf = (number: number): Priced => {
    const item = surroundings.items[number];
    if (item === undefined) throw new Error('every item has a price on the list');
    return item;
  };

  const kinds: readonly Kind[] = [
    {
      name: 'a currency, by its ISO code',
      mapping: 'CURRENCY',
      enter: async (number) => {
        const code = letters(number);
        const business = await person.create('BUSINESS', 'currencies', { code, displayName: 'Ours', symbol: 'o' });
        const values = {
          currencyCode: code,
          startingDate: '2020-01-01',
          exchangeRateAmount: 1,
          relationalExchangeRateAmount: 2,
        };
        await tandem.control('POST', '/edit', {
          system: 'BUSINESS',
          entitySet: 'currencyExchangeRates',
          action: 'create',
          values,
        });
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
        const { itemId, productId, unitId } = itemOf(number);
        const sales = await person.create('SALES', 'productpricelevels', {
          amount: 5,
          pricingmethodcode: 1,
          'pricelevelid@odata.bind': `/pricelevels(${surroundings.listId})`,
          'productid@odata.bind': `/products(${productId})`,
          'uomid@odata.bind': `/uoms(${unitId})`,
          'transactioncurrencyid@odata.bind': `/transactioncurrencies(${surroundings.currencyId})`,
        });
        const business = await person.create('BUSINESS', 'salesPrices', {
          itemId,
          salesType: 'Customer_x0020_Price_x0020_Group',
          salesCode: PRICE_GROUP,
          unitPrice: 6,
          startingDate: '2030-01-01',
        });
        return { businessId: String(business['id']), salesId: String(sales['productpricelevelid']) };
      },
      standing: async (number) =>
        (await person.rows('SALES', 'productpricelevels')).filter(
          (line) =>
            line['_pricelevelid_value'] === surroundings.listId &&
            line['_productid_value'] === itemOf(number).productId,
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

  async function surroundingsOf(): Promise<Surroundings> {
    const bases = new Map(
      (await person.rows('SALES', 'uoms')).map((unit) => [unit['_uomscheduleid_value'], unit['uomid']]),
    );
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
      return listed.has(productId) ? [] : [{ itemId, productId, unitId: String(unitId) }];
    });
    return {
      listId: String(list?.['pricelevelid']),
      currencyId: String(list?.['_transactioncurrencyid_value']),
      items,
    };
  }
});
