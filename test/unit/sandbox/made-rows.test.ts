import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { furtherRows, generateWorld } from '../../../src/sandbox/world/generator/generate.js';
import { defaultSizes } from '../../../src/sandbox/world/generator/plan.js';
import { firstPlace, MadeIds, type MadeRows } from '../../../src/sandbox/world/made-rows.js';
import type { Row } from '../../../src/sandbox/world/row.js';
import type { SortKey, Table } from '../../../src/sandbox/world/table.js';
import { businessTable, salesTable, World } from '../../../src/sandbox/world/world.js';

const COUNT = 6;
const TABLE = businessTable('c', 'customers');
const keyAt = (at: number): string => `C${at}0`;
const idAt = (at: number): string => `id-${at}`;

/** A table of a few rows that are made when they are read. */
const few = (firstVersion: number): MadeRows => ({
  count: COUNT,
  firstVersion,
  lastChangeMs: 0,
  keyAt,
  idAt,
  placeOfId: (id) => placeAmong(idAt, id),
  placeOfKey: (key) => placeAmong(keyAt, key),
  placesWith: (column, value) => (column === 'number' ? [placeAmong(keyAt, String(value)) ?? 0] : undefined),
  row: (at) => ({
    id: idAt(at),
    version: firstVersion + at,
    createdAtMs: 0,
    modifiedAtMs: 0,
    createdBy: 'setup',
    modifiedBy: 'setup',
    values: { number: keyAt(at), name: `row ${at}` },
  }),
});

function placeAmong(of: (at: number) => string, wanted: string): number | undefined {
  const at = Array.from({ length: COUNT }, (_unused, place) => of(place)).indexOf(wanted);
  return at < 0 ? undefined : at;
}

/** The same rows twice: made when they are read, and put one by one. */
async function twoWorlds(): Promise<readonly [World, World]> {
  const made = await World.open({ now: () => 0, madeRows: (first) => [[TABLE, few(Number(first))]] });
  made.fill(() => made.makeWhenRead(made.reserveVersions('BUSINESS', COUNT)));
  const kept = await World.open({ now: () => 0 });
  kept.fill(() => {
    for (let at = 0; at < COUNT; at++)
      kept.put({ table: TABLE, id: idAt(at), values: few(1).row(at).values, by: 'setup' });
  });
  return [made, kept];
}

type Step =
  | { readonly kind: 'put' | 'quiet' | 'remove'; readonly id: string; readonly number: string }
  | { readonly kind: 'fail'; readonly steps: readonly { readonly id: string; readonly number: string }[] };

const ids = fc.constantFrom(...Array.from({ length: COUNT + 2 }, (_unused, at) => idAt(at)));
const numbers = fc.constantFrom('C00', 'C10', 'C20', 'C25', 'C55', 'X');
const target = fc.record({ id: ids, number: numbers });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('put' as const, 'quiet' as const, 'remove' as const), id: ids, number: numbers }),
    fc.record({ kind: fc.constant('fail' as const), steps: fc.array(target, { maxLength: 4 }) }),
  ),
  { maxLength: 25 },
);

function take(world: World, step: Step): void {
  if (step.kind === 'fail') {
    expect(() =>
      world.transaction(() => {
        for (const one of step.steps) change(world, 'put', one);
        for (const one of step.steps) change(world, 'quiet', one);
        for (const one of step.steps) change(world, 'remove', one);
        throw new Error('back');
      }),
    ).toThrow('back');
    return;
  }
  world.transaction(() => change(world, step.kind, step));
}

function change(
  world: World,
  kind: 'put' | 'quiet' | 'remove',
  { id, number }: { readonly id: string; readonly number: string },
): void {
  const rows = world.table(TABLE);
  const taken = rows.withKey(number);
  // A key names one row: the services see to that.
  if (kind === 'put' && (taken === undefined || taken.id === id))
    world.put({ table: TABLE, id, values: { number, name: 'put' }, by: 'x' });
  if (kind === 'quiet') world.putQuietly(TABLE, id, { name: 'quiet' });
  if (kind === 'remove' && rows.get(id) !== undefined) world.remove(TABLE, id);
}

const told = (rows: Iterable<Row>): unknown[] =>
  Array.from(rows, ({ id, version, values }) => [id, version, values['number'], values['name']]);

/** The rows with a value; the table may give others besides. */
const withValue = (table: Table, column: string, value: string, after?: SortKey): unknown[] =>
  told([...table.inOrder(after, { equal: { column, value } })].filter((row) => row.values[column] === value));

/** Everything that readers ask a table. */
function asked(table: Table, version: number): unknown {
  return {
    size: table.size,
    inOrder: told(table.inOrder()),
    behind: told(table.inOrder({ key: 'C20', id: 'id-2' })),
    among: told(table.inOrder(undefined, { ids: ['id-1', 'id-7'], keys: ['C25', 'C20', 'nobody'] })),
    equal: withValue(table, 'number', 'C20'),
    equalBehind: withValue(table, 'number', 'C55', { key: 'C20', id: 'id-2' }),
    equalUnindexed: withValue(table, 'name', 'row 3'),
    rows: new Set(told(table.rows()).map((row) => JSON.stringify(row))),
    withKey: ['C00', 'C25', 'X'].map((key) => table.withKey(key)?.id),
    having: new Set(table.having('number', 'C20').map(({ id }) => id)),
    unindexed: new Set(table.having('name', 'row 3').map(({ id }) => id)),
    changes: [0, 3, version - 2, version].map((since) => told(table.changedSince(since))),
    deletions: Array.from(table.deletedSince(3), ({ id }) => id),
  };
}

describe('rows that are made when they are read', () => {
  test('answer every question as rows that were put, after any history', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const [made, kept] = await twoWorlds();
        for (const step of history) {
          const before = made.version('BUSINESS');
          take(made, step);
          take(kept, step);
          expect(made.version('BUSINESS')).toBe(kept.version('BUSINESS'));
          expect(asked(made.table(TABLE), before)).toEqual(asked(kept.table(TABLE), before));
        }
        expect(told(made.asOf(TABLE, 60_000).inOrder())).toEqual(told(kept.asOf(TABLE, 60_000).inOrder()));
      }),
    );
  });

  test('have ids that look like GUIDs, grow with the place, and tell it', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 4_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (seed, count, part) => {
          const made = new MadeIds(seed, count);
          const at = Math.floor(part * count);
          expect(made.at(at)).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
          expect(made.placeOf(made.at(at))).toBe(at);
          if (at + 1 < count) expect(made.at(at) < made.at(at + 1)).toBe(true);
          expect(made.placeOf('00000000-0000-0000-0000-000000000000')).toBeUndefined();
          expect(new MadeIds(seed + 1, count).placeOf(made.at(at))).toBeUndefined();
        },
      ),
    );
  });

  test('are found by halving', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), (count, border) => {
        expect(firstPlace(count, (at) => at >= border)).toBe(Math.min(count, border));
      }),
    );
  });
});

describe('a world of a million customers', () => {
  const MILLION = 1_000_000;
  type Made = readonly (readonly [table: string, rows: MadeRows])[];
  const large = async (tell: (made: Made) => void = () => undefined): Promise<World> => {
    const madeRows: typeof furtherRows = (plan) => {
      const made = [...furtherRows(plan)];
      tell(made);
      return made;
    };
    const world = await World.open({ now: () => 0, madeRows });
    const sizes = { ...defaultSizes, customers: MILLION, accounts: MILLION, people: MILLION, contacts: MILLION };
    generateWorld(world, 'large', sizes);
    return world;
  };

  let first: Promise<World>;
  let tables: Made = [];
  beforeAll(() => {
    first = large((made) => {
      tables = made;
    });
  });

  test('has as many rows, in order, with relations that lead to rows', async () => {
    const world = await first;
    const [company] = world.table(businessTable('', 'companies')).rows();
    const inCompany = (name: string): Table =>
      [...world.tableNames()]
        .filter((table) => table.endsWith(`/${name}`))
        .map((table) => world.table(table))
        .reduce((largest, table) => (table.size > largest.size ? table : largest));
    expect(company).toBeDefined();
    const [customers, contacts] = [inCompany('customers'), inCompany('contacts')];
    const [accounts, salesContacts] = [world.table(salesTable('account')), world.table(salesTable('contact'))];
    expect([customers.size, accounts.size, salesContacts.size]).toEqual([MILLION, MILLION, MILLION]);
    expect(contacts.size).toBeGreaterThan(2 * MILLION);
    for (const table of [customers, contacts, accounts, salesContacts]) {
      let last = { key: '', id: '' };
      let seen = 0;
      for (const row of table.inOrder({ key: 'C1500', id: '8' })) {
        const at = table.sortKeyOf(row);
        expect(at.key > last.key || (at.key === last.key && at.id > last.id)).toBe(true);
        expect(table.get(row.id)).toEqual(row);
        if (at.key !== '') expect(table.withKey(at.key)?.id).toBe(row.id);
        last = at;
        if (++seen === 300) break;
      }
    }
    const row = customers.withKey('C10000010');
    const person = contacts.having('companyNumber', String(row?.values['companyContactNumber'])).at(-1);
    expect(contacts.withKey(String(row?.values['companyContactNumber']))?.values['customerNumber']).toBe('C10000010');
    expect(person?.values['type']).toBe('Person');
    const firm = row?.values['displayName'];
    const [account] = accounts.having('accountnumber', 'C10000010');
    if (account !== undefined) expect(account.values['name']).toBe(firm);
    const [someAccount] = accounts.inOrder({ key: '', id: '80000000' });
    const [contact] = salesContacts.having('parentcustomerid', someAccount?.id ?? '');
    expect(contact?.values['parentcustomerid']).toBe(someAccount?.id);
  });

  test('finds its rows by every value whose places are known, in any case, and by their names without looking at others', async () => {
    await first;
    expect(tables).toHaveLength(5);
    for (const [table, made] of tables) {
      for (const at of [0, 7, 12_345, made.count - 1]) {
        const { values } = made.row(at);
        for (const [column, value] of Object.entries(values)) {
          if (typeof value !== 'string' || value === '') continue;
          for (const spelling of [value, value.toUpperCase(), value.toLowerCase()]) {
            const places = made.placesWith(column, spelling);
            if (places !== undefined) expect([...places], `${table} ${column} ${spelling}`).toContain(at);
          }
        }
        const name = ['displayName', 'name', 'fullname'].find((column) => typeof values[column] === 'string') ?? '';
        expect([...(made.placesWith(name, values[name] ?? '') ?? [])]).toEqual([at]);
      }
    }
  });

  test('is the same from the same seed, and tells what was changed in it', async () => {
    const [one, other] = [await first, await large()];
    const accounts = [one, other].map((world) => world.table(salesTable('account')));
    const [some, same] = accounts.map((table) => [...take3(table)]);
    expect(some).toEqual(same);
    const [row] = some ?? [];
    const before = one.version('SALES');
    one.transaction(() =>
      one.put({ table: salesTable('account'), id: row?.id ?? '', values: { name: 'New' }, by: 'x' }),
    );
    expect(told(accounts[0]?.changedSince(before) ?? [])).toEqual([[row?.id, before + 1, undefined, 'New']]);
    expect(accounts[0]?.size).toBe(MILLION);
  });

  function* take3(table: Table): Iterable<Row> {
    let taken = 0;
    for (const row of table.inOrder({ key: '', id: 'c' })) {
      if (taken++ === 3) return;
      yield row;
    }
  }
});
