import type { Coupling } from '../coupling/coupling.js';
import type { CouplingSelectionStore } from '../coupling/coupling-selection-store.js';
import type { JobExecutor } from '../job-queue/job-executor.js';
import { coupleChange } from './couple-change.js';
import type { SynchDependencies } from './open-run.js';
import { pagesOfDocuments } from './pages-of.js';
import { recoverIntents } from './recover-intents.js';
import { runMapping } from './run-mapping.js';
import { jobInto, type SynchRun, saveProgress } from './synch-run.js';

/** Couplings that are forgotten together. */
const PAGE = 500;

/** What uncoupling a mapping is given. */
export interface UncoupleDependencies extends SynchDependencies {
  readonly selections: Pick<CouplingSelectionStore, 'remove'>;
}

/** The executor of UNCOUPLE: forgets all pairs of a mapping; the records stay. A pair whose write has no known outcome yet stays, too. */
export const uncoupleMapping = ({ selections, ...dependencies }: UncoupleDependencies): JobExecutor =>
  runMapping(
    dependencies,
    async (run) => {
      let left = 0;
      const { id } = run.compiled.mapping;
      for await (const page of pagesOfDocuments((afterId) => run.stores.couplings.page(id, afterId, PAGE))) {
        left += await forget(selections, run, page);
        await saveProgress(run);
      }
      return left;
    },
    { kind: 'UNCOUPLING' },
  );

async function forget(
  selections: Pick<CouplingSelectionStore, 'remove'>,
  run: SynchRun,
  page: readonly Coupling[],
): Promise<number> {
  await recoverIntents(
    run,
    page.filter(({ intents }) => intents.length > 0),
  );
  const present = await run.stores.couplings.byIds(page.map(({ _id }) => _id));
  run.assertHeld();
  const removed = await selections.remove(present.filter(({ intents }) => intents.length === 0));
  const { job } = jobInto(run, 'SALES');
  await run.stores.jobs.addChanges(
    present
      .filter(({ _id }) => removed.has(_id))
      .map((coupling) =>
        coupleChange(coupling, {
          id: `${run.runId}:${coupling._id}:UNCOUPLE`,
          action: 'UNCOUPLE',
          reason: 'all pairs of the mapping were uncoupled',
          actor: run.causedBy,
          at: run.now(),
          run: { runId: run.runId, synchJobId: job._id },
        }),
      ),
  );
  jobInto(run, 'SALES').count('uncoupled', removed.size);
  return present.length - removed.size;
}
