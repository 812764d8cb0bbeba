import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ClientSession } from 'mongodb';
import { presentTrace } from '../observability/tracing.js';
import { isDuplicateKey, newEntry } from './entry-store.js';
import type { JobParameters, JobPriority, JobQueueEntry, JobQueueLogEntry, JobTask } from './job-queue-entry.js';
import { EntryNotFoundError, IdempotencyKeyReusedError, PartOfEndedRunError } from './job-queue-errors.js';
import type { EntryDocument, JobQueueStore } from './job-queue-store.js';
import { acceptedRun, findRun } from './run-ledger-store.js';
import { recordTransitions } from './transition-log-store.js';

/** Work that is to run once, beside all schedules. */
export interface OneOffRequest {
  readonly connectionSetupId: string | null;
  readonly task: JobTask;
  readonly mappingId?: string | null;
  readonly mappingName?: string | null;
  readonly parameters?: JobParameters;
  readonly parameterString?: string | null;
  readonly description?: string;
  /** As those of an entry; 2 retries, 30 seconds apart, unless they are given. */
  readonly maximumRetries?: number;
  readonly rerunDelaySeconds?: number;
  readonly priority?: JobPriority;
  readonly timeoutSeconds?: number | null;
  /** Who asked: a token's name. */
  readonly actor: string;
  /** The same key with the same request gives the entry that the first one made, also after a crash of the caller. */
  readonly idempotencyKey?: string;
  /** The run whose work this is a part of: the part is cancelled with it. */
  readonly partOf?: { readonly entryId: string; readonly runId: string };
}

/** Writes what has to exist exactly when the one-off does, in its transaction, which the driver may repeat. */
export type Alongside = (session: ClientSession, made: OneOffRun) => Promise<void>;

/** A one-off entry with its run, which exists from acceptance on. */
export interface OneOffRun {
  readonly entry: JobQueueEntry;
  readonly run: JobQueueLogEntry;
}

// What the original gives to one-off synchronization jobs.
const MAXIMUM_RETRIES = 2;
const RERUN_DELAY_SECONDS = 30;

/**
 * Accepts work that runs once: an entry that is READY now and the log row of its run, made together. It runs as soon as a
 * worker is free and no other run holds its mapping.
 *
 * @throws IdempotencyKeyReusedError when the key came before with another request; PartOfEndedRunError when the run that it
 *   is a part of goes on no more; what `alongside` throws: then nothing is made
 */
export async function createOneOff(
  store: JobQueueStore,
  request: OneOffRequest,
  alongside: Alongside = async () => undefined,
): Promise<OneOffRun> {
  const made = await madeBefore(store, request);
  if (made !== null) return made;
  const now = await store.now();
  try {
    return await store.inTransaction((session) => makeOneOff(store, session, request, { now, alongside }));
  } catch (error) {
    // Two callers with one key at once: the other one's entry counts.
    const other = isDuplicateKey(error) ? await madeBefore(store, request) : null;
    if (other === null) throw error;
    return other;
  }
}

/**
 * The one-off run that does once what an entry does on its schedule, with its retries and its time-out, but without window,
 * category and expiration. The entry keeps its status and its schedule.
 *
 * @throws EntryNotFoundError
 */
export async function runOnce(
  store: JobQueueStore,
  entryId: string,
  { actor, idempotencyKey }: Pick<OneOffRequest, 'actor' | 'idempotencyKey'>,
): Promise<OneOffRun> {
  const entry = await store.entries.findOne({ _id: entryId });
  if (entry === null) throw new EntryNotFoundError(entryId);
  return createOneOff(store, {
    connectionSetupId: entry.connectionSetupId,
    task: entry.task,
    mappingId: entry.mappingId,
    mappingName: entry.mappingName,
    parameters: entry.parameters,
    parameterString: entry.parameterString,
    description: entry.description,
    maximumRetries: entry.maximumRetries,
    rerunDelaySeconds: entry.rerunDelaySeconds,
    priority: entry.priority,
    timeoutSeconds: entry.timeoutSeconds,
    actor,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  });
}

async function makeOneOff(
  store: JobQueueStore,
  session: ClientSession,
  request: OneOffRequest,
  { now, alongside }: { readonly now: Date; readonly alongside: Alongside },
): Promise<OneOffRun> {
  const { actor, idempotencyKey, partOf, ...definition } = request;
  if (partOf !== undefined) await countPart(store, session, partOf.runId);
  const runId = randomUUID();
  const trace = presentTrace();
  const entry: EntryDocument = {
    ...newEntry(
      {
        maximumRetries: MAXIMUM_RETRIES,
        rerunDelaySeconds: RERUN_DELAY_SECONDS,
        ...definition,
        code: await nextCode(store, session, request),
        status: 'READY',
        nextRunAt: now,
        timeZone: 'UTC',
        inactivityTimeoutMinutes: 0,
      },
      now,
      true,
    ),
    currentRunId: runId,
    attempt: 1,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(partOf !== undefined && { partOf: partOf.entryId }),
    ...(trace !== undefined && { trace }),
  };
  const run = acceptedRun(entry, { runId, attempt: 1, startedBy: actor, at: now });
  await store.entries.insertOne(entry, { session });
  await store.runs.insertOne(run, { session });
  await alongside(session, { entry, run });
  await recordTransitions(store, session, [
    { entry, from: null, to: 'READY', at: now, reason: null, runId, causedBy: actor },
  ]);
  return { entry, run };
}

// Cancelling writes the same row: of the two transactions one is repeated and sees what the other one did.
async function countPart(store: JobQueueStore, session: ClientSession, runId: string): Promise<void> {
  const counted = await store.runs.updateOne(
    { _id: runId, status: 'IN_PROCESS', cancelledBy: { $exists: false } },
    { $inc: { parts: 1 } },
    { session },
  );
  if (counted.matchedCount === 0) throw new PartOfEndedRunError(runId);
}

// The number is taken in the transaction, so that codes have no gaps but those that people made by using one themselves; only
// one-offs of the same name meet at it.
async function nextCode(store: JobQueueStore, session: ClientSession, request: OneOffRequest): Promise<string> {
  const { connectionSetupId } = request;
  const name = request.mappingName ?? request.task;
  for (;;) {
    const counter = await store.counters.findOneAndUpdate(
      { _id: `oneOff:${connectionSetupId ?? ''}:${name}` },
      { $inc: { value: 1 } },
      { session, upsert: true, returnDocument: 'after' },
    );
    if (counter === null) throw new Error(`the counter of one-off entries of ${name} gave no number`);
    const code = `${name}#${counter.value}`;
    const taken = await store.entries.findOne({ connectionSetupId, code }, { session, projection: { _id: 1 } });
    if (taken === null) return code;
  }
}

async function madeBefore(store: JobQueueStore, request: OneOffRequest): Promise<OneOffRun | null> {
  if (request.idempotencyKey === undefined) return null;
  const { connectionSetupId, idempotencyKey } = request;
  // MongoDB uses the partial index only for a query that names its condition.
  const key = { $type: 'string' as const, $eq: idempotencyKey };
  const entry = await store.entries.findOne({ connectionSetupId, idempotencyKey: key });
  if (entry === null) return null;
  const same =
    entry.task === request.task &&
    entry.mappingId === (request.mappingId ?? null) &&
    isDeepStrictEqual(entry.parameters, request.parameters ?? {});
  if (!same) throw new IdempotencyKeyReusedError(entry._id);
  const run = await findRun(store, entry.currentRunId ?? entry.lastRunId ?? '');
  if (run === null) throw new EntryNotFoundError(entry._id);
  return { entry, run };
}
