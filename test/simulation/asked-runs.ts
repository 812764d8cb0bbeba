import type { Connector } from '../../src/connectors/connector.js';
import type { CouplingActionsDeps } from '../../src/coupling/actions/action-deps.js';
import { type CoupleRequest, coupleRecords } from '../../src/coupling/actions/couple-records.js';
import type { Coupling } from '../../src/coupling/coupling.js';
import type { CouplingSelection } from '../../src/coupling/coupling-filter.js';
import type { JobExecutor } from '../../src/job-queue/job-executor.js';
import type { PlannedChoice } from '../../src/job-queue/job-queue-entry.js';
import type { OneOffRequest } from '../../src/job-queue/one-off-store.js';
import type { IntegrationTableMapping } from '../../src/mapping/integration-table-mapping.js';
import { builtInTransformations } from '../../src/mapping/transformation/built-in-transformations.js';
import { type ApplyDependencies, applyDryRun } from '../../src/synch/dry-run/apply-dry-run.js';
import { ofSides } from '../../src/synch/dry-run/pages-of-pairs.js';
import { type UndoDependencies, undoSynchJob } from '../../src/synch/dry-run/undo-synch-job.js';
import { integrationSynch } from '../../src/synch/integration-synch.js';
import { livePairs } from '../../src/synch/live-pairs.js';
import type { Side } from '../../src/synch/synch-error.js';
import type { SynchStores } from '../../src/synch/synch-run.js';
import { type SynchronizeCouplingsDependencies, synchronizeCouplings } from '../../src/synch/synchronize-couplings.js';
import type { InMemoryDatabase } from './in-memory-stores.js';
import { type Asked, chosenChanges } from './orders.js';

type Dependencies = ApplyDependencies & UndoDependencies & SynchronizeCouplingsDependencies;

/** What each task is done by: the executors of the product. */
export const executors: Readonly<Record<Asked['task'], (dependencies: Dependencies) => JobExecutor>> = {
  INTEGRATION_SYNCH: integrationSynch,
  SYNCH_COUPLINGS: synchronizeCouplings,
  APPLY_DRY_RUN: applyDryRun,
  UNDO: undoSynchJob,
};

/** The changes and couplings that somebody chose, as the executors ask for them. */
export function changesIn(
  database: InMemoryDatabase,
  taken: (choice: PlannedChoice) => PlannedChoice = (choice) => choice,
): Pick<Dependencies, 'changes' | 'selections' | 'readOptions'> {
  const chosen = (mappingId: string | null, selection: CouplingSelection): Coupling[] => {
    if (!('ids' in selection)) throw new Error('expected a selection by ids');
    return [...database.couplings.values()]
      .filter(({ _id, mappingId: of }) => selection.ids.includes(_id) && (mappingId === null || of === mappingId))
      .toSorted((a, b) => (a._id < b._id ? -1 : 1));
  };
  return {
    // No mapping of a history couples options.
    readOptions: async () => undefined,
    changes: {
      countPlanned: async (choice) => ofSides(chosenChanges(database, choice)),
      countMade: async () => ({ BUSINESS: 0, SALES: 0 }),
      planned: async (choice, afterId, limit) =>
        chosenChanges(database, taken(choice))
          .filter(({ _id }) => afterId === null || _id > afterId)
          .slice(0, limit),
      made: async (synchJobIds, afterId, limit) =>
        [...database.changes.values()]
          .filter(
            ({ _id, synchJobId, outcome }) =>
              outcome === 'APPLIED' && synchJobIds.includes(synchJobId ?? '') && (afterId === null || _id > afterId),
          )
          .toSorted((a, b) => (a._id < b._id ? -1 : 1))
          .slice(0, limit),
    },
    selections: {
      page: async (mappingId, selection, afterId, limit) =>
        chosen(mappingId, selection)
          .filter(({ _id }) => afterId === null || _id > afterId)
          .slice(0, limit),
      countIn: async (mappingId, selection) => chosen(mappingId, selection).length,
    },
  };
}

/** What a person who couples acts upon. */
interface Counter {
  readonly couplings: SynchStores['couplings'];
  readonly jobs: SynchStores['jobs'];
  readonly mappings: () => readonly IntegrationTableMapping[];
  readonly connectors: Readonly<Record<Side, Connector>>;
  readonly ask: (asked: Asked) => void;
  readonly now: () => Date;
}

/** Couples two records as the service's mutation does; the run that it starts waits for a worker. */
export async function coupleByHand(
  { couplings, jobs, mappings, connectors, ask, now }: Counter,
  request: Omit<CoupleRequest, 'createMissing'>,
): Promise<void> {
  const pairs = livePairs({
    couplings,
    mappingsOf: async () => mappings(),
    rules: async () => builtInTransformations,
    connect: async () => connectors,
  });
  const jobQueue = {
    createOneOff: async ({ task, mappingId, parameters = {} }: OneOffRequest) => {
      ask({ task: task as Asked['task'], mappingId: mappingId ?? '', parameters });
      return { run: null };
    },
    // The schedule of a history goes its own way.
    pageOfEntries: async () => ({ items: [], hasMore: false }),
  };
  const deps = {
    couplings,
    history: jobs,
    pairs,
    mapping: async (id: string) => mappings().find((mapping) => mapping.id === id) ?? null,
    isConnectionEnabled: async () => true,
    jobQueue: { ...jobQueue, wake: async () => [] },
    now: async () => now(),
  };
  await coupleRecords(deps as unknown as CouplingActionsDeps, { ...request, createMissing: false }, 'a person');
}
