import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantText } from '../../../src/sandbox/business-central/context.js';
import { escapeName, unescapeName } from '../../../src/sandbox/business-central/enum-names.js';
import { roundTo } from '../../../src/sandbox/dataverse/value-conversion.js';
import { multipartBody, parseMultipart, partText } from '../../../src/sandbox/odata/multipart.js';
import { Seal } from '../../../src/sandbox/odata/seal.js';
import { planWorld } from '../../../src/sandbox/world/generator/plan.js';
import { Random } from '../../../src/sandbox/world/generator/random.js';
import { salesTable, World } from '../../../src/sandbox/world/world.js';

const TABLE = salesTable('account');

async function emptyWorld(): Promise<World> {
  return World.open({ now: () => 0 });
}

describe('a transaction', () => {
  test('that throws leaves rows, changes and deletions as they were', async () => {
    const world = await emptyWorld();
    const put = (id: string, name: string) => world.put({ table: TABLE, id, values: { name }, by: 'x' });
    world.transaction(() => ['a', 'b'].forEach((id) => put(id, id)));
    const rows = world.table(TABLE);
    const version = world.version('SALES');
    expect(() =>
      world.transaction(() => {
        put('a', 'changed');
        put('c', 'new');
        world.remove(TABLE, 'b');
        throw new Error('back');
      }),
    ).toThrow('back');
    expect([...rows.inOrder()].map((row) => [row.id, row.values['name']])).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ]);
    expect([...rows.changedSince(version), ...rows.deletedSince(version)]).toEqual([]);
  });

  test('gives versions that only grow, also after one that failed', async () => {
    const world = await emptyWorld();
    const write = () => world.transaction(() => world.put({ table: TABLE, id: 'a', values: {}, by: 'x' }).version);
    const first = write();
    expect(() =>
      world.transaction(() => {
        world.put({ table: TABLE, id: 'a', values: {}, by: 'x' });
        throw new Error('back');
      }),
    ).toThrow();
    expect(write()).toBeGreaterThan(first + 1);
  });
});

test('readers of changes see exactly the rows that differ from what they saw, in any history', async () => {
  const step = fc.record({ kind: fc.constantFrom('put', 'remove', 'read'), id: fc.constantFrom('a', 'b', 'c', 'd') });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const world = await emptyWorld();
      const rows = world.table(TABLE);
      const copy = new Map<string, number>();
      let seen = 0;
      const read = (): void => {
        for (const row of rows.changedSince(seen)) copy.set(row.id, row.version);
        for (const { id } of rows.deletedSince(seen)) copy.delete(id);
        seen = world.version('SALES');
      };
      for (const { kind, id } of steps) {
        if (kind === 'read') read();
        else
          world.transaction(() => {
            if (kind === 'put') world.put({ table: TABLE, id, values: {}, by: 'x' });
            else if (rows.get(id) !== undefined) world.remove(TABLE, id);
          });
      }
      read();
      expect(copy).toEqual(new Map(Array.from(rows.rows(), (row) => [row.id, row.version])));
    }),
  );
});

test('the plan of a world depends on seed and sizes alone', () => {
  const sizes = { customers: 40, accounts: 60 };
  expect(planWorld('x', sizes)).toEqual(planWorld('x', sizes));
  expect(planWorld('x', sizes)).not.toEqual(planWorld('y', sizes));
});

test('ids are GUIDs of version 4, and no two are equal', () => {
  const random = new Random('ids');
  const ids = Array.from({ length: 2_000 }, () => random.guid());
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

test('a sealed text opens with its context, and not when either was altered', () => {
  const seal = new Seal('secret');
  const text = seal.close({ page: 2 }, 'accounts');
  expect(seal.open(text, 'accounts')).toEqual({ page: 2 });
  expect([
    seal.open(text, 'contacts'),
    seal.open(`${text}x`, 'accounts'),
    seal.open('', ''),
    new Seal('other').open(text, 'accounts'),
  ]).toEqual([undefined, undefined, undefined, undefined]);
});

test('a multipart body is taken apart into what it was built of', () => {
  const text = fc.string({ unit: 'grapheme' }).map((body) => body.replaceAll(/\r|\n/g, ' '));
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (bodies) => {
      const body = multipartBody(
        'b_1',
        bodies.map((one) => partText({ 'Content-Type': 'text/plain' }, one)),
      );
      expect(parseMultipart(body, 'b_1').map((part) => part.body)).toEqual(bodies);
    }),
  );
});

test('names of enum members come back from their escaped form', () => {
  expect(escapeName(' ')).toBe('_x0020_');
  expect(escapeName('Non-Inventory')).toBe('Non_x002D_Inventory');
  fc.assert(fc.property(fc.stringMatching(/^[A-Za-z &-]{1,20}$/), (name) => unescapeName(escapeName(name)) === name));
});

test.each([
  [1.005, 2, 1.01],
  [-1.005, 2, -1.01],
  [2.5, 0, 3],
  [1_234.5678, 2, 1_234.57],
  [0, 2, 0],
])('%d rounded to %d digits is %d', (value, precision, expected) => {
  expect(roundTo(value, precision)).toBe(expected);
});

test.each([
  ['2026-01-31T10:00:00.000Z', '2026-01-31T10:00:00Z'],
  ['2026-01-31T10:00:00.580Z', '2026-01-31T10:00:00.58Z'],
  ['2026-01-31T10:00:00.124Z', '2026-01-31T10:00:00.123Z'],
  ['2026-01-31T10:00:00.999Z', '2026-01-31T10:00:01Z'],
  ['2026-01-31T10:00:10.000Z', '2026-01-31T10:00:10Z'],
])('the instant %s is shown as %s', (instant, expected) => {
  expect(instantText(Date.parse(instant), true)).toBe(expected);
});
