import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Coupling } from '../../../src/coupling/coupling.js';
import { CouplingStore, couplingIndexes } from '../../../src/coupling/coupling-store.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { couplingOf } from '../../../src/synch/new-coupling.js';
import { customerMapping } from '../../support/customer-mapping.js';
import { testDatabase } from '../../support/database.js';

const { db } = testDatabase();
const store = new CouplingStore(db);
const ids = ['a', 'b', 'c'];
const pairs: readonly Coupling[] = ids.map((id) =>
  couplingOf(
    customerMapping(),
    { businessId: `business-${id}`, salesId: `sales-${id}`, title: id },
    { id, now: new Date('2026-01-05T10:00:00Z') },
  ),
);
const titles = async () =>
  Object.fromEntries((await store.byIds(ids)).map(({ _id, title, revision }) => [_id, [title, revision]]));

beforeAll(() => ensureIndexes(db, couplingIndexes));
beforeEach(async () => {
  await db.collection('couplings').deleteMany({});
  await store.insert(pairs);
});

test('of many changes those are answered that took effect, each with its own values', async () => {
  const changed = await store.change([
    { _id: 'a', revision: 1, set: { title: '$title', bases: [] } },
    { _id: 'b', revision: 2, set: { title: 'of another revision' } },
    { _id: 'c', revision: 1, set: { title: 'third' } },
    { _id: 'd', revision: 1, set: { title: 'that nobody knows' } },
  ]);
  expect(changed).toEqual(new Set(['a', 'c']));
  expect(await titles()).toEqual({ a: ['$title', 2], b: ['b', 1], c: ['third', 2] });
});

test('a change that a unique index refuses holds back none of the others', async () => {
  const changed = await store.change([
    { _id: 'a', revision: 1, set: { title: 'first' } },
    { _id: 'b', revision: 1, set: { title: 'taken', salesId: 'sales-c' } },
    { _id: 'c', revision: 1, set: { title: 'third' } },
  ]);
  expect(changed).toEqual(new Set(['a', 'c']));
  expect(await titles()).toEqual({ a: ['first', 2], b: ['b', 1], c: ['third', 2] });
});

test('changes that are too large for one command are made in several', async () => {
  const late = (size: number) => [{ side: 'SALES' as const, values: { memo: 'x'.repeat(size) }, until: new Date() }];
  const changes = ids.map((_id) => ({ _id, revision: 1, set: { late: late(7_000_000) } }));
  expect(await store.change(changes)).toEqual(new Set(ids));
});
