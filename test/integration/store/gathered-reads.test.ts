import { expect, test } from 'vitest';
import { gatheredAggregate, gatheredCount, gatheredFind } from '../../../src/store/gathered-reads.js';
import { testDatabase } from '../../support/database.js';

const { db } = testDatabase();

interface Item {
  readonly _id: string;
  readonly of: string;
  readonly size: number;
}

test('what is asked in one turn is answered each to its own, as if asked alone', async () => {
  const items = db.collection<Item>('items');
  await items.insertMany(
    Array.from({ length: 40 }, (_, size) => ({ _id: `item-${size}`, of: `parent-${size % 4}`, size })),
  );
  const read = { sort: { size: -1 }, limit: 3 } as const;
  const of = (parent: number) => gatheredFind(items, { filter: { of: `parent-${parent}` }, ...read });
  const count = (parent: number) => gatheredCount(items, { filter: { of: `parent-${parent}` }, limit: 7 });
  const alone = [await of(0), await of(1), await of(9)];
  expect(await Promise.all([of(0), of(1), of(9)])).toEqual(alone);
  expect(alone.map((found) => found.map(({ size }) => size))).toEqual([[36, 32, 28], [37, 33, 29], []]);
  expect(await Promise.all([count(0), count(9), gatheredCount(items, { filter: {} })])).toEqual([7, 0, 40]);
  const sums = [{ $group: { _id: null, sum: { $sum: '$size' } } }, { $project: { _id: 0 } }];
  const sum = gatheredAggregate<{ sum: number }>(db.collection('items'), sums);
  const [without] = await gatheredFind(items, { filter: { size: 5 }, ...read, without: ['of', 'size'] });
  expect([await sum, without]).toEqual([[{ sum: 780 }], { _id: 'item-5' }]);
});

test('more than a hundred at once, and answers of more than one batch, come complete', async () => {
  const items = db.collection<Item>('many');
  await items.insertMany(
    Array.from({ length: 6_000 }, (_, size) => ({ _id: `item-${size}`, of: `parent-${size % 150}`, size })),
  );
  const reads = Array.from({ length: 150 }, (_, parent) =>
    gatheredFind(items, { filter: { of: `parent-${parent}` }, sort: { size: 1 }, limit: 100 }),
  );
  const found = await Promise.all(reads);
  expect(found.map(({ length }) => length)).toEqual(Array.from({ length: 150 }, () => 40));
  expect(
    found
      .flat()
      .map(({ size }) => size)
      .toSorted((a, b) => a - b),
  ).toEqual(Array.from({ length: 6_000 }, (_, size) => size));
});

test('a read that fails does not answer the others with nothing', async () => {
  const items = db.collection<Item>('items');
  const good = gatheredFind(items, { filter: { size: 1 }, sort: { size: 1 }, limit: 1 });
  const bad = gatheredFind(items, { filter: { size: { $noSuchOperator: 1 } }, sort: { size: 1 }, limit: 1 });
  await expect(bad).rejects.toThrow();
  await expect(good).resolves.toHaveLength(1);
});
