import { expect, test } from 'vitest';
import { OperationLoads } from '../../../src/api/operation-loads.js';

test('what is asked in one step is read once, in one read, and answered by id', async () => {
  const reads: (readonly string[])[] = [];
  const source = {
    byIds: async (ids: readonly string[]) => {
      reads.push(ids);
      return ids
        .filter((id) => id !== 'gone')
        .toReversed()
        .map((id) => ({ id }));
    },
    idOf: ({ id }: { id: string }) => id,
  };
  const loads = new OperationLoads();
  const found = await Promise.all(['a', 'b', 'gone', 'a', null].map((id) => loads.one(source, id)));
  expect(found).toEqual([{ id: 'a' }, { id: 'b' }, null, { id: 'a' }, null]);
  expect(await loads.one(source, 'b')).toEqual({ id: 'b' });
  expect(reads).toEqual([['a', 'b', 'gone']]);
});
