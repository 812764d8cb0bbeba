import { beforeEach, expect, test } from 'vitest';
import type { JobParameters } from '../../../src/job-queue/job-queue-entry.js';
import { fieldMapping } from '../../support/customer-mapping.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const database = testDatabase();
let world: SynchWorld;

beforeEach(async () => {
  world = await SynchWorld.open(database.db);
});

const match = (parts: Partial<NonNullable<JobParameters['match']>> = {}, more: JobParameters = {}): JobParameters => ({
  match: { createIfNoMatch: false, synchronize: false, ...parts },
  ...more,
});

test('couples what matches on both sides, and writes nothing unless it was asked to', async () => {
  world.customer({ displayName: 'Adatum', city: 'Oslo', phoneNumber: '1' });
  world.account({ name: 'Adatum', address1_city: 'Oslo', telephone1: '2' });
  world.customer({ displayName: 'Contoso', city: 'Bergen' });
  await world.run(match());
  expect(await world.couplings()).toMatchObject([{ state: 'PENDING', lastResult: 'COUPLE' }]);
  expect(world.accounts()).toHaveLength(1);
  const jobs = await world.jobs();
  expect(jobs.map(({ kind }) => kind)).toEqual(['COUPLING', 'COUPLING']);
  expect(jobs.reduce((sum, { coupled }) => sum + coupled, 0)).toBe(1);
  expect(jobs.find(({ direction }) => direction === 'TO_INTEGRATION_TABLE')).toMatchObject({
    skipped: 1,
    message: '1 records have no match, and were neither coupled nor created.',
  });
  expect(await world.errors()).toEqual([]);
});

test('creates what has no match, and synchronizes new pairs in the direction given', async () => {
  const customer = world.customer({ displayName: 'Adatum', city: 'Oslo', phoneNumber: '1' });
  world.account({ name: 'Adatum', address1_city: 'Oslo', telephone1: '2' });
  world.customer({ displayName: 'Contoso', city: 'Bergen' });
  await world.run(match({ createIfNoMatch: true, synchronize: true }, { decision: { source: 'SALES' } }));
  expect(world.customerOf(customer)).toMatchObject({ phoneNumber: '2' });
  expect(new Set(world.accounts().map(({ name }) => name))).toEqual(new Set(['Adatum', 'Contoso']));
});

test('leaves pairs alone that were coupled before', async () => {
  const pair = await world.coupledPair({ displayName: 'Fabrikam' });
  world.editCustomer(pair.customer, { phoneNumber: '99' });
  await world.run(match({ createIfNoMatch: true, synchronize: true }, { decision: { source: 'BUSINESS' } }));
  expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '1' });
});

test('goes from one priority to the next, and minds the case of letters only where it was told to', async () => {
  world.mapping = {
    ...world.mapping,
    fields: [
      fieldMapping('displayName', 'name', 'BIDIRECTIONAL', {
        useForMatchBasedCoupling: true,
        caseSensitiveMatching: true,
        matchPriority: 1,
      }),
      fieldMapping('phoneNumber', 'telephone1', 'BIDIRECTIONAL', { useForMatchBasedCoupling: true, matchPriority: 2 }),
    ],
  };
  world.customer({ displayName: 'ADATUM', phoneNumber: '1' });
  world.account({ name: 'Adatum', telephone1: '1' });
  world.customer({ displayName: 'Fabrikam', phoneNumber: '2' });
  world.account({ name: 'Fabrikam', telephone1: '3' });
  await world.run(match());
  expect((await world.couplings()).filter(({ salesId }) => salesId !== null)).toHaveLength(2);
});

test('lists several candidates, and neither couples nor creates them', async () => {
  world.customer({ displayName: 'Adatum', city: 'Oslo' });
  world.customer({ displayName: 'Adatum', city: 'Oslo' });
  world.account({ name: 'Adatum', address1_city: 'Oslo' });
  await world.run(match({ createIfNoMatch: true }));
  expect(world.accounts()).toHaveLength(1);
  expect((await world.couplings()).map(({ error }) => error?.code)).toEqual(
    Array.from({ length: 3 }, () => 'MATCH_AMBIGUOUS'),
  );
});

test('keeps each record that has several candidates with them, in a dry run too', async () => {
  const customer = world.customer({ displayName: 'Adatum', city: 'Oslo' });
  const accounts = ['1', '2'].map((telephone1) => world.account({ name: 'Adatum', address1_city: 'Oslo', telephone1 }));
  const candidates = accounts.toSorted().map((recordId) => ({ side: 'SALES', recordId, title: 'Adatum' }));
  const expected = [
    {
      title: 'Adatum',
      record: { side: 'BUSINESS', recordId: customer, table: 'customers' },
      matchedOn: ['displayName', 'city'],
      candidateCount: 2,
      candidates,
    },
  ];
  await world.run(match({}, { dryRun: true }));
  const [planned] = await world.ambiguities();
  expect([planned]).toMatchObject(expected);
  await world.run(match());
  const made = (await world.ambiguities()).filter(({ synchJobId }) => synchJobId !== planned?.synchJobId);
  expect(made).toMatchObject(expected);
});

test('lists every record of a crowd that looks alike: none of them is created', async () => {
  const crowd = 30;
  for (let one = 0; one < crowd; one += 1) world.customer({ displayName: 'Adatum', city: 'Oslo' });
  world.account({ name: 'Adatum', address1_city: 'Oslo' });
  await world.run(match({ createIfNoMatch: true }));
  expect(world.accounts()).toHaveLength(1);
  expect((await world.couplings()).map(({ error }) => error?.code)).toEqual(
    Array.from({ length: crowd + 1 }, () => 'MATCH_AMBIGUOUS'),
  );
  const [ambiguity, ...others] = await world.ambiguities();
  expect(others).toEqual([]);
  expect(ambiguity).toMatchObject({ record: { side: 'SALES' }, candidateCount: crowd });
  expect(ambiguity?.candidates).toHaveLength(20);
});

test('as a dry run tells the pairs that it would couple', async () => {
  world.customer({ displayName: 'Adatum', city: 'Oslo' });
  world.account({ name: 'Adatum', address1_city: 'Oslo' });
  await world.run(match({}, { dryRun: true }));
  expect(await world.couplings()).toEqual([]);
  expect(await world.history()).toMatchObject([{ action: 'COUPLE', outcome: 'PLANNED', title: 'Adatum' }]);
});
