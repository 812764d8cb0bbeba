import { defineEntity, p } from '@mikro-orm/core';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoreAddressError, StoreUnreachableError } from '../../../src/store/errors.js';
import { openStore, type Store, withTransaction } from '../../../src/store/store.js';
import { testDatabase } from '../../support/database.js';
import { freePort } from '../../support/free-port.js';

const Warehouse = defineEntity({
  name: 'Warehouse',
  collection: 'warehouses',
  properties: { _id: p.string().primary(), city: p.string() },
});

const silent = pino({ level: 'silent' });
const database = testDatabase();
let store: Store;
const reported: string[] = [];

function open(uri: string): Promise<Store> {
  return openStore({
    uri,
    database: database.name,
    entities: [Warehouse],
    report: (line) => reported.push(line),
    logger: silent,
  });
}

beforeAll(async () => {
  store = await open(database.uri);
});
afterAll(() => store.close());

describe('an open store', () => {
  test('reports the replica set and the database', () => {
    expect(reported.join('\n')).toMatch(
      new RegExp(`replica set \\S+ on 127\\.0\\.0\\.1:\\d+, database ${database.name}$`, 'm'),
    );
  });

  test('lets MikroORM and the driver see the same documents', async () => {
    const em = store.orm.em.fork();
    em.persist(em.create(Warehouse, { _id: 'BLUE', city: 'Cardiff' }));
    await em.flush();
    expect(await store.db.collection<{ _id: string }>('warehouses').findOne({ _id: 'BLUE' })).toEqual({
      _id: 'BLUE',
      city: 'Cardiff',
    });
    expect(store.orm.em.getDriver().getConnection().getClient()).toBe(store.client);
  });

  test("tells the time of the server's clock", async () => {
    const [before] = await store.db
      .aggregate<{ at: Date }>([{ $documents: [{}] }, { $project: { at: '$$NOW' } }])
      .toArray();
    const at = before?.at.getTime() ?? Number.NaN;
    const now = (await store.now()).getTime();
    // MongoDB's cached clock, which $$NOW reads, may be some milliseconds behind, never far.
    expect(now).toBeGreaterThanOrEqual(at);
    expect(now - at).toBeLessThan(5_000);
  });

  test('writes with majority and journal, and reads what a majority holds', () => {
    expect(store.db.writeConcern).toMatchObject({ w: 'majority', journal: true });
    expect(store.db.readConcern).toMatchObject({ level: 'majority' });
    expect(store.client.options.retryWrites).toBe(true);
  });

  test('may be closed twice', async () => {
    const second = await open(database.uri);
    await second.close();
    await second.close();
  });
});

describe('withTransaction', () => {
  test('keeps all writes of a transaction that succeeds and answers its result', async () => {
    const notes = store.db.collection('notes');
    const answer = await withTransaction(store, async (session) => {
      await notes.insertOne({ text: 'first' }, { session });
      await notes.insertOne({ text: 'second' }, { session });
      return 'both';
    });
    expect(answer).toBe('both');
    expect(await notes.countDocuments({ text: { $in: ['first', 'second'] } })).toBe(2);
  });

  test('keeps no write of a transaction that fails, and passes its error on', async () => {
    const notes = store.db.collection('notes');
    const failed = withTransaction(store, async (session) => {
      await notes.insertOne({ text: 'lost' }, { session });
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    expect(await notes.countDocuments({ text: 'lost' })).toBe(0);
  });

  test('repeats transactions that conflict until each has happened once', async () => {
    const counters = store.db.collection<{ _id: string; value: number }>('counters');
    await counters.insertOne({ _id: 'turns', value: 0 });
    const turn = () =>
      withTransaction(store, async (session) => {
        const counter = await counters.findOne({ _id: 'turns' }, { session });
        await counters.updateOne({ _id: 'turns' }, { $set: { value: (counter?.value ?? 0) + 1 } }, { session });
      });
    await Promise.all(Array.from({ length: 8 }, turn));
    expect(await counters.findOne({ _id: 'turns' })).toMatchObject({ value: 8 });
  });
});

describe('openStore refuses', () => {
  test('an address that cannot be read, without quoting its password', async () => {
    const failed = open('mongodb://someone:s3cret@host:notaport/?x=1');
    await expect(failed).rejects.toThrow(StoreAddressError);
    await expect(failed).rejects.toThrow(/MONGODB_URI: expected an address such as/);
    await expect(failed).rejects.not.toThrow(/s3cret/);
  });

  test('a host that does not answer, naming it without credentials', async () => {
    const port = await freePort();
    const failed = open(`mongodb://someone:s3cret@127.0.0.1:${port}/?serverSelectionTimeoutMS=300`);
    await expect(failed).rejects.toThrow(StoreUnreachableError);
    await expect(failed).rejects.toThrow(`MongoDB on 127.0.0.1:${port} cannot be used`);
    await expect(failed).rejects.not.toThrow(/s3cret|someone/);
  });

  test('a replica set of another name than the address says', async () => {
    const address = new URL(database.uri.replace('mongodb://', 'http://'));
    const failed = open(`mongodb://${address.host}/?replicaSet=elsewhere&serverSelectionTimeoutMS=300`);
    await expect(failed).rejects.toThrow(/member of the replica set "\w+", but MONGODB_URI names "elsewhere"/);
  });
});
