import { getNamedType, isInputObjectType } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { buildApiSchema } from '../../../src/api/build-schema.js';
import { globalId } from '../../../src/api/global-id.js';
import { connectionSetup, coupling, mapping } from './records.js';
import { type Answered, runningApi, tokens } from './running-api.js';

const running = runningApi();
const schema = buildApiSchema({ get: () => expect.fail('the schema is only read') });

const mutations = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(({ args }) => {
  const input = getNamedType(args[0]?.type ?? expect.fail('a mutation takes one input'));
  return isInputObjectType(input) && 'expectedRevision' in input.getFields();
});

/** What each mutation is of, and what it would change. */
const calls = new Map<string, { readonly id: string; readonly input: object }>();
const collections: Readonly<Record<string, string>> = {
  ConnectionSetup: 'connectionSetups',
  IntegrationTableMapping: 'integrationTableMappings',
  JobQueueEntry: 'jobQueueEntries',
  TransformationRule: 'transformationRules',
  Coupling: 'couplings',
  ApiToken: 'apiTokens',
};

beforeAll(async () => {
  const { apiTokens, connectionSetups, mappings, jobQueue, transformationRules } = running.services;
  const setup = connectionSetup({ enabled: false });
  await connectionSetups.insert(setup);
  const customers = mapping(setup.id, 'CUSTOMER');
  await mappings.insert(customers);
  const pair = coupling(customers, 'Adatum', {
    state: 'CONFLICT',
    conflicts: [
      { field: 'displayName', integrationField: 'name', businessValue: 'a', salesValue: 'b', lastAgreedValue: null },
    ],
  });
  await running.store.db.collection('couplings').insertOne(pair as never);
  const [entry] = await jobQueue.createEntries(
    [{ connectionSetupId: setup.id, code: 'CUSTOMER', task: 'AUDIT', timeZone: 'UTC', status: 'ON_HOLD' }],
    'test',
  );
  await running.data(
    'mutation { createApiToken(input: { name: "Wall screen", role: MONITOR }) { userErrors { message } } }',
  );
  const [token] = (await apiTokens.page({ limit: 1 })).items;
  const [rule] = (await transformationRules.page({ limit: 1 })).items;
  const ids = {
    ConnectionSetup: setup.id,
    IntegrationTableMapping: customers.id,
    JobQueueEntry: entry?._id ?? '',
    TransformationRule: rule?.item.id ?? '',
    Coupling: pair._id,
    ApiToken: token?.item._id ?? '',
  };
  const parts: Readonly<Record<string, object>> = {
    updateConnectionSetup: { name: 'Renamed' },
    setJobQueueEntryStatus: { status: 'READY' },
    resolveConflict: { couplingId: globalId('Coupling', pair._id), keep: 'SALES', id: undefined },
  };
  for (const { name } of mutations) {
    const type = Object.keys(ids).find((candidate) => name.includes(candidate)) ?? 'Coupling';
    const id = ids[type as keyof typeof ids];
    const edited = name.startsWith('update') ? { description: 'Edited' } : {};
    calls.set(name, {
      id: `${collections[type]} ${id}`,
      input: { id: globalId(type, id), ...(parts[name] ?? edited) },
    });
  }
});

test('the mutations that change what others edit are among them', () => {
  expect(mutations.length).toBeGreaterThanOrEqual(10);
});

test.each(mutations.map(({ name, args }) => [name, String(args[0]?.type)]))(
  '%s refuses a stale revision, and changes nothing',
  async (name, inputType) => {
    const call = calls.get(name) ?? expect.fail('there is something to change');
    const [collection = '', id = ''] = call.id.split(' ');
    const stored = () => running.store.db.collection<{ _id: string }>(collection).findOne({ _id: id });
    const before = await stored();
    expect(before).not.toBeNull();
    const { [name]: payload } = await running.data(
      `mutation ($input: ${inputType}) { ${name}(input: $input) { userErrors { code field message } } }`,
      { input: { ...call.input, expectedRevision: 99 } },
    );
    expect(payload.userErrors).toEqual([
      { code: 'STALE_REVISION', field: ['expectedRevision'], message: expect.stringContaining('99') },
    ]);
    expect(await stored()).toEqual(before);
  },
);

test.each(['updateTransformationRule', 'deleteTransformationRule'])(
  '%s tells so of expectedRevision, too, when somebody is faster after the rule was read',
  async (name) => {
    const { transformationRules } = running.services;
    const overtaken = { ...transformationRules, update: async () => null, remove: async () => false };
    const { url } = await running.startOther({ services: { ...running.services, transformationRules: overtaken } });
    const rule = (await transformationRules.page({ limit: 1 })).items[0]?.item ?? expect.fail('there are rules');
    const change = name.startsWith('update') ? { description: 'Edited' } : {};
    const input = { id: globalId('TransformationRule', rule.id), ...change };
    const type = name.startsWith('update') ? 'UpdateTransformationRuleInput' : 'DeleteInput';
    for (const [given, field] of [
      [{ ...input, expectedRevision: rule.revision }, 'expectedRevision'],
      [input, 'id'],
    ] as const) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.ADMIN}` },
        body: JSON.stringify({
          query: `mutation ($input: ${type}!) { ${name}(input: $input) { userErrors { code field } } }`,
          variables: { input: given },
        }),
      });
      const { data } = (await response.json()) as Answered;
      expect(data[name].userErrors).toEqual([{ code: 'STALE_REVISION', field: [field] }]);
    }
  },
);
