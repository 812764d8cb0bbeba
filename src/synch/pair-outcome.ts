import { type Coupling, referenceKey } from '../coupling/coupling.js';
import { type CouplingSet, failedState, waitingState } from './coupling-states.js';
import { makeError } from './describe-error.js';
import type { PairStep, PairWork } from './pair-work.js';
import { evaluatedWith, titleSet } from './settle-pair.js';
import { isSameError, type Side, type SynchError } from './synch-error.js';
import { jobInto, markTroubled, type SynchRun } from './synch-run.js';

/** What a failed pair becomes; it is counted and listed in the job of the direction that had to be written. */
export function failureSet(
  run: SynchRun,
  work: PairWork,
  into: Side,
  error: SynchError,
  hangsOn: readonly string[] = [],
): CouplingSet {
  const set = {
    ...failedState(work.coupling, error, { now: run.now(), retryMs: run.parkedRetryMs }),
    ...hangingSet(work.coupling, hangsOn),
    ...evaluatedWith(run.compiled, work),
    ...titleSet(run.compiled, work),
    ...waitsForNothing,
    lastSynchJobId: jobInto(run, into).job._id,
  };
  const { coupling } = work;
  if (coupling.error === null || set.state === 'SKIPPED' || !isSameError(coupling.error, error))
    markTroubled(run, coupling);
  countOnce(run, work, into, set.state === 'SKIPPED' ? 'skipped' : 'failed');
  jobInto(run, into).list({ ...work.coupling, ...set }, error);
  return set;
}

/** What it hangs on now; nothing to store where that is nothing, as before. */
export const hangingSet = ({ hangsOn: before = [] }: Coupling, hangsOn: readonly string[]): CouplingSet =>
  before.length === 0 && hangsOn.length === 0 ? {} : { hangsOn };

/**
 * What it waited for must not make it due again and again once it has come. What it still has a use for is noted anew when the
 * pair is planned the next time.
 */
export const waitsForNothing = { waitingFor: [], waitingKeys: [] } satisfies CouplingSet;

/** Nothing of the pair is written until its references are coupled; it is taken up again as soon as they are. */
export function waitingSet(run: SynchRun, work: PairWork, step: WaitStep): CouplingSet {
  const { into, waitingFor } = step;
  countOnce(run, work, into, 'skipped');
  return {
    ...waitingState(work.coupling, waitingError(step), run.now()),
    ...evaluatedWith(run.compiled, work),
    ...titleSet(run.compiled, work),
    waitingFor,
    waitingKeys: waitingFor.map(({ mappingName, side, recordId }) => referenceKey(mappingName, side, recordId)),
    lastSynchJobId: jobInto(run, into).job._id,
  };
}

/** Why nothing is written of a record whose reference is not coupled yet. */
export const waitingError = (step: Pick<WaitStep, 'into' | 'waitingFor' | 'awaited'>): SynchError =>
  makeError('DEPENDENCY', 'REFERENCE_NOT_COUPLED', waitingMessage(step), {
    side: step.into,
    field: step.waitingFor[0]?.field ?? null,
  });

type WaitStep = Extract<PairStep, { kind: 'WAIT' }>;

/** Names the record that is waited for, and what stands against its coupling. */
function waitingMessage({ waitingFor: [first], awaited = null }: Pick<WaitStep, 'waitingFor' | 'awaited'>): string {
  const through = `through ${first?.mappingName}`;
  if (awaited === null || awaited.title === '')
    return `it refers to a record that is not coupled ${through} yet; it goes on as soon as that is`;
  if (awaited.error === null)
    return `it refers to ${awaited.title}, which is not coupled ${through} yet; it goes on as soon as that is`;
  return `it refers to ${awaited.title}, which is not coupled ${through} (${awaited.state}, ${awaited.error.code}: ${awaited.error.message}); it goes on as soon as that is`;
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
  jobInto(run, into).count(counter);
}

export function countConflict(run: SynchRun, work: PairWork, into: Side): void {
  const known = work.coupling.state === 'CONFLICT';
  countOnce(run, work, into, 'skipped');
  if (!known) jobInto(run, into).count('conflicts');
}
