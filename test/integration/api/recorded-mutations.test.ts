import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/api/global-id.js';
import { mutationKeyStore } from '../../../src/api/mutation-key-store.js';
import { connectionSetup } from './records.js';
import { type Answered, type GraphqlAnswer, runningApi, tokens } from './running-api.js';

const running = runningApi();
let setupId: string;
let entryId: string;

beforeAll(async () => {
  const setup = connectionSetup();
  await running.services.connectionSetups.insert(setup);
  setupId = setup.id;
  const [entry] = await running.services.jobQueue.createEntries(
    [{ connectionSetupId: setup.id, code: 'CUSTOMER', task: 'INTEGRATION_SYNCH', timeZone: 'UTC', status: 'ON_HOLD' }],
    'test',
  );
  entryId = globalId('JobQueueEntry', entry?._id ?? '');
});

const RUN_ONCE =
  'mutation ($input: JobQueueEntryIdInput!) { runJobQueueEntryOnce(input: $input) { run { id code } userErrors { code field message } clientMutationId } }';

const runOnce = async (input: object, token?: string): Promise<Answered> =>
  (await running.data(RUN_ONCE, { input }, token)).runJobQueueEntryOnce;

const askAt = async (url: string, input: object): Promise<GraphqlAnswer> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.ADMIN}` },
    body: JSON.stringify({ query: RUN_ONCE, variables: { input } }),
  });
  return (await response.json()) as GraphqlAnswer;
};

const audited = async (filter: object): Promise<Answered[]> => {
  const { auditEntries } = await running.data(
    'query ($filter: AuditFilter) { auditEntries(filter: $filter) { edges { node { id at actor role mutation targetId target { __typename id } summary input refusedWith } } } }',
    { filter },
    tokens.VIEWER,
  );
  return auditEntries.edges.map(({ node }: Answered) => node);
};

describe('a clientMutationId', () => {
  test('makes a repeat answer with the first outcome, and do nothing', async () => {
    const first = await runOnce({ id: entryId, clientMutationId: 'once' });
    const second = await runOnce({ id: entryId, clientMutationId: 'once' });
    expect(first.run.id).toEqual(expect.any(String));
    expect(second).toEqual(first);
    expect((await runOnce({ id: entryId, clientMutationId: 'twice' })).run.id).not.toBe(first.run.id);
  });

  test('gives a refusal again, too', async () => {
    const input = { id: globalId('JobQueueEntry', 'nobody'), clientMutationId: 'refused' };
    const first = await runOnce(input);
    expect(first.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect(await runOnce(input)).toEqual(first);
  });

  test('is refused with another input', async () => {
    await runOnce({ id: entryId, clientMutationId: 'reused' });
    expect(await runOnce({ id: globalId('JobQueueEntry', 'other'), clientMutationId: 'reused' })).toMatchObject({
      run: null,
      userErrors: [{ code: 'KEY_REUSED', field: ['clientMutationId'] }],
      clientMutationId: 'reused',
    });
  });

  test('stands for itself with another token', async () => {
    const mine = await runOnce({ id: entryId, clientMutationId: 'mine' });
    const theirs = await runOnce({ id: entryId, clientMutationId: 'mine' }, tokens.OPERATOR);
    expect(theirs.run.id).not.toBe(mine.run.id);
  });

  test('of 1 to 200 characters', async () => {
    for (const clientMutationId of ['', 'x'.repeat(201)]) {
      expect(await runOnce({ id: entryId, clientMutationId })).toMatchObject({
        run: null,
        userErrors: [{ code: 'INVALID', field: ['clientMutationId'] }],
      });
    }
  });

  test('makes equal calls at the same moment at two processes one', async () => {
    const other = await running.startOther({
      services: { ...running.services, mutationKeys: mutationKeyStore(running.store.db) },
    });
    for (let round = 0; round < 5; round += 1) {
      const input = { id: entryId, clientMutationId: `same moment ${round}` };
      const answers = await Promise.all(
        [running.url, other.url, running.url, other.url].map((url) => askAt(url, input)),
      );
      const runs = new Set(answers.map(({ data }) => data?.runJobQueueEntryOnce.run.id));
      expect(runs.size).toBe(1);
      expect([...runs][0]).toEqual(expect.any(String));
    }
  });

  test('whose process died before the outcome was known is not done a second time', async () => {
    await runOnce({ id: entryId, clientMutationId: 'died' });
    const keys = running.store.db.collection<{ _id: string; outcome: object | null; aliveUntil: Date }>('mutationKeys');
    const _id = JSON.stringify(['ADMIN', 'runJobQueueEntryOnce', 'died']);
    const { matchedCount } = await keys.updateOne({ _id }, { $set: { outcome: null, aliveUntil: new Date(0) } });
    expect(matchedCount).toBe(1);
    const { errors } = await running.ask(RUN_ONCE, { input: { id: entryId, clientMutationId: 'died' } });
    expect(errors).toMatchObject([{ extensions: { code: 'OUTCOME_UNKNOWN' } }]);
  });

  test('is free again after 24 hours', async () => {
    const first = await runOnce({ id: entryId, clientMutationId: 'old' });
    const key = JSON.stringify(['ADMIN', 'runJobQueueEntryOnce', 'old']);
    const keys = running.store.db.collection('mutationKeys');
    const stored = await keys.findOne({ _id: key as never });
    expect(stored?.expiresAt.getTime() - Date.now()).toBeGreaterThan(23.9 * 3_600_000);
    await keys.updateOne({ _id: key as never }, { $set: { expiresAt: new Date(Date.now() - 1_000) } });
    expect((await runOnce({ id: entryId, clientMutationId: 'old' })).run.id).not.toBe(first.run.id);
  });
});

describe('the audit log', () => {
  test('tells who did what to which object', async () => {
    await running.data(
      'mutation ($id: ID!) { setJobQueueEntryStatus(input: { id: $id, status: READY }) { userErrors { code } } }',
      { id: entryId },
      tokens.OPERATOR,
    );
    const [entry] = await audited({ mutation: ['setJobQueueEntryStatus'], actor: ['operator'] });
    expect(entry).toMatchObject({
      actor: 'operator',
      role: 'OPERATOR',
      targetId: entryId,
      target: { __typename: 'JobQueueEntry', id: entryId },
      summary: 'Set job queue entry status: CUSTOMER (status READY)',
      input: { id: entryId, status: 'READY' },
      refusedWith: [],
    });
    expect((await running.data('query ($id: ID!) { node(id: $id) { id } }', { id: entry.id })).node.id).toBe(entry.id);
  });

  test('tells refusals too, and one entry for a repeated call', async () => {
    const input = { id: globalId('JobQueueEntry', 'nobody-at-all'), clientMutationId: 'audited once' };
    await runOnce(input);
    await runOnce(input);
    const entries = await audited({ targetId: input.id });
    expect(entries).toMatchObject([{ refusedWith: ['NOT_FOUND'], target: null }]);
    expect(entries[0].summary).toContain('refused, id: there is no job queue entry');
  });

  test('tells what somebody tried whose role does not allow it', async () => {
    const input = { id: entryId, status: 'READY', clientMutationId: 'not allowed' };
    const { data, errors } = await running.ask(
      'mutation ($input: SetJobQueueEntryStatusInput!) { setJobQueueEntryStatus(input: $input) { userErrors { code } } }',
      { input },
      tokens.VIEWER,
    );
    expect([data ?? null, errors?.map(({ extensions }) => extensions.code)]).toEqual([null, ['FORBIDDEN']]);
    const [entry, ...others] = await audited({ actor: ['viewer'] });
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      actor: 'viewer',
      role: 'VIEWER',
      mutation: 'setJobQueueEntryStatus',
      targetId: entryId,
      summary: expect.stringContaining('refused, setJobQueueEntryStatus needs the role OPERATOR'),
      refusedWith: [],
    });
    expect(await running.store.db.collection('mutationKeys').countDocuments({ _id: /not allowed/ as never })).toBe(0);
  });

  test('holds no secret, neither of an input nor of a payload', async () => {
    const endPoint = {
      kind: 'BUSINESS_CENTRAL',
      baseUrl: 'http://127.0.0.1:4010/v2.0',
      company: 'CRONUS',
      authentication: 'BASIC',
      userName: 'u',
      secret: 'the-secret-of-a-system',
    };
    const { createConnectionSetup } = await running.data(
      'mutation ($input: CreateConnectionSetupInput!) { createConnectionSetup(input: $input) { connectionSetup { id } userErrors { message } } }',
      { input: { name: 'Audited', business: endPoint, sales: { ...endPoint, kind: 'DATAVERSE', company: null } } },
    );
    const { createApiToken } = await running.data(
      'mutation { createApiToken(input: { name: "Audited", role: VIEWER }) { secret } }',
    );
    const entries = await audited({ mutation: ['createConnectionSetup', 'createApiToken'] });
    expect(entries).toHaveLength(2);
    expect(entries[1].targetId).toBe(createConnectionSetup.connectionSetup?.id ?? null);
    expect(entries[1].input.business.secret).toBe('[hidden]');
    const stored = JSON.stringify([
      await running.store.db.collection('auditEntries').find({}).toArray(),
      await running.store.db.collection('mutationKeys').find({}).toArray(),
    ]);
    expect(stored).not.toContain('the-secret-of-a-system');
    expect(stored).not.toContain(createApiToken.secret);
  });

  const withUser = 'https://nav-user:Geheim-1@127.0.0.1/nav?code=Geheim-2';
  const nav = { kind: 'NAV_ODATA', baseUrl: withUser, authentication: 'BASIC', userName: 'u', secret: 'Geheim-3' };
  const crm = { ...nav, kind: 'DATAVERSE', webUrl: withUser };
  test.each<[string, string, object]>([
    ['createConnectionSetup', 'CreateConnectionSetupInput', { name: withUser, business: nav, sales: crm }],
    ['updateConnectionSetup', 'UpdateConnectionSetupInput', { id: 'SETUP', business: nav, sales: crm }],
    ['testConnection', 'TestConnectionInput', { id: 'SETUP', business: nav }],
    ['testConnection', 'TestConnectionInput', { id: withUser, business: { ...nav, baseUrl: 'u:Geheim-1@127.0.0.1' } }],
    [
      'importSetup',
      'ImportSetupInput',
      {
        connectionSetupId: 'SETUP',
        document: { baseUrl: withUser, [`apiKey`]: 'Geheim-4', of: [withUser, { token: 'Geheim-5' }] },
      },
    ],
    [
      'createTransformationRule',
      'CreateTransformationRuleInput',
      { code: withUser, kind: 'TRIM', description: withUser },
    ],
  ])(
    'hides secrets that were typed in an address or a document: %s, also when it is refused',
    async (mutation, type, input) => {
      const setup = globalId('ConnectionSetup', setupId);
      const own = JSON.parse(JSON.stringify(input).replaceAll('"SETUP"', JSON.stringify(setup))) as object;
      const { [mutation]: payload } = await running.data(
        `mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { message field } } }`,
        { input: { ...own, clientMutationId: randomUUID() } },
      );
      expect(payload.userErrors).not.toEqual([]);
      expect(JSON.stringify(payload)).not.toContain('Geheim');
      const [entry] = await audited({ mutation: [mutation] });
      expect(entry.refusedWith).not.toEqual([]);
      expect(JSON.stringify(entry)).toContain('127.0.0.1');
      for (const collection of ['auditEntries', 'mutationKeys']) {
        const stored = await running.store.db.collection(collection).find({}).toArray();
        expect(JSON.stringify(stored)).not.toContain('Geheim');
      }
    },
  );

  test('shows no secret that an entry of an earlier release kept', async () => {
    await running.services.audit.begin({
      _id: 'of-an-earlier-release',
      at: new Date(),
      actor: 'earlier',
      role: 'ADMIN',
      mutation: 'testConnection',
      targetId: null,
      summary: 'Test connection',
      input: JSON.stringify({ business: nav }),
      refusedWith: [],
    });
    const [entry] = await audited({ actor: ['earlier'] });
    expect(entry.input.business).toMatchObject({
      baseUrl: 'https://[hidden]@127.0.0.1/nav?code=[hidden]',
      secret: '[hidden]',
    });
    await running.store.db.collection<{ _id: string }>('auditEntries').deleteOne({ _id: 'of-an-earlier-release' });
  });

  test('is read from the newest on, by page and time', async () => {
    const all = await audited({});
    const times = all.map(({ at }) => Date.parse(at));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(await audited({ since: new Date(Date.now() + 60_000).toISOString() })).toEqual([]);
    expect(await audited({ mutation: [] })).toEqual([]);
    const { errors } = await running.ask('{ auditEntries { edges { node { id } } } }', {}, tokens.MONITOR);
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('lists a mutation whose process died as one whose end is not known', async () => {
    await running.services.audit.begin({
      _id: 'left-open',
      at: new Date(),
      actor: 'somebody',
      role: 'ADMIN',
      mutation: 'deleteConnectionSetup',
      targetId: globalId('ConnectionSetup', setupId),
      summary: 'Delete connection setup: begun, its end is not known',
      input: '{}',
      refusedWith: [],
    });
    expect(await audited({ actor: ['somebody'] })).toMatchObject([{ summary: expect.stringContaining('not known') }]);
  });
});
