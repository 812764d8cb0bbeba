import type { JobExecutor } from '../job-queue/job-executor.js';
import { endWithHeldDeletions, guardDeletions } from './guard-deletions.js';
import { matchStaged } from './match-staged.js';
import type { SynchDependencies } from './open-run.js';
import type { ReadResult } from './read-side.js';
import { runMapping } from './run-mapping.js';
import { stageChanges, stageDue } from './stage-changes.js';
import type { SynchRun } from './synch-run.js';
import { type Synchronized, synchronizeIntoEmpty } from './synchronize-into-empty.js';
import { synchronizeStaged } from './synchronize-pairs.js';

/** The executor of INTEGRATION_SYNCH: one run of one mapping, in both of its directions. */
export const integrationSynch = (dependencies: SynchDependencies): JobExecutor => runMapping(dependencies, synchronize);

/** The story of a run. Answers how many pairs are left for the next one. */
async function synchronize(run: SynchRun): Promise<number> {
  const { reads, left } = (await synchronizeIntoEmpty(run)) ?? (await synchronizeChanges(run));
  await moveCursors(run, reads);
  endWithHeldDeletions(run);
  return left;
}

/** All that changed is staged first, so that each pair is planned once from both of its sides. */
async function synchronizeChanges(run: SynchRun): Promise<Synchronized> {
  const reads = await stageChanges(run);
  await stageDue(run);
  await guardDeletions(run);
  await matchStaged(run);
  // Pairs that were coupled just now are due and have no base yet.
  return { reads, left: await synchronizeStaged(run) };
}

/** Everything before the cursors is settled by now: written, unchanged, or listed with its next attempt. */
async function moveCursors(run: SynchRun, reads: readonly ReadResult[]): Promise<void> {
  const { compiled, stores, leaseToken } = run;
  for (const { source, readFields, cursor, modifiedUntil, sweptAt } of reads) {
    run.assertHeld();
    await stores.cursors.move(
      compiled.mapping.id,
      source,
      { cursor, modifiedUntil, sweptAt, readFields, mappingHash: compiled.hash },
      leaseToken,
    );
  }
}
