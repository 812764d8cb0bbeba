import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { type Row, Tandem } from '../../support/tandem.js';

let tandem: Tandem;
beforeAll(async () => {
  tandem = await Tandem.open();
  await tandem.start();
  await tandem.firstSynchronization();
}, 120_000);
afterAll(() => tandem[Symbol.asyncDispose]());

async function start(name: string, input: Row): Promise<Record<string, any>> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const { run } = await tandem.mutate(name, type, input, 'run { id code }');
  await tandem.endOf(run.code);
  const { node } = await tandem.ask(
    'query($id: ID!) { node(id: $id) { ... on JobQueueLogEntry { status error { code message } synchJobs { id kind dryRun status direction modified inserted skipped basedOn { id } changes { edges { node { id action outcome side title reason fields { field before after } } } } } } } }',
    { id: run.id },
  );
  return node;
}

/** Keeps the schedule and the watch from carrying over what the test wants to see planned. */
async function hold(code: string): Promise<void> {
  await tandem.setStatus(code, 'ON_HOLD');
  const query = 'query ($code: String!) { jobQueueEntry(code: $code) { status currentRun { id } } }';
  await eventually(`${code} on hold`, async () => {
    const { status, currentRun } = (await tandem.ask(query, { code })).jobQueueEntry;
    return status === 'ON_HOLD' && currentRun === null;
  });
}

test('a change is planned, applied and undone', async () => {
  await hold('CUSTOMER');
  const { integrationTableMapping } = await tandem.ask(
    '{ integrationTableMapping(name: "CUSTOMER") { id couplings(first: 1, filter: { state: [COUPLED] }) { edges { node { id businessId salesId title } } } } }',
  );
  const { id } = integrationTableMapping;
  const pair = integrationTableMapping.couplings.edges[0].node;
  const old = (await tandem.salesRows('accounts')).find((row) => row['accountid'] === pair.salesId)?.['telephone1'];
  await tandem.editAsPerson('BUSINESS', 'customers', pair.businessId, { phoneNumber: '4711' });
  const planned = await start('synchronizeMapping', { id, dryRun: true });
  const changes = planned['synchJobs'].flatMap((job: Record<string, any>) => job['changes'].edges);
  expect(changes).toMatchObject([{ node: { action: 'MODIFY', outcome: 'PLANNED' } }]);
  const account = async (): Promise<Row | undefined> =>
    (await tandem.salesRows('accounts')).find((row) => row['accountid'] === pair.salesId);
  const jobs = planned['synchJobs'].map((job: Row) => job['id']);
  const applied = await start('applyDryRun', { synchJobIds: jobs });
  expect((await account())?.['telephone1']).toBe('4711');
  await start('undoSynchJob', { synchJobIds: applied['synchJobs'].map((job: Row) => job['id']) });
  expect((await account())?.['telephone1']).toBe(old);
}, 120_000);
