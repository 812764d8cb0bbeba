import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { getIntrospectionQuery } from 'graphql';
import pino from 'pino';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { defaultLimits, type OperationLimits } from '../../../src/api/limits.js';
import type { ApiOptions } from '../../../src/api/start-api.js';
import { commandsOf } from './commands.js';
import { type Answered, runningApi, tokens } from './running-api.js';

const running = runningApi();

interface Outcome {
  readonly data: Answered;
  readonly codes: readonly unknown[];
  readonly message: string;
  readonly extensions: Answered;
}

/** `variables` as JSON, where they are nested deeper than can be written otherwise. */
const bodyOf = (query: string, variables: object | string): string =>
  `{"query":${JSON.stringify(query)},"variables":${typeof variables === 'string' ? variables : JSON.stringify(variables)}}`;

const overHttp = async (url: string, query: string, variables: object | string = {}): Promise<Outcome> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.ADMIN}` },
    body: bodyOf(query, variables),
  });
  return outcomeOf((await response.json()) as Answered);
};

const openSocket = async (url: string): Promise<WebSocket> => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${tokens.ADMIN}` } }));
  await once(socket, 'message');
  return socket;
};

const overWebSocket = async (url: string, query: string, variables: object | string = {}): Promise<Outcome> => {
  const socket = await openSocket(url);
  socket.send(`{"id":"1","type":"subscribe","payload":${bodyOf(query, variables)}}`);
  const [text] = await once(socket, 'message');
  socket.terminate();
  const { type, payload }: Answered = JSON.parse(String(text));
  return outcomeOf(type === 'error' ? { errors: payload } : payload);
};

const outcomeOf = ({ data, errors = [], extensions }: Answered): Outcome => ({
  data,
  codes: errors.map((error: Answered) => error.extensions?.code),
  message: errors.map((error: Answered) => error.message).join(' '),
  extensions,
});

const transports = [
  ['HTTP', overHttp],
  ['WebSocket', overWebSocket],
] as const;

const nested = (levels: number): string =>
  `{ jobQueueEntries { edges { node { ${'mapping { jobQueueEntry { '.repeat(levels)} id ${'} }'.repeat(levels)} } } } }`;

interface LimitCase {
  readonly name: string;
  readonly accepted: string;
  readonly refused: string;
  readonly code: string;
  readonly says: string;
}

const cases: readonly LimitCase[] = [
  {
    name: 'depth',
    accepted: nested(5),
    refused: nested(6),
    code: 'GRAPHQL_VALIDATION_FAILED',
    says: '16 levels deep; at most 15',
  },
  {
    name: 'aliases',
    accepted: `{ ${Array.from({ length: 30 }, (_, index) => `a${index}: viewer { name }`).join(' ')} }`,
    refused: `{ ${Array.from({ length: 31 }, (_, index) => `a${index}: viewer { name }`).join(' ')} }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
    says: '31 aliases; at most 30',
  },
  {
    name: 'directives',
    accepted: `{ viewer { ${'name @include(if: true) '.repeat(50)} } }`,
    refused: `{ viewer { ${'name @include(if: true) '.repeat(51)} } }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
    says: 'more than 50 directives',
  },
  {
    name: 'tokens',
    accepted: `{ jobQueueEntries(filter: { status: [${'READY '.repeat(990)}], task: [${'AUDIT '.repeat(970)}] }) { edges { cursor } } }`,
    refused: `{ viewer { ${'name '.repeat(2_000)} } }`,
    code: 'GRAPHQL_PARSE_FAILED',
    // The words are graphql's own.
    says: 'more that 2000 tokens',
  },
  {
    name: 'characters of a text',
    accepted: `{ jobQueueEntry(code: "${'x'.repeat(10_000)}") { id } viewer { name } }`,
    refused: `{ jobQueueEntry(code: "${'x'.repeat(10_001)}") { id } viewer { name } }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
    says: 'a text has 10001 characters; at most 10000',
  },
  {
    name: 'cost',
    accepted: '{ jobQueueEntries(first: 40) { edges { node { log(first: 40) { edges { node { id } } } } } } }',
    refused: '{ jobQueueEntries(first: 100) { edges { node { log(first: 100) { edges { node { id } } } } } } }',
    code: 'COST_LIMIT_EXCEEDED',
    says: 'the operation costs 20301; at most 10000 are allowed',
  },
];

describe.each(transports)('over %s', (_name, ask) => {
  test.each(cases)('the limit of $name passes what is within it and refuses the rest', async (limitCase) => {
    const { accepted, refused, code, says } = limitCase;
    const passed = await ask(running.url, accepted);
    expect(passed.codes).toEqual([]);
    expect(passed.data).toBeTruthy();
    const stopped = await ask(running.url, refused);
    expect(stopped.codes).toEqual([code]);
    expect(stopped.message).toContain(says);
  });

  test('a text in the variables may not be longer either, however deep it stands', async () => {
    const query =
      'query ($code: String!, $filter: CouplingFilter) { jobQueueEntry(code: $code) { id } couplings(filter: $filter) { edges { cursor } } }';
    const of = (characters: number) => ({ code: 'C', filter: { mapping: ['x'.repeat(characters)] } });
    expect((await ask(running.url, query, of(10_000))).codes).toEqual([]);
    const { codes, message } = await ask(running.url, query, of(10_001));
    expect([codes, message]).toEqual([['BAD_USER_INPUT'], 'a text has 10001 characters; at most 10000 are allowed']);
  });

  test('variables may not be nested deeper than 100 levels', async () => {
    const query = 'query ($filter: CouplingFilter) { couplings(filter: $filter) { edges { cursor } } viewer { name } }';
    const nestedLists = (levels: number): string => `{"unused":${'['.repeat(levels)}"x"${']'.repeat(levels)}}`;
    const near = await ask(running.url, query, nestedLists(99));
    expect([near.codes, near.data?.viewer.name]).toEqual([[], 'admin']);
    for (const levels of [100, 12_000, 200_000]) {
      const { codes, message } = await ask(running.url, query, nestedLists(levels));
      expect([codes, message]).toEqual([
        ['BAD_USER_INPUT'],
        'the variables are nested deeper than 100 levels, which is the most allowed; give them a flatter form',
      ]);
    }
  });

  test.each([['@skip(if: $s)'], ['@include(if: $s)'], ['@include(if: false)'], ['@skip(if: true)']])(
    'a subscription whose own field has %s is refused, and says why',
    async (directive) => {
      const query = `subscription ($s: Boolean!) { liveChanges ${directive} { cursor } } query Other($s: Boolean) { viewer { name @skip(if: $s) } }`;
      const fragment = `subscription ($s: Boolean!) { ...F ${directive} } fragment F on Subscription { liveChanges { cursor } }`;
      for (const document of [query.split(' query')[0] ?? '', fragment]) {
        const { codes, message } = await ask(running.url, document, { s: false });
        expect(new Set(codes)).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
        expect(message).toContain('may have neither @skip nor @include');
      }
    },
  );

  test('a document that repeats a field too often to be compared is refused, and says what to do', async () => {
    const repeated = (times: number): string => `{ ${'viewer { name } '.repeat(times)} }`;
    expect((await ask(running.url, repeated(50))).codes).toEqual([]);
    for (const document of [repeated(450), `{ viewer { ${'name '.repeat(800)} } }`]) {
      const { codes, message } = await ask(running.url, document);
      expect(codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
      expect(message).toContain('the same field too often');
      expect(message).toContain('Ask for each field once');
    }
  });

  const couplingsBy = 'query ($filter: CouplingFilter) { couplings(filter: $filter) { edges { cursor } } }';
  test.each([
    [
      '20 words of a search',
      { search: 'a '.repeat(20) },
      { search: 'a '.repeat(4_000) },
      'filter.search: expected at most 20 words, got 4000; leave out words, since each has to be found',
    ],
    ['20 words that other signs separate', { search: 'a.'.repeat(20) }, { search: 'a.'.repeat(21) }, 'got 21'],
    [
      '500 characters of a search',
      { search: 'a'.repeat(500) },
      { search: 'a'.repeat(501) },
      'filter.search: expected at most 500 characters, got 501; leave out words, since each has to be found',
    ],
    [
      '1,000 values of a list',
      { mapping: Array.from({ length: 1_000 }, (_, index) => `M${index}`) },
      { mapping: Array.from({ length: 60_000 }, (_, index) => `M${index}`) },
      'filter.mapping: expected at most 1,000 values, got 60000; ask in several operations',
    ],
  ])('a filter takes %s, and no more', async (_what, accepted, refused, says) => {
    expect((await ask(running.url, couplingsBy, { filter: accepted })).codes).toEqual([]);
    let outcome: Outcome | undefined;
    const commands = await commandsOf(running.store.client, async () => {
      outcome = await ask(running.url, couplingsBy, { filter: refused });
    });
    expect([outcome?.codes, commands]).toEqual([['BAD_USER_INPUT'], []]);
    expect(outcome?.message).toContain(says);
  });

  test('the filter of a mutation takes no more either, and the refusal is a userError with its path', async () => {
    const { data, codes } = await ask(
      running.url,
      'mutation ($input: CouplingSelectionInput!) { uncoupleRecords(input: $input) { changedIds userErrors { code field message } } }',
      { input: { filter: { search: 'a '.repeat(21), mapping: Array.from({ length: 1_001 }, String) } } },
    );
    expect(codes).toEqual([]);
    expect(data.uncoupleRecords.userErrors).toEqual([
      { code: 'INVALID', field: ['filter', 'mapping'], message: expect.stringContaining('1,000 values, got 1001') },
      { code: 'INVALID', field: ['filter', 'search'], message: expect.stringContaining('20 words, got 21') },
    ]);
  });

  test('the cost of an operation and its limit stand in extensions.cost', async () => {
    const { extensions } = await ask(
      running.url,
      'query ($n: Int = 7) { jobQueueEntries(first: $n) { totalCount pageInfo { hasNextPage } edges { cursor node { code mapping { name } } } } }',
    );
    // The list and its page info once; edge, entry and mapping for each of seven.
    expect(extensions).toEqual({ cost: { requested: 2 + 3 * 7, limit: 10_000 } });
  });

  test('an operation that takes longer than it may is answered so', async () => {
    const slow = await running.startOther(withSlowTransitions(50));
    const { codes, message } = await ask(slow.url, '{ jobStatusTransitions { edges { node { id } } } }');
    expect(codes).toEqual(['OPERATION_TIMED_OUT']);
    expect(message).toContain('longer than 0.05 s');
    const quick = await running.startOther(withSlowTransitions(20_000));
    const { codes: none } = await ask(quick.url, '{ jobStatusTransitions { edges { node { id } } } }');
    expect(none).toEqual([]);
  });
});

describe('while MongoDB does not answer', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const waiting: Partial<ApiOptions> = { limits: { ...defaultLimits, operationMs: 100 } };
  const get = (url: string, path: string) =>
    fetch(`${url}${path}`, { headers: { authorization: `Bearer ${tokens.ADMIN}` } });

  test.each(transports)('over %s, liveCursor is answered in time, and with the code of it', async (_name, ask) => {
    const changes = { ...running.services.changes, currentCursor: never };
    const { url } = await running.startOther({ ...waiting, services: { ...running.services, changes } });
    const { codes, message } = await ask(url, '{ liveCursor }');
    expect([codes, message]).toEqual([['OPERATION_TIMED_OUT'], expect.stringContaining('longer than 0.1 s')]);
  });

  test('a request whose token cannot be checked is answered in time, /metrics too', async () => {
    const { url } = await running.startOther({ ...waiting, authenticate: never });
    const { codes, message } = await overHttp(url, '{ viewer { name } }');
    expect([codes, message]).toEqual([['OPERATION_TIMED_OUT'], expect.stringContaining('longer than 0.1 s')]);
    const metrics = await get(url, '/metrics');
    expect([metrics.status, ((await metrics.json()) as Answered).errors[0].extensions.code]).toEqual([
      503,
      'OPERATION_TIMED_OUT',
    ]);
  });

  test('a socket whose token cannot be checked is closed in time, with the code after which clients try again', async () => {
    const { url } = await running.startOther({ ...waiting, authenticate: never });
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${tokens.ADMIN}` } }));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1013);
  });

  test('/metrics and /health/ready are answered in time', async () => {
    const { url } = await running.startOther({ ...waiting, metricsPage: never, isReady: never });
    expect((await get(url, '/metrics')).status).toBe(503);
    const ready = await get(url, '/health/ready');
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'unavailable' }]);
  });
});

const withLimits = (limits: Partial<OperationLimits>): Partial<ApiOptions> => ({
  limits: { ...defaultLimits, ...limits },
});

const withSlowTransitions = (operationMs: number): Partial<ApiOptions> => ({
  ...withLimits({ operationMs }),
  services: {
    ...running.services,
    transitionLog: {
      ...running.services.transitionLog,
      page: async (filter, request) => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return running.services.transitionLog.page(filter, request);
      },
    },
  },
});

test.each([
  [
    'a text that is too long',
    '{ node(id: $id) { id } }',
    'query ($id: ID!)',
    { id: 'x'.repeat(10_001) },
    'BAD_USER_INPUT',
  ],
  ['a cost that is too high', cases.at(-1)?.refused ?? '', '', {}, 'COST_LIMIT_EXCEEDED'],
  ['a subscription', '{ jobStatusTransitions { code } }', 'subscription', {}, 'BAD_USER_INPUT'],
])(
  'over HTTP %s is refused with status 400, as what the caller can mend',
  async (_name, body, head, variables, code) => {
    const response = await fetch(`${running.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.ADMIN}` },
      body: JSON.stringify({ query: `${head} ${body}`, variables }),
    });
    expect(response.status).toBe(400);
    const { data, errors } = (await response.json()) as Answered;
    expect([data ?? null, errors]).toEqual([null, [expect.objectContaining({ extensions: { code } })]]);
  },
);

test('every limit is settable', async () => {
  const { url } = await running.startOther(
    withLimits({ depth: 3, aliases: 0, directives: 0, tokens: 30, cost: 3, bodyBytes: 10_000 }),
  );
  const asked = async (query: string): Promise<string> => (await overHttp(url, query)).message;
  expect(await asked('{ viewer { name } }')).toBe('');
  expect(await asked('{ jobQueueEntries { edges { node { code } } } }')).toContain('4 levels deep; at most 3');
  expect(await asked('{ a: liveCursor }')).toContain('1 aliases; at most 0');
  expect(await asked('{ liveCursor @skip(if: false) }')).toContain('more than 0 directives');
  expect(await asked('{ jobQueueEntries(first: 5) { edges { cursor } } }')).toContain('costs 6; at most 3');
  expect(await asked(`{ viewer { ${'name '.repeat(30)} } }`)).toContain('more that 30 tokens');
  expect(await asked(`{ viewer { name } } #${'x'.repeat(10_000)}`)).toContain('larger than 10000 bytes');
});

test('a socket runs 50 operations at the same time, and no more', async () => {
  const socket = await openSocket(running.url);
  const refused = once(socket, 'message');
  for (let id = 0; id <= 50; id += 1) {
    const payload = { query: 'subscription { jobStatusTransitions { code } }' };
    socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload }));
  }
  const [text] = await refused;
  expect(JSON.parse(String(text))).toMatchObject({
    id: '50',
    type: 'error',
    payload: [{ extensions: { code: 'RATE_LIMITED' } }],
  });
  socket.terminate();
});

test('the filter of a subscription takes no more than that of a list', async () => {
  const query = 'subscription ($filter: LiveChangeFilter) { liveChanges(filter: $filter) { cursor } }';
  const { codes, message } = await overWebSocket(running.url, query, {
    filter: { mapping: Array.from({ length: 1_001 }, String) },
  });
  expect([codes, message]).toEqual([
    ['BAD_USER_INPUT'],
    'filter.mapping: expected at most 1,000 values, got 1001; ask in several operations',
  ]);
});

test('persisted queries are off, and whoever asks for one is told so', async () => {
  const query = '{ viewer { name } }';
  const sha256Hash = createHash('sha256').update(query).digest('hex');
  const bodies = [
    { extensions: { persistedQuery: { version: 1, sha256Hash } } },
    { query, extensions: { persistedQuery: { version: 1, sha256Hash } } },
    { query, extensions: { persistedQuery: { version: 2, sha256Hash: 'other' } } },
    { query, extensions: { persistedQuery: 5 } },
  ];
  for (const body of bodies) {
    const response = await fetch(`${running.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.ADMIN}` },
      body: JSON.stringify(body),
    });
    const { errors } = (await response.json()) as Answered;
    // The code that clients take as: send whole documents from now on.
    expect(errors).toEqual([
      { message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } },
    ]);
  }
});

test('several operations in one request are refused', async () => {
  const response = await fetch(`${running.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.ADMIN}` },
    body: JSON.stringify([{ query: '{ viewer { name } }' }, { query: '{ viewer { name } }' }]),
  });
  expect(response.status).toBe(400);
  expect(JSON.stringify(await response.json())).toContain('batching');
});

test('the query of a schema by tools passes all limits', async () => {
  const { codes, data } = await overHttp(running.url, getIntrospectionQuery());
  expect(codes).toEqual([]);
  expect(data.__schema.types.length).toBeGreaterThan(50);
});

describe('malicious operations', () => {
  const fragments = (count: number): string =>
    Array.from(
      { length: count },
      (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`,
    ).join(' ');
  const malicious: Readonly<Record<string, string>> = {
    deep: `{ ${'node { '.repeat(900)} id ${'}'.repeat(900)} }`,
    wide: `{ ${Array.from({ length: 600 }, (_, index) => `f${index}: liveCursor`).join(' ')} }`,
    'fragments that multiply': `{ ...F0 } ${fragments(60)} fragment F60 on Query { x: liveCursor }`,
    'a cycle of fragments': '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
    'a huge id': `{ node(id: "${'A'.repeat(900_000)}") { id } }`,
    'an overlong string': `{ jobQueueEntry(code: "${'x'.repeat(900_000)}") { id } }`,
    'a directive flood': `{ viewer { name ${'@include(if: true) '.repeat(900)} } }`,
    'a list of lists': `{ nodes(ids: ${'['.repeat(900)}${']'.repeat(900)}) { id } }`,
    'unknown fields': `{ ${Array.from({ length: 900 }, (_, index) => `f${index}`).join(' ')} }`,
    'an overflowing number': `{ jobQueueEntries(first: ${'9'.repeat(300)}) { totalCount } }`,
  };

  beforeAll(async () => {
    await overHttp(running.url, '{ viewer { name } }');
  });

  // Refused before anything is executed: no resolver runs, and MongoDB is asked nothing.
  test.each(Object.entries(malicious))('%s is refused, and nothing is executed', async (_name, query) => {
    let outcome: Outcome | undefined;
    const commands = await commandsOf(running.store.client, async () => {
      outcome = await overHttp(running.url, query);
    });
    expect(commands).toEqual([]);
    expect(outcome?.data ?? null).toBeNull();
    expect(outcome?.codes.length).toBeGreaterThan(0);
    for (const code of outcome?.codes ?? []) {
      expect(code).toMatch(/^(GRAPHQL_PARSE_FAILED|GRAPHQL_VALIDATION_FAILED|BAD_REQUEST)$/);
    }
  });

  test('all of them, over and over, leave no memory behind', async () => {
    const round = async (): Promise<void> => {
      for (const query of Object.values(malicious)) await overHttp(running.url, query);
    };
    for (let warm = 0; warm < 3; warm += 1) await round();
    const before = process.memoryUsage().heapUsed;
    for (let again = 0; again < 10; again += 1) await round();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(150 * 1_048_576);
  });
});

describe('whoever has no token', () => {
  const lines: string[] = [];
  let url: string;

  beforeAll(async () => {
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    ({ url } = await running.startOther({ logger }));
  });

  const socketsOf: readonly (readonly [string, string | Buffer, number])[] = [
    ['a message that is too large', 'x'.repeat(2_000_000), 1009],
    ['a message that only a server sends', '{"type":"next","id":"1","payload":{"data":{"Geheim":1}}}', 4400],
    ['another one', '{"type":"connection_ack"}', 4400],
    ['a message of no known type', '{"type":"Geheim"}', 4400],
    ['no JSON', 'Geheim', 4400],
    ['a list', '["Geheim"]', 4400],
    ['an operation without a token', '{"id":"1","type":"subscribe","payload":{"query":"{ liveCursor }"}}', 4401],
  ];
  test.each(socketsOf)('writes nothing into the log with %s over a socket', async (_name, message, code) => {
    const written = vi.spyOn(process.stderr, 'write');
    const consoled = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      await once(socket, 'open');
      socket.send(message);
      const [closedWith] = await once(socket, 'close');
      expect(closedWith).toBe(code);
      expect([consoled.mock.calls, written.mock.calls, lines]).toEqual([[], [], []]);
    } finally {
      written.mockRestore();
      consoled.mockRestore();
    }
  });
});

describe('pages of other addresses', () => {
  test('may not use the API, unless they are allowed', async () => {
    const { url } = await running.startOther({ allowedOrigins: ['https://wall.example.org'] });
    const post = (origin: string | null) =>
      fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${tokens.ADMIN}`,
          ...(origin && { origin }),
        },
        body: JSON.stringify({ query: '{ viewer { name } }' }),
      });
    expect((await post('https://evil.example.org')).status).toBe(403);
    expect((await post('null')).status).toBe(403);
    expect((await post(null)).status).toBe(200);
    expect((await post(url)).status).toBe(200);
    const allowed = await post('https://wall.example.org');
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://wall.example.org',
    ]);
    const asked = await fetch(`${url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'https://wall.example.org', 'access-control-request-method': 'POST' },
    });
    expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'authorization,content-type',
    ]);
  });

  test('get no socket either', async () => {
    const socket = new WebSocket(`${running.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      origin: 'https://evil.example.org',
    });
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('403');
    const own = new WebSocket(`${running.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      origin: running.url,
    });
    await once(own, 'open');
    own.terminate();
  });
});
