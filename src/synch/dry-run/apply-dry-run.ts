import type { Coupling } from '../../coupling/coupling.js';
import type { JobExecutor } from '../../job-queue/job-executor.js';
import type { PlannedChoice } from '../../job-queue/job-queue-entry.js';
import { directionInto } from '../../mapping/integration-table-mapping.js';
import { coupleMatch, coupleMatches } from '../couple-match.js';
import type { SynchDependencies } from '../open-run.js';
import type { ReadOptionsRequest } from '../read-options.js';
import type { RecordChangeQueries } from '../record-change-queries.js';
import { holdsOf } from '../record-holds.js';
import { keptOf } from '../recoupled-pair.js';
import { runMapping } from '../run-mapping.js';
import { stageCouplings } from '../stage-changes.js';
import { readStaged, stageRecords } from '../staged-records.js';
import { otherSide, type Side, sides } from '../synch-error.js';
import { actionsDone, type RecordChange } from '../synch-job.js';
import { countOfSides, jobInto, type SynchRun } from '../synch-run.js';
import { synchronizeStaged } from '../synchronize-pairs.js';
import { ofSides, pagesOfPairs } from './pages-of-pairs.js';
import { PlanGate } from './plan-gate.js';

/** What applying a dry run is given. */
export interface ApplyDependencies extends SynchDependencies {
  readonly changes: Pick<RecordChangeQueries, 'planned' | 'countPlanned'>;
  /** Couples the options of both systems, which a dry run made no records for. */
  readonly readOptions: (request: ReadOptionsRequest, signal: AbortSignal) => Promise<void>;
}

/**
 * The executor of APPLY_DRY_RUN: each chosen pair is planned anew, and written only where that gives exactly the write that
 * the dry run planned, from records that have not changed since. What is not the same any more is refused and listed.
 */
export const applyDryRun = (dependencies: ApplyDependencies): JobExecutor =>
  runMapping(
    dependencies,
    async (run, { entry: { parameters } }) => {
      const choice = parameters.apply;
      if (choice === undefined) throw new Error('the run names no dry run to apply');
      return applyChoice(dependencies, run, choice);
    },
    {
      kind: 'APPLY',
      // Each chosen record without counterpart gets one; those that were not chosen are not even read.
      options: { mode: 'CREATE_MISSING', forced: true },
      basedOn: ({ entry: { parameters } }, into) =>
        parameters.apply?.synchJobs.find(({ direction }) => direction === directionInto(into))?.id ?? null,
    },
  );

async function applyChoice(
  { changes, readOptions }: ApplyDependencies,
  run: SynchRun,
  choice: PlannedChoice,
): Promise<number> {
  const { mapping, fields } = run.compiled;
  const refersToOptions = fields.some(({ lookup }) => lookup?.isOption === true);
  if (refersToOptions) await readOptions({ connectionSetupId: mapping.connectionSetupId, dryRun: false }, run.signal);
  const pages = pagesOfPairs((afterId, limit) => changes.planned(choice, afterId, limit));
  countOfSides(run, 'total', await changes.countPlanned(choice));
  for await (const page of pages) {
    const done = page.filter(({ action }) => actionsDone.includes(action));
    countOfSides(run, 'read', ofSides(done));
    await applyPage(run, done);
  }
  return 0;
}

async function applyPage(run: SynchRun, planned: readonly RecordChange[]): Promise<void> {
  const gate = new PlanGate(planned, optionFields(run));
  const gated: SynchRun = { ...run, gate };
  const coupled = await couplePlanned(gated, planned);
  const known = await gated.stores.couplings.byIds([
    ...new Set(planned.map(({ couplingId }) => couplingId)),
    ...coupled,
  ]);
  await stageCouplings(gated, known);
  for (const side of sides) await stageSources(gated, side, planned);
  await synchronizeStaged(gated);
  await listRefused(gated, gate.refused(coupled));
}

/** Fields of the business system that name the code of a choice. */
const optionFields = ({ compiled }: SynchRun): ReadonlySet<string> =>
  new Set(compiled.fields.flatMap(({ lookup, field }) => (lookup?.isOption === true ? field : [])));

/** Records that get their counterpart: the record itself is read; whether it is coupled by now is seen when it is planned. */
async function stageSources(run: SynchRun, into: Side, planned: readonly RecordChange[]): Promise<void> {
  const source = otherSide(into);
  const ids = planned
    .filter(({ action, side }) => action === 'INSERT' && side === into)
    .flatMap(({ businessId, salesId }) => (source === 'BUSINESS' ? businessId : salesId) ?? []);
  const taken = await run.stores.couplings.coupledIds(run.compiled.mapping.id, source, ids);
  const free = ids.filter((id) => !taken.has(id));
  await stageRecords(run, await readStaged(run, source, free));
}

/** Makes the planned pairs of records that are still without counterpart. Answers the couplings of those that were made. */
async function couplePlanned(run: SynchRun, planned: readonly RecordChange[]): Promise<ReadonlySet<string>> {
  const pairs = planned.filter(({ action }) => action === 'COUPLE');
  if (pairs.length === 0) return new Set();
  const holds = await Promise.all(
    sides.map((side) =>
      holdsOf(
        run,
        side,
        pairs.flatMap((pair) => (side === 'BUSINESS' ? pair.businessId : pair.salesId) ?? []),
      ),
    ),
  );
  const made = new Set<string>();
  const uncoupled: RecordChange[] = [];
  for (const pair of pairs) {
    const both = [holds[0]?.get(pair.businessId ?? ''), holds[1]?.get(pair.salesId ?? '')];
    if (both.some((hold) => hold?.kind !== 'FREE')) continue;
    const former = both.flatMap((hold) => (hold?.kind === 'FREE' ? (hold.coupling ?? []) : []));
    if (former.length === 0) uncoupled.push(pair);
    else if (await goesOn(run, pair, former)) made.add(pair.couplingId);
  }
  return new Set([...made, ...(await coupleMatches(run, uncoupled))]);
}

/** The coupling that was planned to go on with both records does so. */
async function goesOn(run: SynchRun, { couplingId, ...records }: RecordChange, former: readonly Coupling[]) {
  const [kept] = keptOf(former);
  if (kept?._id !== couplingId) return false;
  const { businessId, salesId, title } = records;
  return (await coupleMatch(run, { records: { businessId, salesId, title }, former })) !== null;
}

async function listRefused(run: SynchRun, refused: readonly RecordChange[]): Promise<void> {
  for (const { side } of refused) jobInto(run, side).count('skipped');
  await run.stores.jobs.addChanges(
    refused.map((change) => ({
      ...change,
      _id: `${run.runId}:${change._id}`,
      runId: run.runId,
      synchJobId: jobInto(run, change.side).job._id,
      at: run.now(),
      outcome: 'REFUSED',
      reason: 'a record or its pair is no longer as it was when this was planned',
      causedBy: run.causedBy,
    })),
  );
}
