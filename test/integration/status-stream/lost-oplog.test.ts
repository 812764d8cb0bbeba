import { type Db, MongoClient, type Timestamp } from 'mongodb';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { jobQueueIndexes } from '../../../src/job-queue/indexes.js';
import { jobQueueStore } from '../../../src/job-queue/job-queue-store.js';
import { prepareTransitionLog, recordTransitions } from '../../../src/job-queue/transition-log-store.js';
import { openChangeFeed } from '../../../src/status-stream/change-feed.js';
import { changeSource } from '../../../src/status-stream/change-source-store.js';
import { CursorExpiredError, timeOfCursor } from '../../../src/status-stream/stream-cursor.js';
import { transitionSource } from '../../../src/status-stream/transition-source-store.js';
import { openTransitionStream } from '../../../src/status-stream/transition-stream.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { eventually } from '../../support/eventually.js';
import { cuttableWay } from '../../support/tcp-proxy.js';

const logger = pino({ level: 'silent' });
const interest = { intervalMs: 1, subjectOf: () => 'WORKER' as const };
let server: MongoMemoryReplSet;
let client: MongoClient;

beforeAll(async () => {
  server = await MongoMemoryReplSet.create({
    binary: { systemBinary: inject('mongodBinary'), checkMD5: false },
    replSet: {
      count: 1,
      storageEngine: 'wiredTiger',
      args: ['--oplogSize', '1', '--syncdelay', '1', '--wiredTigerCacheSizeGB', '0.25'],
    },
  });
  client = await MongoClient.connect(server.getUri());
}, 60_000);
afterAll(async () => {
  await client.close();
  await server.stop({ doCleanup: true, force: true });
});

/** Writes until the database no longer has what changed up to this time. */
function dropChangesUntil(time: bigint, db: Db): Promise<unknown> {
  const filler = 'x'.repeat(1_000_000);
  return eventually(
    'the database has dropped its oldest changes',
    async () => {
      await db.collection('filler').insertMany(Array.from({ length: 10 }, () => ({ filler })));
      const first = await client.db('local').collection('oplog.rs').find().sort({ $natural: 1 }).limit(1).next();
      return first !== null && (first.ts as Timestamp).toBigInt() > time;
    },
    { withinMs: 60_000, everyMs: 200 },
  );
}

test('a cursor whose changes the database no longer has is expired, and a new one goes on', async () => {
  const db = client.db('lost');
  const feed = await openChangeFeed(changeSource(db), logger);
  const workers = db.collection<{ _id: string; name: string }>('workers');
  await workers.insertOne({ _id: 'w', name: 'first' });
  const old = await feed.currentCursor();
  const resumed = await feed.follow(interest, old);
  await resumed.return?.();
  await dropChangesUntil(timeOfCursor(old), db);
  await expect(feed.follow(interest, old)).rejects.toThrow(CursorExpiredError);
  const fresh = await feed.follow(interest, await feed.currentCursor());
  await workers.updateOne({ _id: 'w' }, { $set: { name: 'second' } });
  expect((await fresh.next()).value).toMatchObject({ id: 'w', kind: 'CHANGED' });
  await feed.close();
}, 90_000);

test('a process that lost its place in the changes tells those who followed, and serves whoever follows afterwards', async () => {
  await using way = await cuttableWay(Number(new URL(server.getUri()).port));
  const away = await MongoClient.connect(`mongodb://127.0.0.1:${way.port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 500,
  });
  onTestFinished(() => away.close());
  const workers = client.db('place').collection<{ _id: string; name: string }>('workers');
  await workers.insertOne({ _id: 'w', name: 'first' });
  const feed = await openChangeFeed(changeSource(away.db('place')), logger);
  onTestFinished(() => feed.close());
  const following = (await feed.follow(interest)).next();
  const ended = expect(following).rejects.toThrow(CursorExpiredError);
  way.cut();
  await workers.updateOne({ _id: 'w' }, { $set: { name: 'missed' } });
  const missed = (await client.db('place').command({ ping: 1 })).operationTime as Timestamp;
  await dropChangesUntil(missed.toBigInt(), client.db('place'));
  way.mend();
  await ended;
  const followers = [await feed.follow(interest), await feed.follow(interest, await feed.currentCursor())];
  await workers.updateOne({ _id: 'w' }, { $set: { name: 'second' } });
  for (const changes of followers) {
    expect((await changes.next()).value).toMatchObject({ id: 'w', kind: 'CHANGED' });
  }
}, 120_000);

test('case 57: a subscriber whose change stream dies while the database drops what came after it misses no transition', async () => {
  await using way = await cuttableWay(Number(new URL(server.getUri()).port));
  const away = await MongoClient.connect(`mongodb://127.0.0.1:${way.port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 500,
  });
  onTestFinished(() => away.close());
  const db = client.db('dead');
  const store = jobQueueStore({ client, db, now: async () => new Date() });
  await ensureIndexes(db, jobQueueIndexes);
  await prepareTransitionLog(store);
  const warned: string[] = [];
  const noting = pino({ level: 'warn' }, { write: (line: string) => void warned.push(line) });
  const stream = await openTransitionStream({ source: transitionSource(away.db('dead')), logger: noting, pollMs: 200 });
  onTestFinished(() => stream.close());
  const events = stream.subscribe();
  const record = (code: string): Promise<void> =>
    store.inTransaction((session) =>
      recordTransitions(store, session, [
        {
          entry: { _id: code, connectionSetupId: 'c', code, mappingName: null },
          from: 'READY',
          to: 'IN_PROCESS',
          at: new Date(),
          reason: null,
          runId: null,
          causedBy: 'test',
        },
      ]),
    );
  await record('before');
  expect((await events.next()).value?.code).toBe('before');

  way.cut();
  for (const code of ['a', 'b', 'c']) await record(code);
  // What the change stream would go on from.
  const recorded = (await db.command({ ping: 1 })).operationTime as Timestamp;
  await dropChangesUntil(recorded.toBigInt(), db);
  way.mend();
  await record('d');
  const codes: string[] = [];
  while (codes.length < 4) codes.push((await events.next()).value?.code ?? '');
  expect(codes).toEqual(['a', 'b', 'c', 'd']);
  expect(warned.join('')).toContain('the change stream ended');
}, 120_000);
