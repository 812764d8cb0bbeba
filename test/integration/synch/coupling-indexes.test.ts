import { afterAll, beforeAll, expect, test } from 'vitest';
import { CouplingStore, couplingIndexes } from '../../../src/coupling/coupling-store.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import type { Side } from '../../../src/synch/synch-error.js';
import { testDatabase } from '../../support/database.js';

const { db } = testDatabase();

beforeAll(async () => {
  await ensureIndexes(db, couplingIndexes);
  const pairs = Array.from({ length: 200 }, (_, number) => ({
    mappingId: 'm',
    businessId: `b-${number}`,
    salesId: `s-${number}`,
    intents: [],
    late: [],
    connectionSetupId: 'c',
    state: number < 2 ? 'PENDING' : 'COUPLED',
    nextAttemptAt: number < 2 ? new Date(0) : null,
    waitingKeys: number === 3 ? ['ITEM:BUSINESS:i'] : [],
    refs: number === 5 ? ['ITEM:BUSINESS:i'] : [],
  }));
  await db.collection('couplings').insertMany(pairs);
  await db.command({ profile: 2 });
});
afterAll(() => db.command({ profile: 0 }));

test.each<{ side: Side; ids: string[] }>([
  { side: 'BUSINESS', ids: ['b-1', 'b-7'] },
  { side: 'SALES', ids: ['s-1', 's-7'] },
])(
  'the couplings of $side records are found by an index, not by looking at all of the mapping',
  async ({ side, ids }) => {
    const store = new CouplingStore(db);
    expect(await store.byRecordIds('m', side, ids)).toHaveLength(2);
    expect(await store.pairsOf('m', side, ids)).toHaveLength(2);
    expect((await store.coupledIds('m', side, ids)).size).toBe(2);
    await expectFewLookedAt(3);
  },
);

test('what is due, and what waits for a record or refers to one, is found by an index', async () => {
  const store = new CouplingStore(db);
  expect(await store.due('m', new Date(), null, 10)).toHaveLength(2);
  expect(await store.holders('m', null, 10)).toHaveLength(1);
  expect(await store.wakeHolders('c', ['ITEM:BUSINESS:i'], new Date())).toEqual(['m']);
  expect(await store.due('m', new Date(), null, 10)).toHaveLength(4);
  await expectFewLookedAt(7);
});

/** So many commands at least have been, and none of them looked at more couplings than it gave. */
async function expectFewLookedAt(commands: number): Promise<void> {
  const looked = await db
    .collection<{ docsExamined: number }>('system.profile')
    .find({ ns: `${db.databaseName}.couplings`, op: { $in: ['query', 'command', 'update'] } })
    .toArray();
  expect(looked.length).toBeGreaterThanOrEqual(commands);
  expect(looked.filter(({ docsExamined }) => docsExamined > 4)).toEqual([]);
}
