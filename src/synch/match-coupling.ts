import type { JobExecutor } from '../job-queue/job-executor.js';
import { matchStaged } from './match-staged.js';
import type { SynchDependencies } from './open-run.js';
import { pagesOfDocuments, pagesOfRecords } from './pages-of.js';
import { isPair } from './recoupled-pair.js';
import { runMapping } from './run-mapping.js';
import { stageChanges } from './stage-changes.js';
import { otherSide, type Side, sides } from './synch-error.js';
import { jobInto, type SynchRun, saveProgress, wakeHolders } from './synch-run.js';
import { synchronizeStaged } from './synchronize-pairs.js';

/** Couplings and records that are looked at together. */
const PAGE = 500;

/**
 * The executor of MATCH_COUPLING: reads all records of both sides, couples those that match, and lists what has several
 * candidates. New pairs are synchronized and records without match are created only where that was asked for; pairs that
 * were coupled before are not touched, and no cursor moves.
 */
export const matchCoupling = (dependencies: SynchDependencies): JobExecutor =>
  runMapping(
    dependencies,
    async (run, { entry: { parameters } }) => {
      const { createIfNoMatch, synchronize } = parameters.match ?? { createIfNoMatch: false, synchronize: false };
      await stageChanges(run);
      await matchStaged(run);
      await leaveCouplings(run, synchronize);
      for (const side of sides) await leaveUnmatched(run, side, createIfNoMatch);
      const left = await synchronizeStaged(run);
      await wakeHolders(run);
      await saveProgress(run);
      return left;
    },
    { kind: 'COUPLING', options: { mode: 'MATCH_THEN_CREATE', full: true } },
  );

/** Takes out what was coupled before, or everything that is coupled where nothing is to be synchronized now. */
async function leaveCouplings(run: SynchRun, synchronizeNew: boolean): Promise<void> {
  const { stores, compiled, runId } = run;
  const { id } = compiled.mapping;
  for await (const page of pagesOfDocuments((afterId) => stores.couplings.page(id, afterId, PAGE))) {
    const left = page.filter(
      (coupling) =>
        !synchronizeNew || coupling.lastResult !== 'COUPLE' || coupling.state !== 'PENDING' || !isPair(coupling),
    );
    await stores.stage.remove(
      runId,
      'BUSINESS',
      left.flatMap(({ businessId }) => businessId ?? []),
    );
    await stores.stage.remove(
      runId,
      'SALES',
      left.flatMap(({ salesId }) => salesId ?? []),
    );
  }
}

/** Records without a match are left alone and counted, unless they are to be created. */
async function leaveUnmatched(run: SynchRun, side: Side, create: boolean): Promise<void> {
  const { stores, compiled, runId } = run;
  if (create) return;
  for await (const page of pagesOfRecords((afterId) => stores.stage.page(runId, side, afterId, PAGE))) {
    const coupled = await stores.couplings.coupledIds(
      compiled.mapping.id,
      side,
      page.map(({ id }) => id),
    );
    const unmatched = page.filter(({ id }) => !coupled.has(id));
    const inFilter = unmatched.filter(({ version, values }) => version !== null && compiled.inFilter[side](values));
    jobInto(run, otherSide(side)).count('skipped', inFilter.length);
    await stores.stage.remove(
      runId,
      side,
      unmatched.map(({ id }) => id),
    );
  }
  const job = jobInto(run, otherSide(side));
  const { skipped } = job.counters;
  if (skipped > 0) job.message = `${skipped} records have no match, and were neither coupled nor created.`;
}
