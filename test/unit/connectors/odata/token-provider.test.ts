import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { defaultHttpOptions, HttpClient } from '../../../../src/connectors/odata/http-client.js';
import { TokenProvider } from '../../../../src/connectors/odata/token-provider.js';
import { json, type TinyServer, tinyServer } from './tiny-server.js';

const never = new AbortController().signal;

function providerOf(server: TinyServer, clock = { ms: 0 }): TokenProvider {
  const http = new HttpClient(defaultHttpOptions);
  onTestFinished(() => http.close());
  return new TokenProvider(
    {
      tokenUrl: `${server.origin}/oauth2/v2.0/token`,
      clientId: 'tandem',
      secret: 'sand&box secret',
      scope: 'https://org/.default',
    },
    {
      http,
      retry: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 1, budgetMs: 100 },
      random: () => 1,
      monotonicMs: () => clock.ms,
    },
  );
}

const numbered = (lifetimeSeconds: number) => (_request: unknown, response: ServerResponse, index: number) =>
  json(response, { token_type: 'Bearer', expires_in: lifetimeSeconds, access_token: `token-${index}` });

describe('a token', () => {
  test('is asked for once, however many wait for it', async () => {
    await using server = await tinyServer(numbered(3600));
    const provider = providerOf(server);
    const headers = await Promise.all([1, 2, 3].map(() => provider.header(never)));
    expect(headers).toEqual(['Bearer token-0', 'Bearer token-0', 'Bearer token-0']);
    expect(Object.fromEntries(new URLSearchParams(server.received[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'tandem',
      client_secret: 'sand&box secret',
      scope: 'https://org/.default',
    });
  });

  test.each([
    [3_600, 3_299, 3_301],
    [100, 89, 91],
  ])('of %d s is kept for %d s and renewed after %d s', async (lifetime, keptAt, renewedAt) => {
    await using server = await tinyServer(numbered(lifetime));
    const clock = { ms: 0 };
    const provider = providerOf(server, clock);
    await provider.header(never);
    clock.ms = keptAt * 1000;
    expect(await provider.header(never)).toBe('Bearer token-0');
    clock.ms = renewedAt * 1000;
    expect(await provider.header(never)).toBe('Bearer token-1');
  });

  test('that cannot be renewed early is used until its end', async () => {
    await using server = await tinyServer((request, response, index) =>
      index === 0 ? numbered(3600)(request, response, index) : json(response, {}, 503),
    );
    const clock = { ms: 0 };
    const provider = providerOf(server, clock);
    await provider.header(never);
    clock.ms = 3_400_000;
    expect(await provider.header(never)).toBe('Bearer token-0');
    clock.ms = 3_600_000;
    await expect(provider.header(never)).rejects.toMatchObject({ errorClass: 'TRANSIENT', httpStatus: 503 });
  });

  test('that was refused is replaced, but not one that another request has renewed meanwhile', async () => {
    await using server = await tinyServer(numbered(3600));
    const provider = providerOf(server);
    const old = await provider.header(never);
    provider.refused(old);
    expect(await provider.header(never)).toBe('Bearer token-1');
    provider.refused(old);
    expect(await provider.header(never)).toBe('Bearer token-1');
  });

  test.each([
    [
      'AADSTS7000215',
      401,
      {
        error: 'invalid_client',
        error_codes: [7000215],
        error_description: 'AADSTS7000215: Invalid client secret.\r\nTrace ID: 1',
      },
      'AUTHENTICATION',
    ],
    [
      'AADSTS7000222',
      401,
      { error: 'invalid_client', error_codes: [7000222], error_description: 'expired' },
      'AUTHENTICATION',
    ],
    [
      'AADSTS700016',
      400,
      { error: 'unauthorized_client', error_codes: [700016], error_description: 'unknown application' },
      'CONFIGURATION',
    ],
    [
      'AADSTS90002',
      400,
      { error: 'invalid_request', error_codes: [90002], error_description: 'unknown tenant' },
      'CONFIGURATION',
    ],
    ['invalid_scope', 400, { error: 'invalid_scope', error_description: 'unknown scope' }, 'CONFIGURATION'],
  ])('refused with %s is not asked for again', async (code, status, body, errorClass) => {
    await using server = await tinyServer((_request, response) => json(response, body, status));
    await expect(providerOf(server).header(never)).rejects.toMatchObject({ code, errorClass, httpStatus: status });
    expect(server.received).toHaveLength(1);
  });

  test('is asked for again when the endpoint is busy', async () => {
    await using server = await tinyServer((request, response, index) =>
      index < 2 ? json(response, {}, 429) : numbered(3600)(request, response, index),
    );
    expect(await providerOf(server).header(never)).toBe('Bearer token-2');
  });

  test('is not lost for others when one of those who wait gives up', async () => {
    let answer = () => undefined as void;
    await using server = await tinyServer((request, response, index) => {
      answer = () => numbered(3600)(request, response, index);
    });
    const provider = providerOf(server);
    const leaving = new AbortController();
    const left = provider.header(leaving.signal);
    const stays = provider.header(never);
    await server.arrived(1);
    leaving.abort(new Error('no longer wanted'));
    await expect(left).rejects.toThrow('no longer wanted');
    answer();
    expect(await stays).toBe('Bearer token-0');
  });

  test('and the secret are taken out of texts', async () => {
    await using server = await tinyServer(numbered(3600));
    const provider = providerOf(server);
    await provider.header(never);
    expect(provider.redact('sent token-0 with sand&box secret or sand%26box%20secret')).toBe(
      'sent *** with *** or ***',
    );
  });

  test('in an answer without lifetime is not used, and not quoted', async () => {
    await using server = await tinyServer((_request, response) => json(response, { access_token: 'precious' }));
    const failure: unknown = await providerOf(server)
      .header(never)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'BAD_ANSWER' });
    expect(String(failure)).not.toContain('precious');
  });
});
