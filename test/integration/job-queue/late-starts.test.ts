import { expect, test } from 'vitest';
import { claimEntry, waitForCategory } from '../../../src/job-queue/claim-store.js';
import { expireEntry } from '../../../src/job-queue/entry-expiry-store.js';
import type { EntryDefinition } from '../../../src/job-queue/entry-store.js';
import { type JobQueueEntry, weekdays } from '../../../src/job-queue/job-queue-entry.js';
import { EntryInProcessError } from '../../../src/job-queue/job-queue-errors.js';
import { endRun } from '../../../src/job-queue/run-end-store.js';
import { definition, testQueue } from './queue.js';

const world = testQueue();
const claimant = { workerId: 'w', workerName: 'w', leaseMs: 60_000 };
const claim = (id: string) => claimEntry(world.store, id, claimant);
const found = async (id: string) => (await world.queue.findEntry(id))!;

/** An entry that was due so many seconds ago, with changes of its definition. */
async function dueSince(seconds: number, changes: Partial<EntryDefinition> = {}): Promise<JobQueueEntry> {
  const nextRunAt = new Date((await world.database.now()).getTime() - seconds * 1_000);
  const [entry] = await world.queue.createEntries([definition({ nextRunAt, ...changes })], 'test');
  return entry!;
}

/** A window of a minute that opens so many hours from now, and that opening. */
async function windowIn(hours: number) {
  const opensAt = new Date((await world.database.now()).getTime() + hours * 3_600_000);
  opensAt.setUTCSeconds(0, 0);
  const time = (at: Date) => at.toISOString().slice(11, 19);
  const closesAt = new Date(opensAt.getTime() + 60_000);
  return { opensAt, window: { startingTime: time(opensAt), endingTime: time(closesAt) } };
}

test('an entry whose window closed before it could begin stays READY and runs at the next opening', async () => {
  const { opensAt, window } = await windowIn(6);
  const entry = await dueSince(60, window);
  expect(await claim(entry._id)).toBeNull();
  expect(await found(entry._id)).toMatchObject({
    status: 'READY',
    nextRunAt: opensAt,
    slotAt: opensAt,
    statusReason: expect.stringContaining('window closed'),
  });
  expect(await world.queue.countRuns({ entryId: entry._id })).toMatchObject({ count: 0 });
  expect(await world.history(entry._id)).toEqual(['new>READY']);
});

test('one that waited for its category until its window closed is READY again', async () => {
  const { opensAt, window } = await windowIn(6);
  const holder = await dueSince(60, { categoryCode: 'NIGHT' });
  const run = (await claim(holder._id))!;
  const entry = await dueSince(1, { categoryCode: 'NIGHT', ...window });
  await waitForCategory(world.store, entry._id, 'w');
  await world.store.entries.updateOne({ _id: entry._id }, { $set: { nextRunAt: new Date(Date.now() - 60_000) } });
  await endRun(world.store, run, { kind: 'succeeded', idle: false }, { causedBy: 'w' });
  expect(await claim(entry._id)).toBeNull();
  expect(await found(entry._id)).toMatchObject({ status: 'READY', nextRunAt: opensAt });
  expect(await world.history(entry._id)).toEqual(['new>READY', 'READY>WAITING', 'WAITING>READY']);
});

test('what is due at the end of its window begins, though that takes a moment', async () => {
  const entry = await dueSince(1, (await windowIn(6)).window);
  expect(await claim(entry._id)).not.toBeNull();
});

test('an entry without times of the day has no window to miss: it runs, however late', async () => {
  const yesterday = new Date((await world.database.now()).getTime() - 24 * 3_600_000);
  const entry = await dueSince(24 * 3_600, { runOn: [weekdays.at(yesterday.getUTCDay() - 1)!] });
  expect(await claim(entry._id)).not.toBeNull();
});

test('a late entry whose window does not open again before it expires ends as FINISHED', async () => {
  const { opensAt, window } = await windowIn(6);
  const entry = await dueSince(60, { ...window, expiresAt: new Date(opensAt.getTime() - 60_000) });
  expect(await claim(entry._id)).toBeNull();
  expect(await found(entry._id)).toMatchObject({
    status: 'FINISHED',
    statusReason: expect.stringContaining('expires'),
  });
});

test.each(['READY', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT'] as const)(
  'a run that goes on while its entry, set %s meanwhile, expires stays its run until it ends',
  async (status) => {
    const entry = await dueSince(1);
    const run = (await claim(entry._id))!;
    await world.queue.setStatus(entry._id, 'ON_HOLD', { actor: 'somebody' });
    await world.queue.setStatus(entry._id, status, { actor: 'somebody' });
    await world.store.entries.updateOne({ _id: entry._id }, { $set: { expiresAt: new Date(Date.now() - 1_000) } });
    await expireEntry(world.store, entry._id, 'w');
    expect(await found(entry._id)).toMatchObject({ status, currentRunId: run.runId });
    await expect(world.queue.deleteEntry(entry._id, {})).rejects.toThrow(EntryInProcessError);
    expect(await world.queue.cancelRun({ entryId: entry._id }, 'somebody')).toMatchObject({ _id: run.runId });

    await endRun(world.store, run, { kind: 'succeeded', idle: false }, { causedBy: 'w' });
    await expireEntry(world.store, entry._id, 'w');
    expect(await found(entry._id)).toMatchObject({ status: 'FINISHED', currentRunId: null, lastRunId: run.runId });
    expect(await world.queue.findRun(run.runId)).toMatchObject({ status: 'SUCCESS' });
  },
);

test('a run that was accepted and expired before it began says so', async () => {
  const { entry, run } = await world.queue.createOneOff({ connectionSetupId: 'c', task: 'AUDIT', actor: 'test' });
  await world.store.entries.updateOne({ _id: entry._id }, { $set: { expiresAt: new Date(Date.now() - 1_000) } });
  await expireEntry(world.store, entry._id, 'w');
  expect(await found(entry._id)).toMatchObject({ status: 'FINISHED', lastRunId: run._id });
  expect(await world.queue.findRun(run._id)).toMatchObject({ status: 'CANCELLED', error: { code: 'EXPIRED' } });
});
