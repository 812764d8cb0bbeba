import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { expect, inject, test } from 'vitest';
import { createEntries, type EntryDefinition } from '../../src/job-queue/entry-store.js';
import { jobQueueIndexes } from '../../src/job-queue/indexes.js';
import { jobQueueStore } from '../../src/job-queue/job-queue-store.js';
import { prepareTransitionLog } from '../../src/job-queue/transition-log-store.js';
import { startSandbox } from '../../src/sandbox/server.js';
import { ensureIndexes } from '../../src/store/indexes.js';
import { faultsOfRuns, type RequestOfRun } from '../support/check-runs.js';
import { eventually } from '../support/eventually.js';
import { startOwnMongod } from '../support/own-mongod.js';
import { startProcess } from '../support/processes.js';

const isLong = process.env.TEST_LONG === '1';
const ROUNDS = isLong ? 5 : 1;
const DUE_EACH_SECOND = 4;
const SECONDS_OF_ROUND = 8;
const LEASE_MS = 3_000;
const MINUTES = 60_000;

test(
  'MongoDB that steps down, is killed and started again while entries run, and loses its wake-ups, costs no run and doubles none',
  async () => {
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
      const dueAt = new Map<string, Date>();
      for (let round = 0; round < ROUNDS; round += 1) {
        const firstAtMs = (await now()).getTime() + 500;
        for (const entry of await createEntries(store, definitions(round, firstAtMs), 'test'))
          dueAt.set(entry._id, entry.nextRunAt!);
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
      await eventually(
        'all entries have ended',
        async () => (await store.entries.countDocuments({ status: { $nin: ['FINISHED', 'ERROR'] } })) === 0,
        { withinMs: 2 * MINUTES, everyMs: 250 },
      );
      const entries = await store.entries.find().toArray();
      const runs = await store.runs.find().toArray();
      expect(entries).toHaveLength(ROUNDS * DUE_EACH_SECOND * SECONDS_OF_ROUND);
      const checked = {
        entries: entries.map((entry) => ({ ...entry, dueAt: dueAt.get(entry._id)! })),
        runs,
        requests: await requestsOf(sandbox.url),
        requestsOfRun: 2,
      };
      expect(faultsOfRuns(checked)).toEqual([]);
      const transitions = await store.transitions.find().sort({ number: 1 }).toArray();
      expect(transitions.map(({ number }) => number)).toEqual(transitions.map((_, index) => index + 1));
    } finally {
      await Promise.all(workers.map((worker) => worker.kill()));
      await client.close();
      await sandbox.close();
    }
  },
  ROUNDS * 3 * MINUTES,
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
