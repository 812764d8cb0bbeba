import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { globalId, idOfType } from '../../../src/api/global-id.js';
import type { ConnectionSetup } from '../../../src/connection-setup/connection-setup.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { connectionSetup, mapping } from './records.js';
import { type Answered, runningApi, tokens } from './running-api.js';

const running = runningApi();
let setup: ConnectionSetup;
let customers: IntegrationTableMapping;
let count = 0;

beforeAll(async () => {
  setup = connectionSetup();
  await running.services.connectionSetups.insert(setup);
  customers = mapping(setup.id, 'CUSTOMER');
  await running.services.mappings.insert(customers);
});

beforeEach(() => {
  count += 1;
});

const FIELDS = `jobQueueEntry { id code description task status statusReason recurringJob runOn startingTime endingTime timeZone
  minutesBetweenRuns cron earliestStartAt expiresAt inactivityTimeoutMinutes maximumRetries rerunDelaySeconds
  whenRetriesExhausted recurrenceAnchor categoryCode priority timeoutSeconds nextRunAt revision oneOff parameterString
  mapping { name } connectionSetup { name } } userErrors { code message field }`;
const CREATE = `mutation ($input: CreateJobQueueEntryInput!) { createJobQueueEntry(input: $input) { ${FIELDS} clientMutationId } }`;
const UPDATE = `mutation ($input: UpdateJobQueueEntryInput!) { updateJobQueueEntry(input: $input) { ${FIELDS} } }`;
const DELETE = `mutation ($input: DeleteInput!) { deleteJobQueueEntry(input: $input) { deletedId userErrors { code field message } } }`;
const SET_MANY = `mutation ($input: SetJobQueueEntriesStatusInput!) { setJobQueueEntriesStatus(input: $input) {
  changedCount changedIds jobQueueEntries { code status } userErrors { code field targetId message } } }`;

const PREVIEW =
  'query ($input: PreviewJobQueueEntryInput!) { previewJobQueueEntry(input: $input) { code message field } }';

/** What the preview tells of the input before the mutation is what the mutation then refuses. */
async function withPreview(
  kind: 'create' | 'update',
  input: object,
  mutate: () => Promise<Answered>,
): Promise<Answered> {
  const { previewJobQueueEntry } = await running.data(PREVIEW, { input: { [kind]: input } });
  const payload = await mutate();
  expect(previewJobQueueEntry).toEqual(payload.userErrors);
  return payload;
}

// Of two at once neither is told before what the other one does.
const createUnasked = async (input: object) => (await running.data(CREATE, { input })).createJobQueueEntry;
const updateUnasked = async (input: object) => (await running.data(UPDATE, { input })).updateJobQueueEntry;
const create = (input: object) => withPreview('create', input, () => createUnasked(input));
const update = (input: object) => withPreview('update', input, () => updateUnasked(input));
const remove = async (input: object) => (await running.data(DELETE, { input })).deleteJobQueueEntry;
const setMany = async (input: object, token = tokens.OPERATOR) =>
  (await running.data(SET_MANY, { input }, token)).setJobQueueEntriesStatus;
const codesOf = (payload: Answered) =>
  payload.userErrors.map(({ code, field }: Answered) => `${code} ${field?.join('.')}`);

const ofMapping = () => ({ code: `E-${count}`, task: 'INTEGRATION_SYNCH', mappingId: mappingId() });
const mappingId = () => globalId('IntegrationTableMapping', customers.id);
const daily = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];

describe('createJobQueueEntry', () => {
  test('makes an entry with the defaults of the contract, in the connection of its mapping', async () => {
    const answer = await create({ ...ofMapping(), clientMutationId: 'k' });
    expect(answer).toMatchObject({
      userErrors: [],
      clientMutationId: 'k',
      jobQueueEntry: {
        code: `E-${count}`,
        description: '',
        status: 'ON_HOLD',
        recurringJob: false,
        runOn: [],
        timeZone: 'UTC',
        minutesBetweenRuns: 0,
        inactivityTimeoutMinutes: 5,
        maximumRetries: 0,
        rerunDelaySeconds: 0,
        whenRetriesExhausted: 'STOP',
        recurrenceAnchor: 'END_OF_RUN',
        priority: 'NORMAL',
        categoryCode: null,
        timeoutSeconds: null,
        nextRunAt: null,
        revision: 1,
        oneOff: false,
        mapping: { name: 'CUSTOMER' },
        connectionSetup: { name: setup.name },
      },
    });
  });

  test('takes every field, and plans the first run of a READY entry as previewSchedule does', async () => {
    const fields = {
      description: 'Every night',
      parameterString: 'a=1',
      runOn: ['MONDAY', 'FRIDAY'],
      startingTime: '22:00:00',
      endingTime: '02:00:00',
      timeZone: 'Europe/Copenhagen',
      minutesBetweenRuns: 15,
      earliestStartAt: '2090-01-02T00:00:00.000Z',
      expiresAt: '2099-01-01T00:00:00.000Z',
      inactivityTimeoutMinutes: 0,
      maximumRetries: 10,
      rerunDelaySeconds: 3_600,
      whenRetriesExhausted: 'NEXT_SLOT',
      recurrenceAnchor: 'SCHEDULED',
      categoryCode: 'NIGHT',
      priority: 'HIGH',
      timeoutSeconds: 60,
    };
    const { jobQueueEntry, userErrors } = await create({
      ...ofMapping(),
      ...fields,
      recurringJob: true,
      status: 'READY',
    });
    expect(userErrors).toEqual([]);
    expect(jobQueueEntry).toMatchObject({ ...fields, status: 'READY' });
    const { runOn, startingTime, endingTime, timeZone, minutesBetweenRuns, earliestStartAt, expiresAt } = fields;
    const { previewSchedule } = await running.data(
      'query ($input: PreviewScheduleInput!) { previewSchedule(input: $input) }',
      {
        input: {
          runOn,
          startingTime,
          endingTime,
          timeZone,
          minutesBetweenRuns,
          earliestStartAt,
          expiresAt,
          after: '2026-01-01T00:00:00.000Z',
          count: 1,
        },
      },
    );
    expect(previewSchedule).toEqual([jobQueueEntry.nextRunAt]);
  });

  test('tells all that is wrong at once, with each path, and makes nothing', async () => {
    const answer = await create({
      ...ofMapping(),
      code: 'x'.repeat(51),
      description: 'x'.repeat(251),
      parameterString: 'x'.repeat(251),
      recurringJob: true,
      startingTime: '08:00',
      minutesBetweenRuns: -1,
      inactivityTimeoutMinutes: 4,
      maximumRetries: 11,
      rerunDelaySeconds: 3_601,
      categoryCode: 'x'.repeat(51),
      timeoutSeconds: 0,
      earliestStartAt: '2090-01-02T00:00:00Z',
      expiresAt: '2090-01-01T00:00:00Z',
    });
    expect(answer.jobQueueEntry).toBeNull();
    expect(codesOf(answer).toSorted()).toEqual(
      [
        'categoryCode',
        'code',
        'description',
        'expiresAt',
        'inactivityTimeoutMinutes',
        'maximumRetries',
        'minutesBetweenRuns',
        'parameterString',
        'recurringJob',
        'rerunDelaySeconds',
        'startingTime',
        'timeoutSeconds',
      ].map((field) => `INVALID ${field}`),
    );
    for (const { message } of answer.userErrors) expect(message).toMatch(/^\w+: expected .+/);
    const { jobQueueEntries } = await running.data('{ jobQueueEntries(filter: { search: "xxxx" }) { totalCount } }');
    expect(jobQueueEntries.totalCount).toBe(0);
  });

  test('tells a wrong status, a taken code and what is not there beside all other faults', async () => {
    await create(ofMapping());
    const answer = await create({ ...ofMapping(), status: 'ERROR', maximumRetries: 11, runOn: [], cron: '61 * * * *' });
    expect(answer.jobQueueEntry).toBeNull();
    expect(codesOf(answer).toSorted()).toEqual([
      'DUPLICATE code',
      'INVALID cron',
      'INVALID maximumRetries',
      'INVALID status',
    ]);
    const lost = { connectionSetupId: 'nothing', mappingId: 'nothing', status: 'ERROR', maximumRetries: 11 };
    expect(codesOf(await create({ ...ofMapping(), ...lost })).toSorted()).toEqual([
      'INVALID maximumRetries',
      'INVALID status',
      'NOT_FOUND connectionSetupId',
      'NOT_FOUND mappingId',
    ]);
  });

  test.each<[string, () => object, string]>([
    ['a task without its mapping', () => ({ mappingId: null }), 'INVALID mappingId'],
    ['a task of one-off entries', () => ({ task: 'UNDO' }), 'INVALID task'],
    ['a mapping for a task that takes none', () => ({ task: 'RETENTION' }), 'INVALID mappingId'],
    ['a task without its connection', () => ({ task: 'AUDIT', mappingId: null }), 'INVALID connectionSetupId'],
    ['a mapping that is not there', () => ({ mappingId: 'nothing' }), 'NOT_FOUND mappingId'],
    ['a connection that is not there', () => ({ connectionSetupId: 'nothing' }), 'NOT_FOUND connectionSetupId'],
    ['another status', () => ({ status: 'IN_PROCESS' }), 'INVALID status'],
    ['a cron expression that is none', () => ({ cron: '61 * * * *' }), 'INVALID cron'],
    ['an interval without weekdays', () => ({ minutesBetweenRuns: 5 }), 'INVALID runOn'],
    ['READY without any time to run', () => ({ status: 'READY', cron: '0 0 30 2 *' }), 'INVALID status'],
    ['only blanks as code', () => ({ code: '  ' }), 'INVALID code'],
  ])('refuses %s', async (_, changes, expected) => {
    const answer = await create({ ...ofMapping(), ...changes() });
    expect([answer.jobQueueEntry, codesOf(answer)]).toEqual([null, [expected]]);
  });

  test('refuses a code twice in one connection, also when both come at once', async () => {
    const answers = await Promise.all([createUnasked(ofMapping()), createUnasked(ofMapping())]);
    expect(answers.flatMap(codesOf)).toEqual(['DUPLICATE code']);
    expect(codesOf(await create(ofMapping()))).toEqual(['DUPLICATE code']);
  });

  test('a mapping of another connection is refused', async () => {
    const other = connectionSetup();
    await running.services.connectionSetups.insert(other);
    const answer = await create({ ...ofMapping(), connectionSetupId: globalId('ConnectionSetup', other.id) });
    expect(codesOf(answer)).toEqual(['INVALID mappingId']);
  });
});

describe('updateJobQueueEntry', () => {
  const recurring = async (changes: object = {}) =>
    (await create({ ...ofMapping(), runOn: daily, minutesBetweenRuns: 60, status: 'READY', ...changes })).jobQueueEntry;

  test('changes what is given, leaves the rest, counts the edit, and plans anew', async () => {
    const { id, nextRunAt } = await recurring();
    const { jobQueueEntry, userErrors } = await update({
      id,
      expectedRevision: 1,
      description: 'Later',
      earliestStartAt: '2090-01-02T00:00:00.000Z',
    });
    expect(userErrors).toEqual([]);
    expect(jobQueueEntry).toMatchObject({
      description: 'Later',
      nextRunAt: '2090-01-02T00:00:00.000Z',
      minutesBetweenRuns: 60,
      revision: 2,
      status: 'READY',
    });
    expect(jobQueueEntry.nextRunAt).not.toBe(nextRunAt);
    const found = await running.data('{ jobQueueEntries(filter: { search: "Later" }) { edges { node { id } } } }');
    expect(found.jobQueueEntries.edges).toEqual([{ node: { id } }]);
  });

  test('the same values again change nothing, and an edit without schedule leaves the next run', async () => {
    const { id, nextRunAt } = await recurring();
    expect((await update({ id, minutesBetweenRuns: 60, runOn: daily })).jobQueueEntry).toMatchObject({ revision: 1 });
    const { jobQueueEntry } = await update({ id, maximumRetries: 3 });
    expect(jobQueueEntry).toMatchObject({ revision: 2, maximumRetries: 3, nextRunAt });
  });

  test('null clears what may be null, and is refused elsewhere', async () => {
    const { id } = await recurring({ categoryCode: 'NIGHT', startingTime: '08:00', timeoutSeconds: 5 });
    const cleared = await update({ id, categoryCode: null, startingTime: null, timeoutSeconds: null });
    expect(cleared.jobQueueEntry).toMatchObject({ categoryCode: null, startingTime: null, timeoutSeconds: null });
    const refused = await update({ id, runOn: null, timeZone: null, maximumRetries: null });
    expect(refused.jobQueueEntry).toBeNull();
    expect(codesOf(refused).toSorted()).toEqual(['INVALID maximumRetries', 'INVALID runOn', 'INVALID timeZone']);
  });

  test('refuses what would not hold together with what is there, a stale revision, and an entry that is not there', async () => {
    const { id } = await recurring();
    expect(codesOf(await update({ id, runOn: [] }))).toEqual(['INVALID runOn']);
    expect(codesOf(await update({ id, recurringJob: false }))).toEqual(['INVALID recurringJob']);
    expect(codesOf(await update({ id, expiresAt: '2020-01-01T00:00:00Z' }))).toEqual(['INVALID expiresAt']);
    expect(codesOf(await update({ id, expectedRevision: 7, description: 'x' }))).toEqual([
      'STALE_REVISION expectedRevision',
    ]);
    expect(codesOf(await update({ id: globalId('JobQueueEntry', 'gone'), description: 'x' }))).toEqual([
      'NOT_FOUND id',
    ]);
  });

  test('two edits at once with the same expected revision: one is refused', async () => {
    const { id } = await recurring();
    const answers = await Promise.all([
      updateUnasked({ id, expectedRevision: 1, description: 'one' }),
      updateUnasked({ id, expectedRevision: 1, description: 'two' }),
    ]);
    expect(answers.flatMap(codesOf)).toEqual(['STALE_REVISION expectedRevision']);
  });

  test('a sleeping entry sleeps by its new time, and cannot become one that runs once', async () => {
    const { id } = await recurring();
    const raw = idOfType('JobQueueEntry', id)!;
    await running.services.jobQueue.setStatus(raw, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT', { actor: 'test' });
    const { jobQueueEntry } = await update({ id, inactivityTimeoutMinutes: 0 });
    expect(jobQueueEntry).toMatchObject({ status: 'ON_HOLD_WITH_INACTIVITY_TIMEOUT', nextRunAt: null });
    expect(codesOf(await update({ id, runOn: [], minutesBetweenRuns: 0 }))).toEqual(['INVALID runOn']);
  });

  test('the priority of an entry in process is IN_USE', async () => {
    const { id } = await recurring();
    const raw = idOfType('JobQueueEntry', id)!;
    await running.store.db
      .collection('jobQueueEntries')
      .updateOne({ _id: raw as never }, { $set: { status: 'IN_PROCESS' } });
    expect(codesOf(await update({ id, priority: 'LOW' }))).toEqual(['IN_USE priority']);
  });

  test('the category of an entry whose run is in process is IN_USE, also when it was held meanwhile; the rest may change', async () => {
    const { id } = await recurring({ categoryCode: 'NIGHT' });
    const entries = running.store.db.collection('jobQueueEntries');
    const raw = { _id: idOfType('JobQueueEntry', id) as never };
    for (const status of ['IN_PROCESS', 'ON_HOLD']) {
      await entries.updateOne(raw, { $set: { status, currentRunId: 'a-run' } });
      expect(codesOf(await update({ id, categoryCode: 'DAY' }))).toEqual(['IN_USE categoryCode']);
      expect(codesOf(await update({ id, categoryCode: null }))).toEqual(['IN_USE categoryCode']);
      expect(codesOf(await update({ id, categoryCode: 'NIGHT', description: status }))).toEqual([]);
    }
    await entries.updateOne(raw, { $set: { currentRunId: null } });
    expect((await update({ id, categoryCode: 'DAY' })).jobQueueEntry).toMatchObject({ categoryCode: 'DAY' });
  });

  test('an entry that waits for its turn waits for a later start, too', async () => {
    const { id, nextRunAt } = await recurring({ categoryCode: 'NIGHT' });
    const raw = { _id: idOfType('JobQueueEntry', id) as never };
    await running.store.db.collection('jobQueueEntries').updateOne(raw, { $set: { status: 'WAITING' } });
    expect((await update({ id, minutesBetweenRuns: 30 })).jobQueueEntry).toMatchObject({ nextRunAt });
    const later = '2090-01-02T00:00:00.000Z';
    expect((await update({ id, earliestStartAt: later })).jobQueueEntry).toMatchObject({ nextRunAt: later });
  });
});

test('a run that the service made gets no schedule: it would recur where no list shows it', async () => {
  const { entry } = await running.services.jobQueue.createOneOff({
    connectionSetupId: setup.id,
    task: 'INTEGRATION_SYNCH',
    mappingId: customers.id,
    mappingName: customers.name,
    actor: 'test',
  });
  const id = globalId('JobQueueEntry', entry._id);
  const refused = await update({ id, runOn: daily, minutesBetweenRuns: 5, description: 'x'.repeat(251) });
  expect(codesOf(refused).toSorted()).toEqual(['INVALID description', 'INVALID minutesBetweenRuns', 'INVALID runOn']);
  expect(refused.userErrors.find(({ field }: Answered) => field.join() === 'runOn').message).toMatch(
    /made this entry to run once.*createJobQueueEntry/,
  );
  for (const change of [{ cron: '* * * * *' }, { minutesBetweenRuns: 5 }, { expiresAt: '2090-01-02T00:00:00Z' }])
    expect(codesOf(await update({ id, ...change }))).toEqual([`INVALID ${Object.keys(change)[0]}`]);
  expect((await update({ id, maximumRetries: 5, runOn: [] })).jobQueueEntry).toMatchObject({ maximumRetries: 5 });
});

describe('previewJobQueueEntry', () => {
  test('writes nothing, and takes either a new entry or a change', async () => {
    const search = '{ jobQueueEntries { totalCount } auditEntries { totalCount } }';
    const before = await running.data(search);
    const { previewJobQueueEntry } = await running.data(PREVIEW, { input: { create: ofMapping() } });
    expect(previewJobQueueEntry).toEqual([]);
    expect(await running.data(search)).toEqual(before);
    const { errors } = await running.ask(PREVIEW, { input: {} });
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('deleteJobQueueEntry', () => {
  test('deletes an entry and leaves its log', async () => {
    const { id } = (await create(ofMapping())).jobQueueEntry;
    expect(await remove({ id })).toEqual({ deletedId: id, userErrors: [] });
    expect((await running.data('query ($id: ID!) { node(id: $id) { id } }', { id })).node).toBeNull();
    expect(codesOf(await remove({ id }))).toEqual(['NOT_FOUND id']);
  });

  test('refuses a stale revision, and an entry with a run in process', async () => {
    const { id } = (await create(ofMapping())).jobQueueEntry;
    expect(codesOf(await remove({ id, expectedRevision: 3 }))).toEqual(['STALE_REVISION expectedRevision']);
    const raw = idOfType('JobQueueEntry', id)!;
    // On Hold that somebody set during a run, which goes on.
    await running.store.db
      .collection('jobQueueEntries')
      .updateOne({ _id: raw as never }, { $set: { currentRunId: 'a-run' } });
    expect(codesOf(await remove({ id }))).toEqual(['ILLEGAL_TRANSITION id']);
  });
});

describe('setJobQueueEntriesStatus', () => {
  const category = () => `CATEGORY-${count}`;
  const three = async () => {
    const ids: string[] = [];
    for (const name of ['A', 'B', 'C']) {
      const changes = name === 'C' ? {} : { runOn: daily, minutesBetweenRuns: 30 };
      const answer = await create({ ...ofMapping(), code: `${name}-${count}`, categoryCode: category(), ...changes });
      ids.push(answer.jobQueueEntry.id);
    }
    return ids;
  };

  test('sets the status of all that match and tells those that cannot go there', async () => {
    const [a, b, c] = await three();
    const answer = await setMany({
      filter: { categoryCode: [category()] },
      status: 'ON_HOLD_WITH_INACTIVITY_TIMEOUT',
      expectedCount: 3,
    });
    expect(answer).toMatchObject({
      changedCount: 2,
      changedIds: [a, b],
      userErrors: [{ code: 'ILLEGAL_TRANSITION', field: ['status'], targetId: c }],
    });
    expect(answer.jobQueueEntries.map(({ status }: Answered) => status)).toEqual([
      'ON_HOLD_WITH_INACTIVITY_TIMEOUT',
      'ON_HOLD_WITH_INACTIVITY_TIMEOUT',
    ]);
    const { jobStatusTransitions } = await running.data(
      'query ($id: [ID!]) { jobStatusTransitions(filter: { entryId: $id }) { edges { node { from to causedBy } } } }',
      { id: [a] },
    );
    expect(jobStatusTransitions.edges.map(({ node }: Answered) => node)).toContainEqual({
      from: 'ON_HOLD',
      to: 'ON_HOLD_WITH_INACTIVITY_TIMEOUT',
      causedBy: 'operator',
    });
    expect(await setMany({ filter: { ids: [a, b] }, status: 'ON_HOLD' })).toMatchObject({ changedCount: 2 });
    expect(await setMany({ filter: { ids: [a, b] }, status: 'ON_HOLD' })).toMatchObject({
      changedCount: 0,
      userErrors: [],
    });
  });

  test('refuses a filter of nothing, and another number of matches than expected', async () => {
    await three();
    expect(codesOf(await setMany({ filter: {}, status: 'ON_HOLD' }))).toEqual(['INVALID filter']);
    expect(codesOf(await setMany({ filter: { oneOff: true }, status: 'ON_HOLD' }))).toEqual(['INVALID filter']);
    for (const search of ['', '  ', '*'])
      expect(codesOf(await setMany({ filter: { search }, status: 'ON_HOLD' }))).toEqual(['INVALID filter']);
    const filter = { categoryCode: [category()] };
    expect(codesOf(await setMany({ filter, status: 'READY', expectedCount: 2 }))).toEqual([
      'STALE_REVISION expectedCount',
    ]);
    const { jobQueueEntries } = await running.data(
      'query ($filter: JobQueueEntryFilter) { jobQueueEntries(filter: $filter) { edges { node { status } } } }',
      { filter },
    );
    expect(jobQueueEntries.edges.map(({ node }: Answered) => node.status)).toEqual(['ON_HOLD', 'ON_HOLD', 'ON_HOLD']);
  });

  test('changes hundreds in one call', async () => {
    const codes = Array.from({ length: 230 }, (_, index) => `MANY-${count}-${index}`);
    await running.services.jobQueue.createEntries(
      codes.map((code) => ({
        code,
        connectionSetupId: setup.id,
        task: 'RETENTION' as const,
        timeZone: 'UTC',
        categoryCode: category(),
      })),
      'test',
    );
    const answer = await setMany({ filter: { categoryCode: [category()] }, status: 'READY', expectedCount: 230 });
    expect(answer).toMatchObject({ changedCount: 230, userErrors: [] });
    expect(answer.jobQueueEntries).toHaveLength(100);
    expect(new Set(answer.changedIds).size).toBe(230);
  });
});

test('changing entries needs ADMIN, setting statuses OPERATOR', async () => {
  const { errors } = await running.ask(CREATE, { input: ofMapping() }, tokens.OPERATOR);
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  const many = await running.ask(SET_MANY, { input: { filter: { ids: [] }, status: 'READY' } }, tokens.VIEWER);
  expect(many.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
});

test('workers are listed with what they run, and a run names its worker until that is forgotten', async () => {
  const { db } = running.store;
  const now = new Date();
  const worker = { name: 'host:7', host: 'host', processId: 7, version: '1.2.3', startedAt: now };
  await db.collection('workers').insertMany([
    { ...worker, _id: 'w-1' as never, heartbeatAt: now },
    { ...worker, _id: 'w-2' as never, heartbeatAt: new Date(now.getTime() - 60_000) },
  ]);
  const { run } = await running.services.jobQueue.createOneOff({
    connectionSetupId: setup.id,
    task: 'RETENTION',
    actor: 'test',
  });
  await db.collection('jobQueueLogEntries').updateOne({ _id: run._id as never }, { $set: { workerId: 'w-1' } });
  const query = `{ workers { totalCount edges { node { id host processId version alive runs { id worker { id } } } } } }`;
  const { workers } = await running.data(query, {}, tokens.MONITOR);
  const [first, second] = workers.edges.map(({ node }: Answered) => node);
  expect(workers.totalCount).toBe(2);
  expect(first).toMatchObject({
    id: globalId('Worker', 'w-1'),
    host: 'host',
    processId: 7,
    version: '1.2.3',
    alive: true,
    runs: [{ id: globalId('JobQueueLogEntry', run._id), worker: { id: globalId('Worker', 'w-1') } }],
  });
  expect(second).toMatchObject({ alive: false, runs: [] });
  await db.collection('workers').deleteMany({});
  const { node } = await running.data(
    'query ($id: ID!) { node(id: $id) { ... on JobQueueLogEntry { worker { id } } } }',
    { id: globalId('JobQueueLogEntry', run._id) },
  );
  expect(node).toEqual({ worker: null });
});

test('an entry tells what is wrong with its code, its mode and its expiration, in words that say what would be right', async () => {
  const input = {
    task: 'FULL_SYNCH',
    connectionSetupId: globalId('ConnectionSetup', setup.id),
    code: '   ',
    parameterString: 'everything',
  };
  const at = '2030-01-02T00:00:00.000Z';
  const times = { earliestStartAt: at, expiresAt: '2030-01-01T00:00:00.000Z' };
  const { userErrors } = await create({ ...input, ...times });
  const told = userErrors.map(({ field, message }: Answered) => `${field.join('.')} ${message}`);
  expect(told).toEqual([
    expect.stringMatching(/^code .*got only blanks/),
    expect.stringMatching(/^parameterString .*COUPLED_ONLY, MATCH_THEN_CREATE, CREATE_MISSING.*"everything"/),
    expect.stringMatching(/^expiresAt .*not before earliestStartAt/),
  ]);
  const right = await create({
    ...input,
    code: `FULL-${count}`,
    parameterString: 'create_missing',
    expiresAt: at,
    earliestStartAt: at,
  });
  expect(right.userErrors).toEqual([]);
  const edit = await update({ id: right.jobQueueEntry.id, parameterString: 'all' });
  expect(codesOf(edit)).toEqual(['INVALID parameterString']);
});

test('a retry that waits does not come before the earliestStartAt of an edit', async () => {
  const answer = await create({
    ...ofMapping(),
    code: `RETRY-${count}`,
    runOn: daily,
    minutesBetweenRuns: 30,
    status: 'READY',
  });
  const raw = idOfType('JobQueueEntry', answer.jobQueueEntry.id);
  await running.store.db.collection('jobQueueEntries').updateOne({ _id: raw as never }, { $set: { retriesMade: 1 } });
  const earliestStartAt = new Date(Date.now() + 3_600_000).toISOString();
  const { jobQueueEntry } = await update({ id: answer.jobQueueEntry.id, earliestStartAt });
  expect(jobQueueEntry.nextRunAt).toBe(earliestStartAt);
});
