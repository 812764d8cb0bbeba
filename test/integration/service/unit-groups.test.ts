import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { Person } from '../../support/person.js';
import { type Row, Tandem } from '../../support/tandem.js';

interface Fault {
  readonly name: string;
  readonly code: string;
  /** The synchronization of the unit of measure puts it right itself. */
  readonly mendsItself?: true;
  /** Brings it about in Dataverse, and answers how a person mends it. */
  readonly bring: (group: Row, unit: Row) => Promise<() => Promise<void>>;
}

const patience = { withinMs: 60_000, everyMs: 250 };

describe('a unit group of Dataverse that is not as products need it any more', () => {
  let tandem: Tandem;
  let person: Person;
  let group: Row;
  let unit: Row;
  let price = 100;

  beforeAll(async () => {
    tandem = await Tandem.open();
    person = new Person(tandem.sandboxUrl);
    await tandem.start();
    await tandem.firstSynchronization();
    group = (await person.rows('SALES', 'uomschedules')).find(({ name }) => name === 'NAV PCS')!;
    unit = (await person.rows('SALES', 'uoms')).find(
      ({ _uomscheduleid_value }) => _uomscheduleid_value === group.uomscheduleid,
    )!;
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  const faults: readonly Fault[] = [
    {
      name: 'a second unit in the group',
      code: 'UNIT_GROUP_UNITS',
      bring: async ({ uomscheduleid }, { uomid }) => {
        const second = await person.create('SALES', 'uoms', {
          name: 'PACK OF 6',
          quantity: 6,
          'uomscheduleid@odata.bind': `/uomschedules(${String(uomscheduleid)})`,
          'baseuom@odata.bind': `/uoms(${String(uomid)})`,
        });
        return () => person.remove('SALES', 'uoms', String(second.uomid));
      },
    },
    {
      name: 'a second group of the name',
      code: 'UNIT_GROUP_DUPLICATE',
      bring: async () => {
        const second = await person.create('SALES', 'uomschedules', { name: 'NAV PCS', baseuomname: 'PCS' });
        return () => person.remove('SALES', 'uomschedules', String(second.uomscheduleid));
      },
    },
    {
      name: 'a group that is inactive',
      code: 'UNIT_GROUP_INACTIVE',
      bring: async ({ uomscheduleid }) => {
        const set = (statecode: number, statuscode: number) =>
          person.update('SALES', 'uomschedules', String(uomscheduleid), { statecode, statuscode });
        await set(1, 2);
        return () => set(0, 1);
      },
    },
    {
      name: 'a unit of another name',
      code: 'UNIT_NAME',
      mendsItself: true,
      bring: async (_group, { uomid }) => {
        await person.update('SALES', 'uoms', String(uomid), { name: 'Stück' });
        return async () => undefined;
      },
    },
    {
      name: 'a group of another name',
      code: 'UNIT_GROUP_NAME',
      mendsItself: true,
      bring: async ({ uomscheduleid }) => {
        await person.update('SALES', 'uomschedules', String(uomscheduleid), { name: 'Pieces' });
        return async () => undefined;
      },
    },
  ];

  test.each(faults)(
    '$name: a change of an item is held back with the code $code, and goes on by itself when that is mended',
    async ({ code, bring, mendsItself = false }) => {
      await holdUnits();
      const [item] = await couplings('ITEM-PRODUCT', 'COUPLED');
      const mend = await bring(group, unit);
      price += 1;
      await tandem.editAsPerson('BUSINESS', 'items', String(item?.businessId), { unitPrice: price });
      await tandem.runOnce('ITEM-PRODUCT');
      expect(await ofRecord('ITEM-PRODUCT', item?.businessId)).toMatchObject({
        state: expect.stringMatching(/^(FAILED|SKIPPED)$/),
        error: { class: 'VALIDATION', code },
      });
      expect(Number(await priceOf(item?.salesId))).not.toBe(price);
      await tandem.setStatus('UNITOFMEASURE', 'READY');
      if (!mendsItself) {
        await tandem.runOnce('UNITOFMEASURE');
        expect(await ofUnit()).toMatchObject({ error: { class: 'VALIDATION', code } });
      }
      await mend();
      await eventually(
        'the unit and the item in step',
        async () => isInStep(await ofUnit()) && isInStep(await ofRecord('ITEM-PRODUCT', item?.businessId)),
        patience,
      );
      expect(Number(await priceOf(item?.salesId))).toBe(price);
      const [name] = (await person.rows('SALES', 'uoms')).filter(({ uomid }) => uomid === unit.uomid);
      expect(name).toMatchObject({ name: 'PCS' });
    },
  );

  test('no product is created on a group that is there twice, before one of the two is gone', async () => {
    await holdUnits();
    const [item] = (await person.rows('BUSINESS', 'items')).filter(({ number }) => number !== '');
    const made = await person.create('BUSINESS', 'items', {
      displayName: 'Held back by its unit',
      baseUnitOfMeasureId: (await ofUnit())?.businessId,
      type: item?.type,
    });
    const second = await person.create('SALES', 'uomschedules', { name: 'NAV PCS', baseuomname: 'PCS' });
    await tandem.createCounterpart('ITEM-PRODUCT', made.id);
    expect(await ofRecord('ITEM-PRODUCT', made.id)).toMatchObject({
      salesId: null,
      error: { code: 'UNIT_GROUP_DUPLICATE', message: expect.stringContaining('rename or delete the other one') },
    });
    await tandem.setStatus('UNITOFMEASURE', 'READY');
    await person.remove('SALES', 'uomschedules', String(second.uomscheduleid));
    await eventually('a product for the item', async () => isInStep(await ofRecord('ITEM-PRODUCT', made.id)), patience);
  });

  test('once all is well again, a run of the units and of the items writes nothing', async () => {
    await tandem.runOnce('UNITOFMEASURE');
    await tandem.runOnce('ITEM-PRODUCT');
    await tandem.control('DELETE', '/requests');
    await tandem.runOnce('UNITOFMEASURE');
    await tandem.runOnce('ITEM-PRODUCT');
    expect(await tandem.writeRequests()).toBe(0);
  });

  /** The run of the units would notice the fault first: what is asked here is whether the items do by themselves. */
  const holdUnits = (): Promise<void> => tandem.setStatus('UNITOFMEASURE', 'ON_HOLD');

  const selection = 'state businessId salesId title error { class code message }';
  const couplings = (mapping: string, state: string): Promise<Record<string, any>[]> =>
    tandem.all('couplings', selection, `filter: { mapping: ["${mapping}"], state: [${state}] }`);

  async function ofRecord(mapping: string, businessId: unknown): Promise<Record<string, any> | undefined> {
    const [found] = await tandem.all(
      'couplings',
      selection,
      `filter: { mapping: ["${mapping}"], businessId: "${String(businessId)}" }`,
    );
    return found;
  }

  const ofUnit = async (): Promise<Record<string, any> | undefined> =>
    (
      await tandem.all(
        'couplings',
        selection,
        `filter: { mapping: ["UNITOFMEASURE"], salesId: "${String(group.uomscheduleid)}" }`,
      )
    )[0];

  const isInStep = (coupling: Record<string, any> | undefined): boolean =>
    coupling?.['state'] === 'COUPLED' && coupling['error'] === null;

  const priceOf = async (salesId: unknown): Promise<unknown> =>
    (await person.rows('SALES', 'products')).find(({ productid }) => productid === salesId)?.price;
});
