import { expect, test } from 'vitest';
import { claimEntry } from '../../../src/job-queue/claim-store.js';
import { QueueRetentionStore } from '../../../src/job-queue/queue-retention-store.js';
import { endRun } from '../../../src/job-queue/run-end-store.js';
import { definition, testQueue } from './queue.js';

const world = testQueue();
const times = { logEntryDays: 90, transitionDays: 30 };
const never = new AbortController().signal;
const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60_000);
const claimant = { workerId: 'w', workerName: 'w', leaseMs: 60_000 };

async function ranOnce() {
  const { entry } = await world.queue.createOneOff({ connectionSetupId: 'c', task: 'AUDIT', actor: 'test' });
  const run = await claimEntry(world.store, entry._id, claimant);
  await endRun(world.store, run!, { kind: 'succeeded', idle: false }, { causedBy: 'w' });
  return { entryId: entry._id, runId: run!.runId };
}

async function ranTwice() {
  const [entry] = await world.queue.createEntries([definition()], 'test');
  const runIds: string[] = [];
  for (let run = 0; run < 2; run += 1) {
    await world.store.entries.updateOne({ _id: entry!._id }, { $set: { nextRunAt: new Date(0) } });
    const claimed = await claimEntry(world.store, entry!._id, claimant);
    await endRun(world.store, claimed!, { kind: 'succeeded', idle: false }, { causedBy: 'w' });
    runIds.push(claimed!.runId);
  }
  return { entryId: entry!._id, runIds };
}

const retention = new QueueRetentionStore(world.database, times);

test('what is over goes when its time has come: finished entries with runs and leases, older runs, transitions', async () => {
  const once = await ranOnce();
  const { entryId, runIds } = await ranTwice();
  const waiting = await world.queue.createOneOff({ connectionSetupId: 'c', task: 'AUDIT', actor: 'test' });
  expect(await retention.deleteOld(inDays(29), never)).toBe(0);

  const transitions = await world.store.transitions.countDocuments();
  expect(await retention.deleteOld(inDays(31), never)).toBe(transitions);
  expect(await world.queue.findRuns([once.runId, ...runIds])).toHaveLength(3);

  await retention.deleteOld(inDays(91), never);
  expect(await world.queue.findEntry(once.entryId)).toBeNull();
  expect(await world.queue.findRun(once.runId)).toBeNull();
  expect(await world.store.leases.findOne({ _id: `entry:${once.entryId}` })).toBeNull();
  // The last run of an entry that is still there tells of it.
  expect((await world.queue.findRuns(runIds)).map(({ _id }) => _id)).toEqual([runIds[1]]);
  expect(await world.queue.findEntry(entryId)).not.toBeNull();
  expect(await world.queue.findRun(waiting.run._id)).toMatchObject({ status: 'IN_PROCESS' });
});

test('retention that is stopped in the middle goes on the next time', async () => {
  const { runId } = await ranOnce();
  const row = (await world.queue.findRun(runId))!;
  const rows = Array.from({ length: 1_200 }, (_, index) => ({
    ...row,
    _id: `old-${index}`,
    entryId: `gone-${index}`,
    code: 'OLD',
    startedAt: new Date(index),
  }));
  await world.store.runs.insertMany(rows);
  const left = () => world.store.runs.countDocuments({ code: 'OLD' });
  let looks = 0;
  const stopsSoon = { throwIfAborted: () => expect((looks += 1)).toBeLessThan(4) } as unknown as AbortSignal;
  await expect(retention.deleteOld(new Date(), stopsSoon)).rejects.toThrow();
  const leftBySomebodyStopped = await left();
  expect(leftBySomebodyStopped).toBeGreaterThan(0);
  expect(leftBySomebodyStopped).toBeLessThan(rows.length);
  await retention.deleteOld(new Date(), never);
  expect(await left()).toBe(0);
});

test('a cursor from before the kept transitions is refused, a later one goes on', async () => {
  const before = await world.stream.currentCursor();
  await ranOnce();
  await retention.deleteOld(inDays(31), never);
  await expect(world.stream.assertReadable(before)).rejects.toThrow(/no longer kept/);
  await world.stream.assertReadable(await world.stream.currentCursor());
});
