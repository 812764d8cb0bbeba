import { type CouplingSet, failedState } from './coupling-states.js';
import type { PairWork } from './pair-work.js';
import { evaluatedWith, titleSet } from './settle-pair.js';
import type { Side, SynchError } from './synch-error.js';
import type { SynchRun } from './synch-run.js';

/** What a failed pair becomes; it is counted and listed in the job of the direction that had to be written. */
export function failureSet(run: SynchRun, work: PairWork, into: Side, error: SynchError): CouplingSet {
  const set = {
    ...failedState(work.coupling, error, run.now()),
    ...evaluatedWith(run.compiled, work),
    ...titleSet(run.compiled, work),
    lastSynchJobId: run.jobs[into].job._id,
  };
  countOnce(run, work, into, set.state === 'SKIPPED' ? 'skipped' : 'failed');
  run.jobs[into].list({ ...work.coupling, ...set }, error);
  return set;
}

/** Counts a pair once in a run, however many rounds it takes. */
export function countOnce(
  run: SynchRun,
  work: PairWork,
  into: Side,
  counter: 'unchanged' | 'skipped' | 'failed' | 'uncoupled',
): void {
  if (work.counted) return;
  work.counted = true;
  run.jobs[into].count(counter);
}

export function countConflict(run: SynchRun, work: PairWork, into: Side): void {
  const known = work.coupling.state === 'CONFLICT';
  countOnce(run, work, into, 'skipped');
  if (!known) run.jobs[into].count('conflicts');
}
