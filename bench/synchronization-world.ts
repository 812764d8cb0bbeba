import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import type { EndpointAccess } from '../src/connectors/connector.js';
import type { JobParameters, JobQueueEntry } from '../src/job-queue/job-queue-entry.js';
import type { IntegrationFieldMapping, IntegrationTableMapping } from '../src/mapping/integration-table-mapping.js';
import type { Side } from '../src/synch/synch-error.js';
import { cpuMsOf } from './process-cpu.ts';
import { TimeSpent } from './time-spent.ts';

const built = <T>(path: string): Promise<T> => import(new URL(`../dist/${path}`, import.meta.url).href) as Promise<T>;
const { readConfig, readEnvironment } = await built<typeof import('../src/config.js')>('config.js');
const { findMongod } = await built<typeof import('../src/store/mongod/find-mongod.js')>('store/mongod/find-mongod.js');
const { both, common, to } = await built<typeof import('../src/connection-setup/default-setup/field-definitions.js')>(
  'connection-setup/default-setup/field-definitions.js',
);
const { allIndexes } = await built<typeof import('../src/start/open-database.js')>('start/open-database.js');
const { ensureIndexes } = await built<typeof import('../src/store/indexes.js')>('store/indexes.js');
const { openConnector } =
  await built<typeof import('../src/connectors/open-connector.js')>('connectors/open-connector.js');
const { integrationSynch } =
  await built<typeof import('../src/synch/integration-synch.js')>('synch/integration-synch.js');
const { builtInTransformations } = await built<
  typeof import('../src/mapping/transformation/built-in-transformations.js')
>('mapping/transformation/built-in-transformations.js');
const { openRunClock } = await built<typeof import('../src/synch/run-clock.js')>('synch/run-clock.js');
const { CouplingStore } = await built<typeof import('../src/coupling/coupling-store.js')>('coupling/coupling-store.js');
const { StageStore } = await built<typeof import('../src/synch/stage-store.js')>('synch/stage-store.js');
const { CursorStore } = await built<typeof import('../src/synch/cursor-store.js')>('synch/cursor-store.js');
const { SynchJobStore } = await built<typeof import('../src/synch/synch-job-store.js')>('synch/synch-job-store.js');
const { DeletionStore } = await built<typeof import('../src/synch/deletion-store.js')>('synch/deletion-store.js');
const { PlannedCouplingStore } = await built<typeof import('../src/synch/dry-run/planned-coupling-store.js')>(
  'synch/dry-run/planned-coupling-store.js',
);

/** Fields of a customer and of an account, and whether the pair goes both ways. */
export const fieldPairs: readonly (readonly [string, string, boolean])[] = [
  ['number', 'accountnumber', false],
  ['displayName', 'name', true],
  ['addressLine1', 'address1_line1', true],
  ['addressLine2', 'address1_line2', true],
  ['city', 'address1_city', true],
  ['state', 'address1_stateorprovince', true],
  ['country', 'address1_country', true],
  ['postalCode', 'address1_postalcode', true],
  ['phoneNumber', 'telephone1', true],
  ['email', 'emailaddress1', true],
  ['website', 'websiteurl', true],
  ['creditLimit', 'creditlimit', false],
  ['displayName', 'description', false],
  ['phoneNumber', 'telephone2', false],
  ['taxRegistrationNumber', 'fax', false],
];

const SECRET = 'sandbox-secret';
const COMPANY = 'CRONUS International Ltd.';
const READY_MS = 120_000;

/** The sandbox as a process of its own, and a MongoDB. */
export class BenchWorld implements AsyncDisposable {
  static async open(): Promise<BenchWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
    const sandbox = spawn(process.execPath, [new URL('../dist/sandbox/main.js', import.meta.url).pathname], {
      env: { ...process.env, SANDBOX_PORT: '0', SANDBOX_DATA_DIR: folder, SANDBOX_EXIT_WITH_PARENT: '1' },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const url = await addressOf(sandbox);
    const { mongodb } = readConfig(readEnvironment());
    const { path } = await findMongod({ ...mongodb, report: () => undefined });
    process.env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK = 'false';
    const replicaSet = await MongoMemoryReplSet.create({
      binary: { systemBinary: path, checkMD5: false },
      replSet: { count: 1, storageEngine: 'wiredTiger' },
    });
    const client = await MongoClient.connect(replicaSet.getUri(), {
      writeConcern: { w: 'majority', journal: true },
      readConcern: { level: 'majority' },
      retryWrites: true,
      monitorCommands: process.argv.includes('--detail'),
    });
    const mongod = replicaSet.servers[0]?.instanceInfo?.instance.mongodProcess?.pid;
    const pids = { 'this process': process.pid, MongoDB: mongod ?? 0, 'the sandbox': sandbox.pid ?? 0 };
    return new BenchWorld(url, client, pids, async () => {
      await client.close();
      await replicaSet.stop();
      sandbox.kill('SIGTERM');
      await new Promise((resolve) => sandbox.once('exit', resolve));
      rmSync(folder, { recursive: true, force: true });
    });
  }

  readonly sandboxUrl: string;
  /** Where the runs of the engine spend their time. */
  readonly spent = new TimeSpent();
  readonly #client: MongoClient;
  readonly #pids: Readonly<Record<string, number>>;
  readonly #close: () => Promise<void>;

  private constructor(
    sandboxUrl: string,
    client: MongoClient,
    pids: Readonly<Record<string, number>>,
    close: () => Promise<void>,
  ) {
    this.sandboxUrl = sandboxUrl;
    this.#client = client;
    this.#pids = pids;
    this.#close = close;
    this.spent.watch(client);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  /** Seconds of CPU that the work takes, by process, and those that pass. */
  async measure(work: () => Promise<unknown>): Promise<Measured> {
    const before = Object.entries(this.#pids).map(([name, pid]) => ({ name, pid, cpuMs: cpuMsOf(pid) }));
    const startedAt = performance.now();
    await work();
    const elapsed = (performance.now() - startedAt) / 1_000;
    return {
      elapsed,
      cpu: Object.fromEntries(before.map(({ name, pid, cpuMs }) => [name, (cpuMsOf(pid) - cpuMs) / 1_000])),
    };
  }

  /** So many customers, and no accounts. */
  async reset(customers: number): Promise<void> {
    const none = { accounts: 0, people: 0, contacts: 0, items: 0, products: 0, invoices: 0 };
    await this.control('POST', 'reset', { seed: 'bench', sizes: { customers, ...none } });
  }

  async control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.sandboxUrl}/control/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** A database without anything in it. */
  async database(name: string): Promise<Db> {
    const db = this.#client.db(`bench-${name}`);
    await db.dropDatabase();
    return db;
  }

  access(kind: 'BUSINESS_CENTRAL' | 'DATAVERSE', clientId = 'tandem'): EndpointAccess {
    const url = this.sandboxUrl;
    return {
      kind,
      baseUrl: kind === 'DATAVERSE' ? url : `${url}/v2.0/sandbox/production`,
      company: kind === 'DATAVERSE' ? null : COMPANY,
      authentication: {
        kind: 'OAUTH2_CLIENT_CREDENTIALS',
        tenantId: 'sandbox',
        clientId,
        secret: SECRET,
        tokenUrl: `${url}/sandbox/oauth2/v2.0/token`,
      },
    };
  }

  /** What the bare loop sends along. */
  async token(kind: 'BUSINESS_CENTRAL' | 'DATAVERSE'): Promise<string> {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'tandem',
      client_secret: SECRET,
      scope: kind === 'DATAVERSE' ? `${this.sandboxUrl}/.default` : 'https://api.businesscentral.dynamics.com/.default',
    });
    const response = await fetch(`${this.sandboxUrl}/sandbox/oauth2/v2.0/token`, { method: 'POST', body });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  /** The engine of the product with its stores and connectors, as the worker puts them together. */
  async engine(db: Db): Promise<Engine> {
    await ensureIndexes(db, allIndexes);
    const { spent } = this;
    const connectors = {
      BUSINESS: spent.timed('business', openConnector(this.access('BUSINESS_CENTRAL'))),
      SALES: spent.timed('sales', openConnector(this.access('DATAVERSE'))),
    };
    const mapping = customerMapping();
    const databaseTime = async () => ((await db.admin().command({ hello: 1 })) as { localTime: Date }).localTime;
    const execute = integrationSynch({
      stores: {
        couplings: spent.timed('couplings', new CouplingStore(db)),
        stage: spent.timed('stage', new StageStore(db)),
        cursors: spent.timed('cursors', new CursorStore(db)),
        jobs: spent.timed('jobs', new SynchJobStore(db)),
        deletions: spent.timed('deletions', new DeletionStore(db)),
        planned: spent.timed('planned', new PlannedCouplingStore(db)),
      },
      mapping: async () => mapping,
      mappingsOf: async () => [mapping],
      rules: async () => builtInTransformations,
      wakeMappings: async () => undefined,
      connect: async () => connectors,
      clock: () => openRunClock(databaseTime),
      newId: randomUUID,
    });
    let leaseToken = 0;
    return {
      connectors,
      async run(parameters = {}) {
        leaseToken += 1;
        const entry = { connectionSetupId: 'bench', mappingId: mapping.id, code: mapping.name, parameters };
        const outcome = await execute({
          entry: entry as JobQueueEntry,
          runId: randomUUID(),
          leaseToken,
          startedBy: 'bench',
          workerName: 'bench',
          signal: new AbortController().signal,
          assertHeld: () => undefined,
        });
        return outcome.idle;
      },
      async close() {
        await connectors.BUSINESS.close();
        await connectors.SALES.close();
      },
    };
  }
}

/** What a piece of work took. */
export interface Measured {
  readonly elapsed: number;
  /** Seconds by process. */
  readonly cpu: Readonly<Record<string, number>>;
}

export interface Engine {
  readonly connectors: Readonly<Record<Side, ReturnType<typeof openConnector>>>;
  /** One run of the mapping; answers whether there was nothing to do. */
  run(parameters?: JobParameters): Promise<boolean>;
  close(): Promise<void>;
}

const fieldMapping = ([field, integrationField, isBothWays]: (typeof fieldPairs)[number]): IntegrationFieldMapping =>
  (isBothWays ? both : to)(field, integrationField);

const customerMapping = (): IntegrationTableMapping => ({
  ...common,
  id: 'mapping-customer',
  connectionSetupId: 'bench',
  name: 'CUSTOMER',
  description: '',
  table: 'customers',
  integrationTable: 'accounts',
  direction: 'BIDIRECTIONAL',
  fields: fieldPairs.map(fieldMapping),
  revision: 1,
  createdAt: new Date(),
  updatedAt: new Date(),
});

/** From the line that the sandbox prints when it is ready. */
async function addressOf(sandbox: ChildProcess): Promise<string> {
  const signal = AbortSignal.timeout(READY_MS);
  let text = '';
  for await (const chunk of sandbox.stdout!) {
    signal.throwIfAborted();
    text += String(chunk);
    const url = /http:\/\/[\d.:]+/.exec(text)?.[0];
    if (url !== undefined) {
      sandbox.stdout!.resume();
      return url;
    }
  }
  throw new Error('the sandbox ended before it was ready');
}
