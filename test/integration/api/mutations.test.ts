import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/api/global-id.js';
import type { ConnectionSetup } from '../../../src/connection-setup/connection-setup.js';
import type { JobQueueEntry } from '../../../src/job-queue/job-queue-entry.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { connectionSetup, fieldPair, mapping } from './records.js';
import { type Answered, runningApi, tokens } from './running-api.js';

const running = runningApi();
let setup: ConnectionSetup;
let customers: IntegrationTableMapping;
let entry: JobQueueEntry;
let count = 0;

beforeAll(async () => {
  setup = connectionSetup();
  await running.services.connectionSetups.insert(setup);
  await running.services.mappings.insert(mapping(setup.id, 'CURRENCY'));
});

beforeEach(async () => {
  count += 1;
  customers = mapping(setup.id, `CUSTOMER${count}`);
  await running.services.mappings.insert(customers);
  [entry] = (await running.services.jobQueue.createEntries(
    [
      {
        connectionSetupId: setup.id,
        code: customers.name,
        task: 'INTEGRATION_SYNCH',
        mappingId: customers.id,
        mappingName: customers.name,
        timeZone: 'UTC',
        runOn: ['MONDAY'],
        minutesBetweenRuns: 30,
      },
    ],
    'test',
  )) as [JobQueueEntry];
});

const entryId = () => globalId('JobQueueEntry', entry._id);
const mappingId = () => globalId('IntegrationTableMapping', customers.id);

describe('setJobQueueEntryStatus', () => {
  const SET = `mutation ($input: SetJobQueueEntryStatusInput!) { setJobQueueEntryStatus(input: $input) {
    jobQueueEntry { id status nextRunAt } userErrors { code message field } clientMutationId } }`;
  const set = async (input: object, token?: string) =>
    (await running.data(SET, { input }, token)).setJobQueueEntryStatus;

  test('sets the status, records one transition with the name of the one who did it, and repeats the key', async () => {
    const answer = await set({ id: entryId(), status: 'READY', clientMutationId: 'k1' }, tokens.OPERATOR);
    expect(answer).toMatchObject({
      jobQueueEntry: { id: entryId(), status: 'READY' },
      userErrors: [],
      clientMutationId: 'k1',
    });
    expect(answer.jobQueueEntry.nextRunAt).toEqual(expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));
    const { jobStatusTransitions } = await running.data(
      'query ($id: [ID!]) { jobStatusTransitions(filter: { entryId: $id, to: [READY] }) { edges { cursor node { cursor from to causedBy entry { id } } } } }',
      { id: [entryId()] },
    );
    expect(jobStatusTransitions.edges).toMatchObject([
      { node: { from: 'ON_HOLD', to: 'READY', causedBy: 'operator', entry: { id: entryId() } } },
    ]);
    expect(jobStatusTransitions.edges[0].cursor).toBe(jobStatusTransitions.edges[0].node.cursor);
  });

  test('refuses a status that nobody may set, with the path, and changes nothing', async () => {
    expect(await set({ id: entryId(), status: 'FINISHED' })).toMatchObject({
      jobQueueEntry: null,
      userErrors: [{ code: 'ILLEGAL_TRANSITION', field: ['status'] }],
    });
    expect((await running.services.jobQueue.findEntry(entry._id))?.status).toBe('ON_HOLD');
  });

  test('refuses a revision that is not the present one, and an entry that is not there', async () => {
    expect(await set({ id: entryId(), status: 'READY', expectedRevision: 99 })).toMatchObject({
      jobQueueEntry: null,
      userErrors: [{ code: 'STALE_REVISION', field: ['expectedRevision'] }],
    });
    for (const id of [globalId('JobQueueEntry', 'gone'), mappingId(), 'nonsense']) {
      expect(await set({ id, status: 'READY' })).toMatchObject({
        jobQueueEntry: null,
        userErrors: [{ code: 'NOT_FOUND', field: ['id'] }],
      });
    }
  });

  test('is not for a VIEWER, and an unknown status is no input', async () => {
    expect((await running.ask(SET, { input: { id: entryId(), status: 'READY' } }, tokens.VIEWER)).errors).toMatchObject(
      [{ extensions: { code: 'FORBIDDEN' } }],
    );
    expect((await running.ask(SET, { input: { id: entryId(), status: 'ASLEEP' } })).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    expect((await running.services.jobQueue.findEntry(entry._id))?.status).toBe('ON_HOLD');
  });
});

describe('runs outside the schedule', () => {
  const RUN = `mutation ($input: JobQueueEntryIdInput!) { runJobQueueEntryOnce(input: $input) { run { id status code startedBy attempt entry { oneOff status } mapping { name } synchJobs { id } } userErrors { code message field } } }`;
  const SYNCH = `mutation ($input: SynchronizeMappingInput!) { synchronizeMapping(input: $input) { run { id status code startedBy entry { oneOff } } userErrors { code message field } } }`;

  test('runJobQueueEntryOnce answers the accepted run, and leaves the entry as it is', async () => {
    const { runJobQueueEntryOnce } = await running.data(RUN, { input: { id: entryId() } }, tokens.OPERATOR);
    expect(runJobQueueEntryOnce).toMatchObject({
      run: {
        status: 'IN_PROCESS',
        code: expect.stringMatching(`^${customers.name}#\\d+$`),
        startedBy: 'operator',
        attempt: 1,
        entry: { oneOff: true, status: 'READY' },
        mapping: { name: customers.name },
        synchJobs: [],
      },
      userErrors: [],
    });
    expect((await running.services.jobQueue.findEntry(entry._id))?.status).toBe('ON_HOLD');
    const { node } = await running.data('query ($id: ID!) { node(id: $id) { ... on JobQueueLogEntry { code } } }', {
      id: runJobQueueEntryOnce.run.id,
    });
    expect(node.code).toBe(runJobQueueEntryOnce.run.code);
  });

  test('synchronizeMapping hands on direction and full', async () => {
    const { synchronizeMapping } = await running.data(SYNCH, {
      input: { id: mappingId(), direction: 'TO_INTEGRATION_TABLE', full: true },
    });
    expect(synchronizeMapping).toMatchObject({
      run: { status: 'IN_PROCESS', entry: { oneOff: true } },
      userErrors: [],
    });
    const made = await running.services.jobQueue.pageOfEntries(
      { code: synchronizeMapping.run.code, oneOff: null },
      undefined,
      { limit: 1 },
    );
    expect(made.items[0]?.item).toMatchObject({
      mappingId: customers.id,
      parameters: { direction: 'TO_INTEGRATION_TABLE', full: true },
    });
  });

  test('a direction against the mapping, a disabled mapping or connection is INVALID and starts nothing', async () => {
    const oneWay = mapping(setup.id, `ONEWAY${count}`, { direction: 'TO_INTEGRATION_TABLE' });
    const resting = mapping(setup.id, `RESTING${count}`, { enabled: false });
    const disabled = connectionSetup({ enabled: false });
    const ofDisabled = mapping(disabled.id, 'CUSTOMER');
    await running.services.connectionSetups.insert(disabled);
    for (const made of [oneWay, resting, ofDisabled]) await running.services.mappings.insert(made);
    const refused = async (id: string, direction?: string) =>
      (await running.data(SYNCH, { input: { id: globalId('IntegrationTableMapping', id), direction } }))
        .synchronizeMapping;
    for (const direction of ['FROM_INTEGRATION_TABLE', 'BIDIRECTIONAL']) {
      expect(await refused(oneWay.id, direction)).toMatchObject({
        run: null,
        userErrors: [{ code: 'INVALID', field: ['direction'] }],
      });
    }
    expect(await refused(resting.id)).toMatchObject({
      run: null,
      userErrors: [{ code: 'INVALID', message: expect.stringContaining('disabled') }],
    });
    expect(await refused(ofDisabled.id)).toMatchObject({
      run: null,
      userErrors: [{ code: 'INVALID', message: expect.stringContaining('connection') }],
    });
    expect(await refused('gone')).toMatchObject({ run: null, userErrors: [{ code: 'NOT_FOUND' }] });
    expect(
      (await running.services.jobQueue.pageOfEntries({ mappingId: oneWay.id, oneOff: true }, undefined, { limit: 1 }))
        .items,
    ).toEqual([]);
  });
});

describe('updateIntegrationTableMapping', () => {
  const UPDATE = `mutation ($input: UpdateIntegrationTableMappingInput!) { updateIntegrationTableMapping(input: $input) {
    integrationTableMapping { description enabled direction revision tableFilter { field expression } fields { field integrationField direction conflictRule enabled optionMap { value } matchPriority } updatedAt }
    userErrors { code message field } clientMutationId } }`;
  const update = async (input: object) =>
    (await running.data(UPDATE, { input: { id: mappingId(), ...input } })).updateIntegrationTableMapping;

  test('saves what is given, leaves what is absent, and raises the revision', async () => {
    const answer = await update({
      expectedRevision: 1,
      description: 'Customers of the north',
      direction: 'TO_INTEGRATION_TABLE',
      fields: [
        { field: 'displayName', integrationField: 'name' },
        { field: '', integrationField: 'customertypecode', constantValue: '3', conflictRule: 'BUSINESS_WINS' },
      ],
    });
    expect(answer).toMatchObject({
      integrationTableMapping: {
        description: 'Customers of the north',
        enabled: true,
        direction: 'TO_INTEGRATION_TABLE',
        revision: 2,
        tableFilter: [{ field: 'blocked', expression: "<>''" }],
        fields: [
          {
            field: 'displayName',
            direction: 'TO_INTEGRATION_TABLE',
            conflictRule: 'INHERIT',
            enabled: true,
            optionMap: [],
            matchPriority: 0,
          },
          { integrationField: 'customertypecode', conflictRule: 'BUSINESS_WINS' },
        ],
      },
      userErrors: [],
    });
    const stored = await running.services.mappings.byId(customers.id);
    expect(stored).toMatchObject({
      revision: 2,
      description: 'Customers of the north',
      templates: customers.templates,
      createdAt: customers.createdAt,
    });
    expect(stored?.updatedAt.getTime()).toBeGreaterThan(customers.updatedAt.getTime());
  });

  test('tells everything that is wrong at once, by path, and saves nothing', async () => {
    const answer = await update({
      description: 'x'.repeat(251),
      tableFilter: [{ field: 'blocked', expression: '>=10&(' }],
      dependsOn: ['NOWHERE'],
      wakeOnChange: null,
      fields: [
        { field: 'a', integrationField: 'b' },
        { field: 'a', integrationField: 'b', lookup: 'NOWHERE', transformations: ['FIRST4CHAR', 'UNKNOWN'] },
      ],
    });
    expect(answer.integrationTableMapping).toBeNull();
    expect(answer.userErrors.map(({ field }: Answered) => field.join('.')).toSorted()).toEqual(
      [
        'dependsOn.0',
        'description',
        'fields.1',
        'fields.1.lookup',
        'fields.1.transformations.0',
        'fields.1.transformations.1',
        'tableFilter.0.expression',
        'wakeOnChange',
      ].toSorted(),
    );
    expect(new Set(answer.userErrors.map(({ code }: Answered) => code))).toEqual(new Set(['INVALID']));
    expect(answer.userErrors.find(({ field }: Answered) => field[0] === 'tableFilter').message).toMatch(
      /at character 7: expected .*, found the end/,
    );
    expect(await running.services.mappings.byId(customers.id)).toEqual(customers);
  });

  test('refuses a mapping without an enabled field in one of its directions', async () => {
    const fields = [{ field: 'displayName', integrationField: 'name', direction: 'TO_INTEGRATION_TABLE' }];
    expect(await update({ fields })).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['fields'], message: expect.stringContaining('NO_FIELD_IN_DIRECTION') }],
    });
  });

  test('of two people with the same revision the second one is refused', async () => {
    expect((await update({ expectedRevision: 1, description: 'first' })).userErrors).toEqual([]);
    expect(await update({ expectedRevision: 1, description: 'second' })).toMatchObject({
      integrationTableMapping: null,
      userErrors: [{ code: 'STALE_REVISION', field: ['expectedRevision'] }],
    });
    expect((await running.services.mappings.byId(customers.id))?.description).toBe('first');
  });

  test('of many at the same moment without a revision each is either saved or told to read again', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => update({ description: `edit ${index}` })),
    );
    const saved = answers.filter(({ userErrors }) => userErrors.length === 0).length;
    const stale = answers.filter(({ userErrors }) => userErrors[0]?.code === 'STALE_REVISION').length;
    expect(saved + stale).toBe(8);
    expect((await running.services.mappings.byId(customers.id))?.revision).toBe(1 + saved);
  });

  test('an unknown enum value and a mapping that is not there are refused', async () => {
    expect((await running.ask(UPDATE, { input: { id: mappingId(), direction: 'SIDEWAYS' } })).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    const { updateIntegrationTableMapping } = await running.data(UPDATE, {
      input: { id: globalId('IntegrationTableMapping', 'gone'), description: 'x' },
    });
    expect(updateIntegrationTableMapping).toMatchObject({
      integrationTableMapping: null,
      userErrors: [{ code: 'NOT_FOUND', field: ['id'] }],
    });
  });

  test('keeps pairs of fields that differ on one side only', async () => {
    const fields = [fieldPair('a', 'b'), fieldPair('a', 'c'), fieldPair('d', 'b')].map(
      ({ field, integrationField }) => ({ field, integrationField }),
    );
    expect((await update({ fields })).userErrors).toEqual([]);
  });
});

test('a connection is enabled and disabled, by an ADMIN alone', async () => {
  const off = connectionSetup({ enabled: false });
  await running.services.connectionSetups.insert(off);
  const change = (name: string) =>
    `mutation ($id: ID!) { ${name}(input: { id: $id }) { connectionSetup { enabled revision sales { hasSecret clientId } business { hasSecret } } userErrors { code field } } }`;
  const id = globalId('ConnectionSetup', off.id);
  expect(await running.data(change('enableConnectionSetup'), { id })).toMatchObject({
    enableConnectionSetup: {
      connectionSetup: {
        enabled: true,
        revision: 2,
        sales: { hasSecret: true, clientId: 'c' },
        business: { hasSecret: false },
      },
      userErrors: [],
    },
  });
  const job = { connectionSetupId: off.id, task: 'INTEGRATION_SYNCH', cron: '0 0 * * *', timeZone: 'UTC' } as const;
  const jobs = await running.services.jobQueue.createEntries(
    [
      { ...job, code: 'GOES-ON', status: 'READY' },
      { ...job, code: 'OVER', status: 'READY' },
    ],
    'test',
  );
  const entries = running.store.db.collection<{ _id: string; status: string }>('jobQueueEntries');
  await entries.updateOne({ _id: jobs[1]!._id }, { $set: { status: 'FINISHED' } });
  expect(await running.data(change('disableConnectionSetup'), { id })).toMatchObject({
    disableConnectionSetup: { connectionSetup: { enabled: false, revision: 3 } },
  });
  const left = await running.services.jobQueue.findEntries(jobs.map(({ _id }) => _id));
  expect(left.map(({ code, status }) => `${code} ${status}`).toSorted()).toEqual(['GOES-ON ON_HOLD', 'OVER FINISHED']);
  expect((await running.ask(change('enableConnectionSetup'), { id }, tokens.OPERATOR)).errors).toMatchObject([
    { extensions: { code: 'FORBIDDEN' } },
  ]);
  expect(
    await running.data(change('enableConnectionSetup'), { id: globalId('ConnectionSetup', 'gone') }),
  ).toMatchObject({
    enableConnectionSetup: { connectionSetup: null, userErrors: [{ code: 'NOT_FOUND', field: ['id'] }] },
  });
});

test('previewSchedule computes the next times, and refuses what is no schedule', async () => {
  const query = 'query ($input: PreviewScheduleInput!) { previewSchedule(input: $input) }';
  const input = {
    runOn: ['MONDAY'],
    startingTime: '08:00',
    endingTime: '09:00',
    timeZone: 'UTC',
    minutesBetweenRuns: 30,
    after: '2026-01-05T09:30:00+01:00',
    count: 3,
  };
  expect(await running.data(query, { input })).toEqual({
    previewSchedule: ['2026-01-05T09:00:00.000Z', '2026-01-12T08:00:00.000Z', '2026-01-12T08:30:00.000Z'],
  });
  const cadence = { recurrenceAnchor: 'SCHEDULED', slotAt: '2026-01-05T08:10:00Z', count: 1 };
  expect(await running.data(query, { input: { ...input, ...cadence } })).toEqual({
    previewSchedule: ['2026-01-05T08:40:00.000Z'],
  });
  for (const wrong of [
    { count: 0 },
    { count: 101 },
    { runOn: [] },
    { startingTime: '25:00' },
    { timeZone: 'Mars/Base' },
  ]) {
    expect((await running.ask(query, { input: { ...input, ...wrong } })).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  }
});
