import type { JobParameters, PlannedChoice } from '../../src/job-queue/job-queue-entry.js';
import type { RecordChange, SynchJob } from '../../src/synch/synch-job.js';
import type { SynchWorld } from './synch-world.js';

/** What a dry run planned, and the jobs that hold it. */
export interface DryRun {
  readonly jobs: readonly SynchJob[];
  readonly changes: readonly RecordChange[];
}

export async function dryRunOf(world: SynchWorld, parameters: JobParameters = {}): Promise<DryRun> {
  const before = new Set((await world.jobs()).map(({ _id }) => _id));
  await world.run({ ...parameters, dryRun: true });
  const jobs = (await world.jobs()).filter(({ _id }) => !before.has(_id));
  const ids = new Set(jobs.map(({ _id }) => _id));
  return { jobs, changes: (await world.history()).filter(({ synchJobId }) => ids.has(synchJobId ?? '')) };
}

/** Asks a run to apply all that dry runs planned, or a part of it. */
export const applying = (jobs: readonly SynchJob[], parts: Partial<PlannedChoice> = {}): JobParameters => ({
  apply: {
    synchJobs: jobs.map(({ _id, direction }) => ({ id: _id, direction })),
    changeIds: null,
    filter: null,
    exceptChangeIds: [],
    ...parts,
  },
});
