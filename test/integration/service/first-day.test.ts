import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAgreement, type Firms, firmsOf } from '../../support/agreement.js';
import { type Row, Tandem } from '../../support/tandem.js';

/** In the order of a first synchronization. */
const jobs = [
  'CURRENCY',
  'SALESPEOPLE',
  'UNITOFMEASURE',
  'CUSTOMER',
  'CONTACTS',
  'RESOURCE-PRODUCT',
  'ITEM-PRODUCT',
  'CUSTPRCGRP-PRICE',
  'SALESPRC-PRODPRICE',
  'POSTEDSALESINV-INV',
] as const;

describe('the first day of an installation', () => {
  let tandem: Tandem;
  let before: Firms;
  let readyMs: number;
  let synchronizedMs: number;

  beforeAll(async () => {
    tandem = await Tandem.open();
    before = await firmsOf(tandem);
    readyMs = await tandem.start();
    const startedAt = performance.now();
    await tandem.firstSynchronization();
    synchronizedMs = performance.now() - startedAt;
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  test('is ready in 10 seconds, and synchronized in 20 more', () => {
    expect(readyMs).toBeLessThan(10_000);
    expect(synchronizedMs).toBeLessThan(20_000);
  });

  test('ends with every customer coupled to exactly one account that agrees, or listed with its reason', async () => {
    const { coupled } = await expectAgreement(tandem, before);
    expect(coupled).toBeGreaterThan(100);
  });

  test('runs the jobs in their order, and has all of them on their schedule', async () => {
    const begun = (await tandem.recordedTransitions()).filter(({ to }) => to === 'IN_PROCESS').map(({ code }) => code);
    expect(begun.filter((code) => jobs.some((job) => code === `${job}#1`))).toEqual(jobs.map((job) => `${job}#1`));
    const entries = await tandem.all('jobQueueEntries', 'code status recurringJob');
    expect(new Set(entries.map(({ code }) => code))).toEqual(new Set(jobs));
    // One that a change woke may be in process just now, or asleep after it.
    const onSchedule = new Set(['READY', 'IN_PROCESS', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT']);
    expect(entries.filter(({ status, recurringJob }) => !onSchedule.has(status) || recurringJob !== true)).toEqual([]);
  });

  test('couples at least 95 % of the customers inside the filter', async () => {
    const inside = (await tandem.businessRows('customers'))
      .filter(({ blocked }) => blocked === '_x0020_')
      .map(({ id }) => id);
    const coupled = await tandem.all('couplings', 'businessId', 'filter: { mapping: ["CUSTOMER"], state: [COUPLED] }');
    const ids = new Set(coupled.map(({ businessId }) => businessId));
    expect(inside.filter((id) => ids.has(id)).length / inside.length).toBeGreaterThanOrEqual(0.95);
  });

  test('lists each record that is not in step with its reason, and fails none but the bad cases of the data', async () => {
    const listed = await tandem.all(
      'couplings',
      'mapping { name } title state businessId salesId error { class code }',
      'filter: { state: [FAILED, SKIPPED, WAITING, CONFLICT, PENDING, BROKEN] }',
    );
    expect(listed.filter(({ error }) => error === null)).toEqual([]);
    const bad = new Set(((await tandem.control('GET', '/cases')) as { readonly id: string }[]).map(({ id }) => id));
    const unexplained = listed.filter(
      ({ businessId, salesId, state }) =>
        ['FAILED', 'SKIPPED'].includes(state) && !bad.has(businessId) && !bad.has(salesId),
    );
    expect(unexplained).toEqual([]);
  });

  test('couples every currency of the company that Dataverse can hold', async () => {
    const couplings = await tandem.all(
      'couplings',
      'title state error { class code field }',
      'filter: { mapping: ["CURRENCY"] }',
    );
    expect(couplings.length).toBeGreaterThanOrEqual(8);
    expect(couplings.filter(({ state }) => state !== 'COUPLED')).toEqual([
      {
        title: expect.any(String),
        state: 'FAILED',
        error: { class: 'VALIDATION', code: 'TOO_LONG', field: 'isocurrencycode' },
      },
    ]);
  });

  test('a customer edited in Business Central by another user arrives in Dataverse, and the other way round', async () => {
    const [first, second] = await pairs();
    await tandem.editAsPerson('BUSINESS', 'customers', first.businessId, { phoneNumber: '+47 55 00 11 22' });
    await tandem.editAsPerson('SALES', 'accounts', second.salesId, { telephone1: '+47 55 33 44 55' });
    const run = await tandem.runOnce('CUSTOMER');
    expect(run.status).toBe('SUCCESS');
    expect(await account(first.salesId)).toMatchObject({ telephone1: '+47 55 00 11 22' });
    expect(await customer(second.businessId)).toMatchObject({ phoneNumber: '+47 55 33 44 55' });
  });

  test('different fields edited on both sides are merged', async () => {
    const [pair] = await pairs();
    await tandem.editAsPerson('BUSINESS', 'customers', pair.businessId, { addressLine1: 'Havnegata 7' });
    await tandem.editAsPerson('SALES', 'accounts', pair.salesId, { emailaddress1: 'post@merged.example.com' });
    await tandem.runOnce('CUSTOMER');
    expect(await customer(pair.businessId)).toMatchObject({
      addressLine1: 'Havnegata 7',
      email: 'post@merged.example.com',
    });
    expect(await account(pair.salesId)).toMatchObject({
      address1_line1: 'Havnegata 7',
      emailaddress1: 'post@merged.example.com',
    });
  });

  test('once settled, a further run of all jobs writes nothing to either side, and an entry goes to sleep', async () => {
    await settle();
    await tandem.control('DELETE', '/requests');
    for (const code of jobs) await tandem.runOnce(code);
    expect(await tandem.writeRequests()).toBe(0);
    const cursor = await tandem.liveCursor();
    await tandem.setStatus('CUSTOMER', 'ON_HOLD');
    await tandem.setStatus('CUSTOMER', 'READY');
    const rest = await tandem.restOf('CUSTOMER', cursor);
    expect(rest.to).toBe('ON_HOLD_WITH_INACTIVITY_TIMEOUT');
    expect(await tandem.writeRequests()).toBe(0);
  });

  test('a mapping whose filter is changed by mutation follows it in the next run', async () => {
    const { integrationTableMapping: mapping } = await tandem.ask(
      '{ integrationTableMapping(name: "CUSTOMER") { id revision tableFilter { field expression } } }',
    );
    const [pair] = await pairs();
    const { number } = (await customer(pair.businessId)) as { number: string };
    const update = (tableFilter: Row[], expectedRevision: number) =>
      tandem.ask(
        'mutation($input: UpdateIntegrationTableMappingInput!) { updateIntegrationTableMapping(input: $input) { integrationTableMapping { revision } userErrors { code message } } }',
        { input: { id: mapping.id, expectedRevision, tableFilter } },
      );
    const changed = await update(
      [...mapping.tableFilter, { field: 'number', expression: `<>${number}` }],
      mapping.revision,
    );
    expect(changed.updateIntegrationTableMapping.userErrors).toEqual([]);
    await tandem.runOnce('CUSTOMER');
    expect(await stateOf(pair.businessId)).toEqual({ state: 'SKIPPED', error: { code: 'OUTSIDE_FILTER' } });
    await update(mapping.tableFilter, changed.updateIntegrationTableMapping.integrationTableMapping.revision);
    await tandem.runOnce('CUSTOMER');
    expect(await stateOf(pair.businessId)).toEqual({ state: 'COUPLED', error: null });
  });

  test('a second start is up in seconds and repeats nothing', async () => {
    await settle();
    await tandem.control('DELETE', '/requests');
    await tandem.stop();
    expect(await tandem.start()).toBeLessThan(10_000);
    expect(
      (await tandem.recordedTransitions()).filter(({ code }) => code.startsWith('FULL_SYNCH')).map(({ to }) => to),
    ).toEqual(['READY', 'IN_PROCESS', 'FINISHED']);
    expect(await tandem.writeRequests()).toBe(0);
  });

  async function pairs(): Promise<[Pair, Pair]> {
    const coupled = await tandem.all(
      'couplings',
      'businessId salesId',
      'filter: { mapping: ["CUSTOMER"], state: [COUPLED] }',
    );
    return [coupled[0] as Pair, coupled[1] as Pair];
  }

  const customer = async (id: string): Promise<Row> =>
    (await tandem.businessRows('customers')).find((row) => row.id === id) ?? {};
  const account = async (id: string): Promise<Row> =>
    (await tandem.salesRows('accounts')).find((row) => row.accountid === id) ?? {};

  async function stateOf(businessId: string): Promise<Row> {
    const [coupling] = await tandem.all(
      'couplings',
      'state error { code }',
      `filter: { mapping: ["CUSTOMER"], businessId: "${businessId}" }`,
    );
    return coupling ?? {};
  }

  /** Listed failures get their second attempt, after which they are parked. */
  async function settle(): Promise<void> {
    for (let runs = 0; runs < 2; runs += 1) for (const code of jobs) await tandem.runOnce(code);
  }
});

interface Pair {
  readonly businessId: string;
  readonly salesId: string;
}
