import { type CouplingSet, parkedState } from './coupling-states.js';
import { countConflict, countOnce, failureSet, waitingSet, waitsForNothing } from './pair-outcome.js';
import { type PairStep, type PairWork, type PlannedStep, writesOf } from './pair-work.js';
import { isPair } from './recoupled-pair.js';
import { changesNothing, evaluatedWith, settlePair, titleSet } from './settle-pair.js';
import { settleWrites } from './settle-writes.js';
import { otherSide } from './synch-error.js';
import { jobInto, markMended, type SynchRun } from './synch-run.js';
import { beginWrites, sendWrites } from './write-pairs.js';

/**
 * Carries out one round of steps: intents first, then the writes, then what became of them. Answers the pairs that need
 * another round.
 */
export async function carryOut(run: SynchRun, planned: readonly PlannedStep[]): Promise<readonly PairWork[]> {
  await settleWithoutWrite(run, planned);
  const writes = await beginWrites(run, planned);
  if (writes.length === 0) return [];
  await sendWrites(run, writes);
  return settleWrites(run, writes);
}

/** Stores what needs no request to either system. */
async function settleWithoutWrite(run: SynchRun, planned: readonly PlannedStep[]): Promise<void> {
  const changes: { readonly work: PairWork; readonly set: CouplingSet }[] = [];
  const removed: PairWork['coupling'][] = [];
  const later = planned.flatMap(({ work, step }) => (step.kind === 'LATER' ? [work.coupling._id] : []));
  for (const { work, step } of planned) {
    if (step.kind === 'REMOVE') {
      countOnce(run, work, otherSide(work.stagedSide), isPair(work.coupling) ? 'uncoupled' : 'skipped');
      // What was refused because a record had a counterpart may go on.
      markMended(run, work.coupling);
      removed.push(work.coupling);
    }
    const set = setWithoutWrite(run, work, step);
    if (set !== null && !changesNothing(work.coupling, set)) changes.push({ work, set });
  }
  const stored = await run.stores.couplings.change(
    changes.map(({ work: { coupling }, set }) => ({ _id: coupling._id, revision: coupling.revision, set })),
  );
  for (const { work, set } of changes) {
    const { coupling } = work;
    if (stored.has(coupling._id)) work.coupling = { ...coupling, ...set, revision: coupling.revision + 1 };
  }
  const refused = changes.flatMap(({ work }) => (stored.has(work.coupling._id) ? [] : [work.coupling._id]));
  // What somebody else changed meanwhile is planned again in the next run.
  await run.stores.couplings.makeDue([...later, ...refused], run.now());
  await run.stores.couplings.remove(removed);
}

function setWithoutWrite(run: SynchRun, work: PairWork, step: PairStep): CouplingSet | null {
  switch (step.kind) {
    case 'LEAVE':
    case 'LATER':
      countOnce(run, work, otherSide(work.stagedSide), work.coupling.state === 'COUPLED' ? 'unchanged' : 'skipped');
      return null;
    case 'PARK':
      countOnce(run, work, otherSide(work.stagedSide), 'skipped');
      return {
        ...parkedState(work.coupling, step.state, step.error, run.now()),
        ...(step.state === 'CONFLICT' ? { rulesHash: run.compiled.rulesHash } : {}),
        ...evaluatedWith(run.compiled, work),
        ...titleSet(run.compiled, work),
        ...waitsForNothing,
      };
    case 'WAIT':
      return work.stored ? waitingSet(run, work, step) : null;
    case 'FAIL':
      return work.stored ? failureSet(run, work, step.into, step.error, step.hangsOn) : null;
    case 'SYNCHRONIZE': {
      if (writesOf(run, step.plan).length > 0) return null;
      const { conflicts, bases, untranslated } = step.plan;
      const into = otherSide(work.stagedSide);
      if (conflicts.length > 0) countConflict(run, work, into);
      else countOnce(run, work, into, 'unchanged');
      return settlePair(
        run.compiled,
        work,
        {
          bases,
          conflicts,
          untranslated,
          lastResult: conflicts.length > 0 ? 'CONFLICT' : 'UNCHANGED',
          lastSynchJobId: jobInto(run, into).job._id,
        },
        run.now(),
      );
    }
    default:
      return null;
  }
}
