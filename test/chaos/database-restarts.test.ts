import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Db, MongoClient } from 'mongodb';
import { expect, inject, test } from 'vitest';
import { createEntries, type EntryDefinition } from '../../src/job-queue/entry-store.js';
import { jobQueueIndexes } from '../../src/job-queue/indexes.js';
import type { JobQueueLogEntry } from '../../src/job-queue/job-queue-entry.js';
import { type JobQueueStore, jobQueueStore } from '../../src/job-queue/job-queue-store.js';
import { prepareTransitionLog } from '../../src/job-queue/transition-log-store.js';
import { startSandbox } from '../../src/sandbox/server.js';
import { ensureIndexes } from '../../src/store/indexes.js';
import { faultsOfRuns, type RequestOfRun } from '../support/check-runs.js';
import { eventually } from '../support/eventually.js';
import { type OwnMongod, startOwnMongod } from '../support/own-mongod.js';
import { startProcess } from '../support/processes.js';

const isLong = process.env.TEST_LONG === '1';
const ROUNDS = isLong ? 5 : 1;
const DUE_EACH_SECOND = 4;
const SECONDS_OF_ROUND = 8;
const LEASE_MS = 3_000;
const MINUTES = 60_000;

/** A MongoDB of its own with entries that fall due, and two workers on it, which ask a sandbox. */
async function withWorkers(work: (world: RestartWorld) => Promise<void>): Promise<void> {
  await using mongod = await startOwnMongod(inject('mongodBinary'));
  const sandbox = await startSandbox({ port: 0 });
  const client = await MongoClient.connect(mongod.uri);
  const db = client.db('restarts');
  const now = async () => (await db.command({ hello: 1 })).localTime as Date;
  const store = jobQueueStore({ client, db, now });
  await ensureIndexes(db, jobQueueIndexes);
  await prepareTransitionLog(store);
  const address = new URL(mongod.uri);
  address.pathname = '/restarts';
  const program = fileURLToPath(new URL('../support/programs/queue-worker.mjs', import.meta.url));
  const workers = ['0', '0'].map((offset) =>
    startProcess(program, {
      env: {
        MONGODB_URI: address.href,
        SANDBOX_URL: sandbox.url,
        CLOCK_OFFSET_MS: offset,
        LEASE_MS: String(LEASE_MS),
        CONCURRENCY: '4',
      },
    }),
  );
  try {
    await Promise.all(workers.map((worker) => worker.line(/running/)));
    await work({ mongod, db, store, now, sandboxUrl: sandbox.url, dueAt: new Map() });
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
    await client.close();
    await sandbox.close();
  }
}

interface RestartWorld {
  readonly mongod: OwnMongod;
  readonly db: Db;
  readonly store: JobQueueStore;
  readonly now: () => Promise<Date>;
  readonly sandboxUrl: string;
  /** When each entry was to begin. */
  readonly dueAt: Map<string, Date>;
}

/** Entries of which some fall due each second, from now on. */
async function fallDue({ store, now, dueAt }: RestartWorld, round: number): Promise<void> {
  const firstAtMs = (await now()).getTime() + 500;
  for (const entry of await createEntries(store, definitions(round, firstAtMs), 'test'))
    dueAt.set(entry._id, entry.nextRunAt!);
}

/** Once all entries have ended: each ran, none twice, and every transition is told once. */
async function expectEachRanOnce({ store, dueAt, sandboxUrl }: RestartWorld): Promise<readonly JobQueueLogEntry[]> {
  await eventually(
    'all entries have ended',
    async () => (await store.entries.countDocuments({ status: { $nin: ['FINISHED', 'ERROR'] } })) === 0,
    { withinMs: 2 * MINUTES, everyMs: 250 },
  );
  const runs = await store.runs.find().toArray();
  const checked = {
    dueAt,
    entries: await store.entries.find().toArray(),
    runs,
    requests: await requestsOf(sandboxUrl),
    requestsOfRun: 2,
  };
  expect(faultsOfRuns(checked)).toEqual([]);
  const transitions = await store.transitions.find().sort({ number: 1 }).toArray();
  expect(transitions.map(({ number }) => number)).toEqual(transitions.map((_, index) => index + 1));
  return runs;
}

test(
  'MongoDB that steps down, is killed and started again while entries run, and loses its wake-ups, costs no run and doubles none',
  () =>
    withWorkers(async (world) => {
      const { mongod, db } = world;
      for (let round = 0; round < ROUNDS; round += 1) {
        await fallDue(world, round);
        // Each time in the middle of runs.
        await delay(1_500);
        await mongod.stepDown(2);
        await delay(3_500);
        await mongod.kill();
        await delay(500);
        await mongod.start();
        await db.collection('agendaJobs').deleteMany({});
        await delay(2_000);
      }
      await expectEachRanOnce(world);
    }),
  ROUNDS * 3 * MINUTES,
);

test(
  'case 55: without a primary for twenty seconds runs go on or are INTERRUPTED and run again, none twice',
  () =>
    withWorkers(async (world) => {
      await fallDue(world, 0);
      // In the middle of runs, and for longer than a lease.
      await delay(1_500);
      await world.mongod.stepDown(20);
      const runs = await expectEachRanOnce(world);
      expect(new Set(runs.map(({ status }) => status))).toContain('SUCCESS');
    }),
  3 * MINUTES,
);

const definitions = (round: number, firstAtMs: number): EntryDefinition[] =>
  Array.from({ length: SECONDS_OF_ROUND * DUE_EACH_SECOND }, (_, index) => ({
    connectionSetupId: 'connection',
    code: `ONCE-${round}-${index}`,
    task: 'AUDIT',
    timeZone: 'UTC',
    status: 'READY',
    maximumRetries: 2,
    nextRunAt: new Date(firstAtMs + Math.floor(index / DUE_EACH_SECOND) * 1_000),
  }));

async function requestsOf(sandboxUrl: string): Promise<RequestOfRun[]> {
  const log = (await (await fetch(`${sandboxUrl}/control/requests/log?last=100000`)).json()) as {
    readonly runId?: string;
    readonly beganAt: string;
    readonly endedAt?: string;
  }[];
  return log.flatMap(({ runId, beganAt, endedAt }) =>
    runId === undefined ? [] : [{ runId, beganAt: new Date(beganAt), endedAt: new Date(endedAt ?? beganAt) }],
  );
}
