import { expect, test } from 'vitest';
import type { EntryDefinition } from '../../../src/job-queue/entry-store.js';
import type { JobQueueEntry } from '../../../src/job-queue/job-queue-entry.js';
import { definition, ScriptedExecutor, testQueue } from './queue.js';

const world = testQueue();
const actor = 'test';

async function makeEntries(...changes: Partial<EntryDefinition>[]): Promise<JobQueueEntry[]> {
  const made: JobQueueEntry[] = [];
  // One after the other: the age of entries decides between equal priorities.
  for (const change of changes) {
    made.push(...(await world.queue.createEntries([definition({ categoryCode: 'NIGHT', ...change })], actor)));
  }
  return made;
}

test('one entry of a category runs at a time; the next is the one with the highest priority, then the oldest', async () => {
  const work = new ScriptedExecutor();
  const [running] = await makeEntries({ code: 'FIRST' });
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const first = await work.run(1);
  expect(first.entry._id).toBe(running!._id);

  const waiting = await makeEntries(
    { code: 'LOW', priority: 'LOW', status: 'ON_HOLD' },
    { code: 'NORMAL-OLD', status: 'ON_HOLD' },
    { code: 'NORMAL-NEW', status: 'ON_HOLD' },
    { code: 'HIGH', priority: 'HIGH', status: 'ON_HOLD' },
  );
  const seen = waiting.map(({ _id }) => world.whenStatus(_id, 'WAITING'));
  for (const { _id } of waiting) await world.queue.setStatus(_id, 'READY', { actor });
  await world.wake(waiting.map(({ _id }) => _id));
  await Promise.all(seen);
  const [low] = await world.queue.findEntries([waiting[0]!._id]);
  expect(low).toMatchObject({ status: 'WAITING', statusReason: expect.stringContaining('NIGHT') });

  const order: string[] = [];
  let last = first;
  for (const number of [2, 3, 4, 5]) {
    work.succeed(last, { idle: true });
    last = await work.run(number);
    order.push(last.entry.code);
    expect(last.entry).toMatchObject({ status: 'IN_PROCESS', statusReason: null });
  }
  expect(order).toEqual(['HIGH', 'NORMAL-OLD', 'NORMAL-NEW', 'LOW']);
  work.succeed(last, { idle: true });
});

test('entries of other categories, of other connections and without one do not wait', async () => {
  const work = new ScriptedExecutor();
  await makeEntries({}, { categoryCode: 'DAY' }, { connectionSetupId: 'connection-2' }, { categoryCode: null });
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  await work.run(4);
  for (const run of work.begun) work.succeed(run, { idle: true });
});

test('an entry of a category that nobody here can run keeps no other one waiting', async () => {
  const work = new ScriptedExecutor();
  await makeEntries({ task: 'AUDIT', priority: 'HIGH' }, { code: 'RUNS' });
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const run = await work.run(1);
  expect(run.entry.code).toBe('RUNS');
  work.succeed(run, { idle: true });
});

test('a person takes an entry out of the waiting line', async () => {
  const work = new ScriptedExecutor();
  await makeEntries({ code: 'HOLDS-THE-CATEGORY' });
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const first = await work.run(1);
  const [other] = await makeEntries({ code: 'HELD', status: 'ON_HOLD' });
  const seen = world.whenStatus(other!._id, 'WAITING');
  await world.queue.setStatus(other!._id, 'READY', { actor });
  await seen;
  await world.queue.setStatus(other!._id, 'ON_HOLD', { actor });
  expect(await world.history(other!._id)).toEqual(['new>ON_HOLD', 'ON_HOLD>READY', 'READY>WAITING', 'WAITING>ON_HOLD']);
  work.succeed(first, { idle: true });
});

test('two dispatchers with many due entries of one category never run two of them at once', async () => {
  let running = 0;
  let overlaps = 0;
  const codes: string[] = [];
  const execute = async ({ entry }: { entry: JobQueueEntry }) => {
    running += 1;
    if (running > 1) overlaps += 1;
    codes.push(entry.code);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running -= 1;
    return { idle: true };
  };
  const made = await makeEntries(...Array.from({ length: 8 }, () => ({})));
  const asleep = made.map(({ _id }) => world.whenStatus(_id, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT'));
  const executors = { INTEGRATION_SYNCH: execute };
  await Promise.all([
    world.dispatch({ executors }),
    world.dispatch({ executors, database: await world.connectAnew() }),
  ]);
  await Promise.all(asleep);
  expect({ overlaps, runs: codes.toSorted() }).toEqual({ overlaps: 0, runs: made.map(({ code }) => code).toSorted() });
});

test('a run that takes longer than its entry allows fails, is retried, and its retries end', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const [entry] = await makeEntries({ categoryCode: null, timeoutSeconds: 1, maximumRetries: 1 });
  const first = await work.run(1);
  // The executor never reacts, as one that hangs in a request.
  const second = await work.run(2);
  expect(first.signal.aborted).toBe(true);
  expect(() => first.assertHeld()).toThrow(/lease/);
  expect(await world.queue.findRun(first.runId)).toMatchObject({ status: 'ERROR', error: { code: 'RUN_TIMED_OUT' } });
  expect(await world.queue.waitForEnd(entry!._id)).toMatchObject({ status: 'ERROR', retriesMade: 1 });
  expect(await world.queue.findRun(second.runId)).toMatchObject({ attempt: 2, error: { code: 'RUN_TIMED_OUT' } });
});
