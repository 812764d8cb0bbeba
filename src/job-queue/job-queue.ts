import type { TransitionStream } from '../status-stream/transition-stream.js';
import type { Count, Page, PageRequest } from '../store/keyset-page.js';
import { type CancelTarget, cancelParts, cancelRun, partsOf } from './cancel-store.js';
import { type StatusOfMany, type StatusOfManyRequest, setStatusOfMany } from './entries-status-store.js';
import {
  checkEdit,
  checkNewEntry,
  createEntry,
  deleteEntry,
  type EditRequest,
  updateEntry,
} from './entry-edit-store.js';
import {
  countEntries,
  countEntriesByStatus,
  type EntryFilter,
  type EntryOrder,
  pageOfEntries,
} from './entry-list-store.js';
import {
  createEntries,
  type EntryDefinition,
  type ReadyLimit,
  type StatusRequest,
  setStatus,
  wakeEntry,
} from './entry-store.js';
import type { JobQueueEntry, JobQueueEntryStatus, JobQueueLogEntry } from './job-queue-entry.js';
import { type JobQueueDatabase, jobQueueStore } from './job-queue-store.js';
import { mappingsInRun } from './lease-store.js';
import { type Alongside, createOneOff, type OneOffRequest, type OneOffRun, runOnce } from './one-off-store.js';
import { countRuns, findRun, findRuns, pageOfRuns, type RunFilter } from './run-ledger-store.js';
import { prepareTransitionLog } from './transition-log-store.js';
import { waitForEntry } from './wait-for-entry.js';
import type { WakeUps } from './wake-up-store.js';
import {
  countWorkers,
  findWorkers,
  type ListedWorker,
  noteLostWorkers,
  pageOfWorkers,
  runsOfWorkers,
} from './worker-store.js';

/** The job queue as its users see it: entries, their runs and their statuses. What runs them is the dispatcher. */
export interface JobQueue {
  /** Makes recurring entries, all or none. @throws DuplicateCodeError, InvalidScheduleError */
  createEntries(definitions: readonly EntryDefinition[], actor: string): Promise<JobQueueEntry[]>;
  /** Makes an entry that a person defines; without time zone in that of the service. @throws InvalidEntryError, DuplicateCodeError */
  createEntry(
    definition: NewEntry,
    request: Pick<EditRequest, 'actor' | 'recurringJob' | 'faults'>,
  ): Promise<JobQueueEntry>;
  /** Changes an entry for a person; its next run follows. @throws EntryNotFoundError, StaleRevisionError, InvalidEntryError */
  updateEntry(entryId: string, request: EditRequest): Promise<JobQueueEntry>;
  /** Throws what createEntry would, and makes nothing. */
  checkNewEntry(definition: NewEntry, request: Pick<EditRequest, 'recurringJob' | 'faults'>): Promise<void>;
  /** Throws what updateEntry would, and changes nothing. */
  checkEdit(entryId: string, request: EditRequest): Promise<void>;
  /** Deletes an entry; its log stays. @throws EntryNotFoundError, StaleRevisionError, EntryInProcessError */
  deleteEntry(entryId: string, request: Pick<EditRequest, 'expectedRevision'>): Promise<void>;
  /** Sets the status of all entries that match, as far as they can go there. @throws TooManyEntriesError, OtherCountError */
  setStatusOfMany(request: StatusOfManyRequest): Promise<StatusOfMany>;
  /**
   * Sets a status for a person; the present one again does nothing.
   *
   * @throws EntryNotFoundError, StaleRevisionError, ConnectionDisabledError, IllegalTransitionError
   */
  setStatus(entryId: string, status: JobQueueEntryStatus, request: StatusRequest & ReadyLimit): Promise<JobQueueEntry>;
  /**
   * Accepts work that runs once; `alongside` writes in the same transaction.
   *
   * @throws IdempotencyKeyReusedError, PartOfEndedRunError, and what `alongside` throws
   */
  createOneOff(request: OneOffRequest, alongside?: Alongside): Promise<OneOffRun>;
  /** Does once, now, what an entry does on its schedule. @throws EntryNotFoundError, IdempotencyKeyReusedError */
  runOnce(entryId: string, request: Pick<OneOffRequest, 'actor' | 'idempotencyKey'>): Promise<OneOffRun>;

  /**
   * Cancels a run with all parts of its work; a recurring entry goes on by its schedule. The run in the answer may still be
   * ending: the worker that holds it learns it within a second.
   *
   * @throws EntryNotFoundError, RunNotFoundError, NothingToCancelError
   */
  cancelRun(target: CancelTarget, actor: string): Promise<JobQueueLogEntry>;
  /** Cancels what is left of the parts of an entry's work. */
  cancelParts(entryId: string, actor: string): Promise<void>;
  /** Ids of the entries that are parts of an entry's work. */
  partsOf(entryId: string): Promise<string[]>;

  /**
   * Lets recurring entries run because something changed: sleeping ones become READY, READY ones run sooner, in their
   * windows. Others are left alone. Answers with those that run sooner now.
   */
  wake(entryIds: readonly string[], causedBy: string): Promise<JobQueueEntry[]>;

  findEntry(entryId: string): Promise<JobQueueEntry | null>;
  /** In no order; ids without an entry are left out. */
  findEntries(entryIds: readonly string[]): Promise<JobQueueEntry[]>;
  /** @throws InvalidPlaceError for an `after` or `before` that no page of this order gave */
  pageOfEntries(filter: EntryFilter, order: EntryOrder | undefined, page: PageRequest): Promise<Page<JobQueueEntry>>;
  countEntries(filter: EntryFilter): Promise<Count>;
  /** Statuses with none are left out. */
  countByStatus(filter: EntryFilter): Promise<{ status: JobQueueEntryStatus; count: number }[]>;

  findRun(runId: string): Promise<JobQueueLogEntry | null>;
  /** In no order; ids without a run are left out. */
  findRuns(runIds: readonly string[]): Promise<JobQueueLogEntry[]>;
  /** Newest first. @throws InvalidPlaceError */
  pageOfRuns(filter: RunFilter, page: PageRequest): Promise<Page<JobQueueLogEntry>>;
  countRuns(filter: RunFilter): Promise<Count>;

  /** Those of the mappings that a run holds now. */
  mappingsInRun(mappingIds: readonly string[]): Promise<string[]>;

  /** In no order; forgotten ones are left out. */
  findWorkers(workerIds: readonly string[]): Promise<ListedWorker[]>;
  /** In the order of their start. @throws InvalidPlaceError */
  pageOfWorkers(page: PageRequest): Promise<Page<ListedWorker>>;
  countWorkers(): Promise<Count>;
  /** Notes which workers are not alive any more, so that those who watch them are told. */
  noteLostWorkers(): Promise<void>;
  /** What each of these workers runs now, oldest first, at most `limit` each. */
  runsOfWorkers(
    workerIds: readonly string[],
    limit: number,
  ): Promise<{ readonly workerId: string; readonly runs: readonly JobQueueLogEntry[] }[]>;

  /**
   * Resolves with the entry as soon as it rests: FINISHED, ERROR or ON_HOLD. Told by the stream of transitions.
   *
   * @throws EntryNotFoundError; the signal's reason when it aborts first
   */
  waitForEnd(entryId: string, signal?: AbortSignal): Promise<JobQueueEntry>;
  /** Resolves with the entry as soon as it is no longer READY: its run has begun, or never will. Throws as `waitForEnd`. */
  waitForBegin(entryId: string, signal?: AbortSignal): Promise<JobQueueEntry>;
}

/** An entry as a person defines it. */
export type NewEntry = Omit<EntryDefinition, 'timeZone'> & { readonly timeZone?: string };

export interface JobQueueOptions {
  readonly database: JobQueueDatabase;
  readonly transitions: TransitionStream;
  /** Where new work is announced, so that workers begin at once; without it they find it by themselves, a little later. */
  readonly wakeUps?: Pick<WakeUps, 'announce'>;
  /** IANA time zone of entries whose maker names none. */
  readonly timeZone?: string;
}

/** Opens the job queue on an open store whose indexes exist. */
export async function openJobQueue({
  database,
  transitions,
  wakeUps,
  timeZone = 'UTC',
}: JobQueueOptions): Promise<JobQueue> {
  const store = jobQueueStore(database);
  await prepareTransitionLog(store);
  const watched = { transitions, find: (id: string) => store.entries.findOne({ _id: id }) };

  async function announced<T>(made: T, entries: (made: T) => readonly JobQueueEntry[]): Promise<T> {
    await wakeUps?.announce(entries(made));
    return made;
  }
  return {
    createEntries: async (definitions, actor) =>
      announced(await createEntries(store, definitions, actor), (made) => made),
    createEntry: async (definition, request) =>
      announced(await createEntry(store, { timeZone, ...definition }, request), (entry) => [entry]),
    updateEntry: async (entryId, request) => announced(await updateEntry(store, entryId, request), (entry) => [entry]),
    checkNewEntry: (definition, request) => checkNewEntry(store, { timeZone, ...definition }, request),
    checkEdit: (entryId, request) => checkEdit(store, entryId, request),
    deleteEntry: (entryId, request) => deleteEntry(store, entryId, request),
    setStatusOfMany: async (request) => announced(await setStatusOfMany(store, request), ({ changed }) => changed),
    setStatus: async (entryId, status, request) =>
      announced(await setStatus(store, entryId, status, request), (entry) => [entry]),
    createOneOff: async (request, alongside) =>
      announced(await createOneOff(store, request, alongside), ({ entry }) => [entry]),
    runOnce: async (entryId, request) => announced(await runOnce(store, entryId, request), ({ entry }) => [entry]),

    cancelRun: (target, actor) => cancelRun(store, target, actor),
    cancelParts: (entryId, actor) => cancelParts(store, entryId, actor),
    partsOf: (entryId) => partsOf(store, entryId),

    wake: async (entryIds, causedBy) => {
      const woken: JobQueueEntry[] = [];
      for (const entryId of entryIds) {
        const entry = await wakeEntry(store, entryId, causedBy);
        if (entry !== null) woken.push(entry);
      }
      return announced(woken, (entries) => entries);
    },

    findEntry: (entryId) => store.entries.findOne({ _id: entryId }),
    findEntries: (entryIds) => store.entries.find({ _id: { $in: [...entryIds] } }).toArray(),
    pageOfEntries: (filter, order, page) => pageOfEntries(store, filter, order, page),
    countEntries: (filter) => countEntries(store, filter),
    countByStatus: (filter) => countEntriesByStatus(store, filter),

    findRun: (runId) => findRun(store, runId),
    findRuns: (runIds) => findRuns(store, runIds),
    pageOfRuns: (filter, page) => pageOfRuns(store, filter, page),
    countRuns: (filter) => countRuns(store, filter),

    mappingsInRun: (mappingIds) => mappingsInRun(store, mappingIds),

    findWorkers: (workerIds) => findWorkers(store, workerIds),
    pageOfWorkers: (page) => pageOfWorkers(store, page),
    countWorkers: () => countWorkers(store),
    noteLostWorkers: () => noteLostWorkers(store),
    runsOfWorkers: (workerIds, limit) => runsOfWorkers(store, workerIds, limit),

    waitForEnd: (entryId, signal) => waitForEntry(watched, entryId, { until: 'END', signal }),
    waitForBegin: (entryId, signal) => waitForEntry(watched, entryId, { until: 'BEGIN', signal }),
  };
}
