import type { Collection, Db } from 'mongodb';
import { CouplingCountsStore } from '../coupling/coupling-counts-store.js';
import { insertNew } from '../store/insert-new.js';
import { isTooLarge, LongTextsStore } from '../store/long-texts-store.js';
import type { MatchAmbiguity } from './match-ambiguity.js';
import { asStoredChange, type StoredChange } from './stored-change.js';
import type { RecordChange, SynchCounters, SynchJob, SynchJobError } from './synch-job.js';

const JOBS = 'synchJobs';
const ERRORS = 'synchJobErrors';
const CHANGES = 'recordChanges';
const AMBIGUITIES = 'matchAmbiguities';

/** While a job runs, the couplings of its mapping are counted no more often. */
const RECOUNT_MS = 2_000;

/** What is saved of a job while it runs. */
export type SavedCounters = SynchCounters & Pick<SynchJob, 'maximumLagSeconds'>;

/** Writes synch jobs, their errors and the history of records; the lists stand in synch-queries.ts. */
export class SynchJobStore {
  private readonly jobs: Collection<SynchJob>;
  private readonly errors: Collection<SynchJobError>;
  private readonly changes: Collection<StoredChange>;
  private readonly ambiguities: Collection<MatchAmbiguity>;
  private readonly texts: LongTextsStore;

  private readonly counts: CouplingCountsStore;
  // When the couplings of a job's mapping were counted last, by this process's clock that never jumps.
  private readonly countedAtMs = new Map<string, number>();

  constructor(db: Db) {
    this.counts = new CouplingCountsStore(db);
    this.jobs = db.collection<SynchJob>(JOBS);
    this.errors = db.collection<SynchJobError>(ERRORS);
    this.changes = db.collection<StoredChange>(CHANGES);
    this.ambiguities = db.collection<MatchAmbiguity>(AMBIGUITIES);
    this.texts = new LongTextsStore(db);
  }

  /**
   * Opens the jobs of a run. Those that an earlier run of the mapping left open are closed, and what it left uncounted is
   * counted: this run holds the mapping, so nobody works on them.
   */
  async open(jobs: readonly SynchJob[], mappingId: string | null, now: Date): Promise<void> {
    if (mappingId !== null) await this.#closeLeft(mappingId, now);
    await this.jobs.insertMany([...jobs]);
  }

  async #closeLeft(mappingId: string, now: Date): Promise<void> {
    const left = { mappingId, status: 'IN_PROCESS', kind: { $ne: 'AUDIT' } } as const;
    const job = await this.jobs.findOne(left);
    if (job === null) return;
    // Before they are closed: a process that dies in between leaves both to the next one.
    await this.counts.recount([{ id: mappingId, name: job.mappingName, connectionSetupId: job.connectionSetupId }]);
    const message = 'The run ended before this job was finished; the next run goes on.';
    await this.jobs.updateMany(left, { $set: { status: 'INTERRUPTED', finishedAt: now, message } });
  }

  async saveCounters(jobId: string, counters: SavedCounters & Pick<SynchJob, 'total'>): Promise<void> {
    await this.jobs.updateOne({ _id: jobId, status: 'IN_PROCESS' }, { $set: counters });
    const countedAtMs = this.countedAtMs.get(jobId) ?? 0;
    if (performance.now() - countedAtMs < RECOUNT_MS) return;
    this.countedAtMs.set(jobId, performance.now());
    await this.#recount(jobId, counters);
  }

  async close(
    jobId: string,
    end: SavedCounters & Pick<SynchJob, 'status' | 'finishedAt' | 'message' | 'error'>,
  ): Promise<void> {
    // Whoever is told of the job's end may ask at once how the couplings stand now.
    await this.#recount(jobId, end);
    this.countedAtMs.delete(jobId);
    await this.jobs.updateOne({ _id: jobId, status: 'IN_PROCESS' }, { $set: end });
  }

  async #recount(jobId: string, counters: SavedCounters): Promise<void> {
    if (statesOf(counters).every((count) => count === 0)) return;
    const job = await this.jobs.findOne({ _id: jobId, status: 'IN_PROCESS' });
    if (job === null) return;
    const { mappingId: id, mappingName: name, connectionSetupId } = job;
    await this.counts.recount([{ id, name, connectionSetupId }]);
  }

  /** Adds errors; one that was added before (same id) stays as it is. */
  async addErrors(errors: readonly SynchJobError[]): Promise<void> {
    await insertNew(this.errors, errors);
  }

  /** Adds history; a change that was added before (same id) stays as it is. */
  async addChanges(changes: readonly RecordChange[]): Promise<void> {
    const stored: StoredChange[] = [];
    for (const change of changes) {
      const { connectionSetupId, fields } = change;
      const apart = isTooLarge(fields)
        ? { ...change, fields: await this.texts.apart(connectionSetupId, fields) }
        : change;
      stored.push(asStoredChange(apart));
    }
    await insertNew(this.changes, stored);
  }

  /** Adds what matching could not decide; what was added before (same id) stays as it is. */
  async addAmbiguities(ambiguities: readonly MatchAmbiguity[]): Promise<void> {
    await insertNew(this.ambiguities, ambiguities);
  }
}

/** The counters of records whose pair may stand otherwise now. */
const statesOf = (counters: SavedCounters): number[] => [
  counters.inserted,
  counters.modified,
  counters.deleted,
  counters.unchanged,
  counters.skipped,
  counters.failed,
  counters.coupled,
  counters.uncoupled,
  counters.conflicts,
];
