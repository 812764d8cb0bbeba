import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { cancelRun } from '../../../src/job-queue/cancel-store.js';
import { claimEntry } from '../../../src/job-queue/claim-store.js';
import { LeaseLostError, RunCancelledError } from '../../../src/job-queue/job-executor.js';
import type { JobQueueEntry } from '../../../src/job-queue/job-queue-entry.js';
import {
  EntryNotFoundError,
  NothingToCancelError,
  PartOfEndedRunError,
  RunNotFoundError,
} from '../../../src/job-queue/job-queue-errors.js';
import { jobQueueStore } from '../../../src/job-queue/job-queue-store.js';
import type { OneOffRequest } from '../../../src/job-queue/one-off-store.js';
import { endRun, interruptRun } from '../../../src/job-queue/run-end-store.js';
import { definition, ScriptedExecutor, testQueue } from './queue.js';

const world = testQueue();

async function oneEntry(changes: Parameters<typeof definition>[0] = {}): Promise<JobQueueEntry> {
  const [entry] = await world.queue.createEntries([definition(changes)], 'test');
  return entry!;
}

let oneOffs = 0;
const oneOff = (changes: Partial<OneOffRequest> = {}) => {
  oneOffs += 1;
  return world.queue.createOneOff({
    connectionSetupId: 'connection-1',
    task: 'INTEGRATION_SYNCH',
    mappingId: `mapping-of-one-off-${oneOffs}`,
    mappingName: 'CUSTOMER',
    actor: 'somebody',
    ...changes,
  });
};

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));

const error = { class: 'VALIDATION', code: 'BAD', message: 'bad', side: null, field: null, retryable: false } as const;

test('the run of a recurring entry is cancelled from another process within two seconds, and the entry goes on by its schedule', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const entry = await oneEntry();
  const run = await work.run(1);
  const reason = aborted(run.signal);
  const ready = world.whenStatus(entry._id, 'READY');

  const elsewhere = jobQueueStore(await world.connectAnew());
  const began = performance.now();
  expect(await cancelRun(elsewhere, { entryId: entry._id }, 'a person')).toMatchObject({ _id: run.runId });
  expect(await reason).toBeInstanceOf(RunCancelledError);
  work.fail(run, run.signal.reason);
  expect(await ready).toMatchObject({ from: 'IN_PROCESS', reason: expect.stringContaining('Cancelled by a person.') });
  expect(performance.now() - began).toBeLessThan(2_000);

  expect(await world.queue.findRun(run.runId)).toMatchObject({ status: 'CANCELLED', error: null });
  const after = await world.queue.findEntry(entry._id);
  expect(after).toMatchObject({ status: 'READY', currentRunId: null, lastRunId: run.runId, retriesMade: 0 });
  expect(after!.nextRunAt!.getTime()).toBeGreaterThan(Date.now());
});

test('a run is cancelled within two seconds while an HTTP call hangs', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const asked = once(silent, 'request');
  await world.dispatch({
    executors: {
      INTEGRATION_SYNCH: async ({ signal }) => {
        await fetch(`http://127.0.0.1:${port}/`, { signal });
        return { idle: true };
      },
    },
  });
  const { entry, run } = await oneOff();
  await asked;
  const ended = world.queue.waitForEnd(entry._id);
  const began = performance.now();
  await world.queue.cancelRun({ runId: run._id }, 'a person');
  expect(await ended).toMatchObject({ status: 'FINISHED', statusReason: 'Cancelled by a person.' });
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(await world.queue.findRun(run._id)).toMatchObject({ status: 'CANCELLED' });
  silent.closeAllConnections();
  silent.close();
});

test('a run whose executor does not react is cancelled without it, and may write nothing more', async () => {
  const stubborn = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: stubborn.execute } });
  const { entry } = await oneOff();
  const run = await stubborn.run(1);
  const ended = world.queue.waitForEnd(entry._id);
  await world.queue.cancelRun({ runId: run.runId }, 'a person');
  expect(await ended).toMatchObject({ status: 'FINISHED' });
  expect(() => run.assertHeld()).toThrow(LeaseLostError);
  const before = await world.queue.findRun(run.runId);
  stubborn.succeed(run);
  expect(before).toMatchObject({ status: 'CANCELLED' });
  expect(await world.queue.findRun(run.runId)).toEqual(before);
});

test('a one-off that waits for its mapping ends CANCELLED at once and never begins', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  await oneEntry({ mappingId: 'mapping-busy' });
  const holder = await work.run(1);
  const { entry, run } = await oneOff({ mappingId: 'mapping-busy' });
  expect(await world.queue.cancelRun({ entryId: entry._id }, 'a person')).toMatchObject({
    _id: run._id,
    status: 'CANCELLED',
    endedAt: expect.any(Date),
  });
  expect(await world.queue.waitForEnd(entry._id)).toMatchObject({
    status: 'FINISHED',
    statusReason: 'Cancelled by a person.',
    nextRunAt: null,
    currentRunId: null,
    lastRunId: run._id,
  });
  const { entry: next } = await oneOff({ mappingId: 'mapping-busy' });
  work.succeed(holder);
  const following = await work.run(2);
  expect(following.entry._id).toBe(next._id);
  work.succeed(following);
  expect(await world.history(entry._id)).toEqual(['new>READY', 'READY>FINISHED']);
});

test('a one-off that a person put On Hold before it began can be cancelled', async () => {
  const { entry, run } = await oneOff();
  await world.queue.setStatus(entry._id, 'ON_HOLD', { actor: 'a person' });
  await world.queue.cancelRun({ runId: run._id }, 'a person');
  expect(await world.queue.findEntry(entry._id)).toMatchObject({ status: 'FINISHED' });
  expect(await world.queue.findRun(run._id)).toMatchObject({ status: 'CANCELLED' });
});

test('a one-off that waits for its retry is cancelled by the run that failed', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const { entry, run } = await oneOff();
  const retry = world.whenStatus(entry._id, 'READY');
  work.fail(await work.run(1), new Error('once'));
  await retry;
  await world.queue.cancelRun({ runId: run._id }, 'a person');
  expect(await world.queue.findEntry(entry._id)).toMatchObject({ status: 'FINISHED', nextRunAt: null });
  expect(await world.queue.findRun(run._id)).toMatchObject({ status: 'ERROR' });
});

test('what does not run, or is not there, cannot be cancelled', async () => {
  const resting = await oneEntry();
  await expect(world.queue.cancelRun({ entryId: resting._id }, 'a person')).rejects.toThrow(NothingToCancelError);
  await expect(world.queue.cancelRun({ entryId: 'nowhere' }, 'a person')).rejects.toThrow(EntryNotFoundError);
  await expect(world.queue.cancelRun({ runId: 'nowhere' }, 'a person')).rejects.toThrow(RunNotFoundError);

  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const { entry, run } = await oneOff({ mappingName: 'ENDED' });
  const ended = world.queue.waitForEnd(entry._id);
  const own = (await Promise.all([work.run(1), work.run(2)])).find(({ runId }) => runId === run._id);
  work.succeed(own!);
  await ended;
  await expect(world.queue.cancelRun({ runId: run._id }, 'a person')).rejects.toThrow(/nothing of ENDED#1 runs/);
  expect(await world.queue.findRun(run._id)).toMatchObject({ status: 'SUCCESS' });
  work.succeed(work.begun.find((begun) => begun !== own)!);
});

test.each([
  ['whose worker dies', 1, (runId: string) => interruptRun(world.store, runId, { causedBy: 'sweep' })],
  ['that fails by itself', 60_000, null],
])('a cancelled run %s is not tried again', async (_, leaseMs, end) => {
  const { entry } = await oneOff();
  const run = await claimEntry(world.store, entry._id, { workerId: 'w', workerName: 'w', leaseMs });
  await world.queue.cancelRun({ entryId: entry._id }, 'a person');
  await world.queue.cancelRun({ entryId: entry._id }, 'another one');
  if (end === null) await endRun(world.store, run!, { kind: 'failed', error }, { causedBy: 'w' });
  else await expect.poll(() => end(run!.runId).then((ended) => ended?.status)).toBeDefined();
  expect(await world.queue.findEntry(entry._id)).toMatchObject({
    status: 'FINISHED',
    statusReason: 'Cancelled by a person.',
    nextRunAt: null,
  });
  expect(await world.queue.findRun(run!.runId)).toMatchObject({ status: 'CANCELLED' });
});

test('work that was done to its end before its worker learned of the cancelling counts as done', async () => {
  const { entry } = await oneOff();
  const run = await claimEntry(world.store, entry._id, { workerId: 'w', workerName: 'w', leaseMs: 60_000 });
  await world.queue.cancelRun({ entryId: entry._id }, 'a person');
  await endRun(world.store, run!, { kind: 'succeeded', idle: false }, { causedBy: 'w' });
  expect(await world.queue.findRun(run!.runId)).toMatchObject({ status: 'SUCCESS' });
});

test('cancelling a run cancels the parts of its work, and lets it start no more of them', async () => {
  const claimant = { workerId: 'w', workerName: 'w', leaseMs: 60_000 };
  const whole = await oneOff({ task: 'FULL_SYNCH', mappingId: null, mappingName: null });
  await claimEntry(world.store, whole.entry._id, claimant);
  const partOf = { entryId: whole.entry._id, runId: whole.run._id };
  const [running, waiting, done] = await Promise.all([oneOff({ partOf }), oneOff({ partOf }), oneOff({ partOf })]);
  await claimEntry(world.store, running.entry._id, claimant);
  const finished = await claimEntry(world.store, done.entry._id, claimant);
  await endRun(world.store, finished!, { kind: 'succeeded', idle: false }, { causedBy: 'w' });

  await world.queue.cancelRun({ runId: whole.run._id }, 'a person');
  expect(await world.queue.findRun(running.run._id)).toMatchObject({ status: 'IN_PROCESS', cancelledBy: 'a person' });
  expect(await world.queue.findRun(waiting.run._id)).toMatchObject({ status: 'CANCELLED' });
  expect(await world.queue.findRun(done.run._id)).toMatchObject({ status: 'SUCCESS' });
  await expect(oneOff({ partOf })).rejects.toThrow(PartOfEndedRunError);
});

test('starting a part and cancelling the whole at the same time leaves no part that goes on', async () => {
  const claimant = { workerId: 'w', workerName: 'w', leaseMs: 60_000 };
  for (let time = 0; time < 5; time += 1) {
    const whole = await oneOff({ task: 'FULL_SYNCH', mappingId: null, mappingName: null });
    await claimEntry(world.store, whole.entry._id, claimant);
    const partOf = { entryId: whole.entry._id, runId: whole.run._id };
    const elsewhere = jobQueueStore(world.database);
    const [part] = await Promise.allSettled([
      oneOff({ partOf }),
      cancelRun(elsewhere, { runId: whole.run._id }, 'a person'),
    ]);
    if (part.status === 'rejected') expect(part.reason).toBeInstanceOf(PartOfEndedRunError);
    else expect(await world.queue.findRun(part.value.run._id)).toMatchObject({ status: 'CANCELLED' });
  }
});

test('a failure for good is not tried again', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const { entry, run } = await oneOff();
  const ended = world.queue.waitForEnd(entry._id);
  work.succeed(await work.run(1), { idle: false, failure: error });
  expect(await ended).toMatchObject({ status: 'ERROR', statusReason: expect.stringContaining('VALIDATION BAD') });
  expect(await world.queue.findRun(run._id)).toMatchObject({ status: 'ERROR', error });
});
