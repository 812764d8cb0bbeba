import { MongoMemoryServer } from 'mongodb-memory-server-core';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { StandaloneServerError, UninitiatedReplicaSetError } from '../../../src/store/errors.js';
import { openStore, type Store } from '../../../src/store/store.js';

const binary = { systemBinary: inject('mongodBinary'), checkMD5: false };
let standalone: MongoMemoryServer;
let uninitiated: MongoMemoryServer;

beforeAll(async () => {
  [standalone, uninitiated] = await Promise.all([
    MongoMemoryServer.create({ binary, instance: { storageEngine: 'wiredTiger' } }),
    MongoMemoryServer.create({ binary, instance: { storageEngine: 'wiredTiger', replSet: 'rs0' } }),
  ]);
});
afterAll(async () => {
  await Promise.all([standalone.stop({ force: true }), uninitiated.stop({ force: true })]);
});

function open(server: MongoMemoryServer, options = ''): Promise<Store> {
  const uri = `mongodb://127.0.0.1:${server.instanceInfo?.port}/?serverSelectionTimeoutMS=300${options}`;
  return openStore({ uri, entities: [], report: () => undefined, logger: pino({ level: 'silent' }) });
}

describe('openStore refuses', () => {
  test.each([
    { name: 'a standalone server, with what to do', options: '' },
    { name: 'a standalone server also when the address names a replica set', options: '&replicaSet=rs0' },
  ])('$name', async ({ options }) => {
    const failed = open(standalone, options);
    await expect(failed).rejects.toThrow(StandaloneServerError);
    await expect(failed).rejects.toThrow(/is a standalone server, but a replica set is required/);
    await expect(failed).rejects.toThrow(/start mongod with --replSet rs0, run rs\.initiate\(\) once/);
  });

  test.each([
    { name: 'a replica set that nobody has initiated', options: '' },
    { name: 'a replica set that nobody has initiated also when the address names it', options: '&replicaSet=rs0' },
  ])('$name', async ({ options }) => {
    const failed = open(uninitiated, options);
    await expect(failed).rejects.toThrow(UninitiatedReplicaSetError);
    await expect(failed).rejects.toThrow(/Run rs\.initiate\(\) once in mongosh/);
  });
});
