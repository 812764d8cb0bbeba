import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Db, MongoClient } from 'mongodb';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import type * as configModule from '../src/config.js';
import type * as findMongodModule from '../src/store/mongod/find-mongod.js';
import { cpuMsOf } from './process-cpu.ts';

const built = <T>(path: string): Promise<T> => import(new URL(`../dist/${path}`, import.meta.url).href) as Promise<T>;
const { readConfig, readEnvironment } = await built<typeof configModule>('config.js');
const { findMongod } = await built<typeof findMongodModule>('store/mongod/find-mongod.js');

/** The service as a process of its own, with one MongoDB; asked as a client would. */
export interface BenchedService extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly db: Db;
  ask(query: string, variables?: object): Promise<Record<string, any>>;
  /** Resident memory of the process, in MB. */
  memoryMb(): number;
  /** What the process has used of all cores so far; in steps of 10 ms. */
  cpuMs(): number;
}

/** Starts `ROLE=api`, unless `env` tells otherwise; `fill` may write to the database before, and finds no index there yet. */
export async function startBenchedService(
  fill: (db: Db) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<BenchedService> {
  const { path } = await findMongod({ ...readConfig(readEnvironment()).mongodb, report: () => undefined });
  process.env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK = 'false';
  const replicaSet = await MongoMemoryReplSet.create({
    binary: { systemBinary: path, checkMD5: false },
    replSet: { count: 1, storageEngine: 'wiredTiger', args: ['--wiredTigerCacheSizeGB', '1'] },
  });
  const uri = new URL(replicaSet.getUri());
  uri.pathname = `/bench_${randomUUID().slice(0, 8)}`;
  const client = await MongoClient.connect(uri.href);
  const db = client.db();
  await fill(db);
  const dataDir = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  const token = randomBytes(32).toString('base64url');
  const port = await freePort();
  const child = spawn(process.execPath, [fileURLToPath(new URL('../dist/main.js', import.meta.url))], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      MONGODB_URI: uri.href,
      ROLE: 'api',
      PORT: String(port),
      DATA_DIR: dataDir,
      ADMIN_TOKEN: token,
      SANDBOX: 'off',
      LOG_LEVEL: 'error',
      ...env,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, child);
  return {
    url,
    token,
    pid: child.pid ?? 0,
    db,
    ask: (query, variables = {}) => ask(url, token, query, variables),
    memoryMb: () => residentMb(child.pid ?? 0),
    cpuMs: () => cpuMsOf(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      await client.close();
      await replicaSet.stop({ doCleanup: true, force: true });
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function ask(url: string, token: string, query: string, variables: object): Promise<Record<string, any>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: Record<string, any>; errors?: unknown };
  if (errors !== undefined || data === undefined) throw new Error(JSON.stringify(errors));
  return data;
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  // Building the indexes of a filled database takes minutes.
  for (let waited = 0; waited < 1_800_000; waited += 250) {
    if (child.exitCode !== null) throw new Error('the service ended before it was ready');
    const answer = await fetch(`${url}/health/ready`).catch(() => null);
    if (answer?.ok) return;
    await delay(250);
  }
  throw new Error('the service was not ready in half an hour');
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function residentMb(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1_024);
}

/** The value below which this share of them lies. */
export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

/** What the figures were measured on, and how busy that was with other work. */
export const machine = (): string =>
  `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}, Node ${process.version}`;

export const print = (line: string): void => void process.stdout.write(`${line}\n`);
