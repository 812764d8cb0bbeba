import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { globalId } from '../../../src/api/global-id.js';
import type { ConnectionSetup } from '../../../src/connection-setup/connection-setup.js';
import { claimEntry } from '../../../src/job-queue/claim-store.js';
import { jobQueueStore } from '../../../src/job-queue/job-queue-store.js';
import { endRun } from '../../../src/job-queue/run-end-store.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { FullSynchronizationStore } from '../../../src/synch/full-synchronization-store.js';
import { connectionSetup, mapping, synchJob } from '../api/records.js';
import { runningApi, tokens } from '../api/running-api.js';

const running = runningApi();
let setup: ConnectionSetup;
let currency: IntegrationTableMapping;
let customer: IntegrationTableMapping;

beforeEach(async () => {
  setup = connectionSetup();
  await running.services.connectionSetups.insert(setup);
  currency = mapping(setup.id, 'CURRENCY', { direction: 'TO_INTEGRATION_TABLE' });
  customer = mapping(setup.id, 'CUSTOMER', { dependsOn: ['CURRENCY', 'PAYMENT TERMS'] });
  for (const made of [customer, currency, mapping(setup.id, 'VENDOR', { enabled: false })])
    await running.services.mappings.insert(made);
});

const setupId = () => globalId('ConnectionSetup', setup.id);

const RUN = `mutation ($input: RunFullSynchronizationInput!) { runFullSynchronization(input: $input) {
  fullSynchronization { id mode dryRun status startedAt finishedAt connectionSetup { name }
    run { id status startedBy description fullSynchronization { id } entry { task oneOff } }
    lines { mappingName mapping { name } status reason dependsOn blockedBy run { id } toIntegrationTable { id } fromIntegrationTable { id } } }
  userErrors { code message field } clientMutationId } }`;

const start = async (input: object = {}, token?: string) =>
  (await running.data(RUN, { input: { connectionSetupId: setupId(), mode: 'MATCH_THEN_CREATE', ...input } }, token))
    .runFullSynchronization;

const CANCEL = `mutation ($input: CancelJobQueueRunInput!) { cancelJobQueueRun(input: $input) {
  run { id status } userErrors { code message field } clientMutationId } }`;

const cancel = async (id: string, token?: string, clientMutationId: string = randomUUID()) =>
  (await running.data(CANCEL, { input: { id, clientMutationId } }, token)).cancelJobQueueRun;

describe('runFullSynchronization', () => {
  test('accepts one with its lines in order and its run, and lists it newest first', async () => {
    const earlier = connectionSetup();
    await running.services.connectionSetups.insert(earlier);
    await running.services.mappings.insert(mapping(earlier.id, 'CURRENCY'));
    await start({ connectionSetupId: globalId('ConnectionSetup', earlier.id) });

    const answer = await start({ clientMutationId: 'k1' }, tokens.OPERATOR);
    const line = { reason: null, blockedBy: [], status: 'READY', run: null };
    const jobs = { toIntegrationTable: null, fromIntegrationTable: null };
    expect(answer).toEqual({
      fullSynchronization: {
        id: expect.any(String),
        mode: 'MATCH_THEN_CREATE',
        dryRun: false,
        status: 'READY',
        startedAt: expect.stringMatching(/Z$/),
        finishedAt: null,
        connectionSetup: { name: setup.name },
        run: {
          id: expect.any(String),
          status: 'IN_PROCESS',
          startedBy: 'operator',
          description: `Full synchronization of ${setup.name}`,
          fullSynchronization: { id: answer.fullSynchronization.id },
          entry: { task: 'FULL_SYNCH', oneOff: true },
        },
        lines: [
          { ...line, ...jobs, mappingName: 'CURRENCY', mapping: { name: 'CURRENCY' }, dependsOn: [] },
          { ...line, ...jobs, mappingName: 'CUSTOMER', mapping: { name: 'CUSTOMER' }, dependsOn: ['CURRENCY'] },
        ],
      },
      userErrors: [],
      clientMutationId: 'k1',
    });
    const { fullSynchronizations, all } = await running.data(
      'query ($id: ID) { fullSynchronizations(connectionSetupId: $id) { totalCount edges { node { id } } } all: fullSynchronizations(first: 1) { totalCount edges { node { id } } } }',
      { id: setupId() },
    );
    const own = [{ node: { id: answer.fullSynchronization.id } }];
    expect(fullSynchronizations).toEqual({ totalCount: 1, edges: own });
    expect(all.edges).toEqual(own);
    expect(all.totalCount).toBeGreaterThanOrEqual(2);
  });

  test('refuses a second one of the connection, and takes it once the first is cancelled', async () => {
    const first = await start();
    expect(await start()).toMatchObject({
      fullSynchronization: null,
      userErrors: [
        {
          code: 'ILLEGAL_TRANSITION',
          message: expect.stringContaining('wait for its end, or cancel its run'),
          field: ['connectionSetupId'],
        },
      ],
    });
    const { run } = first.fullSynchronization;
    expect(await cancel(run.id, undefined, 'k')).toEqual({
      run: { id: run.id, status: 'CANCELLED' },
      userErrors: [],
      clientMutationId: 'k',
    });
    expect((await start({ mappings: ['CUSTOMER'] })).fullSynchronization.lines).toMatchObject([
      { mappingName: 'CUSTOMER', dependsOn: [] },
    ]);
    const { node } = await running.data(
      'query ($id: ID!) { node(id: $id) { ... on FullSynchronization { status finishedAt lines { status reason } } } }',
      { id: first.fullSynchronization.id },
    );
    expect(node).toEqual({
      status: 'CANCELLED',
      finishedAt: expect.stringMatching(/Z$/),
      lines: [1, 2].map(() => ({ status: 'CANCELLED', reason: 'Cancelled by admin.' })),
    });
  });

  test('tells everything that is wrong with the names, each with its place, and starts nothing', async () => {
    expect(await start({ mappings: ['CUSTOMER', 'PIRATES', 'VENDOR'] })).toMatchObject({
      fullSynchronization: null,
      userErrors: [
        { code: 'NOT_FOUND', field: ['mappings', '1'], message: expect.stringContaining('no mapping "PIRATES"') },
        { code: 'INVALID', field: ['mappings', '2'], message: expect.stringContaining('disabled') },
      ],
    });
    expect(await running.services.fullSynchronizations.count({ connectionSetupId: setup.id })).toMatchObject({
      count: 0,
    });
  });

  test('check 10: refuses mappings that depend on each other in a circle, naming it', async () => {
    const { services } = running;
    await services.mappings.update(currency.id, 1, { dependsOn: ['CUSTOMER'] }, new Date());
    expect((await start()).userErrors).toEqual([
      {
        code: 'INVALID',
        field: ['mappings'],
        message: expect.stringContaining('CURRENCY depends on CUSTOMER depends on CURRENCY'),
      },
    ]);
  });

  test('refuses a connection that is not there, and one that is disabled', async () => {
    expect((await start({ connectionSetupId: 'nonsense' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: ['connectionSetupId'] },
    ]);
    const disabled = connectionSetup({ enabled: false });
    await running.services.connectionSetups.insert(disabled);
    expect((await start({ connectionSetupId: globalId('ConnectionSetup', disabled.id) })).userErrors).toMatchObject([
      { code: 'INVALID', message: expect.stringContaining('is disabled; enable it first') },
    ]);
  });
});

describe('lines', () => {
  test('show the last run of their entry, its jobs by direction, and lead back to the full synchronization', async () => {
    const { fullSynchronization } = await start();
    const store = jobQueueStore(running.store);
    const documents = new FullSynchronizationStore(running.store.db);
    const claimant = { workerId: 'w', workerName: 'w', leaseMs: 60_000 };
    const document = await documents.take((await documents.openOf(setup.id))!.entryId, 1);
    const made = await running.services.jobQueue.createOneOff({
      connectionSetupId: setup.id,
      task: 'INTEGRATION_SYNCH',
      mappingId: customer.id,
      mappingName: 'CUSTOMER',
      actor: 'test',
    });
    const error = {
      class: 'TRANSIENT',
      code: 'GONE',
      message: 'gone',
      side: null,
      field: null,
      retryable: true,
    } as const;
    const failed = await claimEntry(store, made.entry._id, claimant);
    await endRun(store, failed!, { kind: 'failed', error }, { causedBy: 'w' });
    await store.entries.updateOne({ _id: made.entry._id }, { $set: { nextRunAt: new Date(0) } });
    const retry = await claimEntry(store, made.entry._id, claimant);
    const jobs = [
      synchJob(customer, retry!.runId, { direction: 'TO_INTEGRATION_TABLE' }),
      synchJob(customer, retry!.runId, { direction: 'FROM_INTEGRATION_TABLE' }),
    ];
    await running.store.db.collection('synchJobs').insertMany(jobs as never[]);
    const lines = document!.lines.map((line) =>
      line.mappingName === 'CUSTOMER'
        ? { ...line, status: 'IN_PROCESS' as const, runs: [{ entryId: made.entry._id, runId: made.run._id }] }
        : line,
    );
    await documents.save(document!, { lines, status: 'IN_PROCESS', finishedAt: null });

    const { node } = await running.data(
      `query ($id: ID!) { node(id: $id) { ... on FullSynchronization { lines { run { id attempt fullSynchronization { id } }
        toIntegrationTable { id direction } fromIntegrationTable { id direction } } } } }`,
      { id: fullSynchronization.id },
    );
    expect(node.lines).toEqual([
      { run: null, toIntegrationTable: null, fromIntegrationTable: null },
      {
        run: {
          id: globalId('JobQueueLogEntry', retry!.runId),
          attempt: 2,
          fullSynchronization: { id: fullSynchronization.id },
        },
        toIntegrationTable: { id: globalId('SynchJob', jobs[0]!._id), direction: 'TO_INTEGRATION_TABLE' },
        fromIntegrationTable: { id: globalId('SynchJob', jobs[1]!._id), direction: 'FROM_INTEGRATION_TABLE' },
      },
    ]);
  });
});

describe('cancelJobQueueRun', () => {
  test('takes an entry as well as a run, and answers with a run that is still ending', async () => {
    const { entry, run } = await running.services.jobQueue.createOneOff({
      connectionSetupId: setup.id,
      task: 'INTEGRATION_SYNCH',
      mappingId: customer.id,
      mappingName: 'CUSTOMER',
      actor: 'test',
    });
    const store = jobQueueStore(running.store);
    await claimEntry(store, entry._id, { workerId: 'w', workerName: 'w', leaseMs: 60_000 });
    const expected = { run: { id: globalId('JobQueueLogEntry', run._id), status: 'IN_PROCESS' }, userErrors: [] };
    expect(await cancel(globalId('JobQueueEntry', entry._id), tokens.OPERATOR)).toMatchObject(expected);
    expect(await cancel(globalId('JobQueueLogEntry', run._id), tokens.OPERATOR)).toMatchObject(expected);
    expect(await store.runs.findOne({ _id: run._id })).toMatchObject({ cancelledBy: 'operator' });
  });

  test('refuses what does not run and what is not there', async () => {
    const [entry] = await running.services.jobQueue.createEntries(
      [{ connectionSetupId: setup.id, code: 'RESTING', task: 'INTEGRATION_SYNCH', timeZone: 'UTC', runOn: ['MONDAY'] }],
      'test',
    );
    expect(await cancel(globalId('JobQueueEntry', entry!._id), undefined, 'nothing runs')).toEqual({
      run: null,
      userErrors: [
        { code: 'ILLEGAL_TRANSITION', field: ['id'], message: expect.stringContaining('nothing of RESTING runs') },
      ],
      clientMutationId: 'nothing runs',
    });
    for (const id of [globalId('JobQueueEntry', 'gone'), globalId('JobQueueLogEntry', 'gone'), setupId(), 'nonsense'])
      expect(await cancel(id)).toMatchObject({ run: null, userErrors: [{ code: 'NOT_FOUND', field: ['id'] }] });
  });
});

test.each([
  ['runFullSynchronization', RUN, () => ({ connectionSetupId: setupId(), mode: 'COUPLED_ONLY' })],
  ['cancelJobQueueRun', CANCEL, () => ({ id: globalId('JobQueueEntry', 'any') })],
])('%s needs the role OPERATOR', async (name, document, input) => {
  const { errors } = await running.ask(document, { input: input() }, tokens.VIEWER);
  expect(errors?.[0]).toMatchObject({ message: expect.stringContaining(`${name} needs the role OPERATOR`) });
});

test('a page of full synchronizations reads each kind of object once, however many lines it shows', async () => {
  const { jobQueue, mappings, fullSynchronizations } = running.services;
  const ids: string[] = [];
  for (let made = 0; made < 3; made += 1) {
    const { fullSynchronization } = await start();
    ids.push(fullSynchronization.id);
    await cancel(fullSynchronization.run.id);
  }
  // The first one who looks at a cancelled one ends it.
  const look = async () =>
    running.data(
      `query ($id: ID) { fullSynchronizations(connectionSetupId: $id) { edges { node { id connectionSetup { name }
        run { id fullSynchronization { id } } lines { mapping { name } run { id } toIntegrationTable { id } } } } } }`,
      { id: setupId() },
    );
  await look();
  const reads = [
    vi.spyOn(jobQueue, 'findEntries'),
    vi.spyOn(jobQueue, 'findRuns'),
    vi.spyOn(mappings, 'byIds'),
    vi.spyOn(fullSynchronizations, 'ofEntries'),
  ];
  const { edges } = (await look()).fullSynchronizations;
  expect(edges.map(({ node }: { node: { id: string } }) => node.id)).toEqual(ids.toReversed());
  expect(reads.map(({ mock }) => mock.calls.map(([asked]) => asked.length))).toEqual([[3], [3], [2], [3]]);
  for (const read of reads) read.mockRestore();
});
