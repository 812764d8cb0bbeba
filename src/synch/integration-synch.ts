import type { Connector } from '../connectors/connector.js';
import { type JobExecutor, RunCancelledError, type RunContext, type RunOutcome } from '../job-queue/job-executor.js';
import {
  allowsDirection,
  directionInto,
  type IntegrationTableMapping,
  type SynchDirection,
} from '../mapping/integration-table-mapping.js';
import { type CompiledMapping, compileMapping } from './compiled-mapping.js';
import { describeError, makeError, RunFailedError } from './describe-error.js';
import { localCurrencyOf } from './local-currency.js';
import { matchGroupsOf } from './match-keys.js';
import { matchStaged } from './match-staged.js';
import { type ReadResult, stageChanges, stageDue } from './stage-changes.js';
import { type Side, type SynchError, sides } from './synch-error.js';
import type { SynchJobStatus } from './synch-job.js';
import {
  JobTally,
  newSynchJob,
  type SynchRun,
  type SynchRunOptions,
  type SynchStores,
  saveProgress,
} from './synch-run.js';
import { synchronizeStaged } from './synchronize-pairs.js';

/** What the synchronization is given by the composition root. */
export interface SynchDependencies {
  readonly stores: SynchStores;
  readonly mapping: (id: string) => Promise<IntegrationTableMapping | null>;
  readonly mappingsOf: (connectionSetupId: string) => Promise<readonly IntegrationTableMapping[]>;
  /** Brings the next run of these mappings' entries forward, because something they wait for has come. */
  readonly wakeMappings: (mappingIds: readonly string[]) => Promise<void>;
  /** Both systems of a connection, after making sure that they are still the ones that it was set up for. Throws RunFailedError. */
  readonly connect: (connectionSetupId: string, signal: AbortSignal) => Promise<Readonly<Record<Side, Connector>>>;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** The executor of INTEGRATION_SYNCH: one run of one mapping, in both of its directions. */
export const integrationSynch =
  (dependencies: SynchDependencies): JobExecutor =>
  async (context) => {
    const run = await openRun(dependencies, context);
    await run.stores.jobs.open(
      openJobs(run).map(({ job }) => job),
      run.compiled.mapping.id,
      run.now(),
    );
    try {
      const left = await synchronize(run);
      await closeJobs(run, null);
      return outcomeOf(run, left);
    } catch (error) {
      await closeFailed(run, context, error);
      throw error;
    } finally {
      await run.stores.stage.clear(run.runId).catch(() => undefined);
    }
  };

/** The story of a run. Answers how many pairs are left for the next one. */
async function synchronize(run: SynchRun): Promise<number> {
  const reads = await stageChanges(run);
  await stageDue(run);
  if (run.options.mode === 'MATCH_THEN_CREATE') await matchStaged(run);
  // Pairs that were coupled just now are due and have no base yet.
  const left = await synchronizeStaged(run);
  await moveCursors(run, reads);
  return left;
}

/** Everything before the cursors is settled by now: written, unchanged, or listed with its next attempt. */
async function moveCursors(run: SynchRun, reads: readonly ReadResult[]): Promise<void> {
  const { compiled, stores, leaseToken } = run;
  for (const { side, cursor, modifiedUntil } of reads) {
    run.assertHeld();
    await stores.cursors.move(
      compiled.mapping.id,
      side,
      { cursor, modifiedUntil, readFields: compiled.readFields[side], mappingHash: compiled.hash },
      leaseToken,
    );
  }
}

async function openRun(dependencies: SynchDependencies, context: RunContext): Promise<SynchRun> {
  const { stores, wakeMappings, now, newId } = dependencies;
  const { entry, runId, leaseToken, signal, startedBy } = context;
  const mapping = await requireMapping(dependencies, entry.mappingId, entry.code);
  const connectors = await dependencies.connect(mapping.connectionSetupId, signal);
  const lookups = new Map((await dependencies.mappingsOf(mapping.connectionSetupId)).map((one) => [one.name, one]));
  const compiled = await compile(mapping, connectors, lookups, signal);
  const job = (into: Side) => new JobTally(newSynchJob({ runId, compiled }, newId(), into, now()), now);
  return {
    runId,
    leaseToken,
    signal,
    compiled,
    connectors,
    stores,
    now,
    newId,
    assertHeld: () => context.assertHeld(),
    causedBy: startedBy,
    options: optionsOf(mapping, context),
    matchGroups: matchGroupsOf(compiled),
    localCurrency: await localCurrencyOf(compiled, connectors, signal),
    completed: new Set(),
    wakeMappings,
    jobs: { SALES: job('SALES'), BUSINESS: job('BUSINESS') },
  };
}

async function requireMapping(
  dependencies: SynchDependencies,
  mappingId: string | null,
  code: string,
): Promise<IntegrationTableMapping> {
  const mapping = mappingId === null ? null : await dependencies.mapping(mappingId);
  if (mapping === null)
    throw new RunFailedError(
      makeError(
        'CONFIGURATION',
        'NO_MAPPING',
        `job queue entry ${code} names no integration table mapping that exists: delete the entry, or create the mapping again`,
      ),
    );
  if (!mapping.enabled)
    throw new RunFailedError(
      makeError(
        'CONFIGURATION',
        'MAPPING_DISABLED',
        `the mapping ${mapping.name} is disabled: enable it, or set the entry On Hold`,
      ),
    );
  if (mapping.kind === 'OPTION')
    throw new RunFailedError(
      makeError(
        'CONFIGURATION',
        'OPTION_MAPPING',
        `the mapping ${mapping.name} couples options and has no job of its own`,
      ),
    );
  return mapping;
}

async function compile(
  mapping: IntegrationTableMapping,
  connectors: Readonly<Record<Side, Connector>>,
  lookups: ReadonlyMap<string, IntegrationTableMapping>,
  signal: AbortSignal,
): Promise<CompiledMapping> {
  const business = await connectors.BUSINESS.metadata(mapping.table, signal);
  const sales = await connectors.SALES.metadata(mapping.integrationTable, signal);
  try {
    return compileMapping(mapping, business, sales, lookups);
  } catch (error) {
    throw new RunFailedError(describeError(error), { cause: error });
  }
}

function optionsOf(mapping: IntegrationTableMapping, { entry }: RunContext): SynchRunOptions {
  const { direction = 'BIDIRECTIONAL', full = false, mode = null } = entry.parameters;
  const writes = (into: Side): boolean => isAllowed(mapping.direction, into) && isAllowed(direction, into);
  return {
    full: full || mode === 'MATCH_THEN_CREATE' || mode === 'CREATE_MISSING',
    mode,
    writes: { SALES: writes('SALES'), BUSINESS: writes('BUSINESS') },
  };
}

const isAllowed = (direction: SynchDirection, into: Side): boolean => allowsDirection(direction, directionInto(into));

/** The jobs that the run reports: one a direction, To first. */
const openJobs = (run: SynchRun): readonly JobTally[] =>
  [...sides].toReversed().flatMap((side) => (run.options.writes[side] ? [run.jobs[side]] : []));

async function closeJobs(
  run: SynchRun,
  stoppedBy: { readonly status: SynchJobStatus; readonly error: SynchError } | null,
): Promise<void> {
  await saveProgress(run);
  for (const { job, counters } of openJobs(run)) {
    const end = stoppedBy ?? { status: statusOf(counters), error: null };
    await run.stores.jobs.close(job._id, {
      ...counters,
      status: end.status,
      error: end.error,
      finishedAt: run.now(),
      message: end.error?.message ?? null,
    });
  }
}

/** SUCCESS without failed records; ERROR when all that had to be written failed; PARTIAL between. */
export function statusOf({ failed, inserted, modified, deleted }: JobTally['counters']): SynchJobStatus {
  if (failed === 0) return 'SUCCESS';
  return inserted + modified + deleted === 0 ? 'ERROR' : 'PARTIAL';
}

/** A run that lost its lease writes nothing more: the run after it closes these jobs. */
async function closeFailed(run: SynchRun, { signal }: RunContext, error: unknown): Promise<void> {
  try {
    run.assertHeld();
    await closeJobs(run, endOf(signal, error));
  } catch {
    // What stopped the run is told by the caller; it goes before a second error.
  }
}

function endOf(signal: AbortSignal, error: unknown): { readonly status: SynchJobStatus; readonly error: SynchError } {
  if (!signal.aborted) return { status: 'ERROR', error: describeError(error) };
  return signal.reason instanceof RunCancelledError
    ? { status: 'CANCELLED', error: makeError('TRANSIENT', 'CANCELLED', 'the run was cancelled; the next run goes on') }
    : {
        status: 'INTERRUPTED',
        error: makeError('TRANSIENT', 'INTERRUPTED', 'the run was stopped before its end; the next run goes on'),
      };
}

function outcomeOf(run: SynchRun, left: number): RunOutcome {
  const changedAnything = sides.some((side) => run.jobs[side].changedAnything);
  return { idle: !changedAnything && left === 0 };
}
