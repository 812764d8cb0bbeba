import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import pino from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { oidcAuthenticator } from '../../../src/api/oidc.js';
import type { Api } from '../../../src/api/start-api.js';
import { runningApi } from './running-api.js';

const running = runningApi();
const AUDIENCE = 'tandem';

/** An identity provider whose keys can be exchanged. */
class Issuer {
  readonly #server: Server;
  #keys: { kid: string; pair: Awaited<ReturnType<typeof generateKeyPair>> }[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      void this.#answer(request.url).then((answer) => response.end(JSON.stringify(answer)));
    });
  }

  async #answer(path: string | undefined): Promise<object> {
    if (path === '/.well-known/openid-configuration') return { issuer: this.url, jwks_uri: `${this.url}/keys` };
    const exported = this.#keys.map(async ({ kid, pair }) => {
      const key = await exportJWK(pair.publicKey);
      return { ...key, kid, alg: 'RS256', use: 'sig' };
    });
    return { keys: await Promise.all(exported) };
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  close(): void {
    this.#server.close();
  }

  async rotate(kid: string): Promise<void> {
    this.#keys = [{ kid, pair: await generateKeyPair('RS256', { extractable: true }) }];
  }

  sign(claims: Record<string, unknown>, parts: { issuer?: string; audience?: string; expires?: string | number } = {}) {
    const [key] = this.#keys;
    if (key === undefined) throw new Error('there is no key');
    return new SignJWT({ sub: 'user-1', ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: key.kid })
      .setIssuer(parts.issuer ?? this.url)
      .setAudience(parts.audience ?? AUDIENCE)
      .setExpirationTime(parts.expires ?? '5m')
      .sign(key.pair.privateKey);
  }
}

const issuer = new Issuer();
let api: Api;

beforeAll(async () => {
  await issuer.listen();
  await issuer.rotate('first');
  api = await running.startOther({
    authenticate: oidcAuthenticator({
      issuer: issuer.url,
      audience: AUDIENCE,
      roleClaim: 'roles',
      logger: pino({ level: 'silent' }),
    }),
  });
});
afterAll(() => issuer.close());

const viewerWith = async (token: string): Promise<unknown> => {
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ viewer { name role } }' }),
  });
  return response.status === 200
    ? ((await response.json()) as { data: { viewer: unknown } }).data.viewer
    : response.status;
};

test('a signed token lets its user in with the strongest role of its claim', async () => {
  const claims = { preferred_username: 'ann@example.org', roles: ['viewer', 'OPERATOR', 'Something.Else'] };
  expect(await viewerWith(await issuer.sign(claims))).toEqual({ name: 'ann@example.org', role: 'OPERATOR' });
  expect(await viewerWith(await issuer.sign({ roles: 'MONITOR' }))).toEqual({ name: 'user-1', role: 'MONITOR' });
});

test('a token for somebody else, of somebody else, without a role, expired or unsigned is refused', async () => {
  const roles = ['ADMIN'];
  const other = new Issuer();
  await other.rotate('first');
  const unsigned = new UnsecuredJWT({ sub: 'user-1', roles }).setIssuer(issuer.url).setAudience(AUDIENCE).encode();
  const refused = [
    await issuer.sign({ roles }, { audience: 'another' }),
    await issuer.sign({ roles }, { issuer: 'https://elsewhere.example.org' }),
    await issuer.sign({ roles: ['Nothing'] }),
    await issuer.sign({}),
    await issuer.sign({ roles }, { expires: '-5m' }),
    await issuer.sign({ roles }, { expires: '-1s' }),
    await other.sign({ roles }, { issuer: issuer.url }),
    unsigned,
  ];
  for (const token of refused) expect(await viewerWith(token)).toBe(401);
});

test('after the keys were rotated new tokens are accepted, and old ones refused', async () => {
  const old = await issuer.sign({ roles: ['ADMIN'] });
  expect(await viewerWith(old)).toMatchObject({ role: 'ADMIN' });
  await issuer.rotate('second');
  const fresh = await issuer.sign({ roles: ['ADMIN'] });
  // The keys are read anew at most every 30 seconds: half a minute passes.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
  try {
    expect(await viewerWith(fresh)).toMatchObject({ role: 'ADMIN' });
    expect(await viewerWith(old)).toBe(401);
  } finally {
    vi.useRealTimers();
  }
});

test('nobody gets the name of the administrator from a provider', async () => {
  for (const name of ['admin', ' Admin ', 'ADMIN']) {
    const claims = { preferred_username: name, name, email: 'mallory@example.org', roles: ['OPERATOR'] };
    expect(await viewerWith(await issuer.sign(claims))).toEqual({ name: 'mallory@example.org', role: 'OPERATOR' });
    expect(
      await viewerWith(await issuer.sign({ sub: 'admin', preferred_username: name, roles: ['OPERATOR'] })),
    ).toEqual({
      name: 'oidc:admin',
      role: 'OPERATOR',
    });
  }
});

test('a claim of another form than texts holds no role', async () => {
  for (const roles of [[{ toString: 'ADMIN' }], { ADMIN: true }, [['ADMIN']], 7, null, [null]]) {
    expect(await viewerWith(await issuer.sign({ roles }))).toBe(401);
  }
  expect(await viewerWith(await issuer.sign({ roles: [{ toString: 'ADMIN' }, 'viewer'] }))).toMatchObject({
    role: 'VIEWER',
  });
});

test('a socket is closed with 4403 at the end that its token names, from which on requests with it are refused', async () => {
  const open = async (
    expires: string | number,
  ): Promise<{ readonly closed: Promise<unknown>; socket: WebSocket; token: string }> => {
    const token = await issuer.sign({ roles: ['ADMIN'] }, { expires });
    expect(await viewerWith(token)).toMatchObject({ role: 'ADMIN' });
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const closed = once(socket, 'close').then(([code]) => code as unknown);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    expect(JSON.parse(String((await once(socket, 'message'))[0]))).toEqual({ type: 'connection_ack' });
    return { closed, socket, token };
  };
  const late = await open('4 seconds');
  const endless = await open(1e15);
  expect(await Promise.race([late.closed, endless.closed, answered(late.socket), answered(endless.socket)])).toBe(
    'alive',
  );
  await answered(endless.socket);
  expect(await late.closed).toBe(4403);
  expect(await viewerWith(late.token)).toBe(401);
  expect(endless.socket.readyState).toBe(WebSocket.OPEN);
  endless.socket.terminate();
}, 60_000);

async function answered(socket: WebSocket): Promise<string> {
  socket.send(JSON.stringify({ type: 'ping' }));
  await once(socket, 'message');
  return 'alive';
}
