import type { Coupling } from '../coupling/coupling.js';
import type { CouplingSelection } from '../coupling/coupling-filter.js';
import type { CouplingSelectionStore } from '../coupling/coupling-selection-store.js';
import type { JobExecutor } from '../job-queue/job-executor.js';
import { makeError, RunRefusedError } from './describe-error.js';
import type { SynchDependencies } from './open-run.js';
import { pagesOfDocuments } from './pages-of.js';
import { idOn, stateOn } from './pair-work.js';
import { runMapping } from './run-mapping.js';
import { stageCouplings } from './stage-changes.js';
import { sides } from './synch-error.js';
import type { SynchRun } from './synch-run.js';
import { synchronizeStaged } from './synchronize-pairs.js';

/** Couplings that are read and written together. */
const PAGE = 500;

/** What synchronizing chosen couplings is given. */
export interface SynchronizeCouplingsDependencies extends SynchDependencies {
  readonly selections: Pick<CouplingSelectionStore, 'page' | 'countIn'>;
}

/** The executor of SYNCH_COUPLINGS: the pairs that somebody chose, whatever their state, without moving a cursor. */
export const synchronizeCouplings = (dependencies: SynchronizeCouplingsDependencies): JobExecutor =>
  runMapping(dependencies, async (run, { entry: { parameters } }) => {
    const { couplings: selection = { ids: [] }, expectedRevision = null } = parameters;
    if (expectedRevision !== null) await requireUnchanged(run, selection, expectedRevision);
    return synchronizeSelection(dependencies, run, selection);
  });

async function synchronizeSelection(
  { selections }: SynchronizeCouplingsDependencies,
  run: SynchRun,
  selection: CouplingSelection,
): Promise<number> {
  const total = await selections.countIn(run.compiled.mapping.id, selection);
  for (const tally of Object.values(run.jobs)) tally.total = total;
  let left = 0;
  const mappingId = run.compiled.mapping.id;
  for await (const page of pagesOfDocuments((afterId) => selections.page(mappingId, selection, afterId, PAGE))) {
    for (const tally of Object.values(run.jobs)) tally.count('read', page.length);
    await stageCouplings(run, page);
    left += await synchronizeStaged(run);
  }
  return left;
}

/** A decision holds for what the person saw: the pair and both records have to be as they were then. */
async function requireUnchanged(run: SynchRun, selection: CouplingSelection, revision: number): Promise<void> {
  const ids = 'ids' in selection ? selection.ids : [];
  const couplings = await run.stores.couplings.byIds(ids);
  await stageCouplings(run, couplings);
  for (const coupling of couplings) {
    const staged = await Promise.all(
      sides.map((side) => run.stores.stage.byIds(run.runId, side, [idOn(coupling, side) ?? ''])),
    );
    const changed = sides.some((side, index) => staged[index]?.[0]?.version !== stateOn(coupling, side).version);
    if (coupling.revision !== revision || changed) throw staleError(coupling);
  }
  if (couplings.length < ids.length) throw staleError(null);
}

/** The code that whoever decided is answered with. */
export const STALE = 'STALE_REVISION';

const staleError = (coupling: Coupling | null): RunRefusedError =>
  new RunRefusedError(
    makeError(
      'CONFLICT',
      STALE,
      `${coupling?.title ?? 'the pair'} changed since it was read: look at it again, then decide`,
    ),
  );
