import { expect, test } from 'vitest';
import { DeletionStore } from '../../../src/synch/deletion-store.js';
import { StageStore } from '../../../src/synch/stage-store.js';
import { testDatabase } from '../../support/database.js';

const { db } = testDatabase();

const databaseNow = async (): Promise<number> => ((await db.command({ hello: 1 }))['localTime'] as Date).getTime();

test('what a run stages, and what the guard counts, is kept by the clock of the database, not by that of a process', async () => {
  const before = await databaseNow();
  await new StageStore(db).put('run', [{ side: 'SALES', id: 'a', version: '1', modifiedAt: null, values: {} }]);
  await new DeletionStore(db).note('mapping', 3, new Date('2001-01-01T00:00:00Z'));
  const [staged, deletions] = await Promise.all([
    db.collection('stagedRecords').findOne({ runId: 'run' }),
    db.collection('deletionsActedOn').findOne({ mappingId: 'mapping' }),
  ]);
  for (const at of [staged!['stagedAt'], deletions!['notedAt']]) expect(at.getTime()).toBeGreaterThanOrEqual(before);
});

test('a record that is staged again replaces the earlier one, with what is no longer true of it', async () => {
  const stage = new StageStore(db);
  const record = { side: 'SALES', id: 'b', modifiedAt: null } as const;
  await stage.put('again', [{ ...record, version: null, values: { name: 'Adatum' } }]);
  expect(await stage.deleted('again', 'SALES', null, 10)).toHaveLength(1);
  await stage.put('again', [{ ...record, version: '2', values: { city: 'Oslo' }, matchKeys: ['0:adatum'] }]);
  expect(await stage.deleted('again', 'SALES', null, 10)).toEqual([]);
  await stage.put('again', [{ ...record, version: '3', values: {} }]);
  const [staged, ...others] = await stage.page('again', 'SALES', null, 10);
  expect([staged, others]).toEqual([expect.objectContaining({ version: '3', values: {} }), []]);
  expect(staged).not.toHaveProperty('matchKeys');
});
