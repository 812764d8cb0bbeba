import { expect, test } from 'vitest';
import type { EntryDefinition } from '../../../src/job-queue/entry-store.js';
import type { JobQueueEntry } from '../../../src/job-queue/job-queue-entry.js';
import { definition, ScriptedExecutor, testQueue } from './queue.js';

// What people and changes do to an entry while it runs, waits or is planned.

const world = testQueue();
const actor = 'a person';

async function oneEntry(changes: Partial<EntryDefinition> = {}): Promise<JobQueueEntry> {
  const [entry] = await world.queue.createEntries([definition(changes)], 'test');
  return entry!;
}

const found = async ({ _id }: Pick<JobQueueEntry, '_id'>) => (await world.queue.findEntry(_id))!;
const attemptsOf = async ({ _id }: Pick<JobQueueEntry, '_id'>) =>
  (await world.queue.pageOfRuns({ entryId: _id }, { limit: 9 })).items.map(
    ({ item }) => `${item.attempt} ${item.status}`,
  );

test('held and set READY during a run that then fails: the person wins, it runs once more at once, with all its retries', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const entry = await oneEntry({ maximumRetries: 1, rerunDelaySeconds: 3_600 });
  const first = await work.run(1);
  await world.queue.setStatus(entry._id, 'ON_HOLD', { actor });
  await world.queue.setStatus(entry._id, 'READY', { actor });
  // It is due, and does not begin beside its own run.
  expect(await found(entry)).toMatchObject({ status: 'READY', currentRunId: first.runId });
  work.fail(first, new Error('no'));
  const second = await work.run(2);
  expect(second.entry).toMatchObject({ _id: entry._id, retriesMade: 0 });
  const retried = world.whenStatus(entry._id, 'READY');
  work.fail(second, new Error('no'));
  await retried;
  expect(await found(entry)).toMatchObject({ status: 'READY', retriesMade: 1, currentRunId: null });
  expect((await attemptsOf(entry)).toSorted()).toEqual(['1 ERROR', '1 ERROR']);
  expect(work.begun).toHaveLength(2);
});

test('held during a run that then fails: no retry comes, and its failure is in the log', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const entry = await oneEntry({ maximumRetries: 5 });
  const run = await work.run(1);
  await world.queue.setStatus(entry._id, 'ON_HOLD', { actor });
  work.fail(run, new Error('no'));
  await expect.poll(async () => (await world.queue.findRun(run.runId))!.status).toBe('ERROR');
  expect(await found(entry)).toMatchObject({ status: 'ON_HOLD', nextRunAt: null, currentRunId: null, retriesMade: 0 });
  expect(await world.history(entry._id)).toEqual(['new>READY', 'READY>IN_PROCESS', 'IN_PROCESS>ON_HOLD']);
});

test.each(['READY', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT'] as const)(
  'a change brings an entry that is %s forward no further than it may start, and only once',
  async (status) => {
    const now = (await world.database.now()).getTime();
    const earliestStartAt = new Date(now + 3_600_000);
    const later = new Date(now + 7_200_000);
    const entry = await oneEntry({ status: 'ON_HOLD', earliestStartAt });
    await world.queue.setStatus(entry._id, status, { actor });
    await world.store.entries.updateOne({ _id: entry._id }, { $set: { nextRunAt: later, slotAt: later } });
    expect(await world.queue.wake([entry._id], 'a change')).toMatchObject([
      { status: 'READY', nextRunAt: earliestStartAt, slotAt: later },
    ]);
    expect(await world.queue.wake([entry._id], 'a change')).toEqual([]);
  },
);

test('a READY entry that a change brought forward keeps its cadence', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const slotAt = new Date((await world.database.now()).getTime() + 1_200_000);
  const entry = await oneEntry({ nextRunAt: slotAt, recurrenceAnchor: 'SCHEDULED', minutesBetweenRuns: 30 });
  const woken = await world.queue.wake([entry._id], 'a change');
  await world.wake([entry._id]);
  const run = await work.run(1);
  expect([woken.length, run.startedBy]).toEqual([1, 'a change']);
  const ended = world.whenStatus(entry._id, 'READY');
  work.succeed(run, { idle: false });
  await ended;
  expect(await found(entry)).toMatchObject({ nextRunAt: slotAt, slotAt });
});

test('run once of an entry that waits for its category runs beside that, and leaves it waiting for its turn', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  await oneEntry({ categoryCode: 'DAY', mappingId: 'mapping-of-holder' });
  const holder = await work.run(1);
  const entry = await oneEntry({ categoryCode: 'DAY', mappingId: 'mapping-of-waiting', status: 'ON_HOLD' });
  const waiting = world.whenStatus(entry._id, 'WAITING');
  await world.queue.setStatus(entry._id, 'READY', { actor });
  await waiting;

  const once = await world.queue.runOnce(entry._id, { actor });
  const ofOnce = await work.run(2);
  expect(ofOnce).toMatchObject({ runId: once.run._id, entry: { oneOff: true, mappingId: 'mapping-of-waiting' } });
  expect(await found(entry)).toMatchObject({ status: 'WAITING' });

  // The category is free now, and its mapping is not.
  work.succeed(holder);
  await expect.poll(async () => (await world.queue.findRun(holder.runId))!.status).toBe('SUCCESS');
  expect(await found(entry)).toMatchObject({ status: 'WAITING' });
  work.succeed(ofOnce);
  const own = await work.run(3);
  expect(own.entry).toMatchObject({ _id: entry._id, status: 'IN_PROCESS' });
  work.succeed(own);
});
