import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RunContext } from '../../../src/job-queue/job-executor.js';
import { RunFailedError } from '../../../src/job-queue/job-queue-errors.js';
import { definition, ScriptedExecutor, testQueue } from './queue.js';

const world = testQueue();

async function oneEntry(changes: Parameters<typeof definition>[0] = {}) {
  const [entry] = await world.queue.createEntries([definition(changes)], 'test');
  return entry!;
}

test('a due entry runs and becomes READY for its next time, and each step is told once', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const entry = await oneEntry();
  const run = await work.run(1);
  expect(run.entry).toMatchObject({ _id: entry._id, status: 'IN_PROCESS', currentRunId: run.runId, nextRunAt: null });
  expect(await world.queue.findRun(run.runId)).toMatchObject({
    status: 'IN_PROCESS',
    attempt: 1,
    workerName: run.workerName,
    startedBy: 'schedule',
    endedAt: null,
  });
  const ready = world.whenStatus(entry._id, 'READY');
  work.succeed(run);
  const { at } = await ready;
  const after = await world.queue.findEntry(entry._id);
  expect(after).toMatchObject({
    status: 'READY',
    currentRunId: null,
    lastRunId: run.runId,
    statusReason: null,
    revision: 1,
  });
  expect(after!.nextRunAt!.getTime()).toBe(at.getTime() + 60_000);
  expect(await world.queue.findRun(run.runId)).toMatchObject({ status: 'SUCCESS', endedAt: at, error: null });
  expect(await world.history(entry._id)).toEqual(['new>READY', 'READY>IN_PROCESS', 'IN_PROCESS>READY']);
});

test('a recurring entry that found nothing to do falls asleep, and until a change when its timeout is 0', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const [half, forEver] = await world.queue.createEntries(
    [definition({ inactivityTimeoutMinutes: 30 }), definition({ inactivityTimeoutMinutes: 0 })],
    'test',
  );
  const asleep = [half!, forEver!].map(({ _id }) => world.whenStatus(_id, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT'));
  work.succeed(await work.run(1), { idle: true });
  work.succeed(await work.run(2), { idle: true });
  const [halfAsleep] = await Promise.all(asleep);
  expect((await world.queue.findEntry(half!._id))!.nextRunAt!.getTime()).toBe(halfAsleep!.at.getTime() + 30 * 60_000);
  expect(await world.queue.findEntry(forEver!._id)).toMatchObject({ nextRunAt: null });
});

test('a failed run is tried again after its delay as a run of its own, and the last failure ends in ERROR', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const entry = await oneEntry({ maximumRetries: 1, rerunDelaySeconds: 1 });
  const error = {
    class: 'TRANSIENT',
    code: 'GONE_AWAY',
    message: 'no answer',
    side: 'SALES',
    field: null,
    retryable: true,
  } as const;
  const ready = world.whenStatus(entry._id, 'READY');
  const first = await work.run(1);
  work.fail(first, new RunFailedError(error));
  const retried = await ready;
  expect(await world.queue.findEntry(entry._id)).toMatchObject({ retriesMade: 1, status: 'READY' });
  expect(await world.queue.findRun(first.runId)).toMatchObject({ status: 'ERROR', attempt: 1, error });

  const second = await work.run(2);
  const began = await world.queue.findRun(second.runId);
  expect(began).toMatchObject({ attempt: 2 });
  expect(began!.startedAt.getTime()).toBeGreaterThanOrEqual(retried.at.getTime() + 1_000);
  const failed = world.queue.waitForEnd(entry._id);
  work.fail(second, new TypeError('a value of a record'));
  expect(await failed).toMatchObject({ status: 'ERROR', nextRunAt: null, retriesMade: 1 });
  const stored = await world.queue.findRun(second.runId);
  expect(stored).toMatchObject({ status: 'ERROR', error: { class: 'INTERNAL', code: 'UNEXPECTED' } });
  expect(JSON.stringify(stored)).not.toContain('a value of a record');
});

test('On Hold that a person sets during a run stays, and the log row tells how the run ended', async () => {
  const work = new ScriptedExecutor();
  const dispatcher = await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const entry = await oneEntry({ maximumRetries: 3 });
  const run = await work.run(1);
  await world.queue.setStatus(entry._id, 'ON_HOLD', { actor: 'somebody' });
  work.fail(run, new Error('too late to matter'));
  await dispatcher.stop();
  expect(await world.queue.findEntry(entry._id)).toMatchObject({
    status: 'ON_HOLD',
    currentRunId: null,
    nextRunAt: null,
  });
  expect(await world.queue.findRun(run.runId)).toMatchObject({ status: 'ERROR' });
  expect(await world.history(entry._id)).toEqual(['new>READY', 'READY>IN_PROCESS', 'IN_PROCESS>ON_HOLD']);
});

test('case 54: two dispatchers never run one entry, or two entries of one mapping, at the same time', async () => {
  const running = new Map<string, number>();
  let overlaps = 0;
  let runs = 0;
  const execute = async (context: RunContext) => {
    const { entry } = context;
    const keys = [entry._id, entry.mappingId!];
    for (const key of keys) {
      const now = (running.get(key) ?? 0) + 1;
      running.set(key, now);
      if (now > 1) overlaps += 1;
    }
    runs += 1;
    // Longer than a claim takes, so that an overlap would be seen.
    await delay(60);
    context.assertHeld();
    for (const key of keys) running.set(key, running.get(key)! - 1);
    return { idle: true };
  };
  const executors = { INTEGRATION_SYNCH: execute };
  await Promise.all([
    world.dispatch({ executors }),
    world.dispatch({ executors, database: await world.connectAnew() }),
  ]);
  // Twelve entries of four mappings, all due at once.
  const made = await world.queue.createEntries(
    Array.from({ length: 12 }, (_, index) => definition({ mappingId: `shared-${index % 4}`, status: 'ON_HOLD' })),
    'test',
  );
  const asleep = made.map(({ _id }) => world.whenStatus(_id, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT'));
  await Promise.all(made.map(({ _id }) => world.queue.setStatus(_id, 'READY', { actor: 'test' })));
  await Promise.all(asleep);
  expect({ overlaps, runs }).toEqual({ overlaps: 0, runs: 12 });
});
