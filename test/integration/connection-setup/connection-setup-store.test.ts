import { randomBytes, randomUUID } from 'node:crypto';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConnectionSetupEntity } from '../../../src/connection-setup/connection-setup-entity.js';
import {
  type ConnectionSetupStore,
  connectionSetupIndexes,
  connectionSetupStore,
  DuplicateConnectionNameError,
} from '../../../src/connection-setup/connection-setup-store.js';
import {
  createConnectionSetup,
  InvalidConnectionSetupError,
} from '../../../src/connection-setup/create-connection-setup.js';
import { enableConnectionSetup } from '../../../src/connection-setup/enable-connection-setup.js';
import { endpointAccess } from '../../../src/connection-setup/endpoint-access.js';
import type { EndpointDraft } from '../../../src/connection-setup/endpoint-rules.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { openStore, type Store } from '../../../src/store/store.js';
import { testDatabase } from '../../support/database.js';

const database = testDatabase();
let store: Store;
let connectionSetups: ConnectionSetupStore;

beforeAll(async () => {
  store = await openStore({
    uri: database.uri,
    database: database.name,
    entities: [ConnectionSetupEntity],
    report: () => undefined,
    logger: pino({ level: 'silent' }),
  });
  await ensureIndexes(store.db, connectionSetupIndexes);
  connectionSetups = connectionSetupStore(store);
});
afterAll(() => store.close());

const keys = { secretKey: randomBytes(32), allowedHosts: [] };
const business: EndpointDraft = {
  kind: 'BUSINESS_CENTRAL',
  baseUrl: 'http://127.0.0.1:4010/v2.0',
  webUrl: null,
  company: 'CRONUS',
  authentication: 'OAUTH2_CLIENT_CREDENTIALS',
  userName: null,
  tenantId: 'sandbox',
  clientId: 'tandem',
  secret: 'first secret',
};
const sales: EndpointDraft = {
  ...business,
  kind: 'DATAVERSE',
  baseUrl: 'http://127.0.0.1:4010',
  company: null,
  secret: 'second secret',
};
const create = (name: string, parts = {}) =>
  createConnectionSetup({ name, business, sales, ...parts }, { connectionSetups, keys, now: () => store.now() });

test('a connection is stored disabled, with secrets that only the service can open', async () => {
  const made = await create(' Sandbox ');
  expect(made).toMatchObject({ name: 'Sandbox', enabled: false, revision: 1 });
  expect(await connectionSetups.byName('Sandbox')).toEqual(made);
  expect(await connectionSetups.byIds([made.id, 'gone'])).toEqual([made]);
  const raw = JSON.stringify(await store.db.collection('connectionSetups').find().toArray());
  expect(raw).not.toContain('first secret');
  expect(raw).not.toContain('second secret');
  expect(endpointAccess(made, 'SALES', keys).authentication).toMatchObject({
    secret: 'second secret',
    tokenUrl: 'http://127.0.0.1:4010/sandbox/oauth2/v2.0/token',
  });
});

test('all faults are told at once and nothing is stored', async () => {
  const error = await create('', { business: { ...business, baseUrl: 'https://example.org', secret: null } }).catch(
    (refused: unknown) => refused,
  );
  expect(error).toBeInstanceOf(InvalidConnectionSetupError);
  expect((error as InvalidConnectionSetupError).faults.map(({ path }) => path.join('.'))).toEqual([
    'name',
    'business.baseUrl',
    'business.secret',
  ]);
  expect(await connectionSetups.byName('')).toBeNull();
});

test('of two connections with one name created at once one is refused', async () => {
  const results = await Promise.allSettled([create('Twin'), create('Twin')]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(results.find((result) => result.status === 'rejected')?.reason).toBeInstanceOf(DuplicateConnectionNameError);
});

test('enabling goes on where it stopped when preparing failed', async () => {
  const { id } = await create(`Enabled ${randomUUID().slice(0, 8)}`);
  const prepared: string[] = [];
  const deps = { connectionSetups, now: () => store.now() };
  await expect(
    enableConnectionSetup(id, 'me', { ...deps, prepare: async () => Promise.reject(new Error('system away')) }),
  ).rejects.toThrow('system away');
  const enabled = await enableConnectionSetup(id, 'me', {
    ...deps,
    prepare: async (setup, actor) => void prepared.push(`${setup.enabled} ${actor}`),
  });
  expect(enabled).toMatchObject({ enabled: true, revision: 2 });
  expect(prepared).toEqual(['true me']);
  await expect(enableConnectionSetup('gone', 'me', { ...deps, prepare: async () => undefined })).rejects.toThrow(
    'there is no connection with this id',
  );
});

test('what is learned about the systems is no edit, and nothing is kept of systems that were replaced meanwhile', async () => {
  const setup = await create('Learned');
  await connectionSetups.rememberIdentities(setup, { BUSINESS: 'company', SALES: 'organisation' });
  const { revision, updatedAt, business: kept, sales: keptSales } = (await connectionSetups.byId(setup.id)) ?? setup;
  expect({ revision, updatedAt }).toEqual({ revision: setup.revision, updatedAt: setup.updatedAt });
  expect([kept.identity, keptSales.identity]).toEqual(['company', 'organisation']);
  expect(kept.sealedSecret).toBe(setup.business.sealedSecret);

  await connectionSetups.update(setup.id, setup.revision, { name: 'Renamed' }, new Date());
  await connectionSetups.rememberIdentities(setup, { BUSINESS: 'other', SALES: 'other' });
  expect((await connectionSetups.byId(setup.id))?.business.identity).toBe('company');
});
