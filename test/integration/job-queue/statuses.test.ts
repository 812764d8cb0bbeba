import { expect, test } from 'vitest';
import { claimEntry } from '../../../src/job-queue/claim-store.js';
import { DuplicateCodeError, EntryNotFoundError, StaleRevisionError } from '../../../src/job-queue/job-queue-errors.js';
import { endRun } from '../../../src/job-queue/run-end-store.js';
import { InvalidScheduleError } from '../../../src/job-queue/schedule.js';
import { IllegalTransitionError } from '../../../src/job-queue/transitions.js';
import { definition, testQueue } from './queue.js';

const world = testQueue();

async function oneEntry(changes: Parameters<typeof definition>[0] = {}) {
  const [entry] = await world.queue.createEntries([definition(changes)], 'test');
  return entry!;
}

test('setting a status moves the entry, raises its revision and is told with who did it', async () => {
  const entry = await oneEntry({ status: 'ON_HOLD' });
  const ready = await world.queue.setStatus(entry._id, 'READY', { actor: 'somebody', expectedRevision: 1 });
  expect(ready).toMatchObject({ status: 'READY', revision: 2 });
  expect(ready.nextRunAt!.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
  const asleep = await world.queue.setStatus(entry._id, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT', { actor: 'somebody' });
  expect(asleep.nextRunAt!.getTime()).toBe(asleep.updatedAt.getTime() + 5 * 60_000);
  const told = await world.store.transitions.findOne({ entryId: entry._id, from: 'ON_HOLD' });
  expect(told).toMatchObject({ to: 'READY', causedBy: 'somebody', code: entry.code });
});

test('setting the present status does nothing and succeeds', async () => {
  const entry = await oneEntry({ status: 'ON_HOLD' });
  expect(await world.queue.setStatus(entry._id, 'ON_HOLD', { actor: 'somebody' })).toEqual(entry);
  expect(await world.history(entry._id)).toEqual(['new>ON_HOLD']);
});

test('what cannot be set is refused and changes nothing', async () => {
  const entry = await oneEntry({ status: 'ON_HOLD' });
  const once = await oneEntry({ runOn: [], minutesBetweenRuns: 0, status: 'ON_HOLD' });
  const expired = await oneEntry({ status: 'ON_HOLD', expiresAt: new Date(Date.now() - 1) });
  const set = (
    id: string,
    status: 'READY' | 'FINISHED' | 'IN_PROCESS' | 'ON_HOLD_WITH_INACTIVITY_TIMEOUT',
    expectedRevision?: number,
  ) => world.queue.setStatus(id, status, { actor: 'somebody', expectedRevision });
  await expect(set(entry._id, 'FINISHED')).rejects.toThrow(IllegalTransitionError);
  await expect(set(entry._id, 'IN_PROCESS')).rejects.toThrow(
    /a person may set READY, ON_HOLD, ON_HOLD_WITH_INACTIVITY_TIMEOUT/,
  );
  await expect(set(once._id, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT')).rejects.toThrow(/only a recurring entry can sleep/);
  await expect(set(expired._id, 'READY')).rejects.toThrow(/move expiresAt first/);
  await expect(set(expired._id, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT')).rejects.toThrow(/move expiresAt first/);
  await expect(set(entry._id, 'READY', 7)).rejects.toThrow(StaleRevisionError);
  await expect(set('nowhere', 'READY')).rejects.toThrow(EntryNotFoundError);
  expect(await world.queue.findEntry(entry._id)).toEqual(entry);
});

test('of two people who saw the same revision one is refused', async () => {
  const entry = await oneEntry({ status: 'ON_HOLD' });
  const outcomes = await Promise.allSettled(
    (['READY', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT'] as const).map((status) =>
      world.queue.setStatus(entry._id, status, { actor: 'somebody', expectedRevision: 1 }),
    ),
  );
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(await world.history(entry._id)).toHaveLength(2);
});

test('case 61: runs and their ends do not raise the revision that people compare', async () => {
  const entry = await oneEntry();
  await claimEntry(world.store, entry._id, { workerId: 'w', workerName: 'w', leaseMs: 60_000 });
  const held = await world.queue.setStatus(entry._id, 'ON_HOLD', { actor: 'somebody', expectedRevision: 1 });
  expect(held).toMatchObject({ status: 'ON_HOLD', revision: 2 });
});

test('entries are made all or none, with codes that are unique in their connection', async () => {
  const entry = await oneEntry({ status: 'ON_HOLD' });
  const other = definition({ status: 'ON_HOLD' });
  await expect(world.queue.createEntries([other, definition({ code: entry.code })], 'test')).rejects.toThrow(
    DuplicateCodeError,
  );
  await expect(world.queue.createEntries([other, definition({ timeZone: 'Mars/Olympus' })], 'test')).rejects.toThrow(
    InvalidScheduleError,
  );
  expect(await world.store.entries.countDocuments({ code: other.code })).toBe(0);
  await world.queue.createEntries([definition({ code: entry.code, connectionSetupId: 'connection-2' })], 'test');
});

test('an expired entry ends FINISHED when a sweep finds it', async () => {
  const expiresAt = new Date(Date.now() + 300);
  const entry = await oneEntry({ status: 'READY', nextRunAt: new Date(Date.now() + 3_600_000), expiresAt });
  const finished = world.whenStatus(entry._id, 'FINISHED');
  await world.dispatch({ executors: {} });
  expect((await finished).reason).toContain(expiresAt.toISOString());
  const expired = await world.queue.findEntry(entry._id);
  expect(expired).toMatchObject({ status: 'FINISHED', nextRunAt: null, currentRunId: null, lastRunId: null });
  const { items } = await world.queue.pageOfRuns({ entryId: entry._id }, { limit: 5 });
  expect(items.map(({ item }) => item)).toMatchObject([
    {
      status: 'CANCELLED',
      startedBy: 'schedule',
      attempt: 1,
      workerId: null,
      error: { code: 'EXPIRED', message: `No run began. It expired at ${expiresAt.toISOString()}.` },
    },
  ]);
  expect(items[0]!.item.endedAt).toEqual(items[0]!.item.startedAt);
});

test('pages by each order hold every entry once, forwards and backwards, those without next run last', async () => {
  const made = await world.queue.createEntries(
    Array.from({ length: 23 }, (_, index) =>
      definition(index % 3 === 0 ? { status: 'ON_HOLD' } : { nextRunAt: new Date(Date.now() + (index % 5) * 60_000) }),
    ),
    'test',
  );
  for (const field of ['CODE', 'NEXT_RUN_AT', 'CREATED_AT'] as const) {
    for (const direction of ['ASC', 'DESC'] as const) {
      const order = { field, direction };
      const forwards: string[] = [];
      for (let after: string | undefined, hasMore = true; hasMore; ) {
        const page = await world.queue.pageOfEntries({}, order, { limit: 4, after });
        forwards.push(...page.items.map(({ item }) => item._id));
        after = page.items.at(-1)?.place;
        ({ hasMore } = page);
      }
      const backwards: string[] = [];
      for (let before: string | undefined, hasMore = true; hasMore; ) {
        const page = await world.queue.pageOfEntries({}, order, { limit: 5, before, fromEnd: true });
        backwards.unshift(...page.items.map(({ item }) => item._id));
        before = page.items[0]?.place;
        ({ hasMore } = page);
      }
      expect(new Set(forwards).size).toBe(made.length);
      expect(backwards).toEqual(forwards);
      if (field === 'NEXT_RUN_AT') {
        const held = new Set(made.filter(({ nextRunAt }) => nextRunAt === null).map(({ _id }) => _id));
        expect(new Set(forwards.slice(-held.size))).toEqual(held);
      }
    }
  }
  await expect(world.queue.pageOfEntries({}, undefined, { limit: 1, after: 'nonsense' })).rejects.toThrow(
    /no cursor of this list/,
  );
});

test('a search finds entries of which each word begins a word of code or description', async () => {
  await world.queue.createEntries(
    [
      definition({ code: 'CUSTOMER', description: 'Customers and accounts', status: 'ON_HOLD' }),
      definition({ code: 'CONTACTS', description: 'Contacts of customers (all)', status: 'ON_HOLD' }),
    ],
    'test',
  );
  const found = async (search: string) =>
    (await world.queue.pageOfEntries({ search }, undefined, { limit: 9 })).items.map(({ item }) => item.code);
  expect(await found('cust')).toEqual(['CONTACTS', 'CUSTOMER']);
  expect(await found('Cust acc')).toEqual(['CUSTOMER']);
  expect(await found('ustomer')).toEqual([]);
  expect(await found('.*')).toEqual(['CONTACTS', 'CUSTOMER']);
  expect(await world.queue.countEntries({ status: [] })).toEqual({ count: 0, exact: true });
});

test('a change wakes a sleeping entry, brings a READY one forward, and leaves a retry and a held one alone', async () => {
  const later = new Date(Date.now() + 3_600_000);
  const [sleeping, ready, retrying, held] = await world.queue.createEntries(
    [
      definition({ nextRunAt: later }),
      definition({ nextRunAt: later }),
      definition({ nextRunAt: later }),
      definition({ status: 'ON_HOLD' }),
    ],
    'test',
  );
  await world.queue.setStatus(sleeping!._id, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT', { actor: 'somebody' });
  await world.store.entries.updateOne({ _id: retrying!._id }, { $set: { retriesMade: 1 } });
  const all = [sleeping, ready, retrying, held].map((entry) => entry!._id);
  const woken = await world.queue.wake([...all, 'nowhere'], 'a change');
  expect(woken.map(({ _id, status }) => [_id, status])).toEqual([
    [sleeping!._id, 'READY'],
    [ready!._id, 'READY'],
  ]);
  for (const { nextRunAt } of woken) expect(nextRunAt!.getTime()).toBeLessThan(later.getTime());
  expect(await world.queue.findEntry(retrying!._id)).toMatchObject({ nextRunAt: later });
  expect(await world.queue.findEntry(held!._id)).toMatchObject({ status: 'ON_HOLD', nextRunAt: null });
  expect(await world.history(ready!._id)).toEqual(['new>READY']);
});

test('the log row of a run that a change brought about names the change, also when it is tried again; later runs name the schedule', async () => {
  const later = new Date(Date.now() + 3_600_000);
  const [sleeping, ready] = await world.queue.createEntries(
    [definition({ nextRunAt: later, maximumRetries: 1 }), definition({ nextRunAt: later, maximumRetries: 1 })],
    'test',
  );
  await world.queue.setStatus(sleeping!._id, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT', { actor: 'somebody' });
  for (const { _id } of [sleeping!, ready!]) {
    await world.queue.wake([_id], 'a coupled reference');
    const run = async (kind: 'failed' | 'succeeded') => {
      await world.store.entries.updateOne({ _id }, { $set: { nextRunAt: new Date(0) } });
      const claimed = await claimEntry(world.store, _id, { workerId: 'w', workerName: 'w', leaseMs: 60_000 });
      const error = {
        class: 'TRANSIENT',
        code: 'GONE',
        message: '',
        side: null,
        field: null,
        retryable: true,
      } as const;
      const ending = kind === 'failed' ? { kind, error } : { kind, idle: false };
      await endRun(world.store, claimed!, ending, { causedBy: 'w' });
      return claimed!.startedBy;
    };
    expect([await run('failed'), await run('succeeded'), await run('succeeded')]).toEqual([
      'a coupled reference',
      'a coupled reference',
      'schedule',
    ]);
    const { items } = await world.queue.pageOfRuns({ entryId: _id }, { limit: 5 });
    expect(items.map(({ item }) => item.startedBy).toSorted()).toEqual([
      'a coupled reference',
      'a coupled reference',
      'schedule',
    ]);
  }
});

test('a dispatcher is on the list of workers while it lives', async () => {
  const dispatcher = await world.dispatch({ executors: {}, workerName: '$name' });
  const listed = async () => (await world.queue.pageOfWorkers({ limit: 10 })).items.map(({ item }) => item);
  await expect.poll(listed).toEqual([
    expect.objectContaining({
      _id: dispatcher.workerId,
      name: '$name',
      version: 'test',
      processId: process.pid,
      alive: true,
    }),
  ]);
  expect((await world.queue.countWorkers()).count).toBe(1);
  await dispatcher.stop();
  expect(await listed()).toEqual([]);
});
