import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';

/** A MongoDB of a test's own, a replica set of one member, that may be killed and started again with its data. */
export interface OwnMongod extends AsyncDisposable {
  readonly uri: string;
  /** kill -9. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** No primary for so long. */
  stepDown(seconds: number): Promise<void>;
}

export async function startOwnMongod(binary: string, more: readonly string[] = []): Promise<OwnMongod> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-mongod-'));
  const port = await freePort();
  const uri = `mongodb://127.0.0.1:${port}/?replicaSet=rs0`;
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const settings = ['--setParameter', 'transactionLifetimeLimitSeconds=5', '--wiredTigerCacheSizeGB', '0.25'];
    const where = ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', '--replSet', 'rs0'];
    child = spawn(binary, [...where, ...settings, ...more], { stdio: 'ignore' });
    await admin(async (client) => {
      await client
        .db('admin')
        .command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: `127.0.0.1:${port}` }] } })
        .catch((error: unknown) => {
          if (!(error instanceof Error && /already initialized/i.test(error.message))) throw error;
        });
    });
    await eventually(
      'MongoDB has a primary',
      () => admin(async (client) => (await client.db('admin').command({ hello: 1 })).isWritablePrimary === true),
      { withinMs: 60_000, everyMs: 100 },
    );
  }

  async function admin<T>(work: (client: MongoClient) => Promise<T>): Promise<T> {
    const direct = `mongodb://127.0.0.1:${port}/?directConnection=true`;
    const client = await eventually(
      'MongoDB answers',
      () => MongoClient.connect(direct, { serverSelectionTimeoutMS: 500 }),
      { withinMs: 60_000, everyMs: 100 },
    );
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }

  async function kill(): Promise<void> {
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = null;
  }

  await start();
  return {
    uri,
    kill,
    start,
    stepDown: (seconds) =>
      admin(async (client) => {
        // With force: there is nobody else to take over.
        await client.db('admin').command({ replSetStepDown: seconds, force: true });
      }),
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
