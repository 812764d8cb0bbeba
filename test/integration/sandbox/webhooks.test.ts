import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { errorOf, rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
const ANY = { 'if-match': '*' };
let company = '';

type Told = Record<string, unknown>;

/** A client that is told of changes. It answers handshakes unless `silent`, and notifications with the status of now. */
async function listener({ silent = false } = {}) {
  const told: Told[][] = [];
  const handshakes: string[] = [];
  const state = { status: 200 };
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const token = new URL(request.url ?? '', 'http://localhost').searchParams.get('validationToken');
    if (token !== null) {
      handshakes.push(token);
      response.end(silent ? 'something else' : token);
      return;
    }
    told.push((JSON.parse(Buffer.concat(chunks).toString('utf8')) as { value: Told[] }).value);
    response.writeHead(state.status).end();
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/told`, told, handshakes, state };
}

const subscribe = (notificationUrl: string, set = 'customers', clientState = 'mine') =>
  sandbox.business('subscriptions', {
    method: 'POST',
    body: { notificationUrl, resource: `/api/v2.0/${company}/${set}`, clientState },
  });
const subscriptions = async () => rowsOf((await sandbox.business('subscriptions')).body);
const create = async (displayName: string, set = 'customers') =>
  String((await sandbox.business(`${company}/${set}`, { method: 'POST', body: { displayName } })).body['id']);
const change = (id: string, body: object) =>
  sandbox.business(`${company}/customers(${id})`, { method: 'PATCH', body, headers: ANY });
const webhooks = (settings: object) => sandbox.control('POST', '/settings', { BUSINESS: { webhooks: settings } });

beforeEach(async () => {
  company = await sandbox.company();
  await webhooks({ delayMs: 40, retryMs: 20 });
});
afterEach(async () => {
  await sandbox.control('DELETE', '/settings');
  for (const { subscriptionId } of await subscriptions())
    await sandbox.business(`subscriptions('${String(subscriptionId)}')`, { method: 'DELETE', headers: ANY });
});

describe('Business Central 21: a subscription', () => {
  test('is made and renewed by a handshake, lives three days, and is ended by its client', async () => {
    const client = await listener();
    const made = await subscribe(client.url);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ notificationUrl: client.url, clientState: 'mine', userId: 'tandem' });
    const lifetimeMs =
      Date.parse(String(made.body['expirationDateTime'])) - Date.parse(String(made.body['lastModifiedDateTime']));
    expect(lifetimeMs).toBe(3 * 24 * 3_600_000);
    const address = `subscriptions('${String(made.body['subscriptionId'])}')`;
    expect(errorOf(await sandbox.business(address, { method: 'PATCH', body: {} })).code).toBe(
      'BadRequest_InvalidToken',
    );
    expect((await sandbox.business(address, { method: 'PATCH', body: {}, headers: ANY })).status).toBe(200);
    expect(client.handshakes).toHaveLength(2);
    expect((await sandbox.business(address, { method: 'DELETE', headers: ANY })).status).toBe(204);
    expect(await subscriptions()).toEqual([]);
  });

  test('is refused when the handshake fails, and for sets that tell nothing', async () => {
    const silent = await listener({ silent: true });
    expect((await subscribe(silent.url)).status).toBe(400);
    const client = await listener();
    for (const set of ['contacts', 'salespeoplePurchasers'])
      expect(errorOf(await subscribe(client.url, set)).message).toContain('does not support webhooks');
    expect((await subscribe('https://elsewhere.example/told')).status).toBe(400);
    expect(await subscriptions()).toEqual([]);
  });

  test('tells what was created, changed and deleted, edits of one row once, several subscriptions in one call', async () => {
    const client = await listener();
    await subscribe(client.url, 'customers', 'c');
    await subscribe(client.url, 'items', 'i');
    const kept = await create('Told');
    const gone = await create('Never seen');
    await change(kept, { city: 'A' });
    await change(kept, { city: 'B' });
    await sandbox.business(`${company}/customers(${gone})`, { method: 'DELETE', headers: ANY });
    const item = await create('Told', 'items');
    await expect.poll(() => client.told.flat()).toHaveLength(2);
    expect(client.told).toHaveLength(1);
    expect(client.told.flat()).toEqual([
      expect.objectContaining({
        clientState: 'c',
        changeType: 'created',
        resource: `api/v2.0/${company}/customers(${kept})`,
      }),
      expect.objectContaining({
        clientState: 'i',
        changeType: 'created',
        resource: `api/v2.0/${company}/items(${item})`,
      }),
    ]);
    await sandbox.business(`${company}/customers(${kept})`, { method: 'DELETE', headers: ANY });
    await expect.poll(() => client.told.flat().at(-1)).toMatchObject({ changeType: 'deleted' });
  });

  test('tells many changes as one of the whole set', async () => {
    const client = await listener();
    await subscribe(client.url);
    await webhooks({ collectionAbove: 2, delayMs: 300 });
    for (const name of ['1', '2', '3']) await create(name);
    await expect.poll(() => client.told.flat()).toHaveLength(1);
    expect(client.told[0]?.[0]).toMatchObject({ changeType: 'collection' });
    expect(String(client.told[0]?.[0]?.['resource'])).toContain('$filter=lastModifiedDateTime ge ');
  });

  test.each([408, 429, 503])('is told again after status %i', async (status) => {
    const client = await listener();
    await subscribe(client.url);
    client.state.status = status;
    await create('Again');
    await expect.poll(() => client.told.length).toBeGreaterThan(1);
    client.state.status = 200;
    expect(await subscriptions()).toHaveLength(1);
    expect(client.told[1]).toEqual(client.told[0]);
  });

  test('ends with any other status', async () => {
    const client = await listener();
    await subscribe(client.url);
    client.state.status = 404;
    await create('Refused');
    await expect.poll(subscriptions).toEqual([]);
  });

  test('that has expired is told nothing more', async () => {
    const client = await listener();
    await subscribe(client.url);
    await sandbox.control('POST', '/settings', { BUSINESS: { clockOffsetMs: 73 * 3_600_000 } });
    expect(await subscriptions()).toEqual([]);
    await create('Too late');
    const other = await listener();
    await subscribe(other.url);
    await create('In time');
    await expect.poll(() => other.told.length).toBe(1);
    expect(client.told).toEqual([]);
  });
});
