import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { otherSide } from '../../../src/synch/synch-error.js';
import { keys } from '../../support/mapped-fields.js';
import { Person, type System } from '../../support/person.js';
import { baseUnits, itemAt, type PriceList, priceListOf, priceRows } from '../../support/price-lists.js';
import { type Row, Tandem } from '../../support/tandem.js';

/** A record as people enter it, on either side, under one number, code or name. */
interface Entered {
  readonly mapping: string;
  readonly entitySets: Readonly<Record<System, string>>;
  /** The column that holds the number, code or name on each side. */
  readonly named: Readonly<Record<System, string>>;
  readonly values: (name: string, surroundings: Surroundings) => Readonly<Record<System, Row>>;
  /** How the column shows the name, where it is not the name itself. */
  readonly shown?: (name: string) => Readonly<Record<System, unknown>>;
}

interface Surroundings extends PriceList {
  readonly unitId: string;
  readonly group: string;
  readonly unit: string;
  readonly customerId: string;
  readonly accountId: string;
}

/** Names are numbered by their last two letters. */
const numberIn = (name: string): number =>
  26 * (name.charCodeAt(name.length - 2) - 65) + name.charCodeAt(name.length - 1) - 65;

const priceIn = (name: string): number => 70_000 + numberIn(name);

const emailOf = (name: string): string => `${name.toLowerCase()}@made.example`;

const product = (name: string, type: number, { group, unit }: Surroundings): Row => ({
  productnumber: name,
  name: `Ware ${name}`,
  producttypecode: type,
  quantitydecimal: 2,
  'defaultuomscheduleid@odata.bind': `/uomschedules(${group})`,
  'defaultuomid@odata.bind': `/uoms(${unit})`,
});

const records: readonly Entered[] = [
  {
    mapping: 'CURRENCY',
    entitySets: { BUSINESS: 'currencies', SALES: 'transactioncurrencies' },
    named: { BUSINESS: 'code', SALES: 'isocurrencycode' },
    values: (code) => ({
      BUSINESS: { code, displayName: `Money ${code}`, symbol: 'm' },
      SALES: {
        isocurrencycode: code,
        currencyname: `Money ${code}`,
        currencysymbol: 'm',
        currencyprecision: 2,
        exchangerate: 1,
      },
    }),
  },
  {
    mapping: 'UNITOFMEASURE',
    entitySets: { BUSINESS: 'unitsOfMeasure', SALES: 'uomschedules' },
    named: { BUSINESS: 'code', SALES: 'name' },
    shown: (code) => ({ BUSINESS: code, SALES: `NAV ${code}` }),
    values: (code) => ({
      BUSINESS: { code, displayName: `Unit ${code}` },
      SALES: { name: `NAV ${code}`, baseuomname: code },
    }),
  },
  {
    mapping: 'CUSTOMER',
    entitySets: { BUSINESS: 'customers', SALES: 'accounts' },
    named: { BUSINESS: 'displayName', SALES: 'name' },
    values: (name) => ({
      BUSINESS: { displayName: name, city: 'Oslo' },
      SALES: { name, address1_city: 'Oslo', customertypecode: 3 },
    }),
  },
  {
    mapping: 'RESOURCE-PRODUCT',
    entitySets: { BUSINESS: 'resources', SALES: 'products' },
    named: { BUSINESS: 'number', SALES: 'productnumber' },
    values: (number, surroundings) => ({
      BUSINESS: { number, name: `Ware ${number}`, unitPrice: 12, baseUnitOfMeasureId: surroundings.unitId },
      SALES: product(number, 3, surroundings),
    }),
  },
  {
    mapping: 'ITEM-PRODUCT',
    entitySets: { BUSINESS: 'items', SALES: 'products' },
    named: { BUSINESS: 'number', SALES: 'productnumber' },
    values: (number, surroundings) => ({
      BUSINESS: { number, displayName: `Ware ${number}`, unitPrice: 12, baseUnitOfMeasureId: surroundings.unitId },
      SALES: product(number, 1, surroundings),
    }),
  },
  {
    mapping: 'CUSTPRCGRP-PRICE',
    entitySets: { BUSINESS: 'customerPriceGroups', SALES: 'pricelevels' },
    named: { BUSINESS: 'code', SALES: 'name' },
    values: (code) => ({ BUSINESS: { code, description: `Group ${code}` }, SALES: { name: code } }),
  },
  {
    mapping: 'CONTACTS',
    entitySets: { BUSINESS: 'contacts', SALES: 'contacts' },
    named: { BUSINESS: 'surname', SALES: 'lastname' },
    values: (name, { customerId, accountId }) => ({
      BUSINESS: { type: 'Person', firstName: 'Kari', surname: name, email: emailOf(name), customerId },
      SALES: {
        firstname: 'Kari',
        lastname: name,
        emailaddress1: emailOf(name),
        'parentcustomerid_account@odata.bind': `/accounts(${accountId})`,
      },
    }),
  },
  {
    mapping: 'SALESPRC-PRODPRICE',
    entitySets: { BUSINESS: 'salesPrices', SALES: 'productpricelevels' },
    named: { BUSINESS: 'unitPrice', SALES: 'amount' },
    values: (name, prices) => {
      const price = { BUSINESS: priceIn(name), SALES: priceIn(name) };
      return priceRows(prices, itemAt(prices, numberIn(name) % prices.items.length), price);
    },
    shown: (name) => ({ BUSINESS: priceIn(name), SALES: priceIn(name) }),
  },
];

describe.each([true, false])('in mappings that create what is missing: %s', (creates) => {
  let tandem: Tandem;
  let person: Person;
  let surroundings: Surroundings;
  let entered = 0;

  beforeAll(async () => {
    tandem = await Tandem.open();
    person = new Person(tandem.sandboxUrl);
    await tandem.start();
    await tandem.firstSynchronization();
    await holdSchedules();
    for (const { mapping } of records) await change(mapping, { synchOnlyCoupledRecords: !creates });
    surroundings = await surroundingsOf();
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  describe.each(records)('a record of $mapping', (record) => {
    test.each([
      { side: 'BUSINESS', isNoticed: true },
      { side: 'BUSINESS', isNoticed: false },
      { side: 'SALES', isNoticed: true },
      { side: 'SALES', isNoticed: false },
    ] as const)(
      'deleted in $side (noticed: $isNoticed) and made again goes on in its pair, with one counterpart',
      async ({ side, isNoticed }) => {
        const name = newName();
        const pair = await pairOf(record, name);
        await person.remove(side, record.entitySets[side], idOn(pair, side));
        if (isNoticed) {
          await synchronize(record.mapping, true);
          expect(await couplingOf(pair)).toMatchObject({ state: 'BROKEN', error: { code: 'RECORD_DELETED' } });
        }
        const again = await person.create(side, record.entitySets[side], record.values(name, surroundings)[side]);
        await rateOf(record, name);
        // A new product is a draft, and its item blocked, until somebody publishes it.
        if (side === 'SALES' && record.entitySets.SALES === 'products')
          await person.update('SALES', 'products', String(again['productid']), { statecode: 0, statuscode: 1 });
        await synchronize(record.mapping, !isNoticed);
        const now = await couplingOf(pair);
        expect(now).toMatchObject({ state: 'COUPLED', error: null });
        expect(idOn(now, side)).toBe(again[keyOf(record, side)]);
        expect(idOn(now, otherSide(side))).toBe(idOn(pair, otherSide(side)));
        for (const system of ['BUSINESS', 'SALES'] as const)
          expect(await rowsNamed(record, system, name)).toHaveLength(1);
        expect(await tandem.all('couplings', 'id', filterOf(record, pair, otherSide(side)))).toHaveLength(1);
        expect(now.history.map(({ action }: Row) => action)).toContain('COUPLE');
      },
    );
  });

  // Users come and go with the administration of Dataverse; salespeople are entered by people.
  test.each([true, false])(
    'a salesperson deleted (noticed: %s) and made again goes on with the same user, and is made no second time',
    async (isNoticed) => {
      const [pair = {}] = await tandem.all(
        'couplings',
        'id businessId salesId',
        'filter: { mapping: ["SALESPEOPLE"], state: [COUPLED] }',
      );
      const before = (await person.rows('BUSINESS', 'salespeoplePurchasers')).find(
        ({ id }) => id === pair['businessId'],
      );
      await person.remove('BUSINESS', 'salespeoplePurchasers', String(pair['businessId']));
      if (isNoticed) {
        await synchronize('SALESPEOPLE', true);
        expect(await couplingOf(pair)).toMatchObject({ state: 'BROKEN', error: { code: 'RECORD_DELETED' } });
      }
      const { code, displayName, email } = before ?? {};
      const again = await person.create('BUSINESS', 'salespeoplePurchasers', { code, displayName, email });
      await synchronize('SALESPEOPLE', !isNoticed);
      expect(await couplingOf(pair)).toMatchObject({
        state: 'COUPLED',
        error: null,
        businessId: again['id'],
        salesId: pair['salesId'],
      });
      const people = await person.rows('BUSINESS', 'salespeoplePurchasers');
      expect(people.filter((one) => one['email'] === email)).toHaveLength(1);
    },
  );

  const newName = (): string => {
    entered += 1;
    return `Q${String.fromCharCode(65 + Math.floor(entered / 26))}${String.fromCharCode(65 + (entered % 26))}`;
  };

  /** A pair in step, entered in the business system. */
  async function pairOf(record: Entered, name: string): Promise<Record<string, any>> {
    const { BUSINESS } = record.values(name, surroundings);
    const row = await person.create('BUSINESS', record.entitySets.BUSINESS, BUSINESS);
    await rateOf(record, name);
    expect(await tandem.createCounterpart(record.mapping, row['id'])).toBe('FINISHED');
    const [pair] = await tandem.all(
      'couplings',
      'id businessId salesId state error { code message }',
      filterOf(record, { businessId: row['id'] }, 'BUSINESS'),
    );
    expect(pair).toMatchObject({ state: 'COUPLED', error: null });
    return pair ?? {};
  }

  /** Dataverse takes no currency without exchange rate; of a deleted one the rate is gone too. */
  async function rateOf({ mapping }: Entered, currencyCode: string): Promise<void> {
    if (mapping !== 'CURRENCY') return;
    const known = await person.rows('BUSINESS', 'currencyExchangeRates');
    if (known.some((rate) => rate['currencyCode'] === currencyCode)) return;
    await tandem.createExchangeRate(currencyCode);
  }

  const filterOf = ({ mapping }: Entered, pair: Row, side: System): string =>
    `filter: { mapping: ["${mapping}"], ${side === 'BUSINESS' ? 'businessId' : 'salesId'}: "${idOn(pair, side)}" }`;

  async function couplingOf({ id }: Row): Promise<Record<string, any>> {
    const { node } = await tandem.ask(
      'query($id: ID!) { node(id: $id) { ... on Coupling { id state businessId salesId error { code message } history(first: 20) { edges { node { action } } } } } }',
      { id },
    );
    return { ...node, history: node.history.edges.map((edge: Record<string, Row>) => edge['node']) };
  }

  /** From here on the only runs are those that are asked for: a schedule would couple or create what was entered before that. */
  async function holdSchedules(): Promise<void> {
    const mappings = [...records.map(({ mapping }) => mapping), 'SALESPEOPLE'];
    for (const mapping of mappings) await tandem.setStatus(mapping, 'ON_HOLD');
    // Each of them waits for the run of its mapping that had begun by then.
    for (const mapping of mappings) await synchronize(mapping, false);
  }

  async function synchronize(mapping: string, full: boolean): Promise<void> {
    const input = { id: await tandem.mappingId(mapping), full };
    const { run } = await tandem.mutate('synchronizeMapping', 'SynchronizeMappingInput', input, 'run { code }');
    expect(await tandem.endOf(run.code)).toBe('FINISHED');
  }

  async function change(mapping: string, values: Row): Promise<void> {
    const input = { id: await tandem.mappingId(mapping), ...values };
    await tandem.mutate('updateIntegrationTableMapping', 'UpdateIntegrationTableMappingInput', input);
  }

  async function rowsNamed(record: Entered, system: System, name: string): Promise<Row[]> {
    const wanted = record.shown?.(name)[system] ?? name;
    return (await person.rows(system, record.entitySets[system])).filter((row) => row[record.named[system]] === wanted);
  }

  /** A unit and a customer that both systems have, and what a price needs. */
  async function surroundingsOf(): Promise<Surroundings> {
    const pairsIn = (mapping: string) =>
      tandem.all('couplings', 'businessId salesId', `filter: { mapping: ["${mapping}"], state: [COUPLED] }`);
    const [unit] = await pairsIn('UNITOFMEASURE');
    const [customer] = await pairsIn('CUSTOMER');
    return {
      unitId: String(unit?.['businessId']),
      group: String(unit?.['salesId']),
      unit: (await baseUnits(person)).get(unit?.['salesId']) ?? '',
      customerId: String(customer?.['businessId']),
      accountId: String(customer?.['salesId']),
      ...(await priceListOf(tandem, person)),
    };
  }
});

const keyOf = ({ entitySets }: Entered, side: System): string =>
  side === 'BUSINESS' ? 'id' : (keys[entitySets.SALES] ?? '');

const idOn = (pair: Row, side: System): string => String(side === 'BUSINESS' ? pair['businessId'] : pair['salesId']);
