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
    const looked = await db
      .collection<{ docsExamined: number; command: { filter?: object } }>('system.profile')
      .find({ ns: `${db.databaseName}.couplings`, op: 'query' })
      .toArray();
    expect(looked.length).toBeGreaterThanOrEqual(3);
    expect(looked.filter(({ docsExamined }) => docsExamined > 2)).toEqual([]);
  },
);
