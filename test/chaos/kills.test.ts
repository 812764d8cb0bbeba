import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { expectAgreement, firmsOf } from '../support/agreement.js';
import { eventually } from '../support/eventually.js';
import { beginsWrite, requestEvents } from '../support/request-events.js';
import { Seeded } from '../support/seeded.js';
import { firstSeed } from '../support/seeds.js';
import { type Row, Tandem } from '../support/tandem.js';

/** Kills of the service; each hits a started run while a write request is open. */
const KILLS = process.env.TEST_LONG === '1' ? 20 : 3;
/** Long enough for a kill to strike at any moment of a write: before, during and after it is applied. */
const LATENCY_MS = 40;
const MINUTES = 60_000;

test(
  `${KILLS} kills of the service at random moments while write requests are open double nothing, lose nothing and leave no entry In Process`,
  async () => {
    await using tandem = await Tandem.open({ APPLY_SECONDS: '2' });
    const before = await firmsOf(tandem);
    await tandem.control('POST', '/settings', {
      SALES: { latencyMs: LATENCY_MS },
      BUSINESS: { latencyMs: LATENCY_MS },
    });
    const random = new Seeded(firstSeed());

    await tandem.start();
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const writing = firstWrite(tandem);
      const code = kill === 1 ? 'CUSTOMER#1' : await editAndRun(tandem, kill);
      await writing;
      await delay(random.fraction() * 3 * LATENCY_MS);
      await tandem.kill();
      await tandem.start();
      expect({ kill, code, end: await tandem.endOf(code) }).toEqual({ kill, code, end: 'FINISHED' });
      if (kill === 1) {
        await tandem.firstSynchronization();
        await createUncoupledRecords(tandem);
      }
    }
    const interrupted = await tandem.all('jobQueueLogEntries', 'code status', 'filter: { status: [INTERRUPTED] }');
    expect(interrupted.filter(({ code }) => code.startsWith('CUSTOMER')).length).toBeGreaterThanOrEqual(KILLS);

    await settle(tandem);
    const { coupled } = await expectAgreement(tandem, before);
    expect(coupled).toBeGreaterThan(90);
    // The schedules go on: one that runs at this moment is none that was left so.
    await eventually('no entry is In Process', async () => {
      const entries = await tandem.all('jobQueueEntries', 'code status', 'filter: { oneOff: null }');
      return !entries.some(({ status }) => status === 'IN_PROCESS');
    });
    const couplings = await tandem.all('couplings', 'state', 'filter: { state: [PENDING] }');
    expect(couplings).toEqual([]);
  },
  15 * MINUTES,
);

/** Resolves as soon as a request that writes customers or accounts has begun. */
async function firstWrite(tandem: Tandem): Promise<void> {
  for await (const event of requestEvents(tandem.sandboxUrl)) if (beginsWrite(event, ['customers', 'accounts'])) return;
}

/** From now on any run creates what is missing. */
async function createUncoupledRecords(tandem: Tandem): Promise<void> {
  const { integrationTableMapping } = await tandem.ask('{ integrationTableMapping(name: "CUSTOMER") { id } }');
  const { updateIntegrationTableMapping } = await tandem.ask(
    'mutation($input: UpdateIntegrationTableMappingInput!) { updateIntegrationTableMapping(input: $input) { userErrors { message } } }',
    { input: { id: integrationTableMapping.id, synchOnlyCoupledRecords: false } },
  );
  expect(updateIntegrationTableMapping.userErrors).toEqual([]);
}

/** Somebody edits and makes records on both sides; then a run of CUSTOMER is asked for. Answers its code. */
async function editAndRun(tandem: Tandem, kill: number): Promise<string> {
  const couplings = await tandem.all(
    'couplings',
    'businessId salesId',
    'filter: { mapping: ["CUSTOMER"], state: [COUPLED] }',
  );
  const edit = (system: string, entitySet: string, id: unknown, values: Row) =>
    tandem.control('POST', '/edit', { system, entitySet, action: 'update', id, values });
  const create = (system: string, entitySet: string, values: Row) =>
    tandem.control('POST', '/edit', { system, entitySet, action: 'create', values });
  for (const [index, { businessId, salesId }] of couplings.slice(0, 40).entries()) {
    if (index % 2 === 0) await edit('BUSINESS', 'customers', businessId, { phoneNumber: `+47 ${kill} ${index}` });
    else await edit('SALES', 'accounts', salesId, { telephone1: `+47 ${kill} ${index}` });
  }
  for (let number = 0; number < 6; number += 1) {
    await create('BUSINESS', 'customers', { displayName: `Customer ${kill}-${number}`, city: 'Oslo' });
    await create('SALES', 'accounts', {
      name: `Account ${kill}-${number}`,
      address1_city: 'Bergen',
      customertypecode: 3,
    });
  }
  const { jobQueueEntry } = await tandem.ask('{ jobQueueEntry(code: "CUSTOMER") { id } }');
  const { runJobQueueEntryOnce } = await tandem.ask(
    'mutation($id: ID!) { runJobQueueEntryOnce(input: { id: $id }) { run { code } userErrors { message } } }',
    { id: jobQueueEntry.id },
  );
  return runJobQueueEntryOnce.run.code;
}

/** Creates of unknown outcome wait until they can no longer be applied; then everything is settled in a few runs. */
async function settle(tandem: Tandem): Promise<void> {
  for (let runs = 0; runs < 10; runs += 1) {
    const run = await tandem.runOnce('CUSTOMER');
    const pending = await tandem.all('couplings', 'state', 'filter: { mapping: ["CUSTOMER"], state: [PENDING] }');
    const wrote = run.synchJobs.some(
      ({ inserted, modified }: { inserted: number; modified: number }) => inserted + modified > 0,
    );
    if (!wrote && pending.length === 0) return;
  }
  throw new Error('there is still something to do after 10 runs');
}
