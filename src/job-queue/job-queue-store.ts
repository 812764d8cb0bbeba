import type { ClientSession, Collection, Db } from 'mongodb';
import { type Store, withTransaction } from '../store/store.js';
import { coalesced } from './coalesced.js';
import type { JobQueueEntry, JobQueueLogEntry, JobStatusTransition } from './job-queue-entry.js';
import { numberTransitions } from './transition-log-store.js';

/** What the job queue needs of the open store. */
export type JobQueueDatabase = Pick<Store, 'client' | 'db' | 'now'>;

/** An entry as it is stored: with what only the queue itself reads. */
export interface EntryDocument extends JobQueueEntry {
  /** Number of the last run of the present occurrence; 0 before its first. A log row's `attempt` follows it. */
  readonly attempt: number;
  /** The time of the schedule for which the present or the last run was planned; retries and wake-ups do not move it. */
  readonly slotAt: Date | null;
  /** What brought its next run forward, in words: a change; absent or null: it runs by its schedule. */
  readonly wokenBy?: string | null;
  /** Until then, by the database's clock, a worker tries to claim it; absent or null: nobody does. */
  readonly reservedUntil?: Date | null;
  /** Tells the worker's own reservations from those of others. */
  readonly reservedBy?: string;
  /** Words of code and description in lower case, for the search by beginnings of words. */
  readonly searchWords: readonly string[];
  /** Of a one-off entry whose maker wants to be able to ask again; absent otherwise. */
  readonly idempotencyKey?: string;
  /** Of a one-off entry that is part of another one's work: that entry's id. Cancelling the other one cancels it, too. */
  readonly partOf?: string;
}

/** The right to run something (`entry:…`) or to write the records of something (`mapping:…`). Kept for ever, for its token. */
export interface LeaseDocument {
  readonly _id: string;
  /** Grows with each taking; never starts again. */
  readonly token: number;
  /** The run that holds it; null: free. */
  readonly runId: string | null;
  readonly workerId: string | null;
  /** By the database's clock. A lease past its end is still held, until a sweep takes it away. */
  readonly endsAt: Date | null;
}

/** A transition that has no number yet. */
export interface PendingTransition extends Omit<JobStatusTransition, 'number'> {
  /** Its place among those that were recorded together with it. */
  readonly order: number;
}

export interface CounterDocument {
  readonly _id: string;
  readonly value: number;
}

/** A process that runs jobs. */
export interface WorkerDocument {
  readonly _id: string;
  readonly name: string;
  readonly host: string;
  readonly processId: number;
  readonly version: string;
  readonly startedAt: Date;
  readonly heartbeatAt: Date;
  /** Since when it was noticed that nothing is heard of it; absent while it is heard. */
  readonly lostAt?: Date;
}

/** The collections of the job queue, and its way to change several of them at once. */
export interface JobQueueStore {
  readonly db: Db;
  readonly entries: Collection<EntryDocument>;
  readonly runs: Collection<JobQueueLogEntry>;
  readonly transitions: Collection<JobStatusTransition>;
  readonly pending: Collection<PendingTransition>;
  readonly leases: Collection<LeaseDocument>;
  readonly counters: Collection<CounterDocument>;
  readonly workers: Collection<WorkerDocument>;
  /** The database's time: every time that is stored comes from it. */
  now(): Promise<Date>;
  /**
   * Runs `change` in one transaction, which the driver may repeat; all or nothing of it happens. The transitions that it
   * records have their numbers when this resolves, unless the store was opened with `numbersLater`.
   */
  inTransaction<T>(change: (session: ClientSession) => Promise<T>): Promise<T>;
  /** Numbers what has been recorded and has no number: of a process that died in between. */
  numberTransitions(): Promise<void>;
}

export interface JobQueueStoreOptions {
  /** Transactions do not wait for the numbers of their transitions, which follow within milliseconds. */
  readonly numbersLater?: boolean;
}

/** Names of the collections. */
export const collections = {
  entries: 'jobQueueEntries',
  runs: 'jobQueueLogEntries',
  transitions: 'jobStatusTransitions',
  pending: 'pendingTransitions',
  leases: 'leases',
  counters: 'counters',
  workers: 'workers',
  /** Agenda's own. */
  wakeUps: 'agendaJobs',
} as const;

/** Gives access to the collections of the job queue. Opens nothing and owns nothing. */
export function jobQueueStore(
  database: JobQueueDatabase,
  { numbersLater = false }: JobQueueStoreOptions = {},
): JobQueueStore {
  const { db } = database;
  const collectionsOf = {
    db,
    entries: db.collection<EntryDocument>(collections.entries),
    runs: db.collection<JobQueueLogEntry>(collections.runs),
    transitions: db.collection<JobStatusTransition>(collections.transitions),
    pending: db.collection<PendingTransition>(collections.pending),
    leases: db.collection<LeaseDocument>(collections.leases),
    counters: db.collection<CounterDocument>(collections.counters),
    workers: db.collection<WorkerDocument>(collections.workers),
  };
  const number = coalesced(async () => {
    while (await withTransaction(database, (session) => numberTransitions(collectionsOf, session)));
  });
  return {
    ...collectionsOf,
    now: () => database.now(),
    numberTransitions: number,
    async inTransaction(change) {
      const result = await withTransaction(database, change);
      // What is committed is done: a number that cannot be given now is given by the next one who comes.
      const numbering = number().catch(() => undefined);
      if (!numbersLater) await numbering;
      return result;
    },
  };
}
