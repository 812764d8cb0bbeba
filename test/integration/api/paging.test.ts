import { beforeAll, describe, expect, test } from 'vitest';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { connectionSetup, coupling, mapping } from './records.js';
import { type Answered, runningApi } from './running-api.js';

const running = runningApi();
let customers: IntegrationTableMapping;

const COUPLINGS = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: CouplingFilter, $orderBy: CouplingOrder) {
  couplings(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    edges { cursor node { title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount totalCountPrecision
  }
}`;

const page = async (variables: object) => (await running.data(COUPLINGS, variables)).couplings;
const titles = (connection: { edges: { node: { title: string } }[] }): string[] =>
  connection.edges.map(({ node }) => node.title);
const insertCoupling = (title: string, parts = {}) =>
  running.store.db.collection('couplings').insertOne(coupling(customers, title, parts) as never);

beforeAll(async () => {
  const setup = connectionSetup();
  await running.services.connectionSetups.insert(setup);
  customers = mapping(setup.id, 'CUSTOMER');
  await running.services.mappings.insert(customers);
});

describe('a list of couplings', () => {
  beforeAll(async () => {
    const since = (second: number) => new Date(Date.UTC(2026, 0, 5, 10, 0, second));
    const rows = [
      ['B', 1],
      ['D', null],
      ['F', 3],
      ['H', 2],
      ['J', null],
    ] as const;
    for (const [title, second] of rows)
      await insertCoupling(title, { lastSynchedAt: second === null ? null : since(second) });
  });

  test('pages forward with nothing twice and nothing missing, though records appear before and behind the cursor', async () => {
    const first = await page({ first: 2 });
    await insertCoupling('A');
    await insertCoupling('E');
    const second = await page({ first: 2, after: first.pageInfo.endCursor });
    const third = await page({ first: 5, after: second.pageInfo.endCursor });
    expect([first, second, third].map(titles)).toEqual([
      ['B', 'D'],
      ['E', 'F'],
      ['H', 'J'],
    ]);
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    expect(third.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    await running.store.db.collection('couplings').deleteMany({ title: { $in: ['A', 'E'] } });
  });

  test('pages backward in the same order', async () => {
    const last = await page({ last: 2 });
    const before = await page({ last: 2, before: last.pageInfo.startCursor });
    const rest = await page({ last: 2, before: before.pageInfo.startCursor });
    expect([rest, before, last].map(titles)).toEqual([['B'], ['D', 'F'], ['H', 'J']]);
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect(before.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    expect(rest.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  });

  test('tells what lies beyond the page also beyond the cursor that ends it', async () => {
    const all = await page({ first: 5 });
    const [, second, , fourth] = all.edges.map(({ cursor }: Answered) => cursor);
    const beginning = await page({ first: 10, before: fourth });
    expect(titles(beginning)).toEqual(['B', 'D', 'F']);
    expect(beginning.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const end = await page({ last: 10, after: second });
    expect(titles(end)).toEqual(['F', 'H', 'J']);
    expect(end.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const none = await page({ first: 10, after: second, before: second });
    expect(none.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  });

  test.each([
    ['ASC', ['B', 'H', 'F']],
    ['DESC', ['F', 'H', 'B']],
  ])(
    'puts records without a value last when ordered %s by a field that may be empty, forward and backward',
    async (direction, valued) => {
      const orderBy = { field: 'LAST_SYNCHED_AT', direction };
      const forward: string[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const connection: Answered = await page({ first: 1, after, orderBy });
        forward.push(...titles(connection));
        ({ endCursor: after, hasNextPage: more } = connection.pageInfo);
      }
      const backward: string[] = [];
      for (let before: string | null = null, more = true; more; ) {
        const connection: Answered = await page({ last: 2, before, orderBy });
        backward.unshift(...titles(connection));
        ({ startCursor: before, hasPreviousPage: more } = connection.pageInfo);
      }
      expect(forward.slice(0, 3)).toEqual(valued);
      expect(forward.slice(3).toSorted()).toEqual(['D', 'J']);
      expect(backward).toEqual(forward);
    },
  );

  test('is counted exactly, and matches nothing for an empty list in the filter', async () => {
    expect(await page({})).toMatchObject({ totalCount: 5, totalCountPrecision: 'EXACT' });
    expect(await page({ filter: { state: [] } })).toMatchObject({
      edges: [],
      totalCount: 0,
      pageInfo: { startCursor: null, hasNextPage: false },
    });
    expect(await page({ filter: { state: null, mapping: ['CUSTOMER'] } })).toMatchObject({ totalCount: 5 });
    expect(await page({ filter: { mapping: ['VENDOR'] } })).toMatchObject({ totalCount: 0 });
  });

  test('is searched by beginnings of words and by ids', async () => {
    await insertCoupling('10000 Adatum Corporation', {
      businessId: 'C-0001',
      state: 'FAILED',
      error: { class: 'VALIDATION', code: 'TOO_LONG', field: 'name' },
    });
    expect(titles(await page({ filter: { search: 'corp ADA' } }))).toEqual(['10000 Adatum Corporation']);
    expect(titles(await page({ filter: { search: 'datum' } }))).toEqual([]);
    expect(titles(await page({ filter: { search: 'C-0001' } }))).toEqual(['10000 Adatum Corporation']);
    expect(
      titles(await page({ filter: { errorClass: ['VALIDATION'], errorField: ['name'], errorCode: ['TOO_LONG'] } })),
    ).toEqual(['10000 Adatum Corporation']);
    expect(await page({ filter: { search: '  ' } })).toMatchObject({ totalCount: 6 });
    await running.store.db.collection('couplings').deleteOne({ businessId: 'C-0001' });
  });

  test.each([
    ['more than a page holds', { first: 101 }, /first: expected 0 to 100, got 101/],
    ['a negative number', { last: -1 }, /last: expected 0 to 100, got -1/],
    ['both ends at once', { first: 1, last: 1 }, /first, last/],
    ['a cursor that is none', { after: 'nonsense' }, /no cursor of this list/],
    [
      'a cursor with an operator inside',
      { after: Buffer.from(JSON.stringify(['title', 'ASC', { $gt: '' }, 'x'])).toString('base64url') },
      /no cursor of this list/,
    ],
    [
      'an id of another type',
      { filter: { connectionSetupId: Buffer.from('Coupling:1').toString('base64url') } },
      /connectionSetupId: expected the id of a ConnectionSetup/,
    ],
  ])('refuses %s with BAD_USER_INPUT', async (_name, variables, message) => {
    const { errors } = await running.ask(COUPLINGS, variables);
    expect(errors).toMatchObject([{ message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test('refuses a cursor of the same list in another order', async () => {
    const { pageInfo } = await page({ first: 1, orderBy: { field: 'STATE_SINCE' } });
    const { errors } = await running.ask(COUPLINGS, { after: pageInfo.endCursor });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

test('entries are paged by the next run with those that have none last, and one-off ones only on demand', async () => {
  const { jobQueue } = running.services;
  const week = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
  const entry = (code: string, status: 'READY' | 'ON_HOLD', nextRunAt?: Date) => ({
    connectionSetupId: customers.connectionSetupId,
    code,
    task: 'INTEGRATION_SYNCH' as const,
    mappingId: customers.id,
    mappingName: customers.name,
    timeZone: 'UTC',
    runOn: week,
    minutesBetweenRuns: 30,
    status,
    ...(nextRunAt && { nextRunAt }),
  });
  await jobQueue.createEntries(
    [
      entry('HELD', 'ON_HOLD'),
      entry('LATER', 'READY', new Date('2099-01-02T00:00:00Z')),
      entry('SOON', 'READY', new Date('2099-01-01T00:00:00Z')),
    ],
    'test',
  );
  await jobQueue.createOneOff({
    connectionSetupId: customers.connectionSetupId,
    task: 'INTEGRATION_SYNCH',
    mappingId: customers.id,
    mappingName: 'CUSTOMER',
    actor: 'test',
  });
  const query = `query ($filter: JobQueueEntryFilter, $after: String) {
    jobQueueEntries(filter: $filter, first: 2, after: $after, orderBy: { field: NEXT_RUN_AT }) {
      nodes: edges { node { code oneOff recurringJob mapping { name } } } pageInfo { endCursor hasNextPage } totalCount }
    jobQueueEntryCounts { status count } }`;
  const first = await running.data(query, {});
  const second = await running.data(query, { after: first.jobQueueEntries.pageInfo.endCursor });
  const codes = [first, second].map((data) => data.jobQueueEntries.nodes.map(({ node }: Answered) => node.code));
  expect(codes).toEqual([['SOON', 'LATER'], ['HELD']]);
  expect(first.jobQueueEntries).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
  expect(first.jobQueueEntryCounts.toSorted((a: Answered, b: Answered) => a.count - b.count)).toEqual([
    { status: 'ON_HOLD', count: 1 },
    { status: 'READY', count: 2 },
  ]);
  const oneOffs = await running.data(query, { filter: { oneOff: true } });
  expect(oneOffs.jobQueueEntries.nodes).toMatchObject([
    { node: { code: 'CUSTOMER#1', oneOff: true, recurringJob: false, mapping: { name: 'CUSTOMER' } } },
  ]);
  expect((await running.data(query, { filter: { oneOff: null } })).jobQueueEntries.totalCount).toBe(4);
});
