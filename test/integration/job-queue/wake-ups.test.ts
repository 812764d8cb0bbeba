import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { openWakeUps } from '../../../src/job-queue/wake-up-store.js';
import { definition, logger, ScriptedExecutor, testQueue } from './queue.js';

const world = testQueue();
const noSweep = { sweepMs: 3_600_000 };
const daily = (changes = {}) => definition({ minutesBetweenRuns: 0, startingTime: '03:00:00', ...changes });

test('an announced entry starts at its time without any sweep', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute }, timing: noSweep });
  const at = new Date(Date.now() + 700);
  const [entry] = await world.queue.createEntries([daily({ nextRunAt: at })], 'test');
  await world.wake([entry!._id]);
  const run = await work.run(1);
  const { startedAt } = (await world.queue.findRun(run.runId))!;
  expect(startedAt.getTime()).toBeGreaterThanOrEqual(at.getTime());
  expect(startedAt.getTime()).toBeLessThan(at.getTime() + 1_500);
  work.succeed(run);
});

test('what is due together starts on all workers with free hands at once, though a wake-up reaches only one of them', async () => {
  const at = new Date((await world.database.now()).getTime() + 1_500);
  const made = await world.queue.createEntries(
    Array.from({ length: 3 }, () => daily({ nextRunAt: at })),
    'test',
  );
  const work = new ScriptedExecutor();
  const oneHand = { executors: { INTEGRATION_SYNCH: work.execute }, concurrency: 1, timing: noSweep };
  for (let worker = 0; worker < made.length; worker += 1) await world.dispatch(oneHand);
  // None of them ends: each needs a worker of its own.
  await work.run(made.length);
  const runs = await world.queue.findRuns(work.begun.map(({ runId }) => runId));
  expect(new Set(runs.map(({ workerId }) => workerId)).size).toBe(made.length);
  for (const { startedAt } of runs) {
    expect(startedAt.getTime()).toBeGreaterThanOrEqual(at.getTime());
    expect(startedAt.getTime()).toBeLessThan(at.getTime() + 2_000);
  }
  for (const begun of work.begun) work.succeed(begun);
});

test("with its wake-ups wiped and Agenda's collection dropped, the sweep alone runs everything", async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const at = new Date(Date.now() + 500);
  const made = await world.queue.createEntries([daily({ nextRunAt: at }), daily({ nextRunAt: at })], 'test');
  await world.wake(made.map(({ _id }) => _id));
  await world.database.db.collection('agendaJobs').drop();
  const runs = [await work.run(1), await work.run(2)];
  expect(new Set(runs.map(({ entry }) => entry._id))).toEqual(new Set(made.map(({ _id }) => _id)));

  // What is made afterwards runs as well, whatever became of Agenda.
  const [later] = await world.queue.createEntries([daily({ nextRunAt: new Date() })], 'test');
  const run = await work.run(3);
  expect(run.entry._id).toBe(later!._id);
  for (const begun of work.begun) work.succeed(begun);
});

test('the sweep puts wake-ups into Agenda for entries of the next minutes only', async () => {
  await world.dispatch({ executors: {}, timing: { wakeHorizonMs: 60_000 } });
  const [soon, late] = await world.queue.createEntries(
    [daily({ nextRunAt: new Date(Date.now() + 30_000) }), daily({ nextRunAt: new Date(Date.now() + 600_000) })],
    'test',
  );
  const wakeUpsAt = (at: Date | null) => world.database.db.collection('agendaJobs').countDocuments({ 'data.at': at });
  await expect.poll(() => wakeUpsAt(soon!.nextRunAt), { timeout: 5_000 }).toBe(1);
  expect(await wakeUpsAt(late!.nextRunAt)).toBe(0);
});

test('a wake-up that is announced by several processes is kept once', async () => {
  const others = await Promise.all([1, 2, 3].map(() => openWakeUps({ db: world.database.db, logger })));
  const [entry] = await world.queue.createEntries([daily({ nextRunAt: new Date(Date.now() + 60_000) })], 'test');
  for (const wakeUps of others) await wakeUps.announce([entry!]);
  const jobs = world.database.db.collection('agendaJobs');
  expect(await jobs.countDocuments({ 'data.at': entry!.nextRunAt })).toBe(1);
  await Promise.all(others.map((wakeUps) => wakeUps.close()));
});

test('an early wake-up, as of a process whose clock is ahead, starts nothing before its time by the database', async () => {
  const work = new ScriptedExecutor();
  await world.dispatch({ executors: { INTEGRATION_SYNCH: work.execute } });
  const at = new Date(Date.now() + 900);
  const [entry] = await world.queue.createEntries([daily({ nextRunAt: at })], 'test');
  const wakeUps = await openWakeUps({ db: world.database.db, logger });
  await wakeUps.announce([{ _id: entry!._id, nextRunAt: new Date() }]);
  const run = await work.run(1);
  expect((await world.queue.findRun(run.runId))!.startedAt.getTime()).toBeGreaterThanOrEqual(at.getTime());
  work.succeed(run);
  await wakeUps.close();
});

test('many wake-ups at nearly the same time are looked for about twice each, and not again for every lock and every begin', async () => {
  const announced = 40;
  const client = await MongoClient.connect(world.uri, { monitorCommands: true });
  let looks = 0;
  client.on('commandStarted', ({ commandName, command }) => {
    if (commandName === 'findAndModify' && command.findAndModify === 'agendaJobs') looks += 1;
  });
  const woken = new Set<number>();
  const all = Promise.withResolvers<void>();
  const onWake = (at: Date): void => {
    woken.add(at.getTime());
    if (woken.size === announced) all.resolve();
  };
  const listening = await openWakeUps({ db: client.db(world.database.db.databaseName), logger, onWake });
  const announcing = await openWakeUps({ db: world.database.db, logger });
  const firstMs = Date.now() + 500;
  const entries = Array.from({ length: announced }, (_, index) => ({
    _id: `entry-${index}`,
    nextRunAt: new Date(firstMs + index * 10),
  }));
  await announcing.announce(entries);
  await all.promise;
  await Promise.all([listening.close(), announcing.close()]);
  await client.close();
  // One that finds the wake-up, one that finds no further one, and Agenda's own looks every two seconds.
  expect(looks).toBeLessThan(announced * 2 + 20);
});
