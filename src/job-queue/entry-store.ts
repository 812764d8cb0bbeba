import { randomUUID } from 'node:crypto';
import { type ClientSession, MongoServerError } from 'mongodb';
import { searchWordsOf } from '../store/search-words.js';
import { requireEnabledConnection } from './entry-rules.js';
import type { JobQueueEntry, JobQueueEntryStatus, JobSchedule, JobTask } from './job-queue-entry.js';
import { DuplicateCodeError, EntryNotFoundError, StaleRevisionError } from './job-queue-errors.js';
import type { EntryDocument, JobQueueStore } from './job-queue-store.js';
import { checkSchedule, firstRunAt, sleepUntil } from './schedule.js';
import { recordTransitions } from './transition-log-store.js';
import { eventOfPerson, IllegalTransitionError, nextStatus, statusAfter } from './transitions.js';

/** What the maker of an entry decides; the rest has defaults. */
export interface EntryDefinition extends Partial<JobSchedule> {
  readonly _id?: string;
  readonly connectionSetupId: string | null;
  readonly code: string;
  readonly description?: string;
  readonly task: JobTask;
  readonly mappingId?: string | null;
  readonly mappingName?: string | null;
  readonly parameters?: JobQueueEntry['parameters'];
  readonly parameterString?: string | null;
  /** Of a person or the setup: begins READY or ON_HOLD (the default). */
  readonly status?: 'READY' | 'ON_HOLD';
  /** First run of an entry that begins READY, when it is not to follow from the schedule. */
  readonly nextRunAt?: Date;
  readonly timeZone: string;
  readonly inactivityTimeoutMinutes?: number;
  readonly maximumRetries?: number;
  readonly rerunDelaySeconds?: number;
  readonly whenRetriesExhausted?: JobQueueEntry['whenRetriesExhausted'];
  readonly categoryCode?: string | null;
  readonly priority?: JobQueueEntry['priority'];
  readonly timeoutSeconds?: number | null;
}

/** Long enough that a job which found nothing costs little, short enough that a person need not wonder. */
const DEFAULT_INACTIVITY_MINUTES = 5;

/** The fields that change when an entry changes its status. */
export type StatusFields = Pick<JobQueueEntry, 'status'> &
  Partial<
    Pick<
      EntryDocument,
      | 'statusReason'
      | 'nextRunAt'
      | 'retriesMade'
      | 'interruptionsInARow'
      | 'attempt'
      | 'slotAt'
      | 'reservedUntil'
      | 'wokenBy'
      | 'currentRunId'
      | 'lastRunId'
      | 'revision'
    >
  >;

/** A new entry, as it is stored. */
export function newEntry(definition: EntryDefinition, now: Date, oneOff = false): EntryDocument {
  const { description = '', ...given } = definition;
  const entry: EntryDocument = {
    _id: randomUUID(),
    mappingId: null,
    mappingName: null,
    parameters: {},
    parameterString: null,
    runOn: [],
    startingTime: null,
    endingTime: null,
    minutesBetweenRuns: 0,
    cron: null,
    earliestStartAt: null,
    expiresAt: null,
    recurrenceAnchor: 'END_OF_RUN',
    status: 'ON_HOLD',
    inactivityTimeoutMinutes: DEFAULT_INACTIVITY_MINUTES,
    maximumRetries: 0,
    rerunDelaySeconds: 0,
    whenRetriesExhausted: 'STOP',
    categoryCode: null,
    priority: 'NORMAL',
    timeoutSeconds: null,
    nextRunAt: null,
    ...given,
    description,
    oneOff,
    statusReason: null,
    retriesMade: 0,
    interruptionsInARow: 0,
    attempt: 0,
    slotAt: null,
    currentRunId: null,
    lastRunId: null,
    revision: 1,
    createdAt: now,
    updatedAt: now,
    searchWords: searchWordsOf(definition.code, description),
  };
  checkSchedule(entry);
  if (entry.status !== 'READY') return { ...entry, nextRunAt: null };
  const first = definition.nextRunAt ?? firstRunAt(entry, now);
  if (first === null) throw new IllegalTransitionError('ON_HOLD', 'READY', neverRuns(entry));
  return { ...entry, nextRunAt: first, slotAt: first };
}

/**
 * Makes entries, all or none.
 *
 * @throws DuplicateCodeError when a code is used in the connection; InvalidScheduleError
 */
export async function createEntries(
  store: JobQueueStore,
  definitions: readonly EntryDefinition[],
  actor: string,
): Promise<JobQueueEntry[]> {
  if (definitions.length === 0) return [];
  const now = await store.now();
  const entries = definitions.map((definition) => newEntry(definition, now));
  try {
    await store.inTransaction((session) => insertEntriesWithin(store, session, entries, { actor, at: now }));
  } catch (error) {
    if (isDuplicateKey(error)) throw new DuplicateCodeError(entries.map(({ code }) => code));
    throw error;
  }
  return entries;
}

/** Inserts new entries and records that they came to be: the last step of a transaction. */
export async function insertEntriesWithin(
  store: JobQueueStore,
  session: ClientSession,
  entries: readonly EntryDocument[],
  { actor, at }: { readonly actor: string; readonly at: Date },
): Promise<void> {
  await store.entries.insertMany([...entries], { session });
  await recordTransitions(
    store,
    session,
    entries.map((entry) => ({ entry, from: null, to: entry.status, at, reason: null, runId: null, causedBy: actor })),
  );
}

/** A change that a person makes. */
export interface StatusRequest {
  readonly actor: string;
  /** Revision that the person saw; absent: whatever it is. */
  readonly expectedRevision?: number | undefined;
}

/** Which entries a person may set READY. */
export interface ReadyLimit {
  /** Of these connections, and those of none: the runs of others would only be refused. Absent: all. */
  readonly enabledConnections?: ReadonlySet<string> | undefined;
}

/**
 * Sets an entry's status for a person. The present status again changes nothing, and succeeds.
 *
 * @returns the entry afterwards
 * @throws EntryNotFoundError, StaleRevisionError, ConnectionDisabledError, IllegalTransitionError
 */
export async function setStatus(
  store: JobQueueStore,
  entryId: string,
  status: JobQueueEntryStatus,
  { actor, expectedRevision, enabledConnections }: StatusRequest & ReadyLimit,
): Promise<JobQueueEntry> {
  const now = await store.now();
  return store.inTransaction(async (session) => {
    const entry = await store.entries.findOne({ _id: entryId }, { session });
    if (entry === null) throw new EntryNotFoundError(entryId);
    if (expectedRevision !== undefined && expectedRevision !== entry.revision) {
      throw new StaleRevisionError(entryId, expectedRevision, entry.revision);
    }
    if (entry.status === status) return entry;
    const fields = fieldsSetByPerson(entry, status, { now, enabledConnections });
    return changeStatus(store, session, entry, fields, { at: now, runId: null, causedBy: actor });
  });
}

/**
 * Lets an entry run because something changed: a sleeping one becomes READY, one that is READY runs sooner. The window is
 * respected. A retry keeps its time, and an entry in any other status is left alone.
 *
 * @returns the entry afterwards when it runs sooner now, else null
 */
export async function wakeEntry(
  store: JobQueueStore,
  entryId: string,
  causedBy: string,
): Promise<JobQueueEntry | null> {
  const now = await store.now();
  return store.inTransaction(async (session) => {
    const entry = await store.entries.findOne({ _id: entryId }, { session });
    const first = entry === null ? null : firstRunAt(entry, now);
    if (entry === null || first === null) return null;
    if (statusAfter(entry.status, 'wake') !== null) {
      const status = nextStatus(entry.status, 'wake');
      const fields = { status, statusReason: null, nextRunAt: first, wokenBy: causedBy };
      return changeStatus(store, session, entry, fields, { at: now, runId: null, causedBy });
    }
    return store.entries.findOneAndUpdate(
      { _id: entryId, status: 'READY', retriesMade: 0, nextRunAt: { $gt: first } },
      { $set: { nextRunAt: first, wokenBy: causedBy, updatedAt: timeOfChange(entry, now) } },
      { session, returnDocument: 'after' },
    );
  });
}

/**
 * Moves an entry, from the status that was read, and records it.
 *
 * @throws EntryMovedError when it has changed meanwhile
 */
export async function changeStatus(
  store: JobQueueStore,
  session: ClientSession,
  entry: EntryDocument,
  fields: StatusFields,
  cause: { readonly at: Date; readonly runId: string | null; readonly causedBy: string },
): Promise<EntryDocument> {
  const at = timeOfChange(entry, cause.at);
  const moved = await store.entries.findOneAndUpdate(
    // The time of its last change, too: what was read outside of the transaction may have changed since.
    { _id: entry._id, status: entry.status, updatedAt: entry.updatedAt },
    { $set: { ...fields, updatedAt: at } },
    { session, returnDocument: 'after' },
  );
  if (moved === null) throw new EntryMovedError(entry._id, entry.status);
  await recordTransitions(store, session, [
    { entry, from: entry.status, to: fields.status, reason: fields.statusReason ?? null, ...cause, at },
  ]);
  return moved;
}

/** A change of an entry is later than the one before, whoever read the clock when: by their times they keep their order. */
export const timeOfChange = ({ updatedAt }: JobQueueEntry, at: Date): Date =>
  at > updatedAt ? at : new Date(updatedAt.getTime() + 1);

/** Thrown when an entry is no longer in the status in which it was read; its transaction then changes nothing. */
export class EntryMovedError extends Error {
  override readonly name = 'EntryMovedError';
  constructor(
    readonly entryId: string,
    readonly from: JobQueueEntryStatus,
  ) {
    super(`job queue entry ${entryId} is no longer in ${from}`);
  }
}

/** True for the answer of MongoDB that a unique index has such a key already. */
export const isDuplicateKey = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11_000;

/**
 * What changes on an entry when a person sets its status.
 *
 * @throws ConnectionDisabledError; IllegalTransitionError when it cannot go there, or has no time at which it could run
 */
export function fieldsSetByPerson(
  entry: EntryDocument,
  asked: JobQueueEntryStatus,
  { now, enabledConnections }: ReadyLimit & { readonly now: Date },
): StatusFields {
  if (asked === 'READY' && enabledConnections) requireEnabledConnection(entry, enabledConnections);
  const event = eventOfPerson(entry, asked);
  const moved = { status: nextStatus(entry.status, event), statusReason: null, revision: entry.revision + 1 };
  const anew = { ...moved, retriesMade: 0, interruptionsInARow: 0, wokenBy: null };
  // The log row of a run that was accepted and not yet begun stays: its attempt was counted when it was made.
  const attempt = entry.currentRunId === null ? { attempt: 0 } : {};
  switch (event) {
    case 'setReady': {
      const first = firstRunAt(entry, now);
      if (first === null) throw new IllegalTransitionError(entry.status, 'READY', neverRuns(entry));
      return { ...anew, ...attempt, nextRunAt: first, slotAt: first };
    }
    case 'setAsleep':
      // What has no time left would only end as FINISHED again.
      if (firstRunAt(entry, now) === null) throw new IllegalTransitionError(entry.status, asked, neverRuns(entry));
      return {
        ...anew,
        ...attempt,
        statusReason: 'Asleep: set by a person.',
        nextRunAt: sleepUntil(entry, entry.inactivityTimeoutMinutes, now),
      };
    default:
      return { ...moved, nextRunAt: null };
  }
}

const neverRuns = ({ expiresAt }: JobSchedule): string =>
  expiresAt === null
    ? 'its schedule has no time at which it could run; correct runOn, the window or cron'
    : `its schedule has no time before it expires at ${expiresAt.toISOString()}; move expiresAt first`;
