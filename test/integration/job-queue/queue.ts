import { EventEmitter, once } from 'node:events';
import { MongoClient } from 'mongodb';
import pino from 'pino';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Dispatcher, type DispatcherOptions, startDispatcher } from '../../../src/job-queue/dispatcher.js';
import type { EntryDefinition } from '../../../src/job-queue/entry-store.js';
import { jobQueueIndexes } from '../../../src/job-queue/indexes.js';
import type { JobExecutor, RunContext, RunOutcome } from '../../../src/job-queue/job-executor.js';
import { type JobQueue, openJobQueue } from '../../../src/job-queue/job-queue.js';
import type { JobQueueEntryStatus, JobStatusTransition } from '../../../src/job-queue/job-queue-entry.js';
import { type JobQueueDatabase, type JobQueueStore, jobQueueStore } from '../../../src/job-queue/job-queue-store.js';
import { openWakeUps, type WakeUps } from '../../../src/job-queue/wake-up-store.js';
import { transitionSource } from '../../../src/status-stream/transition-source-store.js';
import { openTransitionStream, type TransitionStream } from '../../../src/status-stream/transition-stream.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { testDatabase } from '../../support/database.js';

export const logger = pino({ level: process.env.TEST_LOG ?? 'silent' });

/** Short enough for tests, with the proportions of the real ones. */
export const quickTiming = {
  leaseMs: 1_000,
  heartbeatMs: 250,
  sweepMs: 200,
  drainMs: 5_000,
  abortGraceMs: 100,
} as const;

/** The job queue on the test file's own database, as each process of the product opens it. */
export interface TestQueue {
  /** Address of the replica set. */
  readonly uri: string;
  readonly database: JobQueueDatabase;
  readonly store: JobQueueStore;
  readonly queue: JobQueue;
  readonly stream: TransitionStream;
  /** Starts a dispatcher that is stopped at the end of the test. */
  dispatch(options: Partial<DispatcherOptions> & Pick<DispatcherOptions, 'executors'>): Promise<Dispatcher>;
  /** The same database through a connection of its own, whose loss is like the death of a process. */
  connectAnew(): Promise<JobQueueDatabase>;
  /** Announces entries to the dispatchers by Agenda, as a process does that made them. */
  wake(entryIds: readonly string[]): Promise<void>;
  /** All transitions of an entry so far, as "from>to". */
  history(entryId: string): Promise<string[]>;
  /** Resolves with the next transition of an entry to a status that comes after the call. */
  whenStatus(entryId: string, to: JobQueueEntryStatus): Promise<JobStatusTransition>;
}

export function testQueue(): TestQueue {
  const { client, db, uri, name } = testDatabase();
  const database = databaseOf(client, name);
  const dispatchers: Dispatcher[] = [];
  const clients: MongoClient[] = [];
  const opened = {} as { queue: JobQueue; stream: TransitionStream; wakeUps: WakeUps };

  beforeAll(async () => {
    await ensureIndexes(db, jobQueueIndexes);
    opened.stream = await openTransitionStream({ source: transitionSource(db), logger });
    opened.wakeUps = await openWakeUps({ db, logger });
    opened.queue = await openJobQueue({ database, transitions: opened.stream });
  });
  afterEach(async () => {
    await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.stop()));
    await db.collection('jobQueueEntries').deleteMany({});
  });
  afterAll(async () => {
    await opened.wakeUps.close();
    await opened.stream.close();
    await Promise.all(clients.map((other) => other.close()));
  });

  return {
    uri,
    database,
    store: jobQueueStore(database),
    get queue() {
      return opened.queue;
    },
    get stream() {
      return opened.stream;
    },
    async dispatch(options) {
      const dispatcher = await startDispatcher({
        database,
        logger,
        workerName: `worker-${dispatchers.length + 1}`,
        version: 'test',
        concurrency: 4,
        ...options,
        timing: { ...quickTiming, ...options.timing },
      });
      dispatchers.push(dispatcher);
      return dispatcher;
    },
    async connectAnew() {
      const other = await MongoClient.connect(uri, { serverSelectionTimeoutMS: 10_000 });
      clients.push(other);
      return databaseOf(other, name);
    },
    async wake(entryIds) {
      await opened.wakeUps.announce(await opened.queue.findEntries(entryIds));
    },
    async history(entryId) {
      // The numbers follow the changes within milliseconds.
      while ((await this.store.pending.countDocuments({ entryId })) > 0) await this.store.numberTransitions();
      const transitions = await database.db
        .collection<JobStatusTransition>('jobStatusTransitions')
        .find({ entryId })
        .sort({ number: 1 })
        .toArray();
      return transitions.map(({ from, to }) => `${from ?? 'new'}>${to}`);
    },
    async whenStatus(entryId, to) {
      for await (const transition of opened.stream.subscribe({ filter: { entryIds: [entryId], to: [to] } })) {
        // What was told just before may still be on its way: the making of an entry is not what anybody waits for.
        if (transition.from !== null) return transition;
      }
      throw new Error('the stream was closed');
    },
  };
}

function databaseOf(client: MongoClient, name: string): JobQueueDatabase {
  const db = client.db(name);
  const now = async (): Promise<Date> => (await db.command({ hello: 1 })).localTime as Date;
  return { client, db, now };
}

/** An executor whose runs begin and end when the test says so. */
export class ScriptedExecutor {
  readonly begun: RunContext[] = [];
  readonly #events = new EventEmitter();
  readonly #ends = new Map<string, { resolve: (outcome: RunOutcome) => void; reject: (error: unknown) => void }>();

  readonly execute: JobExecutor = (context) =>
    new Promise<RunOutcome>((resolve, reject) => {
      this.#ends.set(context.runId, { resolve, reject });
      this.begun.push(context);
      this.#events.emit('begun');
    });

  /** Resolves with the nth run (from 1), once it has begun. */
  async run(number: number): Promise<RunContext> {
    while (this.begun.length < number) await once(this.#events, 'begun');
    return this.begun[number - 1]!;
  }

  succeed(context: RunContext, outcome: RunOutcome = { idle: false }): void {
    this.#ends.get(context.runId)?.resolve(outcome);
  }

  fail(context: RunContext, error: unknown): void {
    this.#ends.get(context.runId)?.reject(error);
  }
}

let entries = 0;

/** A recurring entry that runs at once, every day, a minute after each end; `changes` go over it. */
export function definition(changes: Partial<EntryDefinition> = {}): EntryDefinition {
  entries += 1;
  return {
    connectionSetupId: 'connection-1',
    code: `ENTRY-${entries}`,
    task: 'INTEGRATION_SYNCH',
    mappingId: `mapping-${entries}`,
    mappingName: `MAPPING-${entries}`,
    runOn: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'],
    minutesBetweenRuns: 1,
    timeZone: 'UTC',
    status: 'READY',
    ...changes,
  };
}
