import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createEntries, type EntryDefinition } from '../../src/job-queue/entry-store.js';
import { jobQueueIndexes } from '../../src/job-queue/indexes.js';
import { type JobQueueDatabase, jobQueueStore } from '../../src/job-queue/job-queue-store.js';
import { prepareTransitionLog } from '../../src/job-queue/transition-log-store.js';
import { startSandbox } from '../../src/sandbox/server.js';
import { ensureIndexes } from '../../src/store/indexes.js';
import { faultsOfRuns, type RunsToCheck } from '../support/check-runs.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type RunningProcess, startProcess } from '../support/processes.js';

const isLong = process.env.TEST_LONG === '1';
/** Entries become due in each of these seconds. */
const SECONDS = isLong ? 60 : 6;
const DUE_EACH_SECOND = 50;
const KILL_EVERY_MS = isLong ? 10_000 : 2_500;
const WORKERS = 4;
const LEASE_MS = 3_000;
const REQUESTS_OF_RUN = 2;
/** A worker that has had no run for so long finds none any more: entries become due each second. */
const LONGEST_IDLE_MS = 5_000;
const MINUTES = 60_000;

const { client, db, uri, name } = testDatabase();
const database: JobQueueDatabase = {
  client,
  db,
  now: async () => (await db.command({ hello: 1 })).localTime as Date,
};

test(
  `${WORKERS} workers, clocks five minutes apart, kills and a stall: each of ${SECONDS * DUE_EACH_SECOND} entries runs once, in time, and no fault is overlooked`,
  async () => {
    const store = jobQueueStore(database);
    await ensureIndexes(db, jobQueueIndexes);
    await prepareTransitionLog(store);
    const sandbox = await startSandbox({ port: 0 });
    const address = new URL(uri);
    address.pathname = `/${name}`;
    const start = (clockOffsetMs: number): RunningProcess =>
      startProcess(fileURLToPath(new URL('../support/programs/queue-worker.mjs', import.meta.url)), {
        env: {
          MONGODB_URI: address.href,
          SANDBOX_URL: sandbox.url,
          CLOCK_OFFSET_MS: String(clockOffsetMs),
          LEASE_MS: String(LEASE_MS),
          CONCURRENCY: '8',
        },
      });
    const offsets = [5 * MINUTES, -5 * MINUTES, 0, 0];
    const workers = offsets.map(start);
    try {
      await Promise.all(workers.map((worker) => worker.line(/running/)));
      const dueAt = await makeEntries((await database.now()).getTime() + 2_000);
      await disturb(workers, (index) => start(offsets[index] ?? 0));
      const open = () => store.entries.countDocuments({ status: { $nin: ['FINISHED', 'ERROR'] } });
      await eventually('all entries have ended', async () => (await open()) === 0, {
        withinMs: 3 * MINUTES,
        everyMs: 250,
      });
      const checked = await whatHappened(sandbox.url, dueAt);
      expect(faultsOfRuns(checked)).toEqual([]);
      expect(checked.runs.filter(({ status }) => status === 'INTERRUPTED')).not.toEqual([]);
      expectPlantedFaultsAreFound(checked);
      report(checked);
    } finally {
      await Promise.all(workers.map((worker) => worker.kill()));
      await sandbox.close();
    }
  },
  6 * MINUTES,
);

async function makeEntries(firstAtMs: number): Promise<ReadonlyMap<string, Date>> {
  const definitions = Array.from({ length: SECONDS }, (_, second) =>
    Array.from(
      { length: DUE_EACH_SECOND },
      (__, index): EntryDefinition => ({
        connectionSetupId: 'connection',
        code: `ONCE-${second}-${index}`,
        task: 'AUDIT',
        timeZone: 'UTC',
        status: 'READY',
        nextRunAt: new Date(firstAtMs + second * 1_000),
      }),
    ),
  );
  const due = new Map<string, Date>();
  for (const ofSecond of definitions) {
    for (const entry of await createEntries(jobQueueStore(database), ofSecond, 'test')) {
      if (entry.nextRunAt !== null) due.set(entry._id, entry.nextRunAt);
    }
  }
  return due;
}

/** Kills one worker after the other in the middle of a run, each replaced at once, and stalls one for longer than its lease. */
async function disturb(workers: RunningProcess[], replace: (index: number) => RunningProcess): Promise<void> {
  const stalled = workers[WORKERS - 1];
  const kills = Math.floor((SECONDS * 1_000) / KILL_EVERY_MS);
  for (let kill = 0; kill < kills; kill += 1) {
    await pause(KILL_EVERY_MS);
    const index = kill % (WORKERS - 1);
    const victim = workers[index];
    if (victim !== undefined) {
      await untilItRuns(victim);
      await victim.kill('SIGKILL');
    }
    workers[index] = replace(index);
    if (kill === 0 && stalled !== undefined) {
      await untilItRuns(stalled);
      process.kill(stalled.pid, 'SIGSTOP');
    }
    // Long past its lease: its runs are interrupted and made again elsewhere before it goes on.
    if (kill === 1 && stalled !== undefined) void pause(3 * LEASE_MS).then(() => process.kill(stalled.pid, 'SIGCONT'));
  }
  await pause(4 * LEASE_MS);
}

/** Until a worker has a run, or so long that it will have none any more. */
async function untilItRuns({ pid }: RunningProcess): Promise<void> {
  const { runs } = jobQueueStore(database);
  const end = performance.now() + LONGEST_IDLE_MS;
  while (performance.now() < end) {
    if ((await runs.findOne({ status: 'IN_PROCESS', workerName: `worker-${pid}` })) !== null) return;
    await pause(5);
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

async function whatHappened(sandboxUrl: string, dueAt: ReadonlyMap<string, Date>): Promise<RunsToCheck> {
  const store = jobQueueStore(database);
  const log = (await (await fetch(`${sandboxUrl}/control/requests/log?last=100000`)).json()) as {
    readonly runId?: string;
    readonly beganAt: string;
    readonly endedAt?: string;
  }[];
  return {
    dueAt,
    entries: await store.entries.find().toArray(),
    runs: await store.runs.find().toArray(),
    requests: log.flatMap(({ runId, beganAt, endedAt }) =>
      runId === undefined ? [] : [{ runId, beganAt: new Date(beganAt), endedAt: new Date(endedAt ?? beganAt) }],
    ),
    requestsOfRun: REQUESTS_OF_RUN,
  };
}

/** A checker that finds nothing proves nothing: it has to find what is planted into the same records. */
function expectPlantedFaultsAreFound(checked: RunsToCheck): void {
  const runsOf = Map.groupBy(checked.runs, ({ entryId }) => entryId);
  const run = checked.runs.find(({ status, entryId }) => status === 'SUCCESS' && runsOf.get(entryId)!.length === 1)!;
  const double = { ...run, _id: 'planted' };
  const sent = checked.requests.filter(({ runId }) => runId === run._id);
  const doubled: RunsToCheck = {
    ...checked,
    runs: [...checked.runs, double],
    requests: [...checked.requests, ...sent.map((request) => ({ ...request, runId: 'planted' }))],
  };
  expect(faultsOfRuns(doubled)).toEqual([
    expect.stringMatching(/ran 2 times to its end/),
    expect.stringMatching(/had two runs at once/),
  ]);
  const lost: RunsToCheck = {
    ...checked,
    runs: checked.runs.filter(({ entryId }) => entryId !== run.entryId),
    requests: checked.requests.filter(({ runId }) => runId !== run._id),
  };
  expect(faultsOfRuns(lost)).toEqual([expect.stringMatching(/was lost: it is FINISHED with 0 runs/)]);
  const lostWithItsEntry = { ...lost, entries: lost.entries.filter(({ _id }) => _id !== run.entryId) };
  expect(faultsOfRuns(lostWithItsEntry)).toEqual([`${run.entryId} was lost: it is there no more`]);
  const onlyClaimed = { ...checked, requests: lost.requests };
  expect(faultsOfRuns(onlyClaimed)).toEqual([expect.stringMatching(/its run sent 0 requests instead of 2/)]);
  const late: RunsToCheck = {
    ...checked,
    requests: [
      ...checked.requests,
      { runId: run._id, beganAt: new Date(run.endedAt!.getTime() + 1), endedAt: new Date() },
    ],
  };
  expect(faultsOfRuns(late)).toContainEqual(expect.stringMatching(/after its run had ended/));
}

/** The rate at which the workers saturate: how many ended in their busiest seconds. */
function report({ dueAt, runs }: RunsToCheck): void {
  const ends = runs
    .filter(({ status }) => status === 'SUCCESS')
    .map(({ endedAt }) => Math.floor(endedAt!.getTime() / 1_000));
  const perSecond = [...Map.groupBy(ends, (second) => second).values()]
    .map((all) => all.length)
    .toSorted((a, b) => b - a);
  const waits = runs
    .filter(({ status }) => status === 'SUCCESS')
    .map(({ entryId, startedAt }) => startedAt.getTime() - dueAt.get(entryId)!.getTime())
    .toSorted((a, b) => a - b);
  const interrupted = runs.filter(({ status }) => status === 'INTERRUPTED').length;
  const figures = {
    ended: ends.length,
    interrupted,
    mostEndedInASecond: perSecond[0],
    waitedMs: { p50: waits[Math.floor(waits.length / 2)], p99: waits[Math.floor(waits.length * 0.99)] },
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
