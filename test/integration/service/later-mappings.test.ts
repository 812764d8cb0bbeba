import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Row, Tandem } from '../../support/tandem.js';

const names = ['OPPORTUNITY', 'VENDOR', 'SALESORDER-ORDER'];

describe('the mappings that are off by default', () => {
  let tandem: Tandem;

  beforeAll(async () => {
    tandem = await Tandem.open();
    await tandem.start();
    await tandem.firstSynchronization();
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  test('are there, have no job, and take no part in the first synchronization', async () => {
    const mappings = await tandem.all('integrationTableMappings', 'name enabled');
    expect(mappings.filter(({ enabled }) => enabled === false).map(({ name }) => name as string)).toEqual(
      expect.arrayContaining(names),
    );
    const entries = await tandem.all('jobQueueEntries', 'code');
    expect(entries.filter(({ code }) => names.includes(String(code)))).toEqual([]);
    expect(await coupled()).toEqual([]);
  });

  test('synchronize once they are enabled, and a further run writes nothing', async () => {
    const [connection] = await tandem.all('connectionSetups', 'id');
    for (const name of names) await enable(name);
    const { runFullSynchronization } = await tandem.ask(
      'mutation($input: RunFullSynchronizationInput!) { runFullSynchronization(input: $input) { userErrors { message } } }',
      { input: { connectionSetupId: connection?.id, mode: 'MATCH_THEN_CREATE', mappings: names } },
    );
    expect(runFullSynchronization.userErrors).toEqual([]);
    expect(await tandem.endOf('FULL_SYNCH#2')).toBe('FINISHED');
    const pairs = await coupled();
    for (const name of names) expect(pairs.filter(({ mapping }) => mapping.name === name).length).toBeGreaterThan(0);
    const failed = await tandem.all(
      'couplings',
      'title mapping { name } error { class code field message }',
      `filter: { mapping: ${JSON.stringify(names)}, state: [FAILED, PENDING] }`,
    );
    expect(failed).toEqual([]);
    for (const name of names) await synchronize(name);
    await tandem.control('DELETE', '/requests');
    for (const name of names) await synchronize(name);
    expect(await tandem.writeRequests()).toBe(0);
  });

  test('orders are submitted once they are made, opened for a change and submitted again, and invoiced in the end', async () => {
    const [order] = (await tandem.businessRows('salesOrders')).filter(({ status }) => status === 'Open');
    expect(await stateOfOrder(order)).toMatchObject({ statecode: 1, statuscode: 3 });
    await post(order, { shipToName: 'Dock 7' });
    await synchronize('SALESORDER-ORDER');
    expect(await stateOfOrder(order)).toEqual({ statecode: 1, statuscode: 3, shipto_name: 'Dock 7' });
    await post(order, { shipToName: 'Dock 8', fullyInvoiced: true });
    await synchronize('SALESORDER-ORDER');
    expect(await stateOfOrder(order)).toEqual({ statecode: 4, statuscode: 100_003, shipto_name: 'Dock 8' });
    await tandem.control('DELETE', '/requests');
    await synchronize('SALESORDER-ORDER');
    expect(await tandem.writeRequests()).toBe(0);
    const { state, error } = (await couplingsOfOrders()).find(({ businessId }) => businessId === order?.id) ?? {};
    expect({ state, error }).toEqual({ state: 'COUPLED', error: null });
  });

  test('an order that is open in Dataverse by a person is submitted again with the next change alone', async () => {
    const [, order] = (await tandem.businessRows('salesOrders')).filter(({ status }) => status === 'Open');
    const salesId = (await couplingsOfOrders()).find(({ businessId }) => businessId === order?.id)?.salesId;
    await tandem.editAsPerson('SALES', 'salesorders', String(salesId), { statecode: 0, statuscode: 1 });
    await tandem.control('DELETE', '/requests');
    await synchronize('SALESORDER-ORDER');
    expect(await tandem.writeRequests()).toBe(0);
    await post(order, { shipToName: 'Dock 9' });
    await synchronize('SALESORDER-ORDER');
    expect(await stateOfOrder(order)).toEqual({ statecode: 1, statuscode: 3, shipto_name: 'Dock 9' });
  });

  const couplingsOfOrders = (): Promise<Record<string, any>[]> =>
    tandem.all('couplings', 'businessId salesId state error { code }', 'filter: { mapping: ["SALESORDER-ORDER"] }');

  async function stateOfOrder(order: Row | undefined): Promise<Row> {
    const made = (await tandem.salesRows('salesorders')).find(({ ordernumber }) => ordernumber === order?.number);
    return { statecode: made?.statecode, statuscode: made?.statuscode, shipto_name: made?.shipto_name };
  }

  /** What people do to an order in Business Central, and the sandbox offers to administrators alone. */
  const post = (order: Row | undefined, values: Row): Promise<unknown> =>
    tandem.control('POST', '/edit', {
      system: 'BUSINESS',
      entitySet: 'salesOrders',
      action: 'update',
      id: order?.id,
      values,
    });

  const coupled = (): Promise<Record<string, any>[]> =>
    tandem.all('couplings', 'mapping { name }', `filter: { mapping: ${JSON.stringify(names)}, state: [COUPLED] }`);

  const idOf = async (name: string): Promise<string> =>
    (await tandem.ask('query($name: String!) { integrationTableMapping(name: $name) { id } }', { name }))
      .integrationTableMapping.id;

  async function enable(name: string): Promise<void> {
    const { updateIntegrationTableMapping } = await tandem.ask(
      'mutation($input: UpdateIntegrationTableMappingInput!) { updateIntegrationTableMapping(input: $input) { userErrors { message } } }',
      { input: { id: await idOf(name), enabled: true } },
    );
    expect(updateIntegrationTableMapping.userErrors).toEqual([]);
  }

  async function synchronize(name: string): Promise<void> {
    const { synchronizeMapping } = await tandem.ask(
      'mutation($input: SynchronizeMappingInput!) { synchronizeMapping(input: $input) { run { code } userErrors { message } } }',
      { input: { id: await idOf(name) } },
    );
    expect(await tandem.endOf(synchronizeMapping.run.code)).toBe('FINISHED');
  }
});
