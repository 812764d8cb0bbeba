import { beforeEach, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../../src/connectors/connector.js';
import type { JobParameters } from '../../../src/job-queue/job-queue-entry.js';
import { testDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { SynchWorld } from '../../support/synch-world.js';

const database = testDatabase();
let world: SynchWorld;

beforeEach(async () => {
  world = await SynchWorld.open(database.db);
});

/** Undoes the jobs of the last run that wrote something. */
async function undo(parts: JobParameters = {}): Promise<void> {
  const jobs = (await world.jobs()).filter(({ inserted, modified, deleted }) => inserted + modified + deleted > 0);
  const last = jobs.at(-1);
  const synchJobs = jobs
    .filter(({ runId }) => runId === last?.runId)
    .map(({ _id, direction }) => ({ id: _id, direction }));
  await world.run({ undo: { synchJobs }, ...parts });
}

test('puts the overwritten values back, and lists the pair until somebody decides', async () => {
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.editCustomer(pair.customer, { phoneNumber: '22' });
  await world.run();
  await undo();
  expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '1' });
  expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '22' });
  expect(await world.couplings()).toMatchObject([
    { state: 'CONFLICT', conflicts: [{ field: 'phoneNumber', businessValue: '22', salesValue: '1' }] },
  ]);
  const undone = (await world.history()).at(-1);
  expect(undone).toMatchObject({
    reason: 'the synch job that wrote it was undone',
    outcome: 'APPLIED',
    fields: [{ field: 'phoneNumber', before: '22', after: '1' }],
  });
  const [job] = (await world.jobs()).filter(({ kind, modified }) => kind === 'UNDO' && modified === 1);
  expect(job?.basedOnId).not.toBeNull();
  expect(job).toMatchObject({ total: 1, read: 1 });
  await world.run();
  await world.run({ full: true });
  expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '1' });
});

test('keeps the pair listed when another field of it is edited, which goes on as in any conflict', async () => {
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.editCustomer(pair.customer, { phoneNumber: '22' });
  await world.run();
  await undo();
  world.editCustomer(pair.customer, { city: 'Bergen' });
  await world.run();
  expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '1', address1_city: 'Bergen' });
  expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '22' });
  expect(await world.couplings()).toMatchObject([
    { state: 'CONFLICT', conflicts: [{ field: 'phoneNumber', businessValue: '22', salesValue: '1' }] },
  ]);
});

test.each<'lose' | 'die'>(['lose', 'die'])(
  'lists the pair also when the answer of the write is lost, or the process dies (%s)',
  async (fault) => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    await world.run();
    world.sales.setFault(({ kind }, when) => (kind === 'UPDATE' && when === 'after' ? 'lose' : 'pass'));
    if (fault === 'die')
      world.sales.setFault(({ kind }) => (kind === 'UPDATE' ? new Promise(() => undefined) : 'pass'));
    const undone = undo();
    if (fault === 'lose') await undone;
    else await eventually('a stored intent', async () => (await world.couplings())[0]?.intents.length === 1);
    world.sales.setFault(() => 'pass');
    if (fault === 'die') world.editAccount(pair.account, { telephone1: '1' });
    world.later();
    await world.run();
    expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '22' });
    expect(await world.couplings()).toMatchObject([{ state: 'CONFLICT', conflicts: [{ field: 'phoneNumber' }] }]);
  },
);

test('is decided like any conflict', async () => {
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.editCustomer(pair.customer, { phoneNumber: '22' });
  await world.run();
  await undo();
  const [coupling] = await world.couplings();
  const choices = [{ field: 'phoneNumber', integrationField: 'telephone1', keep: 'SALES' as const }];
  await world.run({ couplings: { ids: [coupling?._id ?? ''] }, decision: { choices } });
  expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '1' });
  expect(await world.couplings()).toMatchObject([{ state: 'COUPLED' }]);
});

test('refuses a record that changed since, and puts the others back', async () => {
  const one = await world.coupledPair({ displayName: 'Adatum' });
  const two = await world.coupledPair({ displayName: 'Fabrikam' });
  world.editCustomer(one.customer, { phoneNumber: '22' });
  world.editCustomer(two.customer, { phoneNumber: '33' });
  await world.run();
  world.editAccount(one.account, { telephone1: '44' });
  await undo();
  expect(world.accountOf(one.account)).toMatchObject({ telephone1: '44' });
  expect(world.accountOf(two.account)).toMatchObject({ telephone1: '1' });
  const refused = (await world.history()).filter(({ outcome }) => outcome === 'REFUSED');
  expect(refused.map(({ title }) => title)).toEqual(['Adatum']);
});

test('deletes what was created, as long as nobody touched it', async () => {
  world.customer({ displayName: 'Contoso', city: 'Bergen' });
  world.customer({ displayName: 'Fabrikam', city: 'Molde' });
  await world.run({ full: true, mode: 'CREATE_MISSING' });
  const touched = (await world.couplings()).find(({ title }) => title === 'Fabrikam');
  world.editAccount(touched?.salesId ?? '', { address1_city: 'Oslo' });
  await undo();
  expect(world.accounts().map(({ name }) => name)).toEqual(['Fabrikam']);
  expect((await world.couplings()).map(({ title }) => title)).toEqual(['Fabrikam']);
});

test('leaves a record that was created, once somebody filled in what the job had left blank', async () => {
  world.customer({ displayName: 'Contoso', city: 'Bergen', phoneNumber: null });
  await world.run({ full: true, mode: 'CREATE_MISSING' });
  const [created] = await world.couplings();
  world.editAccount(created?.salesId ?? '', { telephone1: '7' });
  await undo();
  expect(world.accounts()).toMatchObject([{ name: 'Contoso', telephone1: '7' }]);
  const refused = (await world.history()).filter(({ outcome }) => outcome === 'REFUSED');
  expect(refused.map(({ title }) => title)).toEqual(['Contoso']);
});

describe('a record that the job deleted', () => {
  const deleted = async () => {
    world.mapping = { ...world.mapping, deletionConflictResolution: 'DELETE_COUNTERPART' };
    const pair = await world.coupledPair({ displayName: 'Adatum', phoneNumber: '7' });
    world.deleteAccount(pair.account);
    await world.run();
    expect(world.customers()).toEqual([]);
  };

  test('is made again with what the history kept of it, once', async () => {
    await deleted();
    await undo();
    expect(world.customers()).toMatchObject([{ displayName: 'Adatum', city: 'Oslo', phoneNumber: '7' }]);
    expect((await world.history()).at(-1)).toMatchObject({
      action: 'INSERT',
      side: 'BUSINESS',
      outcome: 'APPLIED',
      reason: expect.stringContaining('undone'),
    });
    expect((await world.jobs()).find(({ kind, inserted }) => kind === 'UNDO' && inserted > 0)).toMatchObject({
      inserted: 1,
      status: 'SUCCESS',
    });
    expect(await world.run({ full: true })).toEqual({ idle: true });
  });

  test('is not made twice by undoing again, and the reason is told', async () => {
    await deleted();
    const jobs = (await world.jobs()).filter((job) => job.deleted > 0);
    const synchJobs = jobs.map(({ _id, direction }) => ({ id: _id, direction }));
    await world.run({ undo: { synchJobs } });
    await world.run({ undo: { synchJobs } });
    expect(world.customers()).toHaveLength(1);
    expect((await world.history()).at(-1)).toMatchObject({
      outcome: 'REFUSED',
      reason: 'a record with these values is there already',
    });
  });

  test('is refused with the reason of the system that does not take it', async () => {
    await deleted();
    const refusal = new ConnectorError('a name is needed', { errorClass: 'VALIDATION', code: 'NAME' });
    world.business.setFault((request, when) => (request.kind === 'CREATE' && when === 'before' ? refusal : 'pass'));
    await undo();
    expect(world.customers()).toEqual([]);
    expect((await world.history()).at(-1)).toMatchObject({
      outcome: 'REFUSED',
      action: 'DELETE',
      reason: 'it could not be made again: a name is needed',
    });
  });

  test('is only told of by a dry run', async () => {
    await deleted();
    await undo({ dryRun: true });
    expect(world.customers()).toEqual([]);
    expect((await world.history()).filter(({ outcome }) => outcome === 'PLANNED')).toMatchObject([
      { action: 'INSERT', side: 'BUSINESS', title: 'Adatum' },
    ]);
  });
});

test('as a dry run only tells what it would put back', async () => {
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.editCustomer(pair.customer, { phoneNumber: '22' });
  await world.run();
  const before = await world.couplings();
  await undo({ dryRun: true });
  expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22' });
  expect(await world.couplings()).toEqual(before);
  expect((await world.history()).filter(({ outcome }) => outcome === 'PLANNED')).toContainEqual(
    expect.objectContaining({
      action: 'MODIFY',
      side: 'SALES',
      fields: [{ field: 'phoneNumber', integrationField: 'telephone1', before: '22', after: '1' }],
    }),
  );
});
