import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import type { Coupling, CouplingState } from '../../../src/coupling/coupling.js';
import { CouplingCountsStore } from '../../../src/coupling/coupling-counts-store.js';
import { couplingQueries } from '../../../src/coupling/coupling-queries.js';
import { driftQueries } from '../../../src/synch/drift-queries.js';
import { SynchJobStore } from '../../../src/synch/synch-job-store.js';
import { testDatabase } from '../../support/database.js';
import { coupling, mapping, synchJob } from '../api/records.js';

const { db } = testDatabase();
const counts = new CouplingCountsStore(db);
const connectionSetupId = randomUUID();
const customers = mapping(connectionSetupId, 'CUSTOMER');
const items = mapping(connectionSetupId, 'ITEM');
const couplings = db.collection<Coupling>('couplings');

const add = (of: typeof customers, state: CouplingState, parts: Partial<Coupling> = {}) =>
  couplings.insertOne(coupling(of, state, { state, ...parts }));
const live = async () => [
  await driftQueries(db).ofMappings([customers.id, items.id]),
  await driftQueries(db).ofConnections([connectionSetupId]),
];
const total = (filter: Parameters<ReturnType<typeof couplingQueries>['count']>[0]) => couplingQueries(db).count(filter);

beforeAll(async () => {
  for (const state of ['COUPLED', 'COUPLED', 'FAILED', 'WAITING', 'CONFLICT'] as const) await add(customers, state);
  const outside = {
    class: 'VALIDATION',
    code: 'OUTSIDE_FILTER',
    message: 'm',
    side: null,
    field: null,
    retryable: false,
  } as const;
  await add(customers, 'SKIPPED', { error: outside });
  await add(items, 'BROKEN');
});

test('what is kept says the same as what is counted, and is read once everything was counted', async () => {
  const counted = await live();
  expect(counted[1]).toMatchObject([{ couplings: 7, inStep: 2, outsideFilter: 1, skipped: 0, broken: 1 }]);
  await counts.recount([customers]);
  expect(await counts.read({})).toBeNull();
  expect(await live()).toEqual(counted);
  await counts.complete(async () => [customers, items]);
  expect(await counts.read({})).toHaveLength(2);
  expect(await live()).toEqual(counted);
  expect(await total({})).toEqual({ count: 7, exact: true });
  expect(await total({ mappingNames: ['CUSTOMER'], state: ['COUPLED', 'SKIPPED'] })).toEqual({ count: 3, exact: true });
  expect(await total({ mappingId: items.id })).toEqual({ count: 1, exact: true });
  expect(await total({ mappingNames: [] })).toEqual({ count: 0, exact: true });
  expect(await total({ search: 'coup' })).toEqual({ count: 2, exact: true });
});

test('all is counted once, not again by each worker that starts', async () => {
  await counts.complete(async () => expect.fail('nobody asks for the mappings'));
});

test('what a run that died left uncounted is counted when the next one of its mapping begins', async () => {
  const jobs = new SynchJobStore(db);
  const open = () => jobs.open([synchJob(customers, randomUUID(), { status: 'IN_PROCESS' })], customers.id, new Date());
  const couplingsOf = async () => (await total({ mappingId: customers.id })).count;
  await open();
  const before = await couplingsOf();
  await add(customers, 'COUPLED');
  expect(await couplingsOf()).toBe(before);
  await open();
  expect(await couplingsOf()).toBe(before + 1);
  expect(await db.collection('synchJobs').countDocuments({ status: 'INTERRUPTED' })).toBe(1);
});

test('counting at many places at once ends with what is there', async () => {
  for (let round = 0; round < 20; round += 1) {
    await Promise.all([
      add(customers, 'PENDING').then(() => counts.recount([customers])),
      add(customers, 'FAILED').then(() => counts.recount([customers])),
      counts.recount([customers, items]),
    ]);
    const all = await couplings.countDocuments({ mappingId: customers.id });
    expect((await total({ mappingId: customers.id })).count).toBe(all);
  }
});
