import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { globalId } from '../../../src/api/global-id.js';
import type { Coupling } from '../../../src/coupling/coupling.js';
import type { SynchJobError } from '../../../src/synch/synch-job.js';
import { connectionSetup, coupling, mapping, synchJob, synchJobError } from './records.js';
import { runningApi, tokens } from './running-api.js';

const running = runningApi();
let pair: Coupling;
let recordError: SynchJobError;

beforeAll(async () => {
  const setup = connectionSetup();
  await running.services.connectionSetups.insert(setup);
  const customers = mapping(setup.id, 'CUSTOMER');
  await running.services.mappings.insert(customers);
  pair = coupling(customers, '10000 Adatum Corporation');
  const job = synchJob(customers, 'a-run', {
    error: {
      class: 'VALIDATION',
      code: 'TOO_LONG',
      message: 'secret value',
      side: null,
      field: null,
      retryable: false,
    },
  });
  recordError = synchJobError(job, pair._id);
  await running.store.db.collection('couplings').insertOne(pair as never);
  await running.store.db.collection('synchJobs').insertOne(job as never);
  await running.store.db.collection('synchJobErrors').insertOne(recordError as never);
});

describe('over HTTP', () => {
  test.each([
    ['no token', null],
    ['a wrong token', 'not-a-token'],
    ['a token with one character less', tokens.ADMIN.slice(0, -1)],
  ])('%s is answered with 401 and UNAUTHENTICATED, for introspection too', async (_name, token) => {
    for (const query of ['{ viewer { name } }', '{ __schema { queryType { name } } }', 'not even GraphQL']) {
      const { status, data, errors } = await running.ask(query, {}, token);
      expect({ status, data }).toEqual({ status: 401, data: undefined });
      expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    }
  });

  test('a valid token sees itself and may introspect', async () => {
    expect(
      await running.data('{ viewer { name role expiresAt } __schema { queryType { name } } }', {}, tokens.VIEWER),
    ).toEqual({
      viewer: { name: 'viewer', role: 'VIEWER', expiresAt: null },
      __schema: { queryType: { name: 'Query' } },
    });
  });

  test('health is told to everybody, and nothing else is', async () => {
    const live = await fetch(`${running.url}/health/live`);
    const ready = await fetch(`${running.url}/health/ready`);
    expect([live.status, await live.json(), ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ok' },
      200,
      { status: 'ok' },
    ]);
    expect((await fetch(`${running.url}/graphql`)).status).toBe(401);
    expect((await fetch(`${running.url}/elsewhere`)).status).toBe(404);
  });

  test('a form that a foreign web page could send is refused though it has a token', async () => {
    const response = await fetch(`${running.url}/graphql?query=%7Bviewer%7Bname%7D%7D`, {
      headers: { authorization: `Bearer ${tokens.ADMIN}` },
    });
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toContain('CSRF');
  });
});

describe('over WebSocket', () => {
  const closeCode = async (connectionParams: object | undefined): Promise<number> => {
    const socket = new WebSocket(`${running.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: connectionParams }));
    const [code] = await once(socket, 'close');
    return code as number;
  };

  test('no token closes the socket with 4401, a wrong one with 4403', async () => {
    expect(await closeCode(undefined)).toBe(4401);
    expect(await closeCode({ authorization: 'Basic abc' })).toBe(4401);
    expect(await closeCode({ authorization: 'Bearer not-a-token' })).toBe(4403);
  });

  test('a subscription before the connection was acknowledged closes the socket with 4401', async () => {
    const socket = new WebSocket(`${running.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(
      JSON.stringify({
        id: '1',
        type: 'subscribe',
        payload: { query: 'subscription { jobStatusTransitions { code } }' },
      }),
    );
    const [code] = await once(socket, 'close');
    expect(code).toBe(4401);
  });

  test('the token may come in the header of the upgrade', async () => {
    const socket = new WebSocket(`${running.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: { authorization: `Bearer ${tokens.VIEWER}` },
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    const [message] = await once(socket, 'message');
    expect(JSON.parse(String(message))).toEqual({ type: 'connection_ack' });
    socket.close();
  });

  test('another path is no end point', async () => {
    const socket = new WebSocket(`${running.url.replace('http', 'ws')}/elsewhere`, 'graphql-transport-ws');
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('404');
  });

  test('roles and limits hold as over HTTP', async () => {
    const ask = (query: string, variables = {}) => running.client(tokens.MONITOR).iterate({ query, variables }).next();
    await expect(ask('{ couplings { totalCount } }')).resolves.toMatchObject({
      value: { errors: [{ extensions: { code: 'FORBIDDEN' } }] },
    });
    await expect(
      ask('query ($first: Int) { viewer { name } jobQueueEntries(first: $first) { totalCount } }', { first: 'x' }),
    ).resolves.toMatchObject({
      value: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    });
    await expect(ask(deep(16))).rejects.toMatchObject([
      { message: expect.stringContaining('levels deep'), extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    await expect(ask(`{ ${'viewer { name } '.repeat(600)} }`)).rejects.toMatchObject([
      { extensions: { code: 'GRAPHQL_PARSE_FAILED' } },
    ]);
  });
});

const deep = (levels: number): string => {
  const pairs = Math.floor((levels - 3) / 2);
  return `{ jobQueueEntries { edges { node { ${'lastRun { entry { '.repeat(pairs)} code ${'} }'.repeat(pairs)} } } } }`;
};

describe('limits', () => {
  test('15 levels are answered, and more are refused, inside fragments too', async () => {
    expect((await running.ask(deep(13))).errors).toBeUndefined();
    for (const query of [deep(18), `query { ...All } fragment All on Query ${deep(18)}`]) {
      expect(await running.ask(query)).toMatchObject({
        status: 400,
        errors: [{ message: expect.stringContaining('levels deep') }],
      });
    }
  });

  test('more than 30 aliases, 2,000 tokens or 1 MB are refused', async () => {
    const aliases = Array.from({ length: 31 }, (_, index) => `a${index}: viewer { name }`).join(' ');
    expect(await running.ask(`{ ${aliases} }`)).toMatchObject({
      status: 400,
      errors: [{ message: expect.stringContaining('31 aliases') }],
    });
    expect(await running.ask(`{ ${'viewer { name } '.repeat(600)} }`)).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }],
    });
    expect(await running.ask('{ viewer { name } }', { filler: 'x'.repeat(1_100_000) })).toMatchObject({
      status: 413,
      errors: [{ extensions: { code: 'BAD_REQUEST' } }],
    });
  });
});

describe('a MONITOR', () => {
  test.each([
    ['couplings', '{ couplings { totalCount } }'],
    ['errors of records', '{ synchJobErrors { totalCount } }'],
    ['couplings of a mapping', '{ integrationTableMapping(name: "CUSTOMER") { couplings { totalCount } } }'],
    ['errors of a synch job', '{ synchJobs { edges { node { errors { totalCount } } } } }'],
  ])('is refused %s', async (_name, query) => {
    const { errors } = await running.ask(query, {}, tokens.MONITOR);
    expect(errors).toMatchObject([
      { message: expect.stringContaining('needs the role VIEWER'), extensions: { code: 'FORBIDDEN' } },
    ]);
    expect((await running.ask(query, {}, tokens.VIEWER)).errors).toBeUndefined();
  });

  test('cannot read a coupling or an error by its global id', async () => {
    for (const id of [globalId('Coupling', pair._id), globalId('SynchJobError', recordError._id)]) {
      expect((await running.ask(`{ node(id: "${id}") { id } }`, {}, tokens.MONITOR)).errors).toMatchObject([
        { extensions: { code: 'FORBIDDEN' } },
      ]);
      expect(await running.data(`{ node(id: "${id}") { id __typename } }`, {}, tokens.VIEWER)).toMatchObject({
        node: { id },
      });
    }
  });

  test("sees an error's class and code, and not its message", async () => {
    const query = '{ synchJobs { edges { node { error { class code message } } } } }';
    const seenBy = async (token: string) => (await running.data(query, {}, token)).synchJobs.edges[0].node.error;
    expect(await seenBy(tokens.MONITOR)).toEqual({
      class: 'VALIDATION',
      code: 'TOO_LONG',
      message: 'VALIDATION TOO_LONG; a VIEWER may read the message',
    });
    expect(await seenBy(tokens.VIEWER)).toMatchObject({ message: 'secret value' });
  });
});

test('nodes answers in the order asked, with null for what is not there', async () => {
  const known = globalId('Coupling', pair._id);
  const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename ... on Coupling { title } } }';
  const { nodes } = await running.data(query, {
    ids: [globalId('SynchJob', 'gone'), 'nonsense', known, globalId('Unknown', '1')],
  });
  expect(nodes).toEqual([null, null, { id: known, __typename: 'Coupling', title: '10000 Adatum Corporation' }, null]);
  expect((await running.ask(query, { ids: Array(101).fill(known) })).errors).toMatchObject([
    { extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});

test('an error that nobody foresaw is answered without its words', async () => {
  const { db } = running.store;
  await db.collection('couplings').insertOne({
    ...pair,
    _id: 'orphan',
    mappingId: 'gone',
    mappingName: 'GONE',
    businessId: 'x',
    salesId: 'y',
  } as never);
  const { errors } = await running.ask(
    '{ couplings(filter: { mapping: ["GONE"] }) { edges { node { mapping { name } } } } }',
  );
  expect(errors).toHaveLength(1);
  expect(errors?.[0]).toEqual({
    message: 'The service met an unexpected error; its log tells more.',
    path: expect.any(Array),
    locations: expect.any(Array),
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });
  await db.collection('couplings').deleteOne({ _id: 'orphan' } as never);
});

test('a port that another program uses is told in one line', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(running.startOther({ listen: { host: '127.0.0.1', port } })).rejects.toThrow(
    `cannot listen on 127.0.0.1:${port}: another program uses the port; set HOST and PORT`,
  );
  other.close();
});
