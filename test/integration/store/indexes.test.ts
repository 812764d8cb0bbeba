import { expect, test } from 'vitest';
import { IndexConflictError } from '../../../src/store/errors.js';
import { dropRetiredIndexes, ensureIndexes, type IndexSpec } from '../../../src/store/indexes.js';
import { testDatabase } from '../../support/database.js';

const { db, client, name } = testDatabase();

const byNumber: IndexSpec = { collection: 'items', keys: { connectionId: 1, number: 1 }, options: { unique: true } };

async function indexNames(collection: string): Promise<string[]> {
  const indexes = await db.collection(collection).indexes();
  return indexes.map((index) => String(index.name)).toSorted();
}

test('creates what is missing and changes nothing the second time', async () => {
  await ensureIndexes(db, [byNumber, { collection: 'items', keys: { changedAt: -1 } }]);
  await ensureIndexes(db, [byNumber, { collection: 'items', keys: { changedAt: -1 } }]);
  expect(await indexNames('items')).toEqual(['_id_', 'changedAt_-1', 'connectionId_1_number_1']);
});

test('succeeds in several processes that start at the same moment', async () => {
  const specs = ['a', 'b', 'c'].map((field): IndexSpec => ({ collection: 'crowded', keys: { [field]: 1 } }));
  const starts = Array.from({ length: 6 }, () => ensureIndexes(client.db(name), specs));
  await Promise.all(starts);
  expect(await indexNames('crowded')).toEqual(['_id_', 'a_1', 'b_1', 'c_1']);
});

test('names the index that exists with other options', async () => {
  await ensureIndexes(db, [{ collection: 'prices', keys: { code: 1 } }]);
  const failed = ensureIndexes(db, [{ collection: 'prices', keys: { code: 1 }, options: { unique: true } }]);
  await expect(failed).rejects.toThrow(IndexConflictError);
  await expect(failed).rejects.toThrow(/Index code_1 of collection prices: it exists with other keys or options/);
});

test('names the unique index that stored documents violate, without their values', async () => {
  await db.collection('people').insertMany([{ mail: 'secret@example.org' }, { mail: 'secret@example.org' }]);
  const failed = ensureIndexes(db, [{ collection: 'people', keys: { mail: 1 }, options: { unique: true } }]);
  await expect(failed).rejects.toThrow(/Index mail_1 of collection people: it has to be unique over mail/);
  await expect(failed).rejects.not.toThrow(/secret@/);
});

test('an index of an earlier version is dropped, by whichever of two processes comes first, and others stay', async () => {
  const retired = [
    { collection: 'retiring', name: 'number_1' },
    { collection: 'retiring', name: 'never_there_1' },
    { collection: 'no-such-collection', name: 'number_1' },
  ];
  await db.collection('retiring').createIndexes([{ key: { number: 1 } }, { key: { kept: 1 } }]);
  await Promise.all([dropRetiredIndexes(db, retired), dropRetiredIndexes(db, retired)]);
  expect(await indexNames('retiring')).toEqual(['_id_', 'kept_1']);
});
