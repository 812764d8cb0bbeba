import type { Coupling, LateValues } from '../coupling/coupling.js';
import { isNormalisedForm } from './convert-value.js';
import type { PairWork } from './pair-work.js';
import type { RecordChange } from './synch-job.js';
import { changeOf, type SynchRun } from './synch-run.js';

/**
 * The history of writes that were given up and that a system applied after all: what they wrote over must not be lost.
 * Recording one again adds nothing.
 */
export async function recordLandedLate(run: SynchRun, works: readonly PairWork[]): Promise<void> {
  const landed = works.flatMap((work) =>
    work.coupling.late.flatMap((late) => (hasLanded(work, late) ? landedChange(run, work.coupling, late) : [])),
  );
  await run.stores.jobs.addChanges(landed);
}

/** The record shows everything that was sent, and is no longer as it was before. */
function hasLanded({ seen }: PairWork, { side, values, write }: LateValues): boolean {
  const row = seen[side];
  if (row === undefined || write === undefined || row.version === write.version) return false;
  return Object.entries(values).every(([name, sent]) => isNormalisedForm(sent, row.values[name] ?? null));
}

function landedChange(run: SynchRun, coupling: Coupling, { side, values, write }: LateValues): RecordChange[] {
  if (write === undefined) return [];
  const reason = 'sent earlier without an answer, and applied late';
  const change = { side, action: 'MODIFY', reason, before: write.before, after: values } as const;
  return [changeOf(run, coupling, change, write.runId, write.number)];
}
