import type { ClientSession, Document } from 'mongodb';
import { gatheredFind } from '../store/gathered-reads.js';
import { type Count, countMatches, type Page, type PageRequest, readPage } from '../store/keyset-page.js';
import type { SynchError } from '../synch/synch-error.js';
import type { JobQueueLogEntry, JobRunStatus } from './job-queue-entry.js';
import type { EntryDocument, JobQueueStore } from './job-queue-store.js';
import { mappingLeaseId } from './lease-store.js';

/** Which runs are wanted; as {@link EntryFilter}. `since` is inclusive, `until` exclusive; both look at the start. */
export interface RunFilter {
  readonly entryId?: string | undefined;
  readonly status?: readonly JobRunStatus[] | undefined;
  readonly codes?: readonly string[] | undefined;
  readonly mappingNames?: readonly string[] | undefined;
  readonly connectionSetupId?: string | undefined;
  readonly workerId?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** `startedBy` of a run that nobody asked for. */
export const STARTED_BY_SCHEDULE = 'schedule';

/** A run that nobody has begun yet: the log row of an entry from acceptance on. */
export const acceptedRun = (
  entry: EntryDocument,
  run: { readonly runId: string; readonly attempt: number; readonly startedBy: string; readonly at: Date },
): JobQueueLogEntry => ({
  _id: run.runId,
  entryId: entry._id,
  connectionSetupId: entry.connectionSetupId,
  mappingId: entry.mappingId,
  mappingName: entry.mappingName,
  code: entry.code,
  description: entry.description,
  status: 'IN_PROCESS',
  attempt: run.attempt,
  startedAt: run.at,
  endedAt: null,
  waitsForRunId: null,
  workerId: null,
  workerName: null,
  startedBy: run.startedBy,
  error: null,
  leaseToken: null,
});

/** How a run ended. */
export interface RunEnd {
  readonly status: Exclude<JobRunStatus, 'IN_PROCESS'>;
  readonly endedAt: Date;
  readonly error: SynchError | null;
}

/** Closes a run's row, if it is still open. */
export async function closeRun(
  store: JobQueueStore,
  session: ClientSession,
  runId: string,
  end: RunEnd,
): Promise<void> {
  await store.runs.updateOne({ _id: runId, status: 'IN_PROCESS' }, { $set: { ...end } }, { session });
}

/** The run, or null. */
export async function findRun(store: JobQueueStore, runId: string): Promise<JobQueueLogEntry | null> {
  const run = await store.runs.findOne({ _id: runId });
  return run === null ? null : ((await withWaiting(store, [run]))[0] ?? null);
}

/** The runs of these ids, in no order; ids without a run are left out. */
export async function findRuns(store: JobQueueStore, runIds: readonly string[]): Promise<JobQueueLogEntry[]> {
  return withWaiting(store, await store.runs.find({ _id: { $in: [...runIds] } }).toArray());
}

/** A page of runs, newest first. */
export async function pageOfRuns(
  store: JobQueueStore,
  filter: RunFilter,
  page: PageRequest,
): Promise<Page<JobQueueLogEntry>> {
  const order = { field: 'startedAt', direction: 'DESC' } as const;
  const { items, hasMore } = await readPage(store.runs, asQuery(filter), order, page);
  const runs = await withWaiting(
    store,
    items.map(({ item }) => item),
  );
  return { items: items.map(({ place, item }, index) => ({ place, item: runs[index] ?? item })), hasMore };
}

/** How many runs match; exactly where nothing limits them. */
export function countRuns(store: JobQueueStore, filter: RunFilter): Promise<Count> {
  const query = asQuery(filter);
  return countMatches(store.runs, query, Object.keys(query).length === 0);
}

// What a run waits for is not stored: whoever holds the mapping's lease now is the answer, and a stored one would have to be
// kept true by every run that takes or leaves the mapping.
async function withWaiting(store: JobQueueStore, runs: readonly JobQueueLogEntry[]): Promise<JobQueueLogEntry[]> {
  const waiting = runs.filter(
    (run) => run.status === 'IN_PROCESS' && run.leaseToken === null && run.mappingId !== null,
  );
  if (waiting.length === 0) return [...runs];
  const leaseIds = waiting.flatMap(({ mappingId }) => (mappingId === null ? [] : [mappingLeaseId(mappingId)]));
  const leases = await gatheredFind(store.leases, {
    filter: { _id: { $in: leaseIds } },
    sort: { _id: 1 },
    limit: leaseIds.length,
  });
  const holders = new Map(leases.map(({ _id, runId }) => [_id, runId]));
  return runs.map((run) =>
    waiting.includes(run) && run.mappingId !== null
      ? { ...run, waitsForRunId: holders.get(mappingLeaseId(run.mappingId)) ?? null }
      : run,
  );
}

function asQuery(filter: RunFilter): Document {
  const query: Document = {};
  if (filter.entryId !== undefined) query.entryId = filter.entryId;
  if (filter.connectionSetupId !== undefined) query.connectionSetupId = filter.connectionSetupId;
  if (filter.workerId !== undefined) query.workerId = filter.workerId;
  const lists = { status: filter.status, code: filter.codes, mappingName: filter.mappingNames };
  for (const [field, values] of Object.entries(lists)) if (values !== undefined) query[field] = { $in: [...values] };
  const times = { ...(filter.since && { $gte: filter.since }), ...(filter.until && { $lt: filter.until }) };
  if (Object.keys(times).length > 0) query.startedAt = times;
  return query;
}
