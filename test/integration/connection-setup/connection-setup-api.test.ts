import { Writable } from 'node:stream';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/api/global-id.js';
import { coupling, mapping } from '../api/records.js';
import { tokens } from '../api/running-api.js';
import { SECRET, sandboxApi } from './sandbox-api.js';

const lines: string[] = [];
const logger = pino(
  { level: 'trace' },
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  }),
);
const running = sandboxApi({ logger });
const mutate: typeof running.mutate = async (...call) => {
  const preview = await previewOf(call);
  const payload = await running.mutate(...call);
  if (preview !== null)
    expect(preview).toEqual(
      payload.userErrors.map(({ code, field }: { code: string; field: string[] }) => ({ code, field })),
    );
  return payload;
};

/** What previewConnectionSetup tells of an input before the mutation; null for mutations that it does not know. */
async function previewOf([name, input]: Parameters<typeof running.mutate>): Promise<unknown> {
  const kind = { createConnectionSetup: 'create', updateConnectionSetup: 'update' }[name];
  if (kind === undefined) return null;
  const { previewConnectionSetup } = await running.api.data(
    'query ($input: PreviewConnectionSetupInput!) { previewConnectionSetup(input: $input) { code field } }',
    { input: { [kind]: input } },
  );
  return previewConnectionSetup;
}
const uuid = (globalId: string) => parseGlobalId(globalId)?.id ?? '';
let count = 0;
let name = '';
let id = '';

async function fresh(parts: object = {}): Promise<string> {
  count += 1;
  name = `Connection ${count}`;
  id = await running.connection(name, parts);
  return id;
}

async function addCoupling(): Promise<void> {
  const customers = mapping(uuid(id), 'CUSTOMER');
  await running.api.services.mappings.insert(customers);
  await running.api.store.db.collection('couplings').insertOne(coupling(customers, 'Adatum') as never);
}

const stored = async () => {
  const { node } = await running.api.data(
    `query ($id: ID!) { node(id: $id) { ... on ConnectionSetup { name enabled revision updatedAt
       business { kind baseUrl company hasSecret lastTest { ok message steps { step ok message error { class code side } } } capabilities { batch deletions } }
       sales { baseUrl clientId hasSecret lastTest { ok systemVersion steps { step } } capabilities { changeTracking clientAssignedIds } } } } }`,
    { id },
  );
  return node;
};

describe('createConnectionSetup', () => {
  test('makes a disabled connection whose secrets are stored, and nothing is asked of the systems', async () => {
    await running.control.send('DELETE', 'requests');
    await fresh();
    expect(await stored()).toMatchObject({
      name,
      enabled: false,
      revision: 1,
      business: { kind: 'BUSINESS_CENTRAL', hasSecret: true, lastTest: null, capabilities: null },
      sales: { hasSecret: true, lastTest: null },
    });
    expect(JSON.stringify(await running.control.send('GET', 'requests'))).not.toContain('WhoAmI');
  });

  test('tells everything that is wrong with its path, and stores nothing', async () => {
    const { connectionSetup, userErrors } = await mutate('createConnectionSetup', {
      name: ' ',
      business: { ...running.business, baseUrl: 'https://evil.example', secret: null },
      sales: { ...running.sales, kind: 'BUSINESS_CENTRAL' },
    });
    expect(connectionSetup).toBeNull();
    expect(userErrors.map(({ code, field }: { code: string; field: string[] }) => [code, field.join('.')])).toEqual([
      ['INVALID', 'name'],
      ['INVALID', 'business.baseUrl'],
      ['INVALID', 'business.secret'],
      ['INVALID', 'sales.kind'],
    ]);
  });

  test('refuses a name in use, and a role below ADMIN', async () => {
    await fresh();
    const input = { name, business: running.business, sales: running.sales };
    expect((await mutate('createConnectionSetup', input)).userErrors).toMatchObject([
      { code: 'DUPLICATE', field: ['name'] },
    ]);
    await expect(mutate('createConnectionSetup', input, 'userErrors { code }', tokens.OPERATOR)).rejects.toThrow(
      'FORBIDDEN',
    );
  });
});

describe('updateConnectionSetup', () => {
  test('keeps a secret that is left out, as long as it goes to the same system as the same user', async () => {
    await fresh();
    const { secret: _, ...sales } = running.sales as { secret: string };
    const { connectionSetup, userErrors } = await mutate('updateConnectionSetup', {
      id,
      name: `${name} renamed`,
      sales: { ...sales, baseUrl: `${running.url}/api/data/v9.2/`, webUrl: 'https://crm.example' },
    });
    expect(userErrors).toEqual([]);
    expect(connectionSetup).toMatchObject({ name: `${name} renamed`, revision: 2 });
    const tested = await mutate('testConnection', { id, side: 'SALES' }, 'sales { ok message }');
    expect(tested.sales).toMatchObject({ ok: true });
  });

  test.each([
    ['another host', { baseUrl: 'http://127.0.0.1:1' }],
    ['the same host by another scheme', { baseUrl: 'https://localhost' }],
    ['another tenant', { tenantId: 'other' }],
    ['another application', { clientId: 'somebody-else' }],
    ['another way to sign in', { authentication: 'BASIC', userName: 'tandem' }],
  ])('asks for the secret again for %s, also in a test', async (_, parts) => {
    await fresh();
    const { secret: _secret, ...sales } = running.sales as { secret: string };
    const input = { id, sales: { ...sales, ...parts } };
    const required = [
      { code: 'SECRET_REQUIRED', field: ['sales', 'secret'], message: expect.stringContaining('secret') },
    ];
    expect(await mutate('updateConnectionSetup', input)).toEqual({ connectionSetup: null, userErrors: required });
    expect(await mutate('testConnection', input, 'business { ok } sales { ok }')).toEqual({
      business: null,
      sales: null,
      userErrors: required,
    });
    expect(await stored()).toMatchObject({ revision: 1, sales: { baseUrl: running.url, clientId: 'tandem' } });
  });

  test('case 53: refuses kind, company and another host with IN_USE while records are coupled, and takes the rest', async () => {
    await fresh();
    await addCoupling();
    const elsewhere = { ...running.business, company: 'Other Ltd.', baseUrl: 'http://127.0.0.1:1/v2.0' };
    const { userErrors } = await mutate('updateConnectionSetup', { id, business: elsewhere });
    expect(userErrors).toMatchObject([
      { code: 'IN_USE', field: ['business', 'company'], message: expect.stringMatching(/CRONUS.*Other Ltd/) },
      { code: 'IN_USE', field: ['business', 'baseUrl'], message: expect.stringContaining('127.0.0.1:1') },
    ]);
    const same = await mutate('updateConnectionSetup', { id, business: { ...running.business, secret: 'new' } });
    expect(same).toMatchObject({ connectionSetup: { revision: 2 }, userErrors: [] });
  });

  test('refuses a stale revision, null and an unknown connection', async () => {
    await fresh();
    expect((await mutate('updateConnectionSetup', { id, name: 'x', expectedRevision: 7 })).userErrors).toMatchObject([
      { code: 'STALE_REVISION', field: ['expectedRevision'] },
    ]);
    expect((await mutate('updateConnectionSetup', { id, name: null })).userErrors).toMatchObject([
      { code: 'INVALID', field: ['name'] },
    ]);
    expect((await mutate('updateConnectionSetup', { id: 'bm9uZQ', name: 'x' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: ['id'] },
    ]);
  });
});

describe('testConnection', () => {
  const STEPS = ['ADDRESS', 'REACH', 'AUTHENTICATE', 'COMPANY', 'METADATA', 'READ', 'WRITE'];
  const TESTS =
    'business { ok message steps { step ok message error { class code } } } sales { ok message systemVersion steps { step ok error { class code } } }';

  test('tests both systems step by step, compares their currencies, and remembers it without raising the revision', async () => {
    await fresh();
    const { business, sales, userErrors } = await mutate('testConnection', { id }, TESTS);
    expect(userErrors).toEqual([]);
    expect(business.ok && sales.ok).toBe(true);
    expect(business.steps.map(({ step }: { step: string }) => step)).toEqual(STEPS);
    expect(sales.steps.map(({ step }: { step: string }) => step)).toEqual([...STEPS, 'BASE_CURRENCY']);
    expect(await stored()).toMatchObject({
      revision: 1,
      business: { lastTest: { ok: true }, capabilities: { batch: true, deletions: false } },
      sales: { lastTest: { ok: true, systemVersion: sales.systemVersion }, capabilities: { changeTracking: true } },
    });
  });

  test.each([
    ['AUTHENTICATE', { secret: 'wrong-secret-of-a-test' }],
    ['COMPANY', { company: 'No such company' }],
    ['REACH', { baseUrl: 'http://127.0.0.1:1/v2.0' }],
  ])('a test that fails at %s is an answer whose last step says why', async (step, parts) => {
    await fresh({ business: { ...running.business, ...parts } });
    const { business, sales, userErrors } = await mutate('testConnection', { id, side: 'BUSINESS' }, TESTS);
    expect({ userErrors, sales }).toEqual({ userErrors: [], sales: null });
    expect(business).toMatchObject({ ok: false, message: expect.stringContaining(step) });
    expect(business.steps.at(-1)).toMatchObject({ step, ok: false, error: { code: expect.any(String) } });
    expect(business.steps.slice(0, -1).every(({ ok }: { ok: boolean }) => ok)).toBe(true);
    expect((await stored()).business).toMatchObject({ lastTest: { ok: false }, capabilities: null });
  });

  const nav = () => ({
    kind: 'NAV_ODATA',
    baseUrl: `${running.url}/DynamicsNAV110`,
    company: 'CRONUS International Ltd.',
    authentication: 'BASIC',
    userName: 'sandbox',
    secret: 'sandbox-key',
  });

  test('tests Dynamics NAV by the same steps', async () => {
    await fresh();
    const { business } = await mutate('testConnection', { id, side: 'BUSINESS', business: nav() }, TESTS);
    expect(business).toMatchObject({ ok: true });
    expect(business.steps.map(({ step }: { step: string }) => step)).toEqual(STEPS);
    expect(business.steps.at(-1).message).toBe('Customer can be written');
  });

  test.each([
    { system: 'Business Central', side: 'BUSINESS', endpoint: () => running.business, entitySet: 'customers' },
    { system: 'Dynamics NAV', side: 'BUSINESS', endpoint: nav, entitySet: 'Customer' },
    { system: 'Dataverse', side: 'SALES', endpoint: () => running.sales, entitySet: 'accounts' },
  ])('a user of $system who may read and not write is told so by the step WRITE', async (one) => {
    const { side, endpoint, entitySet } = one;
    await fresh();
    const effect = { kind: 'error', status: 403, code: 'Authorization_Denied', message: 'You may not modify it.' };
    await running.control.fault({ system: side, method: 'PATCH', entitySet, effect });
    const answer = await mutate('testConnection', { id, side, [side.toLowerCase()]: endpoint() }, TESTS);
    await running.control.send('DELETE', 'faults');
    const { ok, steps } = answer[side.toLowerCase()];
    expect(ok).toBe(false);
    expect(steps.at(-1)).toMatchObject({ step: 'WRITE', ok: false, error: { class: 'PERMISSION' } });
  });

  test('tries given end points without storing anything of them', async () => {
    await fresh();
    const elsewhere = { ...running.sales, clientId: 'nobody-known' };
    const { business, sales } = await mutate('testConnection', { id, sales: elsewhere }, TESTS);
    expect(business.ok).toBe(true);
    expect(sales.steps.at(-1)).toMatchObject({ step: 'AUTHENTICATE', ok: false });
    expect(await stored()).toMatchObject({
      revision: 1,
      business: { lastTest: null },
      sales: { clientId: 'tandem', lastTest: null },
    });
  });

  test('refuses an end point of the side that is not tested', async () => {
    await fresh();
    const input = { id, side: 'SALES', business: running.business };
    expect((await mutate('testConnection', input, TESTS)).userErrors).toMatchObject([
      { code: 'INVALID', field: ['business'] },
    ]);
  });
});

describe('enableConnectionSetup', () => {
  afterEach(() => setLocalCurrency('EUR'));

  test('makes the default mappings and jobs, Ready, of a connection whose systems pass their test', async () => {
    await fresh();
    expect(await mutate('enableConnectionSetup', { id })).toMatchObject({
      connectionSetup: { enabled: true },
      userErrors: [],
    });
    const { connectionSetup } = await running.api.data(
      `query ($name: String!) { connectionSetup(name: $name) { integrationTableMappings(first: 100) { totalCount }
         synchJobQueueEntries(first: 100) { edges { node { code status } } } defaultSetup { mappingName action differences } } }`,
      { name },
    );
    expect(connectionSetup.defaultSetup.length).toBeGreaterThanOrEqual(7);
    expect(connectionSetup.integrationTableMappings.totalCount).toBeGreaterThanOrEqual(2);
    const jobs = connectionSetup.synchJobQueueEntries.edges.map(
      ({ node }: { node: { status: string } }) => node.status,
    );
    expect(new Set(jobs)).toEqual(new Set(['READY']));
    expect(new Set(connectionSetup.defaultSetup.map(({ action }: { action: string }) => action))).toEqual(
      new Set(['KEEP']),
    );
    expect(await stored()).toMatchObject({ business: { lastTest: { ok: true } } });
  });

  test('refuses a connection whose test fails with the side and the step, and enables nothing', async () => {
    await fresh({ sales: { ...running.sales, secret: 'wrong' } });
    expect(await mutate('enableConnectionSetup', { id })).toEqual({
      connectionSetup: null,
      userErrors: [{ code: 'CONNECTION_FAILED', field: ['id'], message: expect.stringMatching(/SALES.*AUTHENTICATE/) }],
    });
    expect(await stored()).toMatchObject({ enabled: false, sales: { lastTest: { steps: expect.any(Array) } } });
    expect(await running.api.services.mappings.list({ connectionSetupId: uuid(id) })).toEqual([]);
  });

  test('refuses systems that count in different currencies, naming both, and enables nothing', async () => {
    await fresh();
    await setLocalCurrency('GBP');
    expect(await mutate('enableConnectionSetup', { id })).toEqual({
      connectionSetup: null,
      userErrors: [{ code: 'INVALID', field: ['id'], message: expect.stringMatching(/EUR.*GBP/) }],
    });
    expect((await stored()).enabled).toBe(false);
    expect(await running.api.services.mappings.list({ connectionSetupId: uuid(id) })).toEqual([]);
  });

  async function setLocalCurrency(localCurrencyCode: string): Promise<void> {
    const businessUrl = `${running.url}/v2.0/sandbox/production/api/v2.0`;
    const token = await fetch(`${running.url}/sandbox/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'somebody-else',
        client_secret: SECRET,
        scope: 'https://api.businesscentral.dynamics.com/.default',
      }),
    }).then(async (response) => ((await response.json()) as { access_token: string }).access_token);
    const get = async (path: string) =>
      (await (await fetch(`${businessUrl}/${path}`, { headers: { authorization: `Bearer ${token}` } })).json()) as {
        value: { id: string; name: string }[];
      };
    const { value: companies } = await get('companies');
    const company = companies.find((one) => one.name === 'CRONUS International Ltd.');
    const { value: setups } = await get(`companies(${company?.id})/generalLedgerSetup`);
    await running.control.send('POST', 'edit', {
      system: 'BUSINESS',
      entitySet: 'generalLedgerSetup',
      company: company?.id,
      id: setups[0]?.id,
      values: { localCurrencyCode },
    });
  }
});

describe('deleteConnectionSetup', () => {
  test('refuses an enabled connection, and one with couplings unless they are to go too', async () => {
    await fresh();
    await addCoupling();
    const { connectionSetups } = running.api.services;
    await connectionSetups.update(uuid(id), 1, { enabled: true }, new Date());
    expect((await mutate('deleteConnectionSetup', { id }, 'deletedId')).userErrors).toMatchObject([
      { code: 'IN_USE', field: ['id'], message: expect.stringContaining('disable it first') },
    ]);
    await connectionSetups.update(uuid(id), 2, { enabled: false }, new Date());
    expect((await mutate('deleteConnectionSetup', { id }, 'deletedId')).userErrors).toMatchObject([
      { code: 'IN_USE', message: expect.stringContaining('removeData') },
    ]);
    expect(await mutate('deleteConnectionSetup', { id, removeData: true, expectedRevision: 3 }, 'deletedId')).toEqual({
      deletedId: id,
      userErrors: [],
    });
    expect(await connectionSetups.byId(uuid(id))).toBeNull();
    expect(await running.api.store.db.collection('couplings').countDocuments({ connectionSetupId: uuid(id) })).toBe(0);
    expect(await running.api.services.mappings.list({ connectionSetupId: uuid(id) })).toEqual([]);
  });

  test('refuses a connection with a run that is still in process', async () => {
    await fresh();
    await running.api.services.jobQueue.createOneOff({
      connectionSetupId: uuid(id),
      task: 'INTEGRATION_SYNCH',
      actor: 'test',
    });
    expect((await mutate('deleteConnectionSetup', { id, removeData: true }, 'deletedId')).userErrors).toMatchObject([
      { code: 'IN_USE', message: expect.stringContaining('in process') },
    ]);
  });

  test('deletes mappings and entries along, leaves other connections alone, and refuses a stale revision', async () => {
    const other = await fresh();
    const otherMapping = mapping(uuid(other), 'CUSTOMER');
    await running.api.services.mappings.insert(otherMapping);
    await fresh();
    expect(await mutate('enableConnectionSetup', { id })).toMatchObject({ userErrors: [] });
    await mutate('disableConnectionSetup', { id });
    expect((await mutate('deleteConnectionSetup', { id, expectedRevision: 1 }, 'deletedId')).userErrors).toMatchObject([
      { code: 'STALE_REVISION' },
    ]);
    expect(await mutate('deleteConnectionSetup', { id }, 'deletedId')).toEqual({ deletedId: id, userErrors: [] });
    const left = await running.api.services.jobQueue.countEntries({ connectionSetupId: uuid(id), oneOff: null });
    expect(left.count).toBe(0);
    expect(await running.api.services.mappings.byId(otherMapping.id)).not.toBeNull();
    expect((await mutate('deleteConnectionSetup', { id }, 'deletedId')).userErrors).toMatchObject([
      { code: 'NOT_FOUND' },
    ]);
  });
});

test('tells what is used of the limits of both systems, and nothing before the first request', async () => {
  const user = { clientId: 'somebody-else' };
  await fresh({ business: { ...running.business, ...user }, sales: { ...running.sales, ...user } });
  const budgets = async () => {
    const parts = 'budget { used limit windowSeconds concurrent concurrentLimit pausedUntil }';
    const { node } = await running.api.data(
      `query ($id: ID!) { node(id: $id) { ... on ConnectionSetup { business { ${parts} } sales { ${parts} } } } }`,
      { id },
    );
    return [node.business.budget, node.sales.budget];
  };
  expect(await budgets()).toEqual([null, null]);
  const requests = async (last: number) =>
    (await running.control.send('GET', `requests/log?last=${last}`)) as Record<string, unknown>[];
  const [before] = await requests(1);
  await mutate('testConnection', { id }, 'business { ok } sales { ok }');
  const log = (await requests(1_000)).filter((one) => Number(one.id) > Number(before?.id ?? 0));
  // Asking for a token, and looking whether something answers, are no requests of the user.
  const isCounted = ({ kind, status }: Record<string, unknown>) => kind !== 'token' && Number(status) < 400;
  const used = (system: string) => log.filter((one) => one.system === system && isCounted(one)).length;
  const shared = { limit: 6_000, windowSeconds: 300, concurrent: 0, concurrentLimit: 4, pausedUntil: null };
  await expect.poll(budgets, { timeout: 30_000 }).toEqual([
    { ...shared, used: used('BUSINESS') },
    { ...shared, used: used('SALES') },
  ]);
});

test('no secret comes out in an answer, an error or a log line, and none is stored in clear', async () => {
  const secrets = ['secret-of-the-business-side', 'wrong-secret-of-a-test', SECRET];
  await fresh({ business: { ...running.business, secret: secrets[0] } });
  const answers = [
    await mutate(
      'testConnection',
      { id },
      'business { message steps { message error { message } } } sales { message }',
    ),
    await mutate('enableConnectionSetup', { id }),
    await mutate('updateConnectionSetup', {
      id,
      business: { ...running.business, baseUrl: 'nonsense', secret: secrets[1] },
    }),
    await stored(),
    await running.api.ask(
      `mutation { createConnectionSetup(input: { name: "x", secret: "${secrets[0]}" }) { clientMutationId } }`,
    ),
    await running.api.ask('query ($id: ID!) { tables(connectionSetupId: $id, side: BUSINESS) { name } }', { id }),
  ];
  logger.info('the log of the test works');
  expect(lines.join('')).toContain('the log of the test works');
  const database = await Promise.all(
    (await running.api.store.db.collections()).map(async (collection) =>
      JSON.stringify(await collection.find().toArray()),
    ),
  );
  const shown = [JSON.stringify(answers), ...lines, ...database].join('\n');
  for (const secret of secrets) expect(shown).not.toContain(secret);
});
