import type { Couplings } from '../coupling/coupling-store.js';
import type { JobExecutor, RunContext } from '../job-queue/job-executor.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import type { AuditStore } from './audit-store.js';
import { takeUpFaultyUnitGroups } from './audit-unit-groups.js';
import type { SynchDependencies } from './open-run.js';
import { pagesOfDocuments } from './pages-of.js';
import type { RecordChangeQueries } from './record-change-queries.js';
import { isPair } from './recoupled-pair.js';
import { runMapping } from './run-mapping.js';
import { stageCouplings } from './stage-changes.js';
import { sides } from './synch-error.js';
import type { SynchRun } from './synch-run.js';
import { synchronizeStaged } from './synchronize-pairs.js';
import { tableRuleOf, whyNeverAlone } from './table-rules.js';

/** Couplings that are compared together. */
const PAGE = 500;

/** What an audit is given. */
export interface AuditDependencies extends SynchDependencies {
  readonly audits: Pick<AuditStore, 'save'>;
  readonly changes: Pick<RecordChangeQueries, 'planned'>;
}

/**
 * The executor of AUDIT: reads both records of every coupling of a connection and writes to neither system. What differs
 * although it was taken to be in step becomes PENDING, so that the counters tell the truth and the next run carries it over.
 */
export const auditCouplings =
  (dependencies: AuditDependencies): JobExecutor =>
  async (context) => {
    const { connectionSetupId } = context.entry;
    const mappings = connectionSetupId === null ? [] : await dependencies.mappingsOf(connectionSetupId);
    for (const mapping of mappings) {
      if (!mapping.enabled || mapping.kind !== 'TABLE') continue;
      context.signal.throwIfAborted();
      await auditMapping(dependencies, mapping, context);
    }
    // What an audit finds says nothing about when the next one is worth its while.
    return { idle: false };
  };

async function auditMapping(
  dependencies: AuditDependencies,
  mapping: IntegrationTableMapping,
  context: RunContext,
): Promise<void> {
  const audit = runMapping(
    dependencies,
    async (run) => {
      await compareCouplings(run);
      // Pairs without a run of their own would be due for ever: what differs of them is told by the synch job alone.
      if (whyNeverAlone(mapping) !== null) return 0;
      const found = (await takeUpDifferences(dependencies, run)) + (await takeUpFaulty(dependencies, run));
      if (found > 0) await dependencies.wakeMappings([mapping.id]);
      return 0;
    },
    { kind: 'AUDIT', options: { mode: 'COUPLED_ONLY', writes: { BUSINESS: true, SALES: true } } },
  );
  // Nothing is written, so a run of the mapping at the same time disturbs neither.
  const runId = `${context.runId}:${mapping.id}`;
  await audit({ ...context, runId, entry: { ...context.entry, mappingId: mapping.id, parameters: { dryRun: true } } });
  await dependencies.audits.save(mapping, (await dependencies.clock())());
}

async function compareCouplings(run: SynchRun): Promise<void> {
  const total = await run.stores.couplings.countPairs(run.compiled.mapping.id);
  for (const tally of Object.values(run.jobs)) tally.total = total;
  for await (const page of pagesOfCouplings(run.stores.couplings, run)) {
    for (const tally of Object.values(run.jobs)) tally.count('read', page.filter(isPair).length);
    // What a run is writing at this moment is that run's.
    await stageCouplings(
      run,
      page.filter(({ intents }) => intents.length === 0),
    );
    await synchronizeStaged(run);
  }
}

const pagesOfCouplings = (couplings: Pick<Couplings, 'page'>, { compiled }: SynchRun) =>
  pagesOfDocuments((afterId) => couplings.page(compiled.mapping.id, afterId, PAGE));

/** Pairs that count as in step and would be written become due. Answers how many. */
async function takeUpDifferences({ stores, changes }: AuditDependencies, run: SynchRun): Promise<number> {
  const synchJobs = sides.map((side) => run.jobs[side].job).map(({ _id, direction }) => ({ id: _id, direction }));
  const choice = { synchJobs, changeIds: null, filter: null, exceptChangeIds: [] };
  let found = 0;
  for await (const page of pagesOfDocuments((afterId) => changes.planned(choice, afterId, PAGE))) {
    const couplings = await stores.couplings.byIds([...new Set(page.map(({ couplingId }) => couplingId))]);
    const taken = await stores.couplings.change(
      couplings
        .filter(({ state }) => state === 'COUPLED')
        .map(({ _id, revision }) => ({
          _id,
          revision,
          set: { state: 'PENDING', stateSince: run.now(), nextAttemptAt: run.now() },
        })),
    );
    found += taken.size;
  }
  return found;
}

async function takeUpFaulty({ stores: { couplings } }: AuditDependencies, run: SynchRun): Promise<number> {
  if (tableRuleOf(run.compiled.mapping.integrationTable).whenTouched === undefined) return 0;
  let found = 0;
  for await (const page of pagesOfCouplings(couplings, run))
    found += await takeUpFaultyUnitGroups(run, couplings, page);
  return found;
}
