import { beforeAll, expect, test } from 'vitest';
import { globalId } from '../../../src/api/global-id.js';
import { connectionSetup, mapping, synchJob } from './records.js';
import { type Answered, runningApi, tokens } from './running-api.js';

const running = runningApi();
let setupId: string;

const at = (time: string): Date => new Date(`2026-03-28T${time}:00.000Z`);

beforeAll(async () => {
  const setup = connectionSetup();
  await running.services.connectionSetups.insert(setup);
  setupId = setup.id;
  const { db } = running.store;
  const [customers, items] = [mapping(setup.id, 'CUSTOMER'), mapping(setup.id, 'ITEM')];
  for (const made of [customers, items]) await running.services.mappings.insert(made);
  const run = (id: string, mappingId: string, status: string, startedAt: Date, endedAt: Date | null) => ({
    _id: id,
    connectionSetupId: setup.id,
    mappingId,
    status,
    startedAt,
    endedAt,
  });
  await db
    .collection('jobQueueLogEntries')
    .insertMany([
      run('r1', customers.id, 'SUCCESS', at('10:00'), at('10:05')),
      run('r2', customers.id, 'ERROR', at('10:10'), at('10:11')),
      run('r3', items.id, 'SUCCESS', at('11:59'), at('12:00')),
      run('r4', items.id, 'CANCELLED', at('12:58'), at('12:59')),
      run('r5', items.id, 'IN_PROCESS', at('12:30'), null),
      run('r6', items.id, 'INTERRUPTED', at('12:58'), at('13:00')),
    ] as never[]);
  const counters = { inserted: 3, modified: 2, deleted: 1, failed: 1, conflicts: 1, unchanged: 52, skipped: 0 };
  await db
    .collection('synchJobs')
    .insertMany([
      synchJob(customers, 'r1', { ...counters, startedAt: at('10:00'), finishedAt: at('10:05') }),
      synchJob(customers, 'r2', { ...counters, startedAt: at('10:10'), finishedAt: at('10:11') }),
      synchJob(items, 'r3', { ...counters, startedAt: at('11:59'), finishedAt: at('12:00') }),
      synchJob(items, 'dry', { ...counters, dryRun: true, startedAt: at('11:59'), finishedAt: at('12:00') }),
    ] as never[]);
});

const FIELDS =
  'start end mapping { name } runsSucceeded runsFailed runsCancelled runsInterrupted maximumDurationMs inserted modified deleted failed conflicts recordsPerMinute maximumLagSeconds';

const ask = async (input: object): Promise<Answered[]> =>
  (
    await running.data(
      `query ($input: StatisticsInput!) { statistics(input: $input) { ${FIELDS} } }`,
      { input },
      tokens.MONITOR,
    )
  ).statistics;

test('counts what ended in each hour, empty hours included', async () => {
  const buckets = await ask({ since: at('10:00'), until: at('13:00'), bucket: 'HOUR' });
  expect(buckets).toMatchObject([
    {
      start: '2026-03-28T10:00:00.000Z',
      end: '2026-03-28T11:00:00.000Z',
      mapping: null,
      runsSucceeded: 1,
      runsFailed: 1,
      maximumDurationMs: 300_000,
      inserted: 6,
      modified: 4,
      deleted: 2,
      failed: 2,
      conflicts: 2,
      recordsPerMinute: 2,
    },
    { start: '2026-03-28T11:00:00.000Z', runsSucceeded: 0, maximumDurationMs: null, inserted: 0, recordsPerMinute: 0 },
    { start: '2026-03-28T12:00:00.000Z', runsSucceeded: 1, runsCancelled: 1, runsInterrupted: 0, inserted: 3 },
  ]);
});

test('groups by mapping, and limits to names and connection', async () => {
  const input = { since: at('10:00'), until: at('14:00'), bucket: 'DAY', byMapping: true };
  const byMapping = await ask({ ...input, connectionSetupId: globalId('ConnectionSetup', setupId) });
  expect(byMapping.map(({ mapping: of, runsSucceeded, inserted }) => [of.name, runsSucceeded, inserted])).toEqual([
    ['CUSTOMER', 1, 6],
    ['ITEM', 1, 3],
  ]);
  expect(await ask({ ...input, byMapping: false, mapping: ['ITEM'] })).toMatchObject([{ mapping: null, inserted: 3 }]);
  expect(await ask({ ...input, byMapping: false, mapping: [] })).toMatchObject([{ inserted: 0, runsSucceeded: 0 }]);
});

test('days begin at midnight of the time zone, also when the clock changes', async () => {
  const days = await ask({
    since: '2026-03-28T12:00:00Z',
    until: '2026-03-30T12:00:00Z',
    bucket: 'DAY',
    timeZone: 'Europe/Berlin',
  });
  expect(days.map(({ start, end }) => [start, end])).toEqual([
    ['2026-03-27T23:00:00.000Z', '2026-03-28T23:00:00.000Z'],
    ['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['2026-03-29T22:00:00.000Z', '2026-03-30T22:00:00.000Z'],
  ]);
});

test('500 buckets are answered, and one more is refused', async () => {
  const until = new Date(at('00:00').getTime() + 500 * 60_000);
  expect(await ask({ since: at('00:00'), until, bucket: 'MINUTE' })).toHaveLength(500);
  const { errors } = await running.ask(`query ($input: StatisticsInput!) { statistics(input: $input) { start } }`, {
    input: { since: at('00:00'), until: new Date(until.getTime() + 1), bucket: 'MINUTE' },
  });
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});
