import type { ClientSession, Collection, Db } from 'mongodb';
import { type Store, withTransaction } from '../store/store.js';
import type { JobQueueEntry, JobQueueLogEntry, JobStatusTransition } from './job-queue-entry.js';

/** What the job queue needs of the open store. */
export type JobQueueDatabase = Pick<Store, 'client' | 'db' | 'now'>;

/** An entry as it is stored: with what only the queue itself reads. */
export interface EntryDocument extends JobQueueEntry {
  /** Number of the last run of the present occurrence; 0 before its first. A log row's `attempt` follows it. */
  readonly attempt: number;
  /** The time of the schedule for which the present or the last run was planned; retries and wake-ups do not move it. */
  readonly slotAt: Date | null;
  /** Until then, by the database's clock, a worker tries to claim it; absent or null: nobody does. */
  readonly reservedUntil?: Date | null;
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
}

/** The collections of the job queue, and its way to change several of them at once. */
export interface JobQueueStore {
  readonly db: Db;
  readonly entries: Collection<EntryDocument>;
  readonly runs: Collection<JobQueueLogEntry>;
  readonly transitions: Collection<JobStatusTransition>;
  readonly leases: Collection<LeaseDocument>;
  readonly counters: Collection<CounterDocument>;
  readonly workers: Collection<WorkerDocument>;
  /** The database's time: every time that is stored comes from it. */
  now(): Promise<Date>;
  /** Runs `change` in one transaction, which the driver may repeat; all or nothing of it happens. */
  inTransaction<T>(change: (session: ClientSession) => Promise<T>): Promise<T>;
}

/** Names of the collections. */
export const collections = {
  entries: 'jobQueueEntries',
  runs: 'jobQueueLogEntries',
  transitions: 'jobStatusTransitions',
  leases: 'leases',
  counters: 'counters',
  workers: 'workers',
  /** Agenda's own. */
  wakeUps: 'agendaJobs',
} as const;

/** Gives access to the collections of the job queue. Opens nothing and owns nothing. */
export function jobQueueStore(database: JobQueueDatabase): JobQueueStore {
  const { db } = database;
  const oneByOne = oneAtATime();
  return {
    db,
    entries: db.collection(collections.entries),
    runs: db.collection(collections.runs),
    transitions: db.collection(collections.transitions),
    leases: db.collection(collections.leases),
    counters: db.collection(collections.counters),
    workers: db.collection(collections.workers),
    now: () => database.now(),
    inTransaction: (change) => oneByOne(() => withTransaction(database, change)),
  };
}

// Every transaction of the queue ends at the counter of the transitions. Two of them at once could only collide there, and
// one would be repeated from its beginning; in a row they cost less. Other processes are met by the driver's repeating.
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
