import { MongoClient, type Timestamp } from 'mongodb';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openChangeFeed } from '../../../src/status-stream/change-feed.js';
import { changeSource } from '../../../src/status-stream/change-source-store.js';
import { CursorExpiredError, timeOfCursor } from '../../../src/status-stream/stream-cursor.js';
import { eventually } from '../../support/eventually.js';

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

test('a cursor whose changes the database no longer has is expired, and a new one goes on', async () => {
  const db = client.db('lost');
  const feed = await openChangeFeed(changeSource(db), logger);
  const workers = db.collection<{ _id: string; name: string }>('workers');
  await workers.insertOne({ _id: 'w', name: 'first' });
  const old = await feed.currentCursor();
  const resumed = await feed.follow(interest, old);
  await resumed.return?.();
  const filler = 'x'.repeat(1_000_000);
  await eventually(
    'the database has dropped its oldest changes',
    async () => {
      await db.collection('filler').insertMany(Array.from({ length: 10 }, () => ({ filler })));
      const first = await client.db('local').collection('oplog.rs').find().sort({ $natural: 1 }).limit(1).next();
      return first !== null && (first.ts as Timestamp).toBigInt() > timeOfCursor(old);
    },
    { withinMs: 60_000, everyMs: 200 },
  );
  await expect(feed.follow(interest, old)).rejects.toThrow(CursorExpiredError);
  const fresh = await feed.follow(interest, await feed.currentCursor());
  await workers.updateOne({ _id: 'w' }, { $set: { name: 'second' } });
  expect((await fresh.next()).value).toMatchObject({ id: 'w', kind: 'CHANGED' });
  await feed.close();
}, 90_000);
