import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isScalarType,
  parseType,
  typeFromAST,
} from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/api/global-id.js';
import { dashboardOperations } from '../../support/dashboard-operations.js';
import { commandsOf } from './commands.js';
import { connectionSetup, coupling, mapping, recordChange, synchJob, synchJobError } from './records.js';
import { runningApi } from './running-api.js';

const running = runningApi();
const first = { ids: new Map<string, string>() };

const queries = dashboardOperations().filter(({ kind }) => kind === 'query');

/** Lists within lists that pages of others may show. */
const nested = [
  '{ jobQueueEntries(first: 50) { edges { node { mapping { name lastSynchJob { status } drift { inStep } } currentRun { id waitsFor { id } } lastRun { id worker { host } } log(first: 3) { edges { node { id waitsFor { id } } } pageInfo { hasNextPage hasPreviousPage } totalCount } } } } }',
  '{ couplings(first: 50) { edges { node { mapping { name jobQueueEntry { id } } lastSynchJob { id } history(first: 2) { edges { node { id coupling { id } } } totalCount } } } } }',
  '{ synchJobs(first: 50) { edges { node { mapping { name } run { code } errors(first: 2) { edges { node { title coupling { title } } } totalCount } errorGroups { count openCouplings } changes(first: 2) { edges { node { id } } } } } } }',
  '{ integrationTableMappings(first: 50) { edges { node { couplings(last: 2) { edges { node { id } } pageInfo { hasPreviousPage } totalCount } synchJobs(first: 2) { edges { node { id } } totalCount } } } } }',
  '{ connectionSetups(first: 50) { edges { node { drift { couplings } integrationTableMappings(first: 5) { edges { node { id } } totalCount } synchJobQueueEntries(first: 5, orderBy: { field: NEXT_RUN_AT }) { edges { node { id } } totalCount } } } } }',
  '{ workers(first: 50) { edges { node { runs { code synchJobs { id } } } } } }',
  '{ jobStatusTransitions(last: 50) { edges { node { entry { code mapping { name } } run { status } } } } }',
  '{ synchJobErrors(first: 50) { edges { node { synchJob { run { code } } coupling { mapping { name } } } } } }',
  '{ auditEntries(first: 50) { edges { node { target { __typename id } } } } }',
];

/** One more of everything that lists show, each with neighbours of its own. */
async function grow(): Promise<void> {
  const { connectionSetups, mappings, jobQueue } = running.services;
  const { db } = running.store;
  const setup = connectionSetup();
  await connectionSetups.insert(setup);
  const name = `M${randomUUID().slice(0, 8)}`;
  const table = mapping(setup.id, name);
  await mappings.insert(table);
  const [entry] = await jobQueue.createEntries(
    [
      {
        connectionSetupId: setup.id,
        code: name,
        task: 'INTEGRATION_SYNCH',
        mappingId: table.id,
        mappingName: name,
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
    mappingId: table.id,
    mappingName: name,
    actor: 'test',
  });
  const full = await running.services.fullSynchronizations.start({
    connectionSetupId: setup.id,
    mode: 'MATCH_THEN_CREATE',
    mappings: [table],
    description: 'Full synchronization',
    actor: 'test',
  });
  const job = synchJob(table, run._id);
  const fullJob = synchJob(table, run._id, { direction: 'FROM_INTEGRATION_TABLE' });
  const error = { ...synchJobError(job, null).error, code: `CODE_${name}` };
  const pair = coupling(table, `Firm ${name}`, { state: 'FAILED', error, lastSynchJobId: job._id });
  const worker = { _id: randomUUID(), name: `host:${name}`, host: 'host', processId: 7, version: '1.0.0' };
  const insert = (collection: string, ...documents: object[]) => db.collection(collection).insertMany(documents);
  await insert('synchJobs', job, fullJob);
  await insert('couplings', pair, coupling(table, `Other ${name}`, { state: 'CONFLICT', error }));
  await insert('synchJobErrors', synchJobError(job, pair._id, { at: new Date(), error }));
  await insert('recordChanges', recordChange(job, pair._id), recordChange(job, pair._id));
  await insert('workers', { ...worker, startedAt: new Date(), heartbeatAt: new Date() });
  await db
    .collection<{ _id: string }>('jobQueueLogEntries')
    .updateOne({ _id: run._id }, { $set: { workerId: worker._id, workerName: worker.name } });
  await db
    .collection<{ _id: string }>('jobQueueEntries')
    .updateOne({ _id: entry!._id }, { $set: { lastRunId: run._id } });
  await running.data(
    'mutation ($id: ID!) { setJobQueueEntryStatus(input: { id: $id, status: ON_HOLD }) { userErrors { code } } }',
    {
      id: globalId('JobQueueEntry', entry!._id),
    },
  );
  if (first.ids.size > 0) return;
  first.ids = new Map(
    Object.entries({
      ConnectionSetup: setup.id,
      Mapping: table.id,
      Entry: entry!._id,
      Run: run._id,
      SynchJob: job._id,
      JobErrors: job._id,
      SynchJobChanges: job._id,
      Coupling: pair._id,
      Comparison: pair._id,
      CouplingHistory: pair._id,
      FullSynchronization: full._id,
    }).map(([query, id]) => [query, globalId(typesOfQueries[query] ?? query, id)]),
  );
}

const typesOfQueries: Readonly<Record<string, string>> = {
  Mapping: 'IntegrationTableMapping',
  Entry: 'JobQueueEntry',
  Run: 'JobQueueLogEntry',
  JobErrors: 'SynchJob',
  SynchJobChanges: 'SynchJob',
  Comparison: 'Coupling',
  CouplingHistory: 'Coupling',
};

/** What a page would ask with: the ids of what the query is of, and the least that its other variables need. */
function variablesOf(name: string, declared: Readonly<Record<string, string>>): object {
  const needed = Object.entries(declared).filter(([variable, type]) => type.endsWith('!') || variable === 'first');
  return Object.fromEntries(
    needed.map(([variable, type]) => [variable, valueOf(typeFromAST(schema, parseType(type)), variable, name)]),
  );
}

const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'));
const least: Readonly<Record<string, (variable: string, query: string) => unknown>> = {
  Boolean: () => false,
  Int: () => 50,
  String: () => 'text',
  TimeZone: () => 'UTC',
  DateTime: (variable) => new Date(Date.UTC(2026, 0, 1, variable === 'until' ? 1 : 0)),
  ID: (variable, query) =>
    first.ids.get(variable === 'connectionSetupId' ? 'ConnectionSetup' : query) ?? first.ids.get('Mapping'),
};

function valueOf(type: unknown, variable: string, query: string): unknown {
  if (isNonNullType(type)) return valueOf(type.ofType, variable, query);
  if (isListType(type)) return [valueOf(type.ofType, variable, query)];
  if (isEnumType(type)) return type.getValues().at(-1)?.name;
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter(isRequiredInputField);
    const given = needed.map((field) => [field.name, valueOf(field.type, field.name, query)]);
    return {
      ...Object.fromEntries(given),
      ...(type.name === 'PreviewMappingInput' && { mappingId: first.ids.get('Mapping') }),
      ...(previewsOfInput.has(type.name) && { create: valueOf(type.getFields()['create']!.type, 'create', query) }),
    };
  }
  return isScalarType(type)
    ? least[type.name]?.(variable, query)
    : expect.fail(`there is no value for ${String(type)}`);
}

/** Inputs that hold what is to be created, or what is to be updated. */
const previewsOfInput = new Set(['PreviewConnectionSetupInput', 'PreviewJobQueueEntryInput']);

const counted = new Map<string, number>();

async function numberOf(document: string, variables: object): Promise<number> {
  const commands = await commandsOf(running.store.client, async () => {
    const { data, errors = [] } = await running.ask(document, variables);
    // No system answers here: what is read live is null then.
    const wrong = errors.filter(({ extensions }) => extensions['code'] !== 'SYSTEM_UNAVAILABLE');
    expect([data, wrong], JSON.stringify(errors)).toEqual([expect.anything(), []]);
  });
  return commands.length;
}

const all = [
  ...queries.map(({ name, document, variables }) => ({ name, document, variables })),
  ...nested.map((document) => ({ name: document.slice(0, 70), document, variables: {} })),
];

beforeAll(async () => {
  await grow();
  await grow();
  for (const { name, document, variables } of all) {
    counted.set(name, await numberOf(document, variablesOf(name, variables)));
  }
  for (let more = 0; more < 10; more += 1) await grow();
});

describe('the number of MongoDB commands does not depend on the number of rows', () => {
  test('every query of the dashboard is among them', () => expect(queries.length).toBeGreaterThan(20));

  test.each(all)('$name', async ({ name, document, variables }) => {
    const before = counted.get(name);
    expect(await numberOf(document, variablesOf(name, variables))).toBe(before);
    expect(before).toBeLessThanOrEqual(30);
  });
});
