import { expect, test } from 'vitest';
import { claimEntry } from '../../../src/job-queue/claim-store.js';
import type { WrittenEnd } from '../../../src/job-queue/dispatcher.js';
import { LeaseLostError } from '../../../src/job-queue/job-executor.js';
import type { JobQueueLogEntry } from '../../../src/job-queue/job-queue-entry.js';
import { endRun, interruptRun } from '../../../src/job-queue/run-end-store.js';
import { definition, ScriptedExecutor, testQueue } from './queue.js';

const world = testQueue();

async function oneEntry(changes: Parameters<typeof definition>[0] = {}) {
  const [entry] = await world.queue.createEntries([definition(changes)], 'test');
  return entry!;
}

const runsOf = (entryId: string): Promise<JobQueueLogEntry[]> =>
  world.store.runs.find({ entryId }).sort({ attempt: 1 }).toArray();

/** Never heard after its claim, as a process that stalls. */
const deaf = { heartbeatMs: 3_600_000 };

test('a run whose worker dies is INTERRUPTED and run again elsewhere, and uses no retry', async () => {
  const ends: WrittenEnd[] = [];
  const onRunEnded = (end: WrittenEnd): void => void ends.push(end);
  const dying = new ScriptedExecutor();
  const other = new ScriptedExecutor();
  const connection = await world.connectAnew();
  const deathbed = { database: connection, timing: { drainMs: 10 } };
  await world.dispatch({ executors: { INTEGRATION_SYNCH: dying.execute }, ...deathbed });
  const entry = await oneEntry();
  const lost = await dying.run(1);
  await world.dispatch({ executors: { INTEGRATION_SYNCH: other.execute }, onRunEnded });
  await connection.client.close();

  const again = await other.run(1);
  expect(again.runId).not.toBe(lost.runId);
  expect(again.leaseToken).toBeGreaterThan(lost.leaseToken);
  expect(await world.queue.findRun(lost.runId)).toMatchObject({
    status: 'INTERRUPTED',
    error: { class: 'TRANSIENT', code: 'INTERRUPTED' },
  });
  expect(await world.queue.findEntry(entry._id)).toMatchObject({ retriesMade: 0, interruptionsInARow: 1 });
  const ready = world.whenStatus(entry._id, 'READY');
  other.succeed(again);
  await ready;
  // Nobody else could have counted the lost one.
  await expect
    .poll(() => ends)
    .toEqual([
      { task: 'INTEGRATION_SYNCH', status: 'INTERRUPTED', ranMs: null },
      { task: 'INTEGRATION_SYNCH', status: 'SUCCESS', ranMs: expect.any(Number) },
    ]);
  expect(await world.queue.findEntry(entry._id)).toMatchObject({ interruptionsInARow: 0 });
  expect(await world.history(entry._id)).toEqual([
    'new>READY',
    'READY>IN_PROCESS',
    'IN_PROCESS>READY',
    'READY>IN_PROCESS',
    'IN_PROCESS>READY',
  ]);
});

test('a worker that comes back late may not write, and its result changes nothing', async () => {
  const stalled = new ScriptedExecutor();
  const other = new ScriptedExecutor();
  const ends: WrittenEnd[] = [];
  const onRunEnded = (end: WrittenEnd): void => void ends.push(end);
  const late = await world.dispatch({
    executors: { INTEGRATION_SYNCH: stalled.execute },
    concurrency: 1,
    timing: deaf,
    onRunEnded,
  });
  const entry = await oneEntry();
  const lost = await stalled.run(1);
  expect(() => lost.assertHeld()).not.toThrow();
  // Its only hand is taken, so the run goes on elsewhere.
  await world.dispatch({ executors: { INTEGRATION_SYNCH: other.execute }, onRunEnded });
  const again = await other.run(1);
  expect(() => lost.assertHeld()).toThrow(LeaseLostError);

  const before = await world.queue.findEntry(entry._id);
  stalled.succeed(lost);
  await late.stop();
  // Whichever of the two found it told it, once, and not how the late work ended.
  expect(ends).toEqual([{ task: 'INTEGRATION_SYNCH', status: 'INTERRUPTED', ranMs: null }]);
  expect(await world.queue.findEntry(entry._id)).toEqual(before);
  expect(before).toMatchObject({ status: 'IN_PROCESS', currentRunId: again.runId });
  expect(await world.queue.findRun(lost.runId)).toMatchObject({ status: 'INTERRUPTED' });
  expect(() => again.assertHeld()).not.toThrow();
  other.succeed(again);
});

test('a lost lease aborts the run by its next heartbeat', async () => {
  const work = new ScriptedExecutor();
  const dispatcher = await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  await oneEntry();
  const run = await work.run(1);
  const aborted = new Promise((resolve) => run.signal.addEventListener('abort', () => resolve(run.signal.reason)));
  await world.store.leases.updateMany({ runId: run.runId }, { $inc: { token: 1 } });
  expect(await aborted).toBeInstanceOf(LeaseLostError);
  work.fail(run, run.signal.reason);
  await dispatcher.stop();
  expect(await world.queue.findRun(run.runId)).toMatchObject({ status: 'IN_PROCESS' });
});

test('a heartbeat that comes after the end of a lease extends it as long as nobody took it', async () => {
  const work = new ScriptedExecutor();
  const slow = { leaseMs: 600, heartbeatMs: 900, sweepMs: 3_600_000 };
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute }, timing: slow });
  const entry = await oneEntry();
  await world.wake([entry._id]);
  const run = await work.run(1);
  const endOf = async () => (await world.store.leases.findOne({ _id: `entry:${entry._id}` }))!.endsAt!.getTime();
  const firstEnd = await endOf();
  const isHeld = () => {
    try {
      run.assertHeld();
      return true;
    } catch {
      return false;
    }
  };
  await expect.poll(isHeld, { interval: 10 }).toBe(false);
  await expect.poll(isHeld, { interval: 10 }).toBe(true);
  expect(await endOf()).toBeGreaterThan(firstEnd);
  const ready = world.whenStatus(entry._id, 'READY');
  work.succeed(run);
  await ready;
});

test('the fourth interruption in a row follows the retry rule', async () => {
  const entry = await oneEntry({ maximumRetries: 0 });
  const claimant = { workerId: 'gone', workerName: 'gone', leaseMs: 1 };
  const statuses: (string | null)[] = [];
  for (let time = 1; time <= 4; time += 1) {
    const run = await claimEntry(world.store, entry._id, claimant);
    await expect
      .poll(() => interruptRun(world.store, run!.runId, { causedBy: 'sweep' }).then((ended) => ended?.status))
      .toBeDefined();
    statuses.push((await world.queue.findEntry(entry._id))!.status);
  }
  expect(statuses).toEqual(['READY', 'READY', 'READY', 'ERROR']);
  expect((await runsOf(entry._id)).map(({ status, attempt }) => [status, attempt])).toEqual([
    ['INTERRUPTED', 1],
    ['INTERRUPTED', 2],
    ['INTERRUPTED', 3],
    ['INTERRUPTED', 4],
  ]);
});

test('of two ends of one run the second finds nothing to end', async () => {
  const entry = await oneEntry();
  const run = await claimEntry(world.store, entry._id, { workerId: 'w', workerName: 'w', leaseMs: 60_000 });
  expect(await interruptRun(world.store, run!.runId, { causedBy: 'sweep' })).toBeNull();
  expect(await endRun(world.store, run!, { kind: 'succeeded', idle: false }, { causedBy: 'w' })).toMatchObject({
    status: 'READY',
  });
  expect(await endRun(world.store, run!, { kind: 'succeeded', idle: false }, { causedBy: 'w' })).toBeNull();
  expect(await world.history(entry._id)).toEqual(['new>READY', 'READY>IN_PROCESS', 'IN_PROCESS>READY']);
});

test('stopping a dispatcher hands back what does not end in time, and another one runs it at once', async () => {
  const stubborn = new ScriptedExecutor();
  const obedient = new ScriptedExecutor();
  const first = await world.dispatch({ executors: { INTEGRATION_SYNCH: stubborn.execute }, timing: { drainMs: 50 } });
  const entry = await oneEntry();
  const run = await stubborn.run(1);
  await first.stop();
  expect(run.signal.aborted).toBe(true);
  expect(() => run.assertHeld()).toThrow(LeaseLostError);
  expect(await world.queue.findRun(run.runId)).toMatchObject({ status: 'INTERRUPTED' });
  expect(await world.queue.findEntry(entry._id)).toMatchObject({ status: 'READY', currentRunId: null });
  expect(await world.store.workers.countDocuments({ _id: first.workerId })).toBe(0);

  await world.dispatch({ executors: { INTEGRATION_SYNCH: obedient.execute } });
  obedient.succeed(await obedient.run(1));
});

test('stopping a dispatcher waits for a run that ends in time', async () => {
  const work = new ScriptedExecutor();
  const dispatcher = await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const entry = await oneEntry();
  const run = await work.run(1);
  const stopped = dispatcher.stop();
  work.succeed(run);
  await stopped;
  expect(run.signal.aborted).toBe(false);
  expect(await world.queue.findRun(run.runId)).toMatchObject({ status: 'SUCCESS' });
  expect(await world.queue.findEntry(entry._id)).toMatchObject({ status: 'READY' });
});
