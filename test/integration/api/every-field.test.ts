import {
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isScalarType,
} from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { buildApiSchema } from '../../../src/api/build-schema.js';
import { globalId } from '../../../src/api/global-id.js';
import { connectionSetup, coupling, mapping, recordChange, synchJob, synchJobError } from './records.js';
import { runningApi } from './running-api.js';

const running = runningApi();
const schema = buildApiSchema({ get: () => expect.fail('the schema is only read') });
let ids: ReadonlyMap<string, string>;

beforeAll(async () => {
  const { connectionSetups, mappings, jobQueue, fullSynchronizations } = running.services;
  const { db } = running.store;
  const setup = connectionSetup();
  await connectionSetups.insert(setup);
  const customers = mapping(setup.id, 'CUSTOMER');
  await mappings.insert(customers);
  const [entry] = await jobQueue.createEntries(
    [
      {
        connectionSetupId: setup.id,
        code: 'CUSTOMER',
        task: 'INTEGRATION_SYNCH',
        mappingId: customers.id,
        mappingName: 'CUSTOMER',
        timeZone: 'UTC',
        runOn: ['MONDAY'],
        startingTime: '08:00:00',
        status: 'READY',
      },
    ],
    'test',
  );
  const { run } = await jobQueue.createOneOff({
    connectionSetupId: setup.id,
    task: 'INTEGRATION_SYNCH',
    mappingId: customers.id,
    mappingName: 'CUSTOMER',
    actor: 'test',
  });
  const full = await fullSynchronizations.start({
    connectionSetupId: setup.id,
    mode: 'MATCH_THEN_CREATE',
    mappings: [customers],
    description: 'Full synchronization',
    actor: 'test',
  });
  const job = synchJob(customers, run._id);
  const conflict = {
    field: 'displayName',
    integrationField: 'name',
    businessValue: 'a',
    salesValue: 1,
    lastAgreedValue: null,
  };
  const pair = coupling(customers, 'Adatum', { state: 'CONFLICT', conflicts: [conflict], lastSynchJobId: job._id });
  const recordError = synchJobError(job, pair._id);
  await db.collection('synchJobs').insertOne(job as never);
  await db.collection('couplings').insertOne(pair as never);
  await db.collection('synchJobErrors').insertOne(recordError as never);
  const change = recordChange(job, pair._id);
  await db.collection('recordChanges').insertOne(change as never);
  const record = {
    connectionSetupId: setup.id,
    mappingId: customers.id,
    table: 'customers',
    side: 'BUSINESS',
    recordId: 'a',
    title: 'Adatum',
  };
  const ambiguity = {
    _id: `${job._id}:BUSINESS:a`,
    connectionSetupId: setup.id,
    synchJobId: job._id,
    mappingId: customers.id,
    title: record.title,
    record,
    matchedOn: ['displayName'],
    candidateCount: 2,
    candidates: [{ ...record, table: 'accounts', side: 'SALES' }],
    at: new Date(),
  };
  await db.collection('matchAmbiguities').insertOne(ambiguity as never);
  await running.data(
    'mutation { createApiToken(input: { name: "Wall screen", role: MONITOR }) { userErrors { code } } }',
  );
  const [token] = (await running.services.apiTokens.page({ limit: 1 })).items;
  const [audited] = (await running.services.audit.page({}, { limit: 1 })).items;
  const worker = { _id: 'worker-1', name: 'host:7', host: 'host', processId: 7, version: '1.0.0' };
  await db.collection('workers').insertOne({ ...worker, startedAt: new Date(), heartbeatAt: new Date() } as never);
  await db.collection('jobQueueLogEntries').updateOne({ _id: run._id as never }, { $set: { workerId: worker._id } });
  await running.services.transformationRules.makeBuiltIns();
  const rule = [...(await running.services.transformationRules.all()).values()][0];
  const transition = await db.collection('jobStatusTransitions').findOne();
  ids = new Map(
    Object.entries({
      ConnectionSetup: setup.id,
      IntegrationTableMapping: customers.id,
      JobQueueEntry: entry?._id,
      JobQueueLogEntry: run._id,
      SynchJob: job._id,
      FullSynchronization: full._id,
      Coupling: pair._id,
      SynchJobError: recordError._id,
      RecordChange: change._id,
      MatchAmbiguity: ambiguity._id,
      JobStatusTransition: transition?._id,
      ApiToken: token?.item._id,
      AuditEntry: audited?.item._id,
      Worker: worker._id,
      TransformationRule: rule?.id,
    }).map(([type, id]) => [type, globalId(type, String(id))]),
  );
});

/** All fields of a type, with those of the objects below it down to `levels`. */
function selection(type: GraphQLObjectType, levels: number): string {
  const fields = Object.values(type.getFields()).flatMap(({ name, type: given, args }) => {
    if (args.some(isRequiredArgument)) return [];
    const named = getNamedType(given);
    if (isScalarType(named) || isEnumType(named)) return [name];
    if (isInterfaceType(named)) return [`${name} { __typename }`];
    return isObjectType(named) && levels > 1 ? [`${name} ${selection(named, levels - 1)}`] : [];
  });
  return `{ __typename ${fields.join(' ')} }`;
}

/** Values for the arguments that a field cannot be asked without. */
const neededArguments: Readonly<Record<string, string>> = { findRecords: '(side: BUSINESS)' };

const node = schema.getType('Node');
const nodeTypes = isInterfaceType(node) ? schema.getPossibleTypes(node) : [];

test('every type with a global id is among the tested ones', () => {
  expect(nodeTypes.map(({ name }) => name).toSorted()).toEqual([...ids.keys()].toSorted());
});

test.each(nodeTypes.map((type) => [type.name, type]))('every field of %s can be read', async (name, type) => {
  const id = ids.get(name);
  // The document of all fields is longer than the limit on documents, so each field is asked on its own.
  for (const field of Object.values(type.getFields())) {
    const named = getNamedType(field.type);
    const below = isObjectType(named)
      ? named.name.endsWith('Connection')
        ? selection(named, 3)
        : selection(named, 2)
      : isInterfaceType(named)
        ? '{ __typename }'
        : '';
    const { data, errors = [] } = await running.ask(
      `query ($id: ID!) { node(id: $id) { ... on ${name} { ${field.name}${neededArguments[field.name] ?? ''} ${below} } } }`,
      { id },
    );
    // No system answers here: what is read live is null then.
    expect(
      errors.filter(({ extensions }) => extensions['code'] !== 'SYSTEM_UNAVAILABLE'),
      field.name,
    ).toEqual([]);
    expect(data?.['node'][field.name], field.name).toBeDefined();
  }
  expect(await running.data('query ($id: ID!) { node(id: $id) { id __typename } }', { id })).toEqual({
    node: { id, __typename: name },
  });
});

test('every list of the root can be read, forward and backward, with its counts', async () => {
  const lists = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(({ type }) =>
    String(type).endsWith('Connection!'),
  );
  expect(lists.length).toBeGreaterThanOrEqual(8);
  for (const { name } of lists) {
    for (const argument of ['first: 1', 'last: 1']) {
      const { [name]: list } = await running.data(
        `{ ${name}(${argument}) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount totalCountPrecision } }`,
      );
      expect(list.edges, name).toHaveLength(1);
      expect(list.totalCount, name).toBeGreaterThanOrEqual(1);
      expect(list.pageInfo.startCursor, name).toBe(list.edges[0].cursor);
    }
  }
});

test('lists inside other objects are limited to them', async () => {
  const other = mapping((await running.services.connectionSetups.list())[0]?.id ?? '', 'VENDOR');
  await running.services.mappings.insert(other);
  await running.store.db.collection('couplings').insertOne(coupling(other, 'A vendor') as never);
  const { integrationTableMapping } = await running.data(
    '{ integrationTableMapping(name: "VENDOR") { couplings { totalCount edges { node { title mapping { name } } } } synchJobs { totalCount } lastSynchJob { id } jobQueueEntry { id } connectionSetup { integrationTableMappings { totalCount } synchJobQueueEntries { totalCount } } } }',
  );
  expect(integrationTableMapping).toEqual({
    couplings: { totalCount: 1, edges: [{ node: { title: 'A vendor', mapping: { name: 'VENDOR' } } }] },
    synchJobs: { totalCount: 0 },
    lastSynchJob: null,
    jobQueueEntry: null,
    connectionSetup: { integrationTableMappings: { totalCount: 2 }, synchJobQueueEntries: { totalCount: 1 } },
  });
});
