import { expect, test } from 'vitest';
import { claimEntry } from '../../../src/job-queue/claim-store.js';
import { RunCancelledError } from '../../../src/job-queue/job-executor.js';
import { interruptRun } from '../../../src/job-queue/run-end-store.js';
import { mappingsWithDuePairs } from '../../../src/synch/full-synchronization-due-store.js';
import { FullSynchronizationInProcessError } from '../../../src/synch/full-synchronization-start.js';
import { eventually } from '../../support/eventually.js';
import { coupling } from '../api/records.js';
import { definition, ScriptedExecutor } from '../job-queue/queue.js';
import { begunNames, fullSynchronizationWorld, runOf, told } from './full-synchronization-world.js';

const world = fullSynchronizationWorld();

const failure = {
  class: 'CONFIGURATION',
  code: 'NO_TABLE',
  message: 'the company has no such table',
  side: null,
  field: null,
  retryable: false,
} as const;
const forGood = { idle: false, failure };

test('check 10: lines run in the order of their references, overlap up to the limit, and each is a full run in the mode', async () => {
  const lines = new ScriptedExecutor();
  await world.work(lines);
  const connection = world.connection('CUSTOMER <- CURRENCY', 'SALESPEOPLE', 'CURRENCY', 'CONTACTS <- CUSTOMER');
  const started = await connection.start();
  expect(told(started)).toMatch(
    /^(READY|IN_PROCESS): CURRENCY READY, SALESPEOPLE READY, CUSTOMER READY, CONTACTS READY$/,
  );

  const currency = await runOf(lines, 'CURRENCY');
  const salespeople = await runOf(lines, 'SALESPEOPLE');
  expect(currency).toMatchObject({
    startedBy: 'a person',
    entry: {
      oneOff: true,
      mappingId: connection.idOf('CURRENCY'),
      parameters: { full: true, mode: 'MATCH_THEN_CREATE' },
    },
  });
  lines.succeed(salespeople);
  await connection.whenIts(
    started,
    'IN_PROCESS: CURRENCY IN_PROCESS, SALESPEOPLE SUCCESS, CUSTOMER READY, CONTACTS READY',
  );
  expect(lines.begun).toHaveLength(2);
  lines.succeed(currency);
  lines.succeed(await runOf(lines, 'CUSTOMER'));
  const contacts = await runOf(lines, 'CONTACTS');
  lines.succeed(contacts);

  const ended = await connection.whenIts(
    started,
    'SUCCESS: CURRENCY SUCCESS, SALESPEOPLE SUCCESS, CUSTOMER SUCCESS, CONTACTS SUCCESS',
  );
  expect(ended).toMatchObject({ finishedAt: expect.any(Date), mode: 'MATCH_THEN_CREATE', dryRun: false });
  expect(ended.lines.at(-1)).toMatchObject({
    dependsOn: ['CUSTOMER'],
    reason: null,
    blockedBy: [],
    runs: [{ entryId: contacts.entry._id, runId: contacts.runId }],
  });
  expect(begunNames(lines)).toEqual(['CURRENCY', 'SALESPEOPLE', 'CUSTOMER', 'CONTACTS']);
  expect(await world.queue.waitForEnd(started.entryId)).toMatchObject({ status: 'FINISHED' });
  const found = await world.synchs.ofEntries([contacts.entry._id, started.entryId, 'another entry']);
  expect(found.map(({ entryId, fullSynchronization }) => [entryId, fullSynchronization._id])).toEqual(
    expect.arrayContaining([
      [contacts.entry._id, started._id],
      [started.entryId, started._id],
    ]),
  );
  expect(found).toHaveLength(2);
});

test('no more lines run at once than the limit', async () => {
  const lines = new ScriptedExecutor();
  await world.work(lines, { full: { linesAtOnce: 1 } });
  const connection = world.connection('A', 'B');
  const started = await connection.start();
  lines.succeed(await runOf(lines, 'A'));
  await connection.whenIts(started, 'IN_PROCESS: A SUCCESS, B IN_PROCESS');
  lines.succeed(await runOf(lines, 'B'));
  await connection.whenIts(started, 'SUCCESS: A SUCCESS, B SUCCESS');
});

test('several full synchronizations go on with a single hand for all their lines', async () => {
  const lines = new ScriptedExecutor();
  const connections = [world.connection('A1'), world.connection('A2')];
  const started = await Promise.all(connections.map((connection) => connection.start()));
  await world.work(lines, { concurrency: 1 });
  for (const number of [1, 2]) lines.succeed(await lines.run(number));
  await connections[0]!.whenIts(started[0]!, 'SUCCESS: A1 SUCCESS');
  await connections[1]!.whenIts(started[1]!, 'SUCCESS: A2 SUCCESS');
});

test('options are read before the first line begins', async () => {
  const lines = new ScriptedExecutor();
  const read: string[] = [];
  const readOptions = async ({ connectionSetupId }: { readonly connectionSetupId: string }) => {
    read.push(`${connectionSetupId} after ${lines.begun.length} lines`);
  };
  await world.work(lines, { full: { readOptions } });
  const connection = world.connection('CUSTOMER');
  const started = await connection.start();
  lines.succeed(await lines.run(1));
  await connection.whenIts(started, 'SUCCESS: CUSTOMER SUCCESS');
  expect(read).toEqual([`${connection.id} after 0 lines`]);
});

test('a line that stops blocks what depends on it and nothing else, until a run of the chosen lines takes both up again', async () => {
  const lines = new ScriptedExecutor();
  await world.work(lines);
  const connection = world.connection('CURRENCY', 'CUSTOMER <- CURRENCY', 'CONTACTS <- CUSTOMER', 'ITEM-PRODUCT');
  const started = await connection.start();
  lines.succeed(await runOf(lines, 'CURRENCY'), forGood);
  lines.succeed(await runOf(lines, 'ITEM-PRODUCT'));
  const ended = await connection.whenIts(
    started,
    'ERROR: CURRENCY ERROR, CUSTOMER BLOCKED, CONTACTS BLOCKED, ITEM-PRODUCT SUCCESS',
  );
  expect(ended.lines.map(({ blockedBy }) => blockedBy)).toEqual([[], ['CURRENCY'], ['CURRENCY'], []]);
  expect(ended.lines[0]!.reason).toMatch(/^Its run CURRENCY#\d+ stopped: CONFIGURATION NO_TABLE\.$/);
  expect(ended.lines[1]!.reason).toContain('It depends on CURRENCY, which stopped');
  expect(await world.queue.waitForEnd(started.entryId)).toMatchObject({ status: 'ERROR', retriesMade: 0 });
  const { lastRunId } = (await world.queue.findEntry(started.entryId))!;
  expect(await world.queue.findRun(lastRunId!)).toMatchObject({
    error: { class: 'DEPENDENCY', code: 'LINES_STOPPED' },
  });

  const again = await connection.start(['CONTACTS', 'CURRENCY', 'CUSTOMER']);
  lines.succeed(await runOf(lines, 'CURRENCY', 2));
  lines.succeed(await runOf(lines, 'CUSTOMER'));
  lines.succeed(await runOf(lines, 'CONTACTS'));
  await connection.whenIts(again, 'SUCCESS: CURRENCY SUCCESS, CUSTOMER SUCCESS, CONTACTS SUCCESS');
  expect(begunNames(lines)).toEqual(['CURRENCY', 'ITEM-PRODUCT', 'CURRENCY', 'CUSTOMER', 'CONTACTS']);
});

test('a line whose run a person cancels, or puts On Hold, counts as stopped', async () => {
  const lines = new ScriptedExecutor();
  await world.work(lines);
  const connection = world.connection('A', 'B', 'C <- A', 'D <- B');
  const started = await connection.start();
  const cancelled = await runOf(lines, 'A');
  const held = await runOf(lines, 'B');
  await world.queue.cancelRun({ runId: cancelled.runId }, 'a person');
  await world.queue.setStatus(held.entry._id, 'ON_HOLD', { actor: 'a person' });
  const ended = await connection.whenIts(started, 'CANCELLED: A CANCELLED, B CANCELLED, C BLOCKED, D BLOCKED');
  expect(ended.lines.map(({ reason }) => reason)).toEqual([
    'Cancelled by a person.',
    expect.stringContaining('put On Hold by a person'),
    expect.stringContaining('It depends on A'),
    expect.stringContaining('It depends on B'),
  ]);
});

test('cancelling the run cancels what is left of it: lines that run, lines that wait, and the whole', async () => {
  const lines = new ScriptedExecutor();
  await world.work(lines);
  const connection = world.connection('A', 'B', 'C <- B', 'D');
  const started = await connection.start();
  lines.succeed(await runOf(lines, 'A'));
  const running = await runOf(lines, 'B');
  await connection.whenIts(started, 'IN_PROCESS: A SUCCESS, B IN_PROCESS, C READY, D READY');
  const lineEnded = world.queue.waitForEnd(running.entry._id);
  const ended = world.queue.waitForEnd(started.entryId);
  const began = performance.now();
  await world.queue.cancelRun({ entryId: started.entryId }, 'a person');
  expect(await ended).toMatchObject({ status: 'FINISHED', statusReason: 'Cancelled by a person.' });
  expect(await lineEnded).toMatchObject({ status: 'FINISHED', statusReason: 'Cancelled by a person.' });
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(running.signal.reason).toBeInstanceOf(RunCancelledError);
  expect(await world.queue.findRun(running.runId)).toMatchObject({ status: 'CANCELLED' });
  const after = await connection.whenIts(started, 'CANCELLED: A SUCCESS, B CANCELLED, C CANCELLED, D CANCELLED');
  expect(after.finishedAt).toBeInstanceOf(Date);
  expect(after.lines[2]!.reason).toBe('The full synchronization was cancelled by a person.');

  const next = await connection.start(['D']);
  lines.succeed(await runOf(lines, 'D'));
  await connection.whenIts(next, 'SUCCESS: D SUCCESS');
  expect(begunNames(lines)).toEqual(['A', 'B', 'D']);
});

test('one that is cancelled before a worker took it ends CANCELLED, and does not stand in the way of the next one', async () => {
  const connection = world.connection('A', 'B');
  const started = await connection.start();
  await world.queue.cancelRun({ entryId: started.entryId }, 'a person');
  const next = await connection.start();
  const [first] = await world.synchs.byIds([started._id]);
  expect(told(first!)).toBe('CANCELLED: A CANCELLED, B CANCELLED');
  expect(first!.lines[0]!.reason).toBe('Cancelled by a person.');
  expect(told(next)).toBe('READY: A READY, B READY');
});

test('one that is cancelled while its worker dies is shown as CANCELLED', async () => {
  const connection = world.connection('A');
  const started = await connection.start();
  const run = await claimEntry(world.store, started.entryId, { workerId: 'w', workerName: 'w', leaseMs: 1 });
  await world.queue.cancelRun({ entryId: started.entryId }, 'a person');
  await expect
    .poll(() => interruptRun(world.store, run!.runId, { causedBy: 'sweep' }).then((ended) => ended?.status))
    .toBeDefined();
  const { items } = await world.synchs.page({ connectionSetupId: connection.id }, { limit: 5 });
  expect(items.map(({ item }) => told(item))).toEqual(['CANCELLED: A CANCELLED']);
});

test('one whose run failed too often is shown as ERROR, and what it left running is cancelled', async () => {
  const lines = new ScriptedExecutor();
  const connection = world.connection('A');
  const started = await connection.start();
  const broken = async () => {
    throw new Error('the database is away');
  };
  const failed = world.whenStatus(started.entryId, 'READY');
  await world.work(lines, { full: { readOptions: broken } });
  await failed;
  expect(told((await world.synchs.byIds([started._id]))[0]!)).toBe('IN_PROCESS: A READY');
  // Its retries are half a minute apart; the last one ends like this.
  await world.store.entries.updateOne({ _id: started.entryId }, { $set: { status: 'ERROR', nextRunAt: null } });
  const [ended] = await world.synchs.byIds([started._id]);
  expect(told(ended!)).toBe('ERROR: A CANCELLED');
  expect(ended!.lines[0]!.reason).toContain('the error of its run tells why');
});

test('a connection has one at a time, also when two are asked for at once', async () => {
  const connection = world.connection('A');
  const other = world.connection('A');
  const asked = await Promise.allSettled([connection.start(), connection.start(), other.start()]);
  expect(asked.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  const refused = asked.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  expect(refused[0]).toBeInstanceOf(FullSynchronizationInProcessError);
  expect(await world.store.entries.countDocuments({ task: 'FULL_SYNCH', connectionSetupId: connection.id })).toBe(1);
});

test('the same idempotency key gives the same one, also after it has ended', async () => {
  const lines = new ScriptedExecutor();
  await world.work(lines);
  const connection = world.connection('A');
  const request = {
    connectionSetupId: connection.id,
    mode: 'CREATE_MISSING',
    mappings: connection.mappings,
    description: 'First',
    actor: 'start-up',
    idempotencyKey: 'first',
  } as const;
  const started = await world.synchs.start(request);
  lines.succeed(await lines.run(1));
  await connection.whenIts(started, 'SUCCESS: A SUCCESS');
  expect((await world.synchs.start(request))._id).toBe(started._id);
  expect(lines.begun).toHaveLength(1);
});

test('a run whose worker stalls is taken over in the middle: no line is run twice, and the late worker changes nothing', async () => {
  const lines = new ScriptedExecutor();
  await world.work(lines, { takesLines: false, timing: { heartbeatMs: 3_600_000 }, concurrency: 1 });
  const connection = world.connection('A', 'B <- A', 'C <- B');
  const started = await connection.start();
  await connection.whenIts(started, 'IN_PROCESS: A IN_PROCESS, B READY, C READY');
  const taken = world.whenStatus(started.entryId, 'READY');
  await world.work(lines);
  await taken;
  lines.succeed(await runOf(lines, 'A'));
  lines.succeed(await runOf(lines, 'B'));
  lines.succeed(await runOf(lines, 'C'));
  const ended = await connection.whenIts(started, 'SUCCESS: A SUCCESS, B SUCCESS, C SUCCESS');
  expect(begunNames(lines)).toEqual(['A', 'B', 'C']);
  expect(ended.lines.map(({ runs }) => runs.length)).toEqual([1, 1, 1]);
  const runs = await world.store.runs.find({ entryId: started.entryId }).sort({ attempt: 1 }).toArray();
  expect(runs.map(({ status }) => status)).toContain('INTERRUPTED');
  expect(await world.store.entries.countDocuments({ connectionSetupId: connection.id })).toBe(4);
});

test('a worker that stops hands a full synchronization on at once, without waiting for its lines', async () => {
  const lines = new ScriptedExecutor();
  const stopping = await world.work(lines, { takesLines: false, timing: { drainMs: 3_600_000 } });
  const connection = world.connection('A', 'B <- A');
  const started = await connection.start();
  await connection.whenIts(started, 'IN_PROCESS: A IN_PROCESS, B READY');
  await stopping.stop();
  expect(await world.queue.findEntry(started.entryId)).toMatchObject({ status: 'READY', interruptionsInARow: 1 });
  await world.work(lines);
  lines.succeed(await runOf(lines, 'A'));
  lines.succeed(await runOf(lines, 'B'));
  await connection.whenIts(started, 'SUCCESS: A SUCCESS, B SUCCESS');
});

test('a worker that dies between accepting a line and noting it leaves that line to be found, not made again', async () => {
  const lines = new ScriptedExecutor();
  const dying = await world.connectAnew();
  const createAndDie: typeof world.queue.createOneOff = async (request) => {
    const made = await world.queue.createOneOff(request);
    await dying.client.close();
    return made;
  };
  const jobQueue = { ...world.queue, createOneOff: createAndDie };
  const timing = { drainMs: 10 };
  await world.work(lines, { database: dying, takesLines: false, timing, full: { jobQueue } });
  const connection = world.connection('A', 'B');
  const started = await connection.start();
  const line = await expect
    .poll(() => world.store.entries.findOne({ partOf: started.entryId }), { timeout: 10_000 })
    .not.toBeNull()
    .then(() => world.store.entries.findOne({ partOf: started.entryId }));
  await world.work(lines);
  lines.succeed(await runOf(lines, 'A'));
  lines.succeed(await runOf(lines, 'B'));
  const ended = await connection.whenIts(started, 'SUCCESS: A SUCCESS, B SUCCESS');
  expect(ended.lines[0]!.runs.map(({ entryId }) => entryId)).toEqual([line!._id]);
  expect(begunNames(lines)).toEqual(['A', 'B']);
});

test('lines with pairs that became due run again without reading everything, at most twice', async () => {
  const lines = new ScriptedExecutor();
  const connection = world.connection('A', 'B <- A', 'C');
  const asked: string[] = [];
  const due = async (connectionSetupId: string) => {
    asked.push(connectionSetupId);
    return [connection.idOf('B'), 'the mapping of another connection'];
  };
  await world.work(lines, { full: { mappingsWithDuePairs: due } });
  const started = await connection.start();
  for (const name of ['A', 'B', 'C']) lines.succeed(await runOf(lines, name));
  const second = await runOf(lines, 'B', 2);
  expect(second.entry.parameters).toEqual({});
  await connection.whenIts(started, 'IN_PROCESS: A SUCCESS, B IN_PROCESS, C SUCCESS');
  lines.succeed(second);
  const third = await runOf(lines, 'B', 3);
  lines.succeed(third);
  const ended = await connection.whenIts(started, 'SUCCESS: A SUCCESS, B SUCCESS, C SUCCESS');
  expect(ended.lines.map(({ runs }) => runs.length)).toEqual([1, 3, 1]);
  expect(ended.lines[1]!.runs.slice(1).map(({ runId }) => runId)).toEqual([second.runId, third.runId]);
  expect(begunNames(lines)).toHaveLength(5);
  expect(new Set(asked)).toEqual(new Set([connection.id]));
});

test('a mapping has due pairs when some wait for a reference or were coupled, not when they failed or are due later', async () => {
  const connection = world.connection('WAITING', 'COUPLED', 'FAILED', 'SKIPPED', 'LATER', 'NEVER');
  const [waiting, coupled, failed, skipped, later, never] = connection.mappings;
  const now = await world.database.now();
  const past = new Date(now.getTime() - 1_000);
  const elsewhere = world.connection('WAITING').mappings[0]!;
  await world.database.db
    .collection('couplings')
    .insertMany([
      coupling(waiting!, 'a', { state: 'WAITING', nextAttemptAt: past }),
      coupling(waiting!, 'b', { state: 'WAITING', nextAttemptAt: past }),
      coupling(coupled!, 'c', { nextAttemptAt: past }),
      coupling(failed!, 'd', { state: 'FAILED', nextAttemptAt: past }),
      coupling(skipped!, 'e', { state: 'SKIPPED', nextAttemptAt: past }),
      coupling(later!, 'f', { state: 'WAITING', nextAttemptAt: new Date(now.getTime() + 60_000) }),
      coupling(never!, 'g', { nextAttemptAt: null }),
      coupling(elsewhere, 'h', { state: 'WAITING', nextAttemptAt: past }),
    ] as never[]);
  const find = mappingsWithDuePairs(world.database.db, () => now);
  expect((await find(connection.id)).toSorted()).toEqual([waiting!.id, coupled!.id].toSorted());
});

test('a full synchronization entry that is run once more starts another one in the same mode', async () => {
  const lines = new ScriptedExecutor();
  await world.work(lines);
  const connection = world.connection('A');
  const started = await connection.start();
  lines.succeed(await lines.run(1));
  await connection.whenIts(started, 'SUCCESS: A SUCCESS');
  const { entry } = await world.queue.runOnce(started.entryId, { actor: 'a person' });
  const again = await lines.run(2);
  expect(again.entry.parameters).toEqual({ full: true, mode: 'MATCH_THEN_CREATE' });
  lines.succeed(again);
  expect(await world.queue.waitForEnd(entry._id)).toMatchObject({ status: 'FINISHED' });
});

const everyDay = { task: 'FULL_SYNCH', mappingId: null, mappingName: null, minutesBetweenRuns: 600 } as const;

test('an entry of the schedule starts a full synchronization of all enabled mappings, and waits for its end', async () => {
  const lines = new ScriptedExecutor();
  await world.work(lines, { concurrency: 1 });
  const connection = world.connection('B <- A', 'A');
  const [entry] = await world.queue.createEntries(
    [definition({ ...everyDay, connectionSetupId: connection.id, parameterString: 'CREATE_MISSING' })],
    'test',
  );
  const first = await runOf(lines, 'A');
  expect(first.entry.parameters).toEqual({ full: true, mode: 'CREATE_MISSING' });
  lines.succeed(first);
  expect(await world.queue.findEntry(entry!._id)).toMatchObject({ status: 'IN_PROCESS' });
  lines.succeed(await runOf(lines, 'B'));
  await eventually('it waits for its next time', async () => {
    const found = await world.queue.findEntry(entry!._id);
    return found?.status === 'READY' && found.nextRunAt! > new Date();
  });
  expect(await world.history(entry!._id)).toEqual(['new>READY', 'READY>IN_PROCESS', 'IN_PROCESS>READY']);
});

test('cancelling a run of the schedule cancels its full synchronization with the lines', async () => {
  const lines = new ScriptedExecutor();
  await world.work(lines);
  const connection = world.connection('A');
  const [entry] = await world.queue.createEntries(
    [definition({ ...everyDay, connectionSetupId: connection.id })],
    'test',
  );
  const line = await lines.run(1);
  expect(line.entry.parameters).toEqual({ full: true, mode: 'COUPLED_ONLY' });
  await world.queue.cancelRun({ entryId: entry!._id }, 'a person');
  await eventually('all have ended', async () => {
    const { items } = await world.synchs.page({ connectionSetupId: connection.id }, { limit: 5 });
    return items[0] !== undefined && told(items[0].item) === 'CANCELLED: A CANCELLED';
  });
  expect(line.signal.aborted).toBe(true);
});

test('a run of the schedule that takes longer than its entry allows stops its full synchronization with the lines', async () => {
  const lines = new ScriptedExecutor();
  await world.work(lines);
  const connection = world.connection('A', 'B <- A');
  const [entry] = await world.queue.createEntries(
    [definition({ ...everyDay, connectionSetupId: connection.id, timeoutSeconds: 2 })],
    'test',
  );
  const line = await lines.run(1);
  await eventually('all have ended', async () => {
    const { items } = await world.synchs.page({ connectionSetupId: connection.id }, { limit: 5 });
    return items[0] !== undefined && told(items[0].item) === 'CANCELLED: A CANCELLED, B CANCELLED';
  });
  expect(line.signal.aborted).toBe(true);
  expect(await world.queue.waitForEnd(entry!._id)).toMatchObject({ status: 'ERROR' });
  const run = await world.store.runs.findOne({ entryId: entry!._id });
  expect(run).toMatchObject({ status: 'ERROR', error: { code: 'RUN_TIMED_OUT' } });
});

test('while another full synchronization of the connection runs, the schedule tries again later', async () => {
  const lines = new ScriptedExecutor();
  await world.work(lines);
  const connection = world.connection('A');
  const started = await connection.start();
  const line = await lines.run(1);
  const [entry] = await world.queue.createEntries(
    [definition({ ...everyDay, connectionSetupId: connection.id, maximumRetries: 3, rerunDelaySeconds: 600 })],
    'test',
  );
  await eventually('it was refused', async () => (await world.queue.findEntry(entry!._id))?.retriesMade === 1);
  expect(await world.queue.findEntry(entry!._id)).toMatchObject({
    status: 'READY',
    statusReason: expect.stringContaining('FULL_SYNCHRONIZATION_IN_PROCESS'),
  });
  lines.succeed(line);
  await connection.whenIts(started, 'SUCCESS: A SUCCESS');
});
