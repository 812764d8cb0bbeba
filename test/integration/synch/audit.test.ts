import { beforeEach, expect, test } from 'vitest';
import { driftQueries } from '../../../src/synch/drift-queries.js';
import { RetentionStore } from '../../../src/synch/retention-store.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const database = testDatabase();
let world: SynchWorld;

beforeEach(async () => {
  world = await SynchWorld.open(database.db);
});

const drift = async () => (await driftQueries(database.db).ofMappings([world.mapping.id]))[0];

test('an audit finds what no read told, writes to neither system, and has the next run carry it over', async () => {
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  const still = await world.coupledPair({ displayName: 'Fabrikam' });
  world.editCustomer(pair.customer, { phoneNumber: '22' });
  const before = [world.customers(), world.accounts()];
  await world.audit();
  expect([world.customers(), world.accounts()]).toEqual(before);
  expect(await drift()).toMatchObject({ couplings: 2, inStep: 1, pending: 1, auditedAt: world.clock });
  const jobs = (await world.jobs()).filter(({ kind }) => kind === 'AUDIT');
  expect(jobs.map(({ dryRun, status }) => [dryRun, status])).toEqual([
    [true, 'SUCCESS'],
    [true, 'SUCCESS'],
  ]);
  const found = (await world.history()).filter(({ outcome }) => outcome === 'PLANNED');
  expect(found).toMatchObject([{ title: 'Adatum', fields: [{ field: 'phoneNumber', before: '1', after: '22' }] }]);
  await world.run();
  expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22' });
  expect(world.accountOf(still.account)).toMatchObject({ telephone1: '1' });
  expect(await drift()).toMatchObject({ couplings: 2, inStep: 2, pending: 0 });
});

test('retention deletes what is older than its time, and nothing else', async () => {
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.editCustomer(pair.customer, { phoneNumber: '22' });
  await world.run();
  const kept = [await world.jobs(), await world.history()];
  const times = { historyDays: 365, synchJobDays: 90, dryRunDays: 14 };
  const store = new RetentionStore(database.db);
  const signal = new AbortController().signal;
  expect(await store.deleteOld(times, world.clock, signal)).toBe(0);
  expect([await world.jobs(), await world.history()]).toEqual(kept);
  const inDays = (days: number) => new Date(world.clock.getTime() + days * 24 * 60 * 60_000);
  await store.deleteOld(times, inDays(100), signal);
  expect([(await world.jobs()).length, (await world.history()).length]).toEqual([0, kept[1]?.length]);
  await store.deleteOld(times, inDays(400), signal);
  expect(await world.history()).toEqual([]);
});
