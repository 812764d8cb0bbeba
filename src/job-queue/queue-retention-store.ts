import { deleteInBatches } from '../store/delete-in-batches.js';
import { rememberGone } from '../store/gone-objects.js';
import type { JobQueueLogEntry } from './job-queue-entry.js';
import {
  collections,
  type EntryDocument,
  type JobQueueDatabase,
  type JobQueueStore,
  jobQueueStore,
} from './job-queue-store.js';
import { entryLeaseId } from './lease-store.js';

/** How long the job queue keeps what is over, in days. */
export interface QueueRetentionTimes {
  /** Log entries, and entries that are FINISHED. */
  readonly logEntryDays: number;
  /** Transitions of statuses. A cursor from before them is CURSOR_EXPIRED. */
  readonly transitionDays: number;
}

const DAY_MS = 24 * 60 * 60_000;
const BATCH = 500;

/** Deletes what the job queue keeps of the past and is older than its time. */
export class QueueRetentionStore {
  readonly #store: JobQueueStore;

  constructor(
    database: JobQueueDatabase,
    private readonly times: QueueRetentionTimes,
  ) {
    this.#store = jobQueueStore(database);
  }

  /** Answers how many objects are gone. May be stopped between any two of them; the next time goes on. */
  async deleteOld(now: Date, signal: AbortSignal): Promise<number> {
    const before = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
    // Entries first: their last run stays as long as they do.
    const entries = await this.#deleteEntries(before(this.times.logEntryDays), signal);
    const runs = await this.#deleteRuns(before(this.times.logEntryDays), signal);
    return entries + runs + (await this.#deleteTransitions(before(this.times.transitionDays), signal));
  }

  #deleteEntries(before: Date, signal: AbortSignal): Promise<number> {
    const { db, entries, leases } = this.#store;
    return deleteInBatches<EntryDocument>(
      {
        collection: entries,
        filter: { status: 'FINISHED', currentRunId: null, updatedAt: { $lt: before } },
        sort: { updatedAt: 1 },
        // An id never comes again, so nobody needs to know any more how far its tokens had got.
        before: async (ids) => {
          await rememberGone(db, collections.entries, { _id: { $in: ids } });
          await leases.deleteMany({ _id: { $in: ids.map(entryLeaseId) }, runId: null });
        },
      },
      signal,
    );
  }

  // The last run of an entry that is still there is what tells of it, however long ago it was.
  async #deleteRuns(before: Date, signal: AbortSignal): Promise<number> {
    const { db, runs } = this.#store;
    const old = { status: { $ne: 'IN_PROCESS' as const }, startedAt: { $lt: before } };
    let deleted = 0;
    let after: Pick<JobQueueLogEntry, '_id' | 'startedAt'> | undefined;
    for (;;) {
      signal.throwIfAborted();
      const page = await runs
        .find(after === undefined ? old : { ...old, ...isAfter(after) })
        .project<Pick<JobQueueLogEntry, '_id' | 'startedAt' | 'entryId'>>({ startedAt: 1, entryId: 1 })
        .sort({ startedAt: 1, _id: 1 })
        .limit(BATCH)
        .toArray();
      const kept = await this.#lastRunsOf(page.map(({ entryId }) => entryId));
      const ids = page.flatMap(({ _id }) => (kept.has(_id) ? [] : [_id]));
      await rememberGone(db, collections.runs, { _id: { $in: ids } });
      deleted += (await runs.deleteMany({ ...old, _id: { $in: ids } })).deletedCount;
      after = page.at(-1);
      if (page.length < BATCH) return deleted;
    }
  }

  async #lastRunsOf(entryIds: readonly string[]): Promise<ReadonlySet<string>> {
    const entries = await this.#store.entries
      .find({ _id: { $in: [...new Set(entryIds)] } })
      .project<Pick<EntryDocument, 'lastRunId' | 'currentRunId'>>({ lastRunId: 1, currentRunId: 1 })
      .toArray();
    return new Set(
      entries.flatMap(({ lastRunId, currentRunId }) => [lastRunId, currentRunId].filter((id) => id !== null)),
    );
  }

  // From the oldest on, up to the first that is to be kept: so that what is left has no gaps.
  async #deleteTransitions(before: Date, signal: AbortSignal): Promise<number> {
    const { transitions } = this.#store;
    let deleted = 0;
    for (;;) {
      signal.throwIfAborted();
      const oldest = await transitions.find().sort({ number: 1 }).limit(BATCH).toArray();
      const firstKept = oldest.findIndex(({ at }) => at >= before);
      const old = firstKept === -1 ? oldest : oldest.slice(0, firstKept);
      const last = old.at(-1);
      if (last === undefined) return deleted;
      deleted += (await transitions.deleteMany({ number: { $lte: last.number } })).deletedCount;
    }
  }
}

const isAfter = ({ startedAt, _id }: Pick<JobQueueLogEntry, '_id' | 'startedAt'>) => ({
  $or: [{ startedAt: { $gt: startedAt } }, { startedAt, _id: { $gt: _id } }],
});
