import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dataverseErrors } from '../../../../src/connectors/dataverse/error-codes.js';
import type { Authorization } from '../../../../src/connectors/odata/authorization.js';
import { RequestError } from '../../../../src/connectors/odata/classify.js';
import { LocalGate } from '../../../../src/connectors/odata/gate.js';
import { defaultHttpOptions, HttpClient } from '../../../../src/connectors/odata/http-client.js';
import { ODataClient } from '../../../../src/connectors/odata/odata-client.js';
import {
  mayBeApplied,
  type RequestKind,
  repetition,
  type Situation,
} from '../../../../src/connectors/odata/repetition.js';
import { json, type Received, type TinyServer, tinyServer } from './tiny-server.js';

type Response = Parameters<Parameters<typeof tinyServer>[0]>[1];

/** What stands in a column: sent again until it succeeds, or once more; not again, for the caller reads first; not again at all. */
type Cell = 'repeated' | 'repeated once' | 'read first' | 'refused';

interface Row {
  readonly situation: string;
  /** How the server fails. */
  readonly fail: (response: Response) => unknown;
  readonly GET: Cell;
  readonly PATCH: Cell;
  readonly DELETE: Cell;
  readonly POST: Cell;
  readonly BATCH: Cell;
}

const failing =
  (status: number, code: string, headers: Record<string, string> = {}) =>
  (response: Response) =>
    json(response, { error: { code, message: 'no' } }, status, headers);

const html = (status: number) => (response: Response) =>
  response.writeHead(status, { 'content-type': 'text/html' }).end('<html>');

const all = (cell: Cell) => ({ GET: cell, PATCH: cell, DELETE: cell, POST: cell, BATCH: cell });
const readsAlone = {
  GET: 'repeated',
  PATCH: 'read first',
  DELETE: 'read first',
  POST: 'read first',
  BATCH: 'read first',
} as const;
const notAsBatch = {
  GET: 'repeated',
  PATCH: 'repeated',
  DELETE: 'repeated',
  POST: 'repeated',
  BATCH: 'read first',
} as const;

/** The table of what may be repeated. What may have been applied is never sent again unread, whatever the method. */
const TIME_OUT = 'a time-out after sending';

const rows: readonly Row[] = [
  { situation: '429 of the requests', fail: failing(429, '0x80072322', { 'retry-after': '0' }), ...all('repeated') },
  {
    situation: '429 of the execution time',
    fail: failing(429, '0x80072321', { 'retry-after': '0' }),
    ...all('repeated'),
  },
  { situation: '429 of the concurrency', fail: failing(429, '0x80072326', { 'retry-after': '0' }), ...all('repeated') },
  { situation: '401', fail: failing(401, ''), ...all('repeated once') },
  { situation: '502', fail: html(502), ...readsAlone },
  { situation: '503', fail: html(503), ...readsAlone },
  { situation: '504', fail: html(504), ...readsAlone },
  { situation: 'a reset after sending', fail: (response) => response.destroy(), ...readsAlone },
  { situation: TIME_OUT, fail: () => undefined, ...readsAlone },
  { situation: '500 of a deadlock', fail: failing(500, '0x80044150'), ...notAsBatch },
  { situation: '500 of an SQL time-out', fail: failing(500, '0x80044151'), ...notAsBatch },
  { situation: '500 of an unexpected error', fail: failing(500, '0x80040216'), ...readsAlone },
  { situation: 'another 4xx', fail: failing(400, '0x80040203'), ...all('refused') },
  { situation: 'no right', fail: failing(403, '0x80040220'), ...all('refused') },
];

const methods = ['GET', 'PATCH', 'DELETE', 'POST', 'BATCH'] as const;
type Method = (typeof methods)[number];
const kinds: Readonly<Record<Method, RequestKind>> = {
  GET: 'READ',
  PATCH: 'WRITE',
  DELETE: 'WRITE',
  POST: 'WRITE',
  BATCH: 'BATCH',
};

/** A token that can be renewed as often as it is refused. */
const renewable: Authorization = {
  header: async () => 'Bearer token',
  refused: () => true,
  redact: (text) => text,
  close: () => undefined,
};
const never = new AbortController().signal;

function clientOf(origin: string, random = () => 0, requestMs = 10_000): ODataClient {
  const http = new HttpClient({ ...defaultHttpOptions, requestMs });
  onTestFinished(() => http.close());
  return new ODataClient({
    base: new URL('/api/', origin),
    http,
    authorization: renewable,
    gate: new LocalGate({ initial: 4, maximum: 4 }),
    dialect: dataverseErrors,
    retry: { maxAttempts: 5, baseDelayMs: 2, maxDelayMs: 4, budgetMs: 5_000 },
    random,
    headers: {},
  });
}

const send = (client: ODataClient, method: Method) => {
  const kind = kinds[method];
  const verb = method === 'BATCH' ? 'POST' : method;
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
  return client
    .send({ method: verb, kind, path: 'rows', ...body }, () => 'done', never)
    .catch((error: unknown) => error);
};

/** A server that fails so often and then succeeds. */
const failingServer = (times: number, fail: Row['fail']): Promise<TinyServer> =>
  tinyServer((_request: Received, response, index) => (index < times ? fail(response) : json(response, {})));

const expected: Readonly<Record<Cell, (failures: number) => { sent: number; result: unknown }>> = {
  repeated: (failures) => ({ sent: failures + 1, result: 'done' }),
  'repeated once': (failures) => ({
    sent: Math.min(failures + 1, 2),
    result: failures === 1 ? 'done' : expect.any(RequestError),
  }),
  'read first': () => ({ sent: 1, result: expect.any(RequestError) }),
  refused: () => ({ sent: 1, result: expect.any(RequestError) }),
};

describe.each(rows)('after $situation', ({ situation, fail, ...cells }) => {
  // Only the server that never answers is not waited for.
  const requestMs = situation === TIME_OUT ? 500 : undefined;
  test.each(methods)('a %s is sent as often as the table says', async (method) => {
    const cell = cells[method];
    for (const failures of [1, 2]) {
      await using server = await failingServer(failures, fail);
      const result = await send(clientOf(server.origin, undefined, requestMs), method);
      expect({ sent: server.received.length, result }).toEqual(expected[cell](failures));
      if (result instanceof RequestError) {
        expect(mayBeApplied(result.situation, kinds[method])).toBe(cell === 'read first');
      }
    }
  });
});

test.each(methods)('a %s that met a closed port is sent when the port opens', async (method) => {
  // The port is free while this holds it and does not listen for HTTP yet.
  const reserved = createServer();
  await new Promise<void>((resolve) => reserved.listen(0, '127.0.0.1', resolve));
  const address = reserved.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  await new Promise((resolve) => reserved.close(resolve));
  let opened: Promise<TinyServer> | null = null;
  const open = () => (opened ??= tinyServer((_request, response) => json(response, {}), { port }));
  onTestFinished(async () => (await opened)?.[Symbol.asyncDispose]());
  // The wait before the next try begins with a look at chance: then the first try has failed.
  const result = await send(
    clientOf(`http://127.0.0.1:${port}`, () => {
      void open();
      return 1;
    }),
    method,
  );
  expect(result).toBe('done');
  expect((await open()).received).toHaveLength(1);
});

test('what may have been applied is never sent again unread', () => {
  for (const [situation, byKind] of Object.entries(repetition)) {
    for (const [kind, cell] of Object.entries(byKind)) {
      const isUnknown = mayBeApplied(situation as Situation, kind as RequestKind);
      expect(cell === 'READ_FIRST', `${situation} of ${kind}`).toBe(isUnknown);
    }
  }
  const sure: Situation[] = ['NOT_SENT', 'THROTTLED', 'NOTHING_DONE', 'UNAUTHORIZED', 'REFUSED'];
  for (const situation of sure) expect(Object.values(repetition[situation])).not.toContain('READ_FIRST');
});
