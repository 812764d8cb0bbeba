import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { MongoBackend, MongoChangeStreamNotificationChannel } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import { type Db, MongoClient } from 'mongodb';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import pino from 'pino';
import { clockMs, StartTimeline } from './start-timeline.ts';

/**
 * How soon an entry runs once it is due, with ever more entries that are scheduled for later, and how many runs a second there
 * can be; each beside plain Agenda on the same MongoDB in the same run. Prints both, with the ratio.
 *
 * `npm run bench:job-queue`; with `-- --scheduled=1,1000` other numbers of scheduled entries, with `--workers=4` of workers, with
 * `--slowest=3` what the worker did between due and start of the slowest ones.
 */
const built = <T>(path: string): Promise<T> => import(new URL(`../dist/${path}`, import.meta.url).href) as Promise<T>;
const { readConfig, readEnvironment } = await built<typeof import('../src/config.js')>('config.js');
const { findMongod } = await built<typeof import('../src/store/mongod/find-mongod.js')>('store/mongod/find-mongod.js');
const { ensureIndexes } = await built<typeof import('../src/store/indexes.js')>('store/indexes.js');
const { jobQueueIndexes } = await built<typeof import('../src/job-queue/indexes.js')>('job-queue/indexes.js');
const { jobQueueStore } =
  await built<typeof import('../src/job-queue/job-queue-store.js')>('job-queue/job-queue-store.js');
const { createEntries, newEntry } =
  await built<typeof import('../src/job-queue/entry-store.js')>('job-queue/entry-store.js');
const { startDispatcher } = await built<typeof import('../src/job-queue/dispatcher.js')>('job-queue/dispatcher.js');
const { openWakeUps } = await built<typeof import('../src/job-queue/wake-up-store.js')>('job-queue/wake-up-store.js');

const option = (name: string, standard: string): string =>
  process.argv.find((given) => given.startsWith(`--${name}=`))?.slice(name.length + 3) ?? standard;
const SCHEDULED = option('scheduled', '1,1000,100000').split(',').map(Number);
const WORKERS = option('workers', '1,4').split(',').map(Number);
/** Runs whose start is measured for each number of scheduled ones. */
const MEASURED = Number(option('measured', '150'));
const GAP_MS = 50;
/** Entries that are due at the same moment. */
const BURST = Number(option('burst', '400'));
const CONCURRENCY = 8;
/** So many of the slowest starts are told step by step. */
const SLOWEST = Number(option('slowest', '0'));
const LATER_MS = 24 * 60 * 60_000;
/** So long plain Agenda may take for one row. */
const LONGEST_MS = Number(option('longest', '5')) * 60_000;
const logger = pino({ level: 'silent' });

interface Latency {
  readonly p50: number;
  readonly p99: number;
}

interface Measured {
  readonly latency: Latency;
  readonly runsPerSecond: number;
}

interface Start {
  readonly dueMs: number;
  readonly lateMs: number;
}

/** Resolves with how long each was late, once all of `count` have begun. */
class Starts {
  readonly #starts: Start[] = [];
  readonly #all = Promise.withResolvers<readonly Start[]>();
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  began(dueAt: Date): void {
    this.#starts.push({ dueMs: dueAt.getTime(), lateMs: clockMs() - dueAt.getTime() });
    if (this.#starts.length === this.#count) this.#all.resolve(this.#starts);
  }

  get all(): Promise<readonly Start[]> {
    return this.#all.promise;
  }
}

function latencyOf(starts: readonly Start[]): Latency {
  const sorted = starts.map(({ lateMs }) => lateMs).toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function tellSlowest(starts: readonly Start[], timeline: StartTimeline): void {
  const slowest = starts.toSorted((a, b) => b.lateMs - a.lateMs).slice(0, SLOWEST);
  for (const { dueMs, lateMs } of slowest) {
    console.log(
      `  number ${starts.findIndex((start) => start.dueMs === dueMs) + 1} began ${lateMs.toFixed(1)} ms late`,
    );
    for (const line of timeline.between(dueMs, dueMs + lateMs)) console.log(line);
  }
}

/** The times at which the measured ones are due: one after the other, none together. */
const dueTimes = (): Date[] =>
  Array.from({ length: MEASURED }, (_, index) => new Date(Date.now() + 3_000 + index * GAP_MS));

async function measureTandem(client: MongoClient, scheduled: number, workers: number): Promise<Measured> {
  const db = client.db(`bench_${randomUUID()}`);
  const database = { client, db, now: async () => (await db.command({ hello: 1 })).localTime as Date };
  const store = jobQueueStore(database);
  await ensureIndexes(db, jobQueueIndexes);
  const definition = (index: number | string) => ({
    connectionSetupId: 'bench',
    code: `ENTRY-${index}`,
    task: 'AUDIT' as const,
    timeZone: 'UTC',
    status: 'READY' as const,
  });
  const later = (index: number) =>
    newEntry({ ...definition(index), nextRunAt: new Date(Date.now() + LATER_MS + index * 1_000) }, new Date());
  for (let first = 0; first < scheduled; first += 5_000) {
    const length = Math.min(5_000, scheduled - first);
    await store.entries.insertMany(Array.from({ length }, (_, index) => later(first + index)));
  }
  await settled();
  let starts = new Starts(MEASURED);
  const due = new Map<string, Date>();
  const workerOptions = { ...clientOptions, monitorCommands: SLOWEST > 0 };
  const clients = await Promise.all(Array.from({ length: workers }, () => MongoClient.connect(uri, workerOptions)));
  using timeline = new StartTimeline(SLOWEST > 0 ? clients : []);
  const dispatchers = await Promise.all(
    clients.map((own, index) =>
      startDispatcher({
        database: { client: own, db: own.db(db.databaseName), now: database.now },
        executors: {
          AUDIT: async ({ entry }) => {
            starts.began(due.get(entry._id) ?? new Date(0));
            return { idle: false };
          },
        },
        logger,
        workerName: `bench-${index}`,
        version: 'bench',
        concurrency: CONCURRENCY,
      }),
    ),
  );
  const wakeUps = await openWakeUps({ db, logger });
  async function make(times: readonly Date[], name: string): Promise<void> {
    const definitions = times.map((nextRunAt, index) => ({
      ...definition(`${name}-${index}`),
      _id: randomUUID(),
      nextRunAt,
    }));
    const made = await createEntries(store, definitions, 'bench');
    for (const { _id, nextRunAt } of made) due.set(_id, nextRunAt ?? new Date(0));
    await wakeUps.announce(made);
  }
  try {
    await make(dueTimes(), 'ONE');
    const begun = await starts.all;
    tellSlowest(begun, timeline);
    const latency = latencyOf(begun);
    await delay(500);
    starts = new Starts(BURST);
    const at = new Date(Date.now() + 2_000);
    await make(
      Array.from({ length: BURST }, () => at),
      'BURST',
    );
    await starts.all;
    await allEnded();
    const runs = await store.runs.find({ code: /^ENTRY-BURST/ }).toArray();
    const lastMs = Math.max(...runs.map(({ endedAt }) => endedAt?.getTime() ?? 0));
    return { latency, runsPerSecond: (BURST / (lastMs - at.getTime())) * 1_000 };
  } finally {
    await wakeUps.close();
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop()));
    await Promise.all(clients.map((own) => own.close()));
    await db.dropDatabase();
  }

  async function allEnded(): Promise<void> {
    while ((await store.entries.countDocuments({ code: /^ENTRY-BURST/, status: { $ne: 'FINISHED' } })) > 0)
      await delay(20);
  }
}

async function measureAgenda(client: MongoClient, scheduled: number, workers: number): Promise<Measured> {
  const db = client.db(`bench_${randomUUID()}`);
  let starts = new Starts(MEASURED);
  const first = await openAgenda(db);
  const jobs = db.collection<{ name: string }>('agendaJobs');
  const later = (index: number) => ({
    name: 'work',
    type: 'normal',
    priority: 0,
    data: {},
    lastModifiedBy: null,
    lockedAt: null,
    nextRunAt: new Date(Date.now() + LATER_MS + index * 1_000),
  });
  for (let from = 0; from < scheduled; from += 5_000) {
    const length = Math.min(5_000, scheduled - from);
    await jobs.insertMany(Array.from({ length }, (_, index) => later(from + index)));
  }
  await settled();
  const agendas = [first];
  while (agendas.length < workers) agendas.push(await openAgenda(db));
  for (const agenda of agendas) {
    agenda.define<{ at: Date }>('work', (job) => starts.began(job.attrs.data.at), {
      concurrency: CONCURRENCY,
      lockLifetime: 10_000,
    });
    await agenda.start();
  }
  const make = async (times: readonly Date[]): Promise<void> => {
    for (const at of times) await first.create('work', { at }).schedule(at).save();
  };
  try {
    await make(dueTimes());
    const latency = latencyOf(await starts.all);
    await delay(500);
    starts = new Starts(BURST);
    const at = new Date(Date.now() + 4_000);
    await make(Array.from({ length: BURST }, () => at));
    await starts.all;
    while ((await jobs.countDocuments({ nextRunAt: { $lte: at } })) > 0) await delay(5);
    return { latency, runsPerSecond: (BURST / (Date.now() - at.getTime())) * 1_000 };
  } finally {
    await Promise.all(agendas.map((agenda) => agenda.stop()));
    await db.dropDatabase();
  }
}

// What the filling left to write to disk is not what is measured.
const settled = (): Promise<unknown> => client.db('admin').command({ fsync: 1 });

async function openAgenda(db: Db): Promise<Agenda> {
  const agenda = new Agenda({
    backend: new MongoBackend({ mongo: db, collection: 'agendaJobs' }),
    notificationChannel: new MongoChangeStreamNotificationChannel({ db, collection: 'agendaJobs' }),
    processEvery: 2_000,
    removeOnComplete: true,
  });
  await agenda.ready;
  return agenda;
}

const clientOptions = { writeConcern: { w: 'majority', journal: true }, retryWrites: true } as const;
const { mongodb } = readConfig(readEnvironment());
const { path } = await findMongod({ ...mongodb, report: () => undefined });
process.env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK = 'false';
const replicaSet = await MongoMemoryReplSet.create({
  binary: { systemBinary: path, checkMD5: false },
  replSet: { count: 1, storageEngine: 'wiredTiger', args: ['--setParameter', 'transactionLifetimeLimitSeconds=5'] },
});
const uri = replicaSet.getUri();
const client = await MongoClient.connect(uri, clientOptions);
const ms = (value: number): string => value.toFixed(1).padStart(9);
const row = (who: string, { latency, runsPerSecond }: Measured): void =>
  console.log(`  ${who.padEnd(7)} ${ms(latency.p50)} ${ms(latency.p99)} ${ms(runsPerSecond)}`);
/** Plain Agenda gets so slow with many jobs that one would wait for it for hours. */
const givenUp = async (): Promise<null> => delay(LONGEST_MS, null, { ref: false });
try {
  const rows = SCHEDULED.flatMap((scheduled) => WORKERS.map((workers) => ({ scheduled, workers })));
  for (const { scheduled, workers } of rows) {
    console.log(`${scheduled} scheduled, ${workers} workers: start p50 ms, start p99 ms, runs/s`);
    const tandem = await measureTandem(client, scheduled, workers);
    row('Tandem', tandem);
    const agenda = await Promise.race([measureAgenda(client, scheduled, workers), givenUp()]);
    if (agenda === null) {
      console.log(
        `  Agenda  not done after ${LONGEST_MS / 60_000} minutes; what it still does would disturb further rows`,
      );
      process.exitCode = 2;
      break;
    }
    row('Agenda', agenda);
    row('ratio', {
      latency: {
        p50: tandem.latency.p50 / agenda.latency.p50,
        p99: tandem.latency.p99 / agenda.latency.p99,
      },
      runsPerSecond: tandem.runsPerSecond / agenda.runsPerSecond,
    });
  }
} finally {
  await client.close();
  await replicaSet.stop({ doCleanup: true, force: true });
  // Agenda's timers would keep the process.
  process.exit();
}
