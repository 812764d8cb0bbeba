import type { Db } from 'mongodb';
import type { SynchCounters, SynchJob } from '../synch/synch-job.js';
import { SynchJobStore } from '../synch/synch-job-store.js';
import type { Metrics } from './metrics.js';

const counted = [
  'inserted',
  'modified',
  'deleted',
  'unchanged',
  'skipped',
  'failed',
  'coupled',
  'uncoupled',
  'conflicts',
] as const satisfies readonly (keyof SynchCounters)[];

/** The store of synch jobs that counts, beside what it writes, the records of each mapping by what became of them. */
export class CountingSynchJobStore extends SynchJobStore {
  // What was told of the jobs that run.
  readonly #told = new Map<string, SynchJob>();

  constructor(
    db: Db,
    private readonly metrics: Metrics,
  ) {
    super(db);
  }

  override async open(jobs: readonly SynchJob[], mappingId: string | null, now: Date): Promise<void> {
    await super.open(jobs, mappingId, now);
    for (const job of jobs) if (!job.dryRun && job.kind !== 'AUDIT') this.#told.set(job._id, job);
  }

  override async saveCounters(jobId: string, counters: Parameters<SynchJobStore['saveCounters']>[1]): Promise<void> {
    await super.saveCounters(jobId, counters);
    this.#tell(jobId, counters);
  }

  override async close(jobId: string, end: Parameters<SynchJobStore['close']>[1]): Promise<void> {
    await super.close(jobId, end);
    this.#tell(jobId, end);
    this.#told.delete(jobId);
  }

  #tell(jobId: string, counters: SynchCounters): void {
    const job = this.#told.get(jobId);
    if (job === undefined) return;
    for (const action of counted) {
      this.metrics.recordsHandled(job.mappingName, action, counters[action] - job[action]);
    }
    this.#told.set(jobId, { ...job, ...counters });
  }
}
