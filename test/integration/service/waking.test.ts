import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Person } from '../../support/person.js';
import { Tandem } from '../../support/tandem.js';

const CHANGE = 'a change in one of the systems';

describe('entries that wait, and changes in the systems', { timeout: 60_000 }, () => {
  let tandem: Tandem;

  beforeAll(async () => {
    tandem = await Tandem.open();
    await tandem.start();
    await tandem.firstSynchronization();
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  const entryOf = async (code: string) =>
    (
      await tandem.ask(
        'query ($code: String!) { jobQueueEntry(code: $code) { id status nextRunAt lastRun { id startedBy } } }',
        { code },
      )
    ).jobQueueEntry;
  const coupledCustomer = async () => {
    const [pair] = await tandem.all(
      'couplings',
      'businessId salesId',
      'filter: { mapping: ["CUSTOMER"], state: [COUPLED] }',
    );
    return pair as { businessId: string; salesId: string };
  };
  const asked = async () =>
    (await tandem.control('GET', '/requests/log?last=100000')) as {
      readonly system: string;
      readonly method: string;
      readonly path: string;
    }[];
  /** Tells whether the watch has looked at both systems so many times since now. */
  const looksOf = async (count: number) => {
    const looks = async () => (await asked()).filter(({ path }) => path.endsWith('$batch')).length;
    const before = await looks();
    return async () => (await looks()) - before >= 2 * count;
  };
  /** All transitions of an entry, once it rests after a run that began after the cursor. */
  const ran = async (code: string, after: string) => {
    await tandem.restOf(code, after, 30_000);
    return tandem.all('jobStatusTransitions', 'code from to causedBy at', `filter: { code: ["${code}"] }`);
  };

  test.each([['BUSINESS'], ['SALES']] as const)(
    'check 11: a change on %s wakes a sleeping entry within ten seconds, and the run carries it over',
    async (side) => {
      const { businessId, salesId } = await coupledCustomer();
      await tandem.setStatus('CUSTOMER', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT');
      const cursor = await tandem.liveCursor();
      const changedAt = Date.now();
      if (side === 'BUSINESS') await tandem.editAsPerson('BUSINESS', 'customers', businessId, { city: 'Wakefield' });
      else await tandem.editAsPerson('SALES', 'accounts', salesId, { address1_city: 'Sleepy Hollow' });
      const transitions = await ran('CUSTOMER', cursor);
      const woken = transitions.findLast(({ to, causedBy }) => to === 'READY' && causedBy === CHANGE);
      expect(Date.parse(String(woken?.['at'])) - changedAt).toBeLessThan(10_000);
      const business = (await tandem.businessRows('customers')).find(({ id }) => id === businessId);
      const sales = (await tandem.salesRows('accounts')).find(({ accountid }) => accountid === salesId);
      expect(business?.['city']).toBe(sales?.['address1_city']);
      expect(sales?.['address1_city']).toBe(side === 'BUSINESS' ? 'Wakefield' : 'Sleepy Hollow');
    },
  );

  test('a change brings the run of a READY entry forward, without a transition', async () => {
    const { salesId } = await coupledCustomer();
    expect(await entryOf('CUSTOMER')).toMatchObject({ status: 'READY' });
    const cursor = await tandem.liveCursor();
    await tandem.editAsPerson('SALES', 'accounts', salesId, { address1_city: 'Hastings' });
    await tandem.restOf('CUSTOMER', cursor, 30_000);
    const nodes = await tandem.all('jobStatusTransitions', 'cursor from to', 'filter: { code: ["CUSTOMER"] }');
    const after = nodes.filter((node) => node['cursor'] !== cursor).slice(-2);
    expect(after).toMatchObject([
      { from: 'READY', to: 'IN_PROCESS' },
      { from: 'IN_PROCESS', to: 'READY' },
    ]);
  });

  test('check 11: our own writes wake nobody, and watching asks each system one thing at a time', async () => {
    const { businessId } = await coupledCustomer();
    const cursor = await tandem.liveCursor();
    await tandem.editAsPerson('BUSINESS', 'customers', businessId, { city: 'Echo' });
    await tandem.restOf('CUSTOMER', cursor, 30_000);
    const quiet = (await tandem.recordedTransitions()).at(-1);
    await tandem.control('DELETE', '/requests');
    // Several looks of the watch: what it asks meanwhile is counted, and what it would wake is seen.
    const before = (await asked()).length;
    await expect.poll(await looksOf(2), { timeout: 40_000, interval: 500 }).toBe(true);
    const looks = (await asked()).slice(before).map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);
    expect(new Set(looks)).toEqual(new Set(['POST $batch']));
    expect((await tandem.recordedTransitions()).at(-1)).toEqual(quiet);
  });

  test('case 59: a column that is not mapped wakes nobody while it changes every second, and a mapped one does within ten seconds', async () => {
    const { salesId } = await coupledCustomer();
    await tandem.setStatus('CUSTOMER', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT');
    const quiet = (await tandem.recordedTransitions()).at(-1);
    const looked = await looksOf(3);
    for (let second = 0; !(await looked()); second += 1) {
      await tandem.editAsPerson('SALES', 'accounts', salesId, { description: `Second ${second}` });
      await delay(1_000);
    }
    expect((await tandem.recordedTransitions()).at(-1)).toEqual(quiet);
    const cursor = await tandem.liveCursor();
    const changedAt = Date.now();
    await tandem.editAsPerson('SALES', 'accounts', salesId, { description: 'Moved', address1_city: 'Walla Walla' });
    const transitions = await ran('CUSTOMER', cursor);
    const woken = transitions.findLast(({ to, causedBy }) => to === 'READY' && causedBy === CHANGE);
    expect(Date.parse(String(woken?.['at'])) - changedAt).toBeLessThan(10_000);
  });

  test('a record made again wakes a mapping that takes coupled records alone, and its pair goes on; any other new record wakes nobody', async () => {
    const person = new Person(tandem.sandboxUrl);
    await tandem.setStatus('CUSTOMER', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT');
    const customer = await person.create('BUSINESS', 'customers', { displayName: 'Phoenix', city: 'Bodø' });
    expect(await tandem.createCounterpart('CUSTOMER', customer['id'])).toBe('FINISHED');
    const pairOf = async () =>
      (await tandem.all('couplings', 'salesId state', `filter: { businessId: "${String(customer['id'])}" }`))[0];
    const deleted = await tandem.liveCursor();
    await person.remove('SALES', 'accounts', (await pairOf())?.['salesId']);
    await ran('CUSTOMER', deleted);
    expect(await pairOf()).toMatchObject({ state: 'BROKEN' });
    await tandem.setStatus('CUSTOMER', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT');
    const quiet = (await tandem.recordedTransitions()).at(-1);
    await person.create('SALES', 'accounts', { name: 'Phoenix', address1_city: 'Narvik', customertypecode: 3 });
    await expect.poll(await looksOf(2), { timeout: 40_000, interval: 500 }).toBe(true);
    expect((await tandem.recordedTransitions()).at(-1)).toEqual(quiet);
    const cursor = await tandem.liveCursor();
    const madeAt = Date.now();
    const again = await person.create('SALES', 'accounts', {
      name: 'Phoenix',
      address1_city: 'Bodø',
      customertypecode: 3,
    });
    const transitions = await ran('CUSTOMER', cursor);
    const woken = transitions.findLast(({ to, causedBy }) => to === 'READY' && causedBy === CHANGE);
    expect(Date.parse(String(woken?.['at'])) - madeAt).toBeLessThan(10_000);
    expect(await pairOf()).toMatchObject({ state: 'COUPLED', salesId: again['accountid'] });
  });

  test('case 59: more changes than a look shows wake once in an interval of the entry, whatever they are', async () => {
    // A record that failed is tried again whenever it changes; these have nothing to be tried.
    const settled = 'filter: { mapping: ["CUSTOMER"], state: [COUPLED, CONFLICT] }';
    const ids = (await tandem.all('couplings', 'salesId', settled)).map(({ salesId }) => String(salesId));
    expect(ids.length).toBeGreaterThan(100);
    const editAll = async (description: string) => {
      for (let from = 0; from < ids.length; from += 20)
        await Promise.all(
          ids.slice(from, from + 20).map((id) => tandem.editAsPerson('SALES', 'accounts', id, { description })),
        );
    };
    await tandem.setStatus('CUSTOMER', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT');
    const cursor = await tandem.liveCursor();
    await editAll('once');
    await ran('CUSTOMER', cursor);
    await tandem.setStatus('CUSTOMER', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT');
    const quiet = (await tandem.recordedTransitions()).at(-1);
    await editAll('twice');
    await expect.poll(await looksOf(2), { timeout: 40_000, interval: 500 }).toBe(true);
    expect((await tandem.recordedTransitions()).at(-1)).toEqual(quiet);
  });

  test('wakeOnChange off: a change waits for the schedule', async () => {
    const mappings = await tandem.all('integrationTableMappings', 'id name');
    const { id } = mappings.find(({ name }) => name === 'CUSTOMER')!;
    await tandem.ask(
      'mutation ($id: ID!) { updateIntegrationTableMapping(input: { id: $id, wakeOnChange: false }) { userErrors { message } } }',
      { id },
    );
    await tandem.setStatus('CUSTOMER', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT');
    await tandem.setStatus('CONTACTS', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT');
    const cursor = await tandem.liveCursor();
    const { businessId } = await coupledCustomer();
    await tandem.editAsPerson('BUSINESS', 'customers', businessId, { city: 'Unheard' });
    const [contact] = await tandem.all(
      'couplings',
      'businessId salesId',
      'filter: { mapping: ["CONTACTS"], state: [COUPLED] }',
    );
    await tandem.editAsPerson('SALES', 'contacts', String(contact!['salesId']), { emailaddress1: 'awake@example.com' });
    // The other entry wakes by the same look at the systems.
    await tandem.restOf('CONTACTS', cursor, 30_000);
    expect(await entryOf('CUSTOMER')).toMatchObject({ status: 'ON_HOLD_WITH_INACTIVITY_TIMEOUT' });
  });

  test('an item that is edited wakes the job of its own table, not that of the unit that it is sold in', async () => {
    const [item] = await tandem.all(
      'couplings',
      'businessId',
      'filter: { mapping: ["ITEM-PRODUCT"], state: [COUPLED] }',
    );
    for (const code of ['UNITOFMEASURE', 'ITEM-PRODUCT'])
      await tandem.setStatus(code, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT');
    const quiet = await tandem.all('jobStatusTransitions', 'cursor', 'filter: { code: ["UNITOFMEASURE"] }');
    const cursor = await tandem.liveCursor();
    await tandem.editAsPerson('BUSINESS', 'items', String(item?.['businessId']), { unitPrice: 4711 });
    await ran('ITEM-PRODUCT', cursor);
    expect(await tandem.all('jobStatusTransitions', 'cursor', 'filter: { code: ["UNITOFMEASURE"] }')).toEqual(quiet);
  });
});
