import type { Collection, Db } from 'mongodb';
import type { MatchAmbiguity } from './match-ambiguity.js';
import type { RecordChange, SynchCounters, SynchJob, SynchJobError } from './synch-job.js';

const JOBS = 'synchJobs';
const ERRORS = 'synchJobErrors';
const CHANGES = 'recordChanges';
const AMBIGUITIES = 'matchAmbiguities';

/** What is saved of a job while it runs. */
export type SavedCounters = SynchCounters & Pick<SynchJob, 'maximumLagSeconds'>;

/** Writes synch jobs, their errors and the history of records; the lists stand in synch-queries.ts. */
export class SynchJobStore {
  private readonly jobs: Collection<SynchJob>;
  private readonly errors: Collection<SynchJobError>;
  private readonly changes: Collection<RecordChange>;
  private readonly ambiguities: Collection<MatchAmbiguity>;

  constructor(db: Db) {
    this.jobs = db.collection<SynchJob>(JOBS);
    this.errors = db.collection<SynchJobError>(ERRORS);
    this.changes = db.collection<RecordChange>(CHANGES);
    this.ambiguities = db.collection<MatchAmbiguity>(AMBIGUITIES);
  }

  /** Opens the jobs of a run. Those that an earlier run of the mapping left open are closed: this run holds the mapping, so nobody works on them. */
  async open(jobs: readonly SynchJob[], mappingId: string | null, now: Date): Promise<void> {
    if (mappingId !== null)
      await this.jobs.updateMany(
        { mappingId, status: 'IN_PROCESS', kind: { $ne: 'AUDIT' } },
        {
          $set: {
            status: 'INTERRUPTED',
            finishedAt: now,
            message: 'The run ended before this job was finished; the next run goes on.',
          },
        },
      );
    await this.jobs.insertMany([...jobs]);
  }

  async saveCounters(jobId: string, counters: SavedCounters): Promise<void> {
    await this.jobs.updateOne({ _id: jobId, status: 'IN_PROCESS' }, { $set: counters });
  }

  async close(
    jobId: string,
    end: SavedCounters & Pick<SynchJob, 'status' | 'finishedAt' | 'message' | 'error'>,
  ): Promise<void> {
    await this.jobs.updateOne({ _id: jobId, status: 'IN_PROCESS' }, { $set: end });
  }

  /** Adds errors; one that was added before (same id) stays as it is. */
  async addErrors(errors: readonly SynchJobError[]): Promise<void> {
    await insertOnce(this.errors, errors);
  }

  /** Adds history; a change that was added before (same id) stays as it is. */
  async addChanges(changes: readonly RecordChange[]): Promise<void> {
    await insertOnce(this.changes, changes);
  }

  /** Adds what matching could not decide; what was added before (same id) stays as it is. */
  async addAmbiguities(ambiguities: readonly MatchAmbiguity[]): Promise<void> {
    await insertOnce(this.ambiguities, ambiguities);
  }
}

async function insertOnce<T extends { readonly _id: string }>(
  collection: Collection<T>,
  documents: readonly T[],
): Promise<void> {
  if (documents.length === 0) return;
  await collection.bulkWrite(
    documents.map((document) => ({
      updateOne: { filter: { _id: document._id } as never, update: { $setOnInsert: document as never }, upsert: true },
    })),
    { ordered: false },
  );
}
