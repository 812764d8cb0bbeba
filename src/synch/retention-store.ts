import type { Collection, Db } from 'mongodb';
import { deleteInBatches } from '../store/delete-in-batches.js';
import { rememberGone } from '../store/gone-objects.js';
import { LongTextsStore } from '../store/long-texts-store.js';
import type { MatchAmbiguity } from './match-ambiguity.js';
import type { RecordChange, SynchJob, SynchJobError } from './synch-job.js';

const DAY_MS = 24 * 60 * 60_000;

/** How long what runs leave behind is kept, in days. */
export interface RetentionTimes {
  /** Changes of records that were made or refused. */
  readonly historyDays: number;
  /** Synch jobs with their errors, and what their matching could not decide. */
  readonly synchJobDays: number;
  /** Dry runs with their plans. */
  readonly dryRunDays: number;
}

/** Deletes what is older than its time. */
export class RetentionStore {
  private readonly jobs: Collection<SynchJob>;
  private readonly errors: Collection<SynchJobError>;
  private readonly changes: Collection<RecordChange>;
  private readonly ambiguities: Collection<MatchAmbiguity>;
  private readonly texts: LongTextsStore;

  constructor(private readonly db: Db) {
    this.jobs = db.collection<SynchJob>('synchJobs');
    this.errors = db.collection<SynchJobError>('synchJobErrors');
    this.changes = db.collection<RecordChange>('recordChanges');
    this.ambiguities = db.collection<MatchAmbiguity>('matchAmbiguities');
    this.texts = new LongTextsStore(db);
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
      deleted += await this.#deleteChanges(outcome, before(historyDays), signal);
    deleted += await this.#deleteChanges('PLANNED', before(dryRunDays), signal);
    await this.texts.deleteUnused(before(Math.max(historyDays, dryRunDays)), signal);
    deleted += await this.#deleteJobs(true, before(dryRunDays), signal);
    return deleted + (await this.#deleteJobs(false, before(synchJobDays), signal));
  }

  #deleteChanges(outcome: RecordChange['outcome'], before: Date, signal: AbortSignal): Promise<number> {
    return deleteInBatches(
      { collection: this.changes, filter: { outcome, at: { $lt: before } }, sort: { at: 1 } },
      signal,
    );
  }

  /** The errors of a job and its ambiguities go with it, first: a job without them is looked up once more, they without job never. */
  #deleteJobs(dryRun: boolean, before: Date, signal: AbortSignal): Promise<number> {
    return deleteInBatches<SynchJob>(
      {
        collection: this.jobs,
        filter: { startedAt: { $lt: before }, dryRun, status: { $ne: 'IN_PROCESS' } },
        sort: { startedAt: 1 },
        before: async (ids) => {
          await rememberGone(this.db, this.jobs.collectionName, { _id: { $in: ids } });
          await this.errors.deleteMany({ synchJobId: { $in: ids } });
          await this.ambiguities.deleteMany({ synchJobId: { $in: ids } });
        },
      },
      signal,
    );
  }
}
