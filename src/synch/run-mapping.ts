import { type JobExecutor, RunCancelledError, type RunContext, type RunOutcome } from '../job-queue/job-executor.js';
import { describeError, makeError, RunRefusedError } from './describe-error.js';
import { asDryRun } from './dry-run/as-dry-run.js';
import { openRun, type RunFrame, type SynchDependencies } from './open-run.js';
import { type SynchError, sides } from './synch-error.js';
import type { SynchJobStatus } from './synch-job.js';
import { type JobTally, type SynchRun, saveProgress } from './synch-run.js';

/**
 * The executor of a task that works on one mapping: its synch jobs are opened before the work and closed after it, however
 * it ends. The work answers how many pairs it left for the next run.
 */
export const runMapping =
  (
    dependencies: SynchDependencies,
    work: (run: SynchRun, context: RunContext) => Promise<number>,
    frame: RunFrame = {},
  ): JobExecutor =>
  async (context) => {
    const opened = await openRun(dependencies, context, frame);
    const run = opened.options.dryRun ? asDryRun(opened, opened.stores.planned) : opened;
    await run.stores.jobs.open(
      openJobs(run).map(({ job }) => job),
      // An audit holds nothing: what another run of the mapping has open is not its own.
      frame.kind === 'AUDIT' ? null : run.compiled.mapping.id,
      run.now(),
    );
    try {
      const left = await work(run, context);
      await closeJobs(run, null);
      return outcomeOf(run, left);
    } catch (error) {
      await closeFailed(run, context, error);
      if (error instanceof RunRefusedError) return { idle: false, failure: error.error };
      throw error;
    } finally {
      await run.stores.stage.clear(run.runId).catch(() => undefined);
      if (run.options.dryRun) await run.stores.planned.clear(run.runId).catch(() => undefined);
    }
  };

/** The jobs that the run reports: one a direction, To first. */
const openJobs = (run: SynchRun): readonly JobTally[] =>
  [...sides].toReversed().flatMap((side) => (run.options.writes[side] ? [run.jobs[side]] : []));

async function closeJobs(
  run: SynchRun,
  stoppedBy: { readonly status: SynchJobStatus; readonly error: SynchError } | null,
): Promise<void> {
  await saveProgress(run);
  for (const { job, counters, maximumLagSeconds, message } of openJobs(run)) {
    const end = stoppedBy ?? { status: statusOf(counters), error: null };
    await run.stores.jobs.close(job._id, {
      ...counters,
      maximumLagSeconds,
      status: end.status,
      error: end.error,
      finishedAt: run.now(),
      message: end.error?.message ?? message,
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
