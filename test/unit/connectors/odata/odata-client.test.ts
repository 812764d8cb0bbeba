import { once } from 'node:events';
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { basicAuthorization, noAuthorization } from '../../../../src/connectors/odata/authorization.js';
import { type ErrorDialect, RequestError } from '../../../../src/connectors/odata/classify.js';
import { LocalGate } from '../../../../src/connectors/odata/gate.js';
import { defaultHttpOptions, HttpClient, type HttpOptions } from '../../../../src/connectors/odata/http-client.js';
import { ODataClient } from '../../../../src/connectors/odata/odata-client.js';
import { mayBeApplied } from '../../../../src/connectors/odata/repetition.js';
import { json, tinyServer } from './tiny-server.js';

const dialect: ErrorDialect = {
  system: 'the system',
  codes: new Map([['deadlock', { errorClass: 'TRANSIENT', situation: 'ROLLED_BACK' }]]),
  texts: [],
  generalCodes: new Map(),
  statuses: new Map(),
  fieldPatterns: [/field "(\w+)"/],
  normalCode: (code) => code,
};
const never = new AbortController().signal;

function clientOf(origin: string, http: Partial<HttpOptions> = {}, authorization = noAuthorization): ODataClient {
  const client = new HttpClient({ ...defaultHttpOptions, ...http });
  onTestFinished(() => client.close());
  return new ODataClient({
    base: new URL('/api/', origin),
    http: client,
    authorization,
    gate: new LocalGate({ initial: 4, maximum: 4 }),
    dialect,
    retry: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 5, budgetMs: 5_000 },
    random: Math.random,
    headers: { accept: 'application/json' },
  });
}

const failureOf = async (promise: Promise<unknown>): Promise<RequestError> => {
  const error: unknown = await promise.then(
    () => new Error('expected a failure'),
    (failure: unknown) => failure,
  );
  if (!(error instanceof RequestError)) throw error;
  return error;
};

const write = { method: 'POST', kind: 'WRITE', path: 'rows', body: '{}' } as const;
const read = () => 'read';

describe('an answer', () => {
  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateRawSync],
  ])('packed with %s is unpacked', async (encoding, pack) => {
    await using server = await tinyServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
      response.end(pack(JSON.stringify({ value: 'ä' })));
    });
    expect((await clientOf(server.origin).getJson('x', never)).body).toEqual({ value: 'ä' });
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['gzip, gzip', (text: string) => gzipSync(gzipSync(text))],
  ])(
    'packed with %s that unpacks to more than the limit is refused, and not asked for again',
    async (encoding, pack) => {
      const bomb = pack(' '.repeat(1_000_000));
      expect(bomb.length).toBeLessThan(10_000);
      await using server = await tinyServer((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
        response.end(bomb);
      });
      const client = clientOf(server.origin, { maxAnswerBytes: 10_000 });
      expect(await failureOf(client.getJson('x', never))).toMatchObject({
        code: 'ANSWER_TOO_LARGE',
        errorClass: 'CONFIGURATION',
        message: expect.stringContaining('unpacks to more than 10000 bytes'),
      });
      expect(server.received).toHaveLength(1);
      const failure = await failureOf(client.send(write, read, never));
      expect(mayBeApplied(failure.situation, 'WRITE')).toBe(true);
    },
  );

  test('that is larger than the limit is given up', async () => {
    await using server = await tinyServer((_request, response) => json(response, { text: 'x'.repeat(20_000) }));
    const failure = await failureOf(clientOf(server.origin, { maxAnswerBytes: 10_000 }).getJson('x', never));
    expect(failure.code).toBe('ANSWER_TOO_LARGE');
  });

  test('that redirects is not followed', async () => {
    await using elsewhere = await tinyServer((_request, response) => json(response, {}));
    await using server = await tinyServer((_request, response) =>
      response.writeHead(307, { location: elsewhere.origin }).end(),
    );
    const failure = await failureOf(clientOf(server.origin).getJson('x', never));
    expect(failure).toMatchObject({
      errorClass: 'CONFIGURATION',
      httpStatus: 307,
      message: expect.stringContaining('check the address of the connection'),
    });
    expect(elsewhere.received).toEqual([]);
  });

  test('of HTML with status 200 is no JSON', async () => {
    await using server = await tinyServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>');
    });
    expect(await failureOf(clientOf(server.origin).getJson('x', never))).toMatchObject({
      code: 'BAD_ANSWER',
      errorClass: 'TRANSIENT',
    });
    expect(server.received).toHaveLength(3);
  });

  test('names the field that it complains of', async () => {
    await using server = await tinyServer((_request, response) =>
      json(response, { error: { code: 'E1', message: 'field "name" is too long' } }, 400),
    );
    expect(await failureOf(clientOf(server.origin).getJson('x', never))).toMatchObject({
      errorClass: 'VALIDATION',
      code: 'E1',
      field: 'name',
      httpStatus: 400,
    });
  });

  test('that quotes the secret is not shown with it', async () => {
    await using server = await tinyServer((request, response) =>
      json(response, { error: { code: 'E1', message: `refused: ${request.headers.authorization} top-secret` } }, 400),
    );
    const failure = await failureOf(
      clientOf(server.origin, {}, basicAuthorization('me', 'top-secret')).getJson('x', never),
    );
    expect(failure.message).toBe('refused: Basic *** ***');
  });
});

describe('a request', () => {
  test('carries no cookie of an earlier answer', async () => {
    await using server = await tinyServer((_request, response) =>
      json(response, {}, 200, { 'set-cookie': 'ARRAffinity=1' }),
    );
    const client = clientOf(server.origin);
    await client.getJson('x', never);
    await client.getJson('x', never);
    expect(server.received.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
  });

  test('that was throttled waits as long as asked, and so do all others', async () => {
    await using server = await tinyServer((_request, response, index) => {
      if (index === 0) json(response, { error: { code: '', message: 'slow down' } }, 429, { 'retry-after': '1' });
      else json(response, {});
    });
    const client = clientOf(server.origin);
    const startedAt = performance.now();
    const first = client.send(write, read, never);
    await server.arrived(1);
    await Promise.all([first, client.getJson('other', never)]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
    expect(server.received).toHaveLength(3);
  });

  test('that is throttled for longer than the budget fails as THROTTLED', async () => {
    await using server = await tinyServer((_request, response) => json(response, {}, 429, { 'retry-after': '600' }));
    expect(await failureOf(clientOf(server.origin).send(write, read, never))).toMatchObject({
      errorClass: 'THROTTLED',
      situation: 'THROTTLED',
    });
    expect(server.received).toHaveLength(1);
  });

  test('that reads is repeated when the connection breaks, one that writes is not', async () => {
    await using server = await tinyServer((_request, response) => response.destroy());
    const client = clientOf(server.origin);
    expect((await failureOf(client.getJson('x', never))).code).toBe('CONNECTION_LOST');
    expect(server.received).toHaveLength(3);
    const failure = await failureOf(client.send(write, read, never));
    expect(mayBeApplied(failure.situation, 'WRITE')).toBe(true);
    expect(server.received).toHaveLength(4);
  });

  test('that was rolled back is written again', async () => {
    await using server = await tinyServer((_request, response, index) =>
      index === 0 ? json(response, { error: { code: 'deadlock', message: 'deadlock' } }, 500) : json(response, {}),
    );
    expect(await clientOf(server.origin).send(write, read, never)).toBe('read');
  });

  test('that could not be sent surely was not applied', async () => {
    const server = await tinyServer(() => undefined);
    await server[Symbol.asyncDispose]();
    const failure = await failureOf(clientOf(server.origin).send(write, read, never));
    expect(failure).toMatchObject({ code: 'UNREACHABLE', errorClass: 'TRANSIENT', situation: 'NOT_SENT' });
    expect(mayBeApplied(failure.situation, 'WRITE')).toBe(false);
  });

  test('whose answer is cut off has no answer', async () => {
    await using server = await tinyServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"value":');
      response.destroy();
    });
    expect((await failureOf(clientOf(server.origin).send(write, read, never))).situation).toBe('LOST');
  });

  test('that gets no answer in time may have been applied', async () => {
    await using server = await tinyServer(() => undefined);
    const failure = await failureOf(clientOf(server.origin, { requestMs: 50 }).send(write, read, never));
    expect(failure).toMatchObject({ code: 'TIMEOUT', situation: 'LOST' });
  });

  test('that is aborted while its answer hangs ends at once with the reason, and the connection is closed', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    await using server = await tinyServer((_request, response) => {
      closed = once(response, 'close');
    });
    const stopping = new AbortController();
    const request = clientOf(server.origin).getJson('x', stopping.signal);
    await server.arrived(1);
    const reason = new Error('lease lost');
    stopping.abort(reason);
    await expect(request).rejects.toBe(reason);
    await closed;
  });

  test('that waits for a pause is aborted at once', async () => {
    await using server = await tinyServer((_request, response) => json(response, {}));
    const client = clientOf(server.origin);
    client.pause(60_000);
    const stopping = new AbortController();
    const request = client.getJson('x', stopping.signal);
    stopping.abort(new Error('stop'));
    await expect(request).rejects.toThrow('stop');
    expect(server.received).toEqual([]);
  });

  test('failing by the network does not tell its query', async () => {
    await using server = await tinyServer((_request, response) => response.destroy());
    const failure = await failureOf(
      clientOf(server.origin)
        .getJson("rows?$filter=name eq 'Private'", never)
        .catch((error) => Promise.reject(error)),
    );
    expect(failure.message).not.toContain('Private');
  });

  test.each([503, 408, 429])(
    'that the system had no place for (%i) lets fewer go at once afterwards',
    async (status) => {
      await using server = await tinyServer((_request, response, index) => {
        if (index === 0) json(response, {}, status, { 'retry-after': '0' });
      });
      const client = clientOf(server.origin);
      const stopping = new AbortController();
      const first = client.send(write, read, stopping.signal).catch(() => undefined);
      // One that was throttled is sent again by itself, and holds a place.
      await (status === 429 ? server.arrived(2) : first);
      const requests = ['a', 'b', 'c', 'd'].map((path) => client.getJson(path, stopping.signal).catch(() => undefined));
      await server.arrived(3);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(server.received).toHaveLength(3);
      stopping.abort();
      await Promise.all([first, ...requests]);
    },
  );

  test('follows the recommended parallelism', async () => {
    await using server = await tinyServer((_request, response, index) => {
      if (index === 0) json(response, {}, 200, { 'x-ms-dop-hint': '1' });
    });
    const client = clientOf(server.origin);
    await client.getJson('x', never);
    const stopping = new AbortController();
    const requests = ['a', 'b'].map((path) => client.getJson(path, stopping.signal).catch(() => undefined));
    await server.arrived(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.received).toHaveLength(2);
    stopping.abort();
    await Promise.all(requests);
  });
});
