import type { SynchError } from '../synch/synch-error.js';
import type { JobQueueEntry } from './job-queue-entry.js';

/** What a running job is given. */
export interface RunContext {
  readonly entry: JobQueueEntry;
  readonly runId: string;
  /** Grows with every claim of this mapping (or of the entry, for tasks without mapping): fences the cursors that the run writes. */
  readonly leaseToken: number;
  readonly startedBy: string;
  readonly workerName: string;
  /** Aborts when the run is cancelled, times out, loses its lease or the process stops. */
  readonly signal: AbortSignal;
  /** Throws {@link LeaseLostError} once the lease has ended by this process's monotonic clock: call it right before each request that writes. */
  assertHeld(): void;
}

export interface RunOutcome {
  /** True when nothing was inserted, modified, deleted or failed: a recurring entry goes to sleep. */
  readonly idle: boolean;
  /** The work was done to its end and failed for good: the run becomes ERROR, and doing it again would change nothing. */
  readonly failure?: SynchError;
}

/** Does the work of one task. A thrown RunFailedError (or any error) makes the run ERROR and follows the entry's retry rule. */
export type JobExecutor = (context: RunContext) => Promise<RunOutcome>;

/** The reason of the signal of a run that somebody cancelled. */
export class RunCancelledError extends Error {
  override readonly name = 'RunCancelledError';
  constructor(
    runId: string,
    /** A token's name. */
    readonly cancelledBy: string,
  ) {
    super(`run ${runId} was cancelled; it stops without writing`);
  }
}

/** The reason of the signal of a run that took longer than its entry allows. */
export class RunTimedOutError extends Error {
  override readonly name = 'RunTimedOutError';
  constructor(
    runId: string,
    readonly timeoutSeconds: number,
  ) {
    super(`run ${runId} took longer than ${timeoutSeconds} s; it stops without writing`);
  }
}

/** The run no longer holds its lease: another worker may have taken it over, nothing more may be written. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  constructor(runId: string) {
    super(`run ${runId} no longer holds its lease; it stops without writing`);
  }
}
