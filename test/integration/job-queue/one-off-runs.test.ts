import { expect, test } from 'vitest';
import { EntryNotFoundError, IdempotencyKeyReusedError } from '../../../src/job-queue/job-queue-errors.js';
import type { OneOffRequest } from '../../../src/job-queue/one-off-store.js';
import { definition, ScriptedExecutor, testQueue } from './queue.js';

const world = testQueue();

const request = (changes: Partial<OneOffRequest> = {}): OneOffRequest => ({
  connectionSetupId: 'connection-1',
  task: 'INTEGRATION_SYNCH',
  mappingId: 'mapping-customer',
  mappingName: 'CUSTOMER',
  parameters: { full: true },
  actor: 'a token',
  ...changes,
});

test('a one-off has its run from acceptance on, ends FINISHED and is told from READY on', async () => {
  const work = new ScriptedExecutor();
  const { entry, run } = await world.queue.createOneOff(request({ mappingName: 'ITEM' }));
  expect(entry).toMatchObject({
    code: 'ITEM#1',
    oneOff: true,
    status: 'READY',
    maximumRetries: 2,
    rerunDelaySeconds: 30,
  });
  expect(await world.queue.findRun(run._id)).toMatchObject({
    status: 'IN_PROCESS',
    attempt: 1,
    startedBy: 'a token',
    leaseToken: null,
  });
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const context = await work.run(1);
  expect(context).toMatchObject({ runId: run._id, startedBy: 'a token', entry: { parameters: { full: true } } });
  const ended = world.queue.waitForEnd(entry._id);
  work.succeed(context, { idle: true });
  expect(await ended).toMatchObject({ status: 'FINISHED', nextRunAt: null });
  expect(await world.queue.findRun(run._id)).toMatchObject({ status: 'SUCCESS' });
  expect(await world.history(entry._id)).toEqual(['new>READY', 'READY>IN_PROCESS', 'IN_PROCESS>FINISHED']);
  expect((await world.queue.createOneOff(request({ mappingName: 'ITEM' }))).entry.code).toBe('ITEM#2');
});

test('a one-off waits for the run that holds its mapping, names it, and runs when that has ended', async () => {
  const work = new ScriptedExecutor();
  // No sweep in the whole test: the end of the other run has to be enough.
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute }, timing: { sweepMs: 3_600_000 } });
  const [recurring] = await world.queue.createEntries([definition({ mappingId: 'mapping-busy' })], 'test');
  const holder = await startedBy(() => work.run(1), recurring!._id);
  const { entry, run } = await world.queue.createOneOff(request({ mappingId: 'mapping-busy' }));
  expect(await world.queue.findRun(run._id)).toMatchObject({ waitsForRunId: holder.runId });
  const [listed] = (await world.queue.pageOfRuns({ entryId: entry._id }, { limit: 5 })).items;
  expect(listed!.item.waitsForRunId).toBe(holder.runId);
  expect(await world.queue.findEntry(entry._id)).toMatchObject({ status: 'READY' });

  work.succeed(holder);
  const next = await work.run(2);
  expect(next.runId).toBe(run._id);
  expect(next.leaseToken).toBeGreaterThan(holder.leaseToken);
  expect(await world.queue.findRun(run._id)).toMatchObject({ waitsForRunId: null });
  const ended = world.queue.waitForEnd(entry._id);
  work.succeed(next);
  await ended;

  // Without sweep nobody wakes an entry that was made while no wake-up was announced.
  async function startedBy<T>(begun: () => Promise<T>, entryId: string): Promise<T> {
    await world.wake([entryId]);
    return begun();
  }
});

test('a recurring entry that is run once keeps its status and schedule; the run has its retries and its time-out', async () => {
  const howItRuns = { maximumRetries: 7, rerunDelaySeconds: 3, timeoutSeconds: 60, priority: 'HIGH' } as const;
  const whenItRuns = { categoryCode: 'NIGHT', expiresAt: new Date(Date.now() + 60_000) };
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const [held] = await world.queue.createEntries(
    [definition({ status: 'ON_HOLD', parameters: { direction: 'TO_INTEGRATION_TABLE' }, ...howItRuns, ...whenItRuns })],
    'test',
  );
  const { entry } = await world.queue.runOnce(held!._id, { actor: 'somebody' });
  const ended = world.queue.waitForEnd(entry._id);
  const context = await work.run(1);
  const { mappingId, parameters } = held!;
  expect(context.entry).toMatchObject({ mappingId, parameters, oneOff: true, ...howItRuns });
  expect(context.entry).toMatchObject({ runOn: [], categoryCode: null, expiresAt: null });
  work.succeed(context);
  await ended;
  expect(await world.queue.findEntry(held!._id)).toEqual(held);
  await expect(world.queue.runOnce('nowhere', { actor: 'somebody' })).rejects.toThrow(EntryNotFoundError);
});

test('the same idempotency key gives the same entry, also to many callers at once, and is refused for another request', async () => {
  const key = { idempotencyKey: 'key-1' };
  const made = await Promise.all(Array.from({ length: 8 }, () => world.queue.createOneOff(request(key))));
  expect(new Set(made.map(({ entry }) => entry._id)).size).toBe(1);
  expect(new Set(made.map(({ run }) => run._id)).size).toBe(1);
  expect(await world.store.entries.countDocuments({ mappingName: 'CUSTOMER' })).toBe(1);
  await expect(world.queue.createOneOff(request({ ...key, parameters: {} }))).rejects.toThrow(
    IdempotencyKeyReusedError,
  );
});

test('one-offs stay out of lists and counts unless they are asked for', async () => {
  const [recurring] = await world.queue.createEntries([definition({ status: 'ON_HOLD' })], 'test');
  const { entry } = await world.queue.createOneOff(request());
  const ids = async (oneOff?: boolean | null) =>
    (await world.queue.pageOfEntries({ oneOff }, undefined, { limit: 10 })).items.map(({ item }) => item._id);
  expect(await ids()).toEqual([recurring!._id]);
  expect(await ids(true)).toEqual([entry._id]);
  expect((await ids(null)).toSorted()).toEqual([recurring!._id, entry._id].toSorted());
  expect(await world.queue.countByStatus({})).toEqual([{ status: 'ON_HOLD', count: 1 }]);
  expect(await world.queue.countByStatus({ oneOff: null })).toEqual([
    { status: 'ON_HOLD', count: 1 },
    { status: 'READY', count: 1 },
  ]);
});

test('numbers of one-offs leave out codes that people gave their own entries', async () => {
  const taken = [1, 2, 4].map((number) => definition({ code: `RESOURCE#${number}`, status: 'ON_HOLD' }));
  await world.queue.createEntries(taken, 'test');
  const codes: string[] = [];
  for (let made = 0; made < 3; made += 1)
    codes.push((await world.queue.createOneOff(request({ mappingName: 'RESOURCE' }))).entry.code);
  expect(codes).toEqual(['RESOURCE#3', 'RESOURCE#5', 'RESOURCE#6']);
});
