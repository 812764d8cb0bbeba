import type { Collection, Db } from 'mongodb';
import type { RecordChange, SynchJob, SynchJobError } from './synch-job.js';

const DAY_MS = 24 * 60 * 60_000;
const PAGE = 500;

/** How long what runs leave behind is kept, in days. */
export interface RetentionTimes {
  /** Changes of records that were made or refused. */
  readonly historyDays: number;
  /** Synch jobs with their errors. */
  readonly synchJobDays: number;
  /** Dry runs with their plans. */
  readonly dryRunDays: number;
}

/** Deletes what is older than its time. */
export class RetentionStore {
  private readonly jobs: Collection<SynchJob>;
  private readonly errors: Collection<SynchJobError>;
  private readonly changes: Collection<RecordChange>;

  constructor(db: Db) {
    this.jobs = db.collection<SynchJob>('synchJobs');
    this.errors = db.collection<SynchJobError>('synchJobErrors');
    this.changes = db.collection<RecordChange>('recordChanges');
  }

  /** Answers how many objects are gone. */
  async deleteOld(
    { historyDays, synchJobDays, dryRunDays }: RetentionTimes,
    now: Date,
    signal: AbortSignal,
  ): Promise<number> {
    const before = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
    let deleted = 0;
    for (const outcome of ['APPLIED', 'REFUSED'] as const)
      deleted += (await this.changes.deleteMany({ outcome, at: { $lt: before(historyDays) } })).deletedCount;
    deleted += (await this.changes.deleteMany({ outcome: 'PLANNED', at: { $lt: before(dryRunDays) } })).deletedCount;
    deleted += await this.#deleteJobs(true, before(dryRunDays), signal);
    return deleted + (await this.#deleteJobs(false, before(synchJobDays), signal));
  }

  /** The errors of a job go with it, first: a job without errors is looked up once more, errors without job never. */
  async #deleteJobs(dryRun: boolean, before: Date, signal: AbortSignal): Promise<number> {
    let deleted = 0;
    for (;;) {
      signal.throwIfAborted();
      const old = await this.jobs
        .find({ startedAt: { $lt: before }, dryRun, status: { $ne: 'IN_PROCESS' } }, { projection: { _id: 1 } })
        .sort({ startedAt: 1 })
        .limit(PAGE)
        .toArray();
      if (old.length === 0) return deleted;
      const ids = old.map(({ _id }) => _id);
      await this.errors.deleteMany({ synchJobId: { $in: ids } });
      deleted += (await this.jobs.deleteMany({ _id: { $in: ids } })).deletedCount;
    }
  }
}
