import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { idOfType } from '../../../src/api/global-id.js';
import { type Answered, runningApi, tokens } from './running-api.js';

const running = runningApi();

const create = async (input: object): Promise<Answered> =>
  (
    await running.data(
      'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { apiToken { id name role hint createdBy expiresAt lastUsedAt } secret userErrors { code field message } clientMutationId } }',
      { input },
    )
  ).createApiToken;

const revoke = async (id: string): Promise<Answered> =>
  (
    await running.data(
      'mutation ($id: ID!) { revokeApiToken(input: { id: $id }) { deletedId userErrors { code field } } }',
      { id },
    )
  ).revokeApiToken;

const openSocket = async (secret: string, url = running.url): Promise<WebSocket> => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${secret}` } }));
  await once(socket, 'message');
  return socket;
};

test('a token that was made lets its bearer in with its role, and its secret is told once and stored nowhere', async () => {
  const made = await create({ name: 'Wall screen', role: 'MONITOR', clientMutationId: 'wall' });
  expect(made).toMatchObject({
    apiToken: { name: 'Wall screen', role: 'MONITOR', createdBy: 'admin', expiresAt: null, lastUsedAt: null },
    userErrors: [],
  });
  expect(made.secret).toMatch(/^tandem_[\w-]{43}$/);
  expect(made.apiToken.hint).toBe(made.secret.slice(0, 11));
  expect(await running.data('{ viewer { name role } }', {}, made.secret)).toEqual({
    viewer: { name: 'Wall screen', role: 'MONITOR' },
  });
  const repeated = await create({ name: 'Wall screen', role: 'MONITOR', clientMutationId: 'wall' });
  expect(repeated).toMatchObject({ apiToken: { id: made.apiToken.id }, secret: null, userErrors: [] });
  for (const { name } of await running.store.db.listCollections().toArray()) {
    const stored = await running.store.db.collection(name).find({}).toArray();
    expect(JSON.stringify(stored), name).not.toContain(made.secret);
  }
});

test('its last use is noted', async () => {
  const { secret, apiToken } = await create({ name: 'Used once', role: 'VIEWER' });
  await running.data('{ viewer { name } }', {}, secret);
  await expect
    .poll(
      async () =>
        (
          await running.data('query ($id: ID!) { node(id: $id) { ... on ApiToken { lastUsedAt } } }', {
            id: apiToken.id,
          })
        ).node.lastUsedAt,
    )
    .toEqual(expect.stringMatching(/^\d{4}-/));
});

test('a token with a taken name, no name or an end in the past is refused with the path', async () => {
  await create({ name: 'Taken', role: 'VIEWER' });
  expect(await create({ name: 'Taken', role: 'ADMIN' })).toMatchObject({
    apiToken: null,
    secret: null,
    userErrors: [{ code: 'DUPLICATE', field: ['name'] }],
  });
  expect(await create({ name: 'admin', role: 'ADMIN' })).toMatchObject({ userErrors: [{ code: 'DUPLICATE' }] });
  expect(await create({ name: ' ', role: 'ADMIN', expiresAt: '2020-01-01T00:00:00Z' })).toMatchObject({
    userErrors: [
      { code: 'INVALID', field: ['name'] },
      { code: 'INVALID', field: ['expiresAt'] },
    ],
  });
});

test('a revoked token is refused at once, and its open sockets are closed with 4403 at every process', async () => {
  const { secret, apiToken } = await create({ name: 'To be revoked', role: 'OPERATOR' });
  const other = await running.startOther();
  const sockets = [await openSocket(secret), await openSocket(secret, other.url)];
  const kept = await openSocket(tokens.VIEWER);
  const closed = sockets.map(async (socket) => (await once(socket, 'close'))[0] as number);
  expect(await revoke(apiToken.id)).toEqual({ deletedId: apiToken.id, userErrors: [] });
  expect((await running.ask('{ viewer { name } }', {}, secret)).status).toBe(401);
  expect(await Promise.all(closed)).toEqual([4403, 4403]);
  expect(kept.readyState).toBe(WebSocket.OPEN);
  kept.close();
  expect(await revoke(apiToken.id)).toMatchObject({ deletedId: null, userErrors: [{ code: 'NOT_FOUND' }] });
});

test('a token ends at its time: requests are refused, and its socket is closed with 4403', async () => {
  const expiresAt = new Date(Date.now() + 1_500).toISOString();
  const { secret } = await create({ name: 'Short', role: 'VIEWER', expiresAt });
  const socket = await openSocket(secret);
  const [code] = await once(socket, 'close');
  expect(code).toBe(4403);
  await expect.poll(async () => (await running.ask('{ viewer { name } }', {}, secret)).status).toBe(401);
});

test('only an administrator sees tokens, also by their ids', async () => {
  const { apiToken } = await create({ name: 'Seen by admins', role: 'VIEWER' });
  const queries = ['{ apiTokens { edges { node { name } } } }', `{ node(id: "${apiToken.id}") { id } }`];
  for (const query of queries) {
    const { errors } = await running.ask(query, {}, tokens.OPERATOR);
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  }
  const { apiTokens } = await running.data('{ apiTokens(first: 100) { totalCount edges { node { id name } } } }');
  expect(apiTokens.edges.map((edge: Answered) => edge.node.id)).toContain(apiToken.id);
  expect(idOfType('ApiToken', apiToken.id)).not.toBeNull();
});
