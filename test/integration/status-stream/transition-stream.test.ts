import { MongoClient } from 'mongodb';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { jobQueueIndexes } from '../../../src/job-queue/indexes.js';
import type { JobStatusTransition } from '../../../src/job-queue/job-queue-entry.js';
import { type JobQueueStore, jobQueueStore } from '../../../src/job-queue/job-queue-store.js';
import { prepareTransitionLog, recordTransitions } from '../../../src/job-queue/transition-log-store.js';
import { CursorExpiredError, InvalidCursorError, streamCursorOf } from '../../../src/status-stream/stream-cursor.js';
import { SubscriberTooSlowError } from '../../../src/status-stream/subscription.js';
import { type TransitionSource, transitionSource } from '../../../src/status-stream/transition-source-store.js';
import {
  openTransitionStream,
  type TransitionStream,
  type TransitionStreamOptions,
} from '../../../src/status-stream/transition-stream.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { testDatabase } from '../../support/database.js';

const { client, db, uri, name } = testDatabase();
const logger = pino({ level: 'silent' });
const streams: TransitionStream[] = [];
const clients: MongoClient[] = [];

function storeOn(connection: MongoClient): JobQueueStore {
  return jobQueueStore({ client: connection, db: connection.db(name), now: () => Promise.resolve(new Date()) });
}
const store = storeOn(client);

beforeAll(async () => {
  await ensureIndexes(db, jobQueueIndexes);
  await prepareTransitionLog(store);
});
afterEach(async () => {
  await Promise.all(streams.splice(0).map((stream) => stream.close()));
});
afterAll(async () => {
  await Promise.all(clients.map((other) => other.close()));
});

async function open(options: Partial<TransitionStreamOptions> = {}): Promise<TransitionStream> {
  const stream = await openTransitionStream({ source: transitionSource(db), logger, ...options });
  streams.push(stream);
  return stream;
}

/** Another process: a connection of its own. */
async function anotherWriter(): Promise<JobQueueStore> {
  const other = await MongoClient.connect(uri);
  clients.push(other);
  return storeOn(other);
}

function change(code: string) {
  const entry = { _id: `entry-${code}`, connectionSetupId: 'connection-1', code, mappingName: null };
  return {
    entry,
    from: 'READY',
    to: 'IN_PROCESS',
    at: new Date(),
    reason: null,
    runId: null,
    causedBy: 'test',
  } as const;
}

const record = (writer: JobQueueStore, ...codes: string[]): Promise<void> =>
  writer.inTransaction((session) => recordTransitions(writer, session, codes.map(change)));

async function take(events: AsyncIterator<JobStatusTransition>, count: number): Promise<string[]> {
  const codes: string[] = [];
  while (codes.length < count) {
    const { value, done } = await events.next();
    if (done === true) throw new Error('the stream ended');
    codes.push(value.code);
  }
  return codes;
}

test('a subscriber gets what is recorded after it subscribed, by any process, and nothing from before', async () => {
  await record(store, 'before');
  const stream = await open();
  const events = stream.subscribe();
  await record(store, 'a', 'b');
  await record(await anotherWriter(), 'c');
  expect(await take(events, 3)).toEqual(['a', 'b', 'c']);
  await events.return?.();
});

test('a filter lets through what it names, and an empty list nothing', async () => {
  const stream = await open();
  const some = stream.subscribe({ filter: { codes: ['b', 'd'], to: ['IN_PROCESS'] } });
  const none = stream.subscribe({ filter: { codes: [] } });
  await record(store, 'a', 'b', 'c', 'd');
  expect(await take(some, 2)).toEqual(['b', 'd']);
  const first = none.next();
  await stream.close();
  expect((await first).done).toBe(true);
});

test('case 56: transactions that began in one order and commit in the other are told once each, in the order of their numbers', async () => {
  const [first, second] = [(await open()).subscribe(), (await open()).subscribe()];
  const slow = client.startSession();
  slow.startTransaction();
  await recordTransitions(store, slow, [change('began first')]);
  // Neither waits for the other: the number is given after the commit.
  await record(await anotherWriter(), 'began second');
  await slow.commitTransaction();
  await slow.endSession();
  await store.numberTransitions();
  expect(await take(first, 2)).toEqual(['began second', 'began first']);
  expect(await take(second, 2)).toEqual(['began second', 'began first']);
});

test('what one process recorded and could not number any more, another one numbers, once', async () => {
  const events = (await open()).subscribe();
  const dying = client.startSession();
  await dying.withTransaction(() => recordTransitions(store, dying, [change('of the dead')]));
  await dying.endSession();
  const others = await Promise.all([anotherWriter(), anotherWriter(), anotherWriter()]);
  await Promise.all(others.map((other) => other.numberTransitions()));
  expect(await store.transitions.countDocuments({ code: 'of the dead' })).toBe(1);
  expect(await take(events, 1)).toEqual(['of the dead']);
});

test('many processes at once give numbers without gaps, and those of one entry in its order', async () => {
  const before = await transitionSource(db).newestNumber();
  const writers = await Promise.all(Array.from({ length: 4 }, anotherWriter));
  await Promise.all(
    writers.map(async (writer, index) => {
      for (let place = 0; place < 20; place += 1) {
        await writer.inTransaction((session) =>
          recordTransitions(writer, session, [
            { ...change(`ordered-${index}`), reason: String(place), at: new Date(place) },
          ]),
        );
      }
    }),
  );
  const all = await store.transitions
    .find({ number: { $gt: before } })
    .sort({ number: 1 })
    .toArray();
  expect(all.map(({ number }) => number)).toEqual(Array.from({ length: 80 }, (_, index) => before + 1 + index));
  for (const ofEntry of Map.groupBy(all, ({ entryId }) => entryId).values())
    expect(ofEntry.map(({ reason }) => Number(reason))).toEqual(Array.from({ length: 20 }, (_, place) => place));
});

test('a subscriber that leaves and resumes at random misses nothing and gets nothing twice, with two writers', async () => {
  const TOTAL = 400;
  const resumed = await Promise.all([open(), open({ bufferSize: 20 })]);
  let cursor = await resumed[0].currentCursor();
  const from = (await db
    .collection<{ _id: string; value: number }>('counters')
    .findOne({ _id: 'jobStatusTransitions' }))!.value;
  const writers = [store, await anotherWriter()].map(async (writer, index) => {
    for (let number = 0; number < TOTAL / 2; number += 2)
      await record(writer, `${index}-${number}`, `${index}-${number + 1}`);
  });
  const seen: number[] = [];
  let seed = 42;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  while (seen.length < TOTAL) {
    const events = resumed[random(2)]!.subscribe({ after: cursor });
    try {
      for (let left = 1 + random(30); left > 0 && seen.length < TOTAL; left -= 1) {
        const { value } = await events.next();
        seen.push(value!.number);
        cursor = streamCursorOf(value!.number);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(SubscriberTooSlowError);
    }
    await events.return?.();
  }
  await Promise.all(writers);
  expect(seen).toEqual(Array.from({ length: TOTAL }, (_, index) => from + index + 1));
});

test('while the change stream is dead everything is told by polling, and again by the change stream when it is back', async () => {
  const real = transitionSource(db);
  const deaths: string[] = [];
  const dying: TransitionSource = {
    ...real,
    async *watch(signal) {
      for await (const look of real.watch(signal)) {
        yield look;
        if (deaths.length < 3) {
          deaths.push('died');
          throw new Error('the oplog was rolled over');
        }
      }
    },
  };
  const stream = await open({ source: dying, pollMs: 20 });
  const events = stream.subscribe();
  const told = take(events, 30);
  for (let number = 0; number < 30; number += 1) await record(store, `${number}`);
  expect(await told).toEqual(Array.from({ length: 30 }, (_, number) => `${number}`));
  expect(deaths).toHaveLength(3);
});

test('a slow subscriber is closed with the cursor at which it resumes without a gap', async () => {
  const stream = await open({ bufferSize: 5 });
  const slow = stream.subscribe();
  const quick = stream.subscribe();
  await record(store, 'a');
  expect(await take(slow, 1)).toEqual(['a']);
  const codes = ['b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const quickly = take(quick, 8);
  for (const code of codes) await record(store, code);
  expect(await quickly).toEqual(['a', ...codes]);
  const closed = await slow.next().catch((error: unknown) => error);
  expect(closed).toBeInstanceOf(SubscriberTooSlowError);
  expect((await slow.next()).done).toBe(true);
  const { cursor } = closed as SubscriberTooSlowError;
  expect(await take(stream.subscribe({ after: cursor }), codes.length)).toEqual(codes);
});

test('case 58: a cursor behind what is kept, or of another database, is expired; the oldest kept one is not', async () => {
  const stream = await open();
  await record(store, 'kept', 'kept too');
  const [first, second] = await store.transitions.find({ code: /^kept/ }).sort({ number: 1 }).toArray();
  await store.transitions.deleteMany({ number: { $lt: first!.number } });
  expect(await take(stream.subscribe({ after: streamCursorOf(first!.number - 1) }), 2)).toEqual(['kept', 'kept too']);
  const tooOld = streamCursorOf(first!.number - 2);
  await expect(stream.subscribe({ after: tooOld }).next()).rejects.toThrow(CursorExpiredError);
  await expect(stream.assertReadable(tooOld)).rejects.toThrow(CursorExpiredError);
  await expect(stream.assertReadable(streamCursorOf(second!.number + 1))).rejects.toThrow(/another database/);
  await store.transitions.deleteMany({});
  await stream.assertReadable(streamCursorOf(second!.number));
  await expect(stream.assertReadable(streamCursorOf(first!.number))).rejects.toThrow(CursorExpiredError);
});

test('a text that is no cursor is refused at once', async () => {
  const stream = await open();
  for (const text of ['', 'abc', '12', `${streamCursorOf(3)}=`, Buffer.from('t1:-1').toString('base64url')]) {
    expect(() => stream.subscribe({ after: text })).toThrow(InvalidCursorError);
  }
});

test('closing the stream ends every subscription, also one that waits and one that was never read', async () => {
  const stream = await open();
  const waiting = stream.subscribe().next();
  const unread = stream.subscribe();
  await stream.close();
  expect((await waiting).done).toBe(true);
  expect((await unread.next()).done).toBe(true);
});

test('returning from a subscription ends one that waits', async () => {
  const stream = await open();
  const events = stream.subscribe();
  const waiting = events.next();
  await events.return?.();
  expect((await waiting).done).toBe(true);
});
