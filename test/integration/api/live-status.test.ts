import { once } from 'node:events';
import { beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { globalId } from '../../../src/api/global-id.js';
import type { JobQueueEntry } from '../../../src/job-queue/job-queue-entry.js';
import { streamCursorOf } from '../../../src/status-stream/stream-cursor.js';
import { connectionSetup, mapping } from './records.js';
import { type Answered, runningApi, tokens } from './running-api.js';

const running = runningApi();
let entry: JobQueueEntry;

beforeAll(async () => {
  const setup = connectionSetup();
  await running.services.connectionSetups.insert(setup);
  const customers = mapping(setup.id, 'CUSTOMER');
  await running.services.mappings.insert(customers);
  [entry] = (await running.services.jobQueue.createEntries(
    ['CUSTOMER', 'VENDOR'].map((code) => ({
      connectionSetupId: setup.id,
      code,
      task: 'INTEGRATION_SYNCH' as const,
      mappingId: customers.id,
      mappingName: code,
      timeZone: 'UTC',
      runOn: ['MONDAY'] as const,
    })),
    'test',
  )) as [JobQueueEntry];
});

const FOLLOW = `subscription ($after: String, $filter: JobStatusTransitionFilter) {
  jobStatusTransitions(after: $after, filter: $filter) { cursor code from to causedBy entry { status mapping { name } } } }`;

const toggle = async (times: number): Promise<string[]> => {
  const statuses: string[] = [];
  for (let index = 0; index < times; index += 1) {
    const status = (await running.services.jobQueue.findEntry(entry._id))?.status === 'READY' ? 'ON_HOLD' : 'READY';
    await running.services.jobQueue.setStatus(entry._id, status, { actor: 'somebody' });
    statuses.push(status);
  }
  return statuses;
};

const take = async (events: AsyncIterableIterator<Answered>, count: number): Promise<Answered[]> => {
  const taken: Answered[] = [];
  while (taken.length < count) taken.push((await events.next()).value.data.jobStatusTransitions);
  return taken;
};

const liveCursor = async (): Promise<string> => (await running.data('{ liveCursor }')).liveCursor;

describe('the subscription', () => {
  test('tells each change once and in order, from liveCursor on, also those made before it began', async () => {
    const after = await liveCursor();
    const early = await toggle(2);
    const events = running.client().iterate({ query: FOLLOW, variables: { after } }) as AsyncIterableIterator<Answered>;
    const first = await take(events, 2);
    const late = await toggle(3);
    const all = [...first, ...(await take(events, 3))];
    expect(all.map(({ to }) => to)).toEqual([...early, ...late]);
    expect(all[0]).toMatchObject({ code: 'CUSTOMER', causedBy: 'somebody', entry: { mapping: { name: 'CUSTOMER' } } });
    await events.return?.();
  });

  test('resumes after the last cursor on another socket, with no gap and no repeat', async () => {
    const after = await liveCursor();
    const expected = await toggle(6);
    const seen: string[] = [];
    let cursor = after;
    while (seen.length < expected.length) {
      const events = running
        .client()
        .iterate({ query: FOLLOW, variables: { after: cursor } }) as AsyncIterableIterator<Answered>;
      for (const { to, cursor: next } of await take(events, 2)) {
        seen.push(to);
        cursor = next;
      }
      await events.return?.();
    }
    expect(seen).toEqual(expected);
  });

  test('tells only what its filter names', async () => {
    const after = await liveCursor();
    const statuses = await toggle(2);
    const events = running.client().iterate({
      query: FOLLOW,
      variables: {
        after,
        filter: {
          entryId: [globalId('JobQueueEntry', entry._id)],
          to: ['READY'],
          mapping: ['CUSTOMER'],
          code: ['CUSTOMER'],
        },
      },
    });
    const [one] = await take(events as AsyncIterableIterator<Answered>, 1);
    expect(one.to).toBe('READY');
    expect(statuses).toContain('READY');
    await events.return?.();
  });

  test.each([
    ['a cursor of another database', () => streamCursorOf(1_000_000), 'CURSOR_EXPIRED'],
    ['a text that is no cursor', () => 'nonsense', 'BAD_USER_INPUT'],
    ['an empty text', () => '', 'BAD_USER_INPUT'],
  ])('answers %s with %s', async (_name, cursor, code) => {
    const events = running.client().iterate({ query: FOLLOW, variables: { after: cursor() } });
    const errors = await events.next().then(
      ({ value }) => (value as { errors?: unknown }).errors,
      (refused: unknown) => refused,
    );
    expect(errors).toMatchObject([{ extensions: { code } }]);
    const overHttp = await running.ask(
      'query ($after: String) { jobStatusTransitions(after: $after) { totalCount } }',
      { after: cursor() },
    );
    expect(overHttp.errors).toMatchObject([{ extensions: { code } }]);
  });
});

test('the page of the stream resumes the subscription, and goes backward too', async () => {
  const statuses = await toggle(3);
  const PAGE =
    'query ($last: Int, $before: String, $first: Int, $after: String) { jobStatusTransitions(last: $last, before: $before, first: $first, after: $after) { edges { cursor node { to } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }';
  const { jobStatusTransitions: newest } = await running.data(PAGE, { last: 3 });
  expect(newest.edges.map(({ node }: Answered) => node.to)).toEqual(statuses);
  expect(newest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  const { jobStatusTransitions: oldest } = await running.data(PAGE, { first: 2 });
  const { jobStatusTransitions: next } = await running.data(PAGE, { first: 100, after: oldest.pageInfo.endCursor });
  expect(oldest.edges.length + next.edges.length).toBe(newest.totalCount);
  expect(next.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  const more = await toggle(1);
  const events = running
    .client()
    .iterate({ query: FOLLOW, variables: { after: newest.pageInfo.endCursor } }) as AsyncIterableIterator<Answered>;
  expect((await take(events, 1)).map(({ to }) => to)).toEqual(more);
  await events.return?.();
});

test('the live cursor of an operation is taken before what the same operation reads', async () => {
  for (let round = 0; round < 10; round += 1) {
    const [read] = await Promise.all([
      running.data('{ jobQueueEntry(code: "CUSTOMER") { status } liveCursor }'),
      toggle(1),
    ]);
    const { jobStatusTransitions } = await running.data(
      'query ($after: String, $code: [String!]) { jobStatusTransitions(after: $after, filter: { code: $code }) { edges { node { to } } } }',
      { after: read.liveCursor, code: ['CUSTOMER'] },
    );
    const present = (await running.services.jobQueue.findEntry(entry._id))?.status;
    const toldOrRead = jobStatusTransitions.edges.at(-1)?.node.to ?? read.jobQueueEntry.status;
    expect(toldOrRead).toBe(present);
  }
});

test('stopping answers what was begun, closes sockets with 1001, and may be repeated', async () => {
  const api = await running.startOther({ isReady: async () => false });
  expect((await fetch(`${api.url}/health/ready`)).status).toBe(503);
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${tokens.VIEWER}` } }));
  await once(socket, 'message');
  socket.send(
    JSON.stringify({
      id: '1',
      type: 'subscribe',
      payload: { query: 'subscription { jobStatusTransitions { code } }' },
    }),
  );
  const closed = once(socket, 'close');
  await Promise.all([api.stop(), api.stop()]);
  expect((await closed)[0]).toBe(1001);
  await expect(fetch(`${api.url}/health/live`)).rejects.toThrow();
});
