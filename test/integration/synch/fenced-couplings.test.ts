import { beforeEach, expect, test } from 'vitest';
import type { Coupling } from '../../../src/coupling/coupling.js';
import { CouplingStore } from '../../../src/coupling/coupling-store.js';
import { LeaseLostError } from '../../../src/job-queue/job-executor.js';
import { FencedCouplings } from '../../../src/synch/fenced-couplings.js';
import { couplingOf } from '../../../src/synch/new-coupling.js';
import { customerMapping } from '../../support/customer-mapping.js';
import { testDatabase } from '../../support/database.js';

const { db } = testDatabase();
const store = new CouplingStore(db);
const record = { businessId: 'b', salesId: 's', title: 'Adatum' };
const pair: Coupling = couplingOf(customerMapping(), record, { id: 'c', now: new Date('2026-01-05T10:00:00Z') });

const under = (leaseToken: number, assertHeld: () => void = () => undefined) =>
  new FencedCouplings(store, { leaseToken, assertHeld });
const present = async () => (await store.byIds(['c']))[0];

beforeEach(async () => {
  await db.collection('couplings').deleteMany({});
  await store.insert([pair]);
});

test('a run changes no pair that a run with a later lease has changed, whatever it read meanwhile', async () => {
  const change = (revision: number, title: string) => [{ _id: 'c', revision, set: { title } }];
  expect(await under(2).change(change(1, 'new'))).toEqual(new Set(['c']));
  expect(await under(1).change(change(2, 'old'))).toEqual(new Set());
  await under(1).remove([{ _id: 'c', revision: 2 }]);
  expect(await present()).toMatchObject({ title: 'new', revision: 2 });
  expect(await under(3).change(change(2, 'newest'))).toEqual(new Set(['c']));
  await under(3).remove([{ _id: 'c', revision: 3 }]);
  expect(await present()).toBeUndefined();
});

test('a run that no longer holds its mapping changes nothing at all', () => {
  const lost = under(9, () => {
    throw new LeaseLostError('run-9');
  });
  expect(() => lost.change([{ _id: 'c', revision: 1, set: { title: 'late' } }])).toThrow(LeaseLostError);
  expect(() => lost.insert([{ ...pair, _id: 'd', businessId: 'b2', salesId: 's2' }])).toThrow(LeaseLostError);
  expect(() => lost.remove([pair])).toThrow(LeaseLostError);
});
