import type { ClientSession } from 'mongodb';
import { rememberGone } from '../store/gone-objects.js';
import { searchWordsOf } from '../store/search-words.js';
import { type EntryChange, type EntryEdit, editEntry } from './entry-edit.js';
import { identityProblems, parameterProblems, settingsProblems } from './entry-rules.js';
import {
  createEntries,
  type EntryDefinition,
  EntryMovedError,
  newEntry,
  type StatusRequest,
  timeOfChange,
} from './entry-store.js';
import type { JobQueueEntry } from './job-queue-entry.js';
import {
  DuplicateCodeError,
  EntryInProcessError,
  EntryNotFoundError,
  type EntryProblem,
  InvalidEntryError,
  StaleRevisionError,
} from './job-queue-errors.js';
import { collections, type EntryDocument, type JobQueueStore } from './job-queue-store.js';
import { entryLeaseId } from './lease-store.js';
import { firstRunAt } from './schedule.js';

/** Checks of what only the caller can know: that the mapping exists, that a given recurringJob agrees. */
export interface AskedOfEntry {
  /** What the caller takes the entry for; null when it does not tell. */
  readonly recurringJob: boolean | null;
  /** What of the input cannot be meant: told with all else that is wrong. */
  readonly faults?: readonly EntryProblem[];
}

/** A change of an entry by a person. */
export interface EditRequest extends StatusRequest, AskedOfEntry {
  readonly change: EntryChange;
}

/**
 * Makes an entry that a person defines.
 *
 * @throws InvalidEntryError with everything that is wrong; DuplicateCodeError when that is all
 */
export async function createEntry(
  store: JobQueueStore,
  definition: EntryDefinition,
  { actor, ...asked }: StatusRequest & AskedOfEntry,
): Promise<JobQueueEntry> {
  await refuseFaulty(store, definition, asked);
  const [made] = await createEntries(store, [definition], actor);
  if (made === undefined) throw new Error(`job queue entry ${definition.code} was not made`);
  return made;
}

/** Throws what {@link createEntry} would throw, and makes nothing. */
export async function checkNewEntry(
  store: JobQueueStore,
  definition: EntryDefinition,
  asked: AskedOfEntry,
): Promise<void> {
  await refuseFaulty(store, definition, asked);
  if (await hasNamesake(store, definition)) throw new DuplicateCodeError([definition.code]);
}

async function refuseFaulty(store: JobQueueStore, definition: EntryDefinition, asked: AskedOfEntry): Promise<void> {
  const { faults = [], recurringJob } = asked;
  // What cannot be meant is missing in the definition; that this is wrong as well says nothing more.
  const told = new Set(faults.map(({ field }) => field));
  const others = definitionProblems(definition, recurringJob, await store.now());
  const problems = [...faults, ...others.filter(({ field }) => !told.has(field))];
  if (problems.length === 0) return;
  if (!told.has('connectionSetupId') && (await hasNamesake(store, definition))) {
    problems.push({ code: 'DUPLICATE', field: 'code', message: new DuplicateCodeError([definition.code]).message });
  }
  throw new InvalidEntryError(problems);
}

const hasNamesake = async (
  { entries }: JobQueueStore,
  { connectionSetupId, code }: EntryDefinition,
): Promise<boolean> => (await entries.findOne({ connectionSetupId, code }, { projection: { _id: 1 } })) !== null;

function definitionProblems(definition: EntryDefinition, recurringJob: boolean | null, now: Date): EntryProblem[] {
  const draft = {
    ...newEntry({ ...definition, ...uncheckedSchedule }, now),
    ...definition,
    description: definition.description ?? '',
  };
  const problems = [...identityProblems(draft), ...parameterProblems(draft), ...settingsProblems(draft, recurringJob)];
  if (problems.length === 0 && definition.status === 'READY' && firstRunAt(draft, now) === null) {
    const message = 'expected ON_HOLD, or a schedule with a time at which the entry could run, got one without';
    problems.push({ code: 'INVALID', field: 'status', message });
  }
  return problems;
}

/**
 * Changes an entry for a person. The status stays; a READY or sleeping entry gets the next run that follows from its new
 * schedule, and a run in process ends by it.
 *
 * @returns the entry afterwards; unchanged, with its revision, when all was so before
 * @throws EntryNotFoundError, StaleRevisionError, InvalidEntryError
 */
export async function updateEntry(store: JobQueueStore, entryId: string, request: EditRequest): Promise<JobQueueEntry> {
  const now = await store.now();
  // A worker can begin or end a run between our reading and our writing; then all is read again.
  for (;;) {
    try {
      return await store.inTransaction((session) => updateEntryWithin(store, session, entryId, { ...request, now }));
    } catch (error) {
      if (!(error instanceof EntryMovedError)) throw error;
    }
  }
}

/** The same as part of a transaction. Also throws EntryMovedError when a run begins or ends meanwhile. */
export async function updateEntryWithin(
  store: JobQueueStore,
  session: ClientSession,
  entryId: string,
  request: EditRequest & { readonly now: Date },
): Promise<JobQueueEntry> {
  const { entry, fields } = await plannedEdit(store, session, entryId, request);
  if (Object.keys(fields).length === 0) return entry;
  const edited = await store.entries.findOneAndUpdate(
    { _id: entryId, status: entry.status, revision: entry.revision },
    {
      $set: {
        ...fields,
        ...('nextRunAt' in fields && { wokenBy: null }),
        searchWords: searchWordsOf(entry.code, fields.description ?? entry.description),
        revision: entry.revision + 1,
        updatedAt: timeOfChange(entry, request.now),
      },
    },
    { session, returnDocument: 'after' },
  );
  if (edited === null) throw new EntryMovedError(entryId, entry.status);
  return edited;
}

/** Throws what {@link updateEntry} would throw, and changes nothing. */
export async function checkEdit(store: JobQueueStore, entryId: string, request: EditRequest): Promise<void> {
  const now = await store.now();
  await store.inTransaction((session) => plannedEdit(store, session, entryId, { ...request, now }));
}

async function plannedEdit(
  store: JobQueueStore,
  session: ClientSession,
  entryId: string,
  { change, recurringJob, expectedRevision, now }: EditRequest & { readonly now: Date },
): Promise<{ readonly entry: EntryDocument; readonly fields: EntryEdit['fields'] }> {
  const entry = await readForChange(store, session, entryId, expectedRevision);
  const times = { now, lastEndedAt: await lastEndOf(store, session, entry) };
  const { problems, fields } = editEntry(entry, change, recurringJob, times);
  if (problems.length > 0) throw new InvalidEntryError(problems);
  return { entry, fields };
}

/**
 * Deletes an entry; its log stays. One whose run is in process, or accepted, cannot be deleted.
 *
 * @throws EntryNotFoundError, StaleRevisionError, EntryInProcessError
 */
export async function deleteEntry(
  store: JobQueueStore,
  entryId: string,
  request: Pick<StatusRequest, 'expectedRevision'>,
): Promise<void> {
  await store.inTransaction((session) => deleteEntryWithin(store, session, entryId, request));
}

/** The same as part of a transaction. */
export async function deleteEntryWithin(
  store: JobQueueStore,
  session: ClientSession,
  entryId: string,
  { expectedRevision }: Pick<StatusRequest, 'expectedRevision'>,
): Promise<void> {
  const entry = await readForChange(store, session, entryId, expectedRevision);
  // Also one that a person set On Hold meanwhile: its run goes on until it ends.
  if (entry.status === 'IN_PROCESS' || entry.currentRunId !== null) throw new EntryInProcessError(entry.code);
  await rememberGone(store.db, collections.entries, { _id: entryId });
  await store.entries.deleteOne({ _id: entryId }, { session });
  await store.leases.deleteOne({ _id: entryLeaseId(entryId) }, { session });
}

async function readForChange(
  store: JobQueueStore,
  session: ClientSession,
  entryId: string,
  expectedRevision: number | undefined,
): Promise<EntryDocument> {
  const entry = await store.entries.findOne({ _id: entryId }, { session });
  if (entry === null) throw new EntryNotFoundError(entryId);
  if (expectedRevision !== undefined && expectedRevision !== entry.revision) {
    throw new StaleRevisionError(entryId, expectedRevision, entry.revision);
  }
  return entry;
}

async function lastEndOf(store: JobQueueStore, session: ClientSession, entry: EntryDocument): Promise<Date | null> {
  if (entry.lastRunId === null) return null;
  const run = await store.runs.findOne({ _id: entry.lastRunId }, { session, projection: { endedAt: 1 } });
  return run?.endedAt ?? null;
}

// The draft is made only to know what the defaults are; its schedule is judged afterwards, with everything else.
const uncheckedSchedule = {
  runOn: [],
  startingTime: null,
  endingTime: null,
  timeZone: 'UTC',
  minutesBetweenRuns: 0,
  cron: null,
  earliestStartAt: null,
  expiresAt: null,
  status: 'ON_HOLD',
} as const;
