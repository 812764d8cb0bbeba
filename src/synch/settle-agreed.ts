import type { CouplingSet } from './coupling-states.js';
import { decideStep } from './decide-step.js';
import { type PairWork, sidesToRead, writesOf } from './pair-work.js';
import type { References } from './references.js';
import { settlePair } from './settle-pair.js';
import type { SynchRun } from './synch-run.js';

/** A pair with what is about to be stored of it. */
export interface SettledPair {
  readonly work: PairWork;
  readonly set: CouplingSet;
}

/** The pair as it will be stored. */
export const asSettled = ({ work, set }: SettledPair): PairWork => ({
  ...work,
  coupling: { ...work.coupling, ...set },
});

/**
 * What a pair becomes whose next round would write nothing: it is planned now, so that it is stored once. So are new records,
 * whose fields of the other direction get their bases by that. Null for a pair that needs its round: something is to be read, to
 * be written, or in conflict.
 */
export function settleAgreed(run: SynchRun, settled: SettledPair, references: References): CouplingSet | null {
  const work = asSettled(settled);
  const { coupling } = work;
  if (sidesToRead(work).length > 0 || coupling.late.length > 0) return null;
  const step = decideStep(run, work, references);
  if (step.kind !== 'SYNCHRONIZE' || step.plan.conflicts.length > 0 || writesOf(run, step.plan).length > 0) return null;
  const { lastResult, lastSynchJobId } = coupling;
  if (lastResult === null || lastSynchJobId === null) return null;
  const { bases, conflicts, untranslated } = step.plan;
  const result = { bases, conflicts, untranslated, lastResult, lastSynchJobId };
  return { ...settled.set, ...settlePair(run.compiled, work, result, run.now()) };
}
