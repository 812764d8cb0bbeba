import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SynchError } from '../synch/synch-error.js';
import type { ClaimedRun } from './claim-store.js';
import {
  type JobExecutor,
  LeaseLostError,
  RunCancelledError,
  type RunOutcome,
  RunTimedOutError,
} from './job-executor.js';
import type { EndedRun } from './run-end-store.js';
import { interrupted } from './run-end-store.js';
import type { RunEnding } from './run-ending.js';
import { keepLeases, type RunLease } from './run-lease.js';

/** The reason of the signal of a run whose process stops. */
export class WorkerStoppingError extends Error {
  override readonly name = 'WorkerStoppingError';
  constructor() {
    super('the worker stops; the run is handed back');
  }
}

// Whoever cancels is told that it works within two seconds: half a second until the worker learns it, the rest for the
// executor to note what it leaves, and for the end to be written.
const CANCEL_GRACE_MS = 1_000;

/** What a run needs to be executed. */
export interface RunExecutionOptions {
  readonly run: ClaimedRun;
  readonly executor: JobExecutor;
  readonly workerName: string;
  readonly claimedAtMs: number;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** How long an executor has to react to its signal before the run is ended without it. */
  readonly abortGraceMs: number;
  readonly monotonicMs: () => number;
  readonly extendLeases: (run: ClaimedRun) => Promise<boolean>;
  /** Writes the end; null when the run was no longer ours. */
  readonly endRun: (run: ClaimedRun, ending: RunEnding) => Promise<EndedRun | null>;
  readonly describeError: (error: unknown) => SynchError;
  readonly logger: Logger;
}

/** A run in execution. */
export interface RunExecution {
  /** Tells the run that its process stops. */
  handBack(): void;
  /** Tells the run that somebody cancelled it; a second time changes nothing. */
  cancel(by: string): void;
  /** Resolves once the run has ended and that is written; null when it was lost to somebody else. Never rejects. */
  readonly ended: Promise<EndedRun | null>;
}

/** Begins to execute a claimed run: heartbeats, the work itself, and the end. */
export function executeRun(options: RunExecutionOptions): RunExecution {
  const { run, logger } = options;
  const aborting = new AbortController();
  const lease = keepLeases({
    ...options,
    runId: run.runId,
    extend: () => options.extendLeases(run),
    onLost: () => aborting.abort(new LeaseLostError(run.runId)),
  });
  const timeout = stopAfter(run.entry.timeoutSeconds, (seconds) =>
    aborting.abort(new RunTimedOutError(run.runId, seconds)),
  );
  return {
    handBack: () => aborting.abort(new WorkerStoppingError()),
    cancel: (by) => aborting.abort(new RunCancelledError(run.runId, by)),
    ended: execute(options, aborting.signal, lease).finally(() => {
      clearTimeout(timeout);
      lease.stop();
    }),
  };

  async function execute(of: RunExecutionOptions, signal: AbortSignal, held: RunLease): Promise<EndedRun | null> {
    logger.info('run began');
    const ending = await Promise.race([work(of, signal, held), givenUp(of, signal)]);
    // Whatever the executor still does after this must not reach the other systems.
    held.revoke();
    if (ending === null) {
      logger.warn('run lost its lease; somebody else goes on with it');
      return null;
    }
    const ended = await writeEnd(of, ending);
    if (ended === null) logger.warn('the end of the run was not written; the sweep settles it');
    else logger.info({ ending: ending.kind, status: ended.status }, 'run ended');
    return ended;
  }
}

async function work(
  { run, executor, workerName, describeError, logger }: RunExecutionOptions,
  signal: AbortSignal,
  lease: RunLease,
): Promise<RunEnding | null> {
  try {
    const outcome: RunOutcome = await executor({
      entry: run.entry,
      runId: run.runId,
      leaseToken: run.leaseToken,
      startedBy: run.startedBy,
      workerName,
      signal,
      assertHeld: () => lease.assertHeld(),
    });
    if (lostBy(signal)) return null;
    return outcome.failure === undefined
      ? { kind: 'succeeded', idle: outcome.idle }
      : { kind: 'failed', error: outcome.failure, final: true };
  } catch (error) {
    if (signal.aborted) return endingOfAbort(signal);
    if (error instanceof LeaseLostError) return interrupted('its lease could not be extended in time');
    // The text of an error may quote a record; where it happened does not.
    logger.warn({ error: error instanceof Error ? error.name : typeof error, at: framesOf(error) }, 'run failed');
    return { kind: 'failed', error: describeError(error) };
  }
}

/** Settles once the signal was aborted and the executor did not react in time. */
async function givenUp({ abortGraceMs }: RunExecutionOptions, signal: AbortSignal): Promise<RunEnding | null> {
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const cancelled = signal.reason instanceof RunCancelledError;
  await delay(cancelled ? Math.min(abortGraceMs, CANCEL_GRACE_MS) : abortGraceMs);
  return endingOfAbort(signal);
}

const lostBy = (signal: AbortSignal): boolean => signal.reason instanceof LeaseLostError;

function stopAfter(seconds: number | null, stop: (seconds: number) => void): NodeJS.Timeout | undefined {
  return seconds === null ? undefined : setTimeout(() => stop(seconds), seconds * 1_000);
}

/** The ending of a run that took longer than its entry allows: it failed, and its retries follow. */
const timedOut = (timeoutSeconds: number): RunEnding => ({
  kind: 'failed',
  error: {
    class: 'TRANSIENT',
    code: 'RUN_TIMED_OUT',
    message: `The run took longer than its ${timeoutSeconds} s and was stopped. Raise timeoutSeconds if it needs longer.`,
    side: null,
    field: null,
    retryable: true,
  },
});

function endingOfAbort(signal: AbortSignal): RunEnding | null {
  if (signal.reason instanceof RunTimedOutError) return timedOut(signal.reason.timeoutSeconds);
  if (signal.reason instanceof RunCancelledError) return { kind: 'cancelled', by: signal.reason.cancelledBy };
  return lostBy(signal) ? null : interrupted('its worker was stopped');
}

// A database without a primary must not cost the result of a run: heartbeats go on meanwhile. After several lease times
// the sweep of another worker has settled it, or no worker reaches the database.
async function writeEnd(options: RunExecutionOptions, ending: RunEnding): Promise<EndedRun | null> {
  const { run, endRun, leaseMs, heartbeatMs, monotonicMs, logger } = options;
  const giveUpAtMs = monotonicMs() + 6 * leaseMs;
  for (;;) {
    try {
      return await endRun(run, ending);
    } catch (error) {
      logger.warn(
        { reason: error instanceof Error ? error.name : 'unknown' },
        'the end of the run could not be written yet',
      );
      if (monotonicMs() >= giveUpAtMs) return null;
      await delay(Math.min(heartbeatMs, 1_000));
    }
  }
}

function framesOf(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  return error.stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
}
