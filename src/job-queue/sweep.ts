import type { Logger } from 'pino';
import type { EndedRun } from './run-end-store.js';

/** What a sweep looks at. */
export interface SweepOptions {
  readonly leaseMs: number;
  readonly sweepMs: number;
  readonly monotonicMs: () => number;
  /** Tells the others that this worker lives. */
  readonly hearWorker: () => Promise<void>;
  readonly runsPastTheirLease: () => Promise<readonly string[]>;
  readonly interruptRun: (runId: string) => Promise<Pick<EndedRun, 'entryId'> | null>;
  readonly expireEntries: () => Promise<void>;
  /** Gives transitions their numbers whose process died before it could. */
  readonly numberTransitions: () => Promise<void>;
  readonly announceUpcoming: () => Promise<void>;
  readonly logger: Logger;
}

/**
 * Makes the regular look at what no event tells: runs whose worker died, entries that expired, wake-ups that are missing.
 *
 * A lease past its end may only mean that nobody could reach the database. So leases are judged only by a worker that
 * could read without a break for one lease time: within it every living worker has extended its own.
 */
export function makeSweep(options: SweepOptions): () => Promise<void> {
  const { leaseMs, sweepMs, monotonicMs, logger } = options;
  const longestPauseMs = Math.max(leaseMs / 2, 3 * sweepMs);
  let readableSinceMs: number | null = null;
  let lastReadMs = 0;

  function noteReading(): void {
    const nowMs = monotonicMs();
    if (readableSinceMs === null || nowMs - lastReadMs > longestPauseMs) readableSinceMs = nowMs;
    lastReadMs = nowMs;
  }

  const mayJudge = (): boolean => readableSinceMs !== null && monotonicMs() - readableSinceMs >= leaseMs;

  async function judgeLeases(): Promise<void> {
    for (const runId of await options.runsPastTheirLease()) {
      const ended = await options.interruptRun(runId);
      if (ended !== null) logger.warn({ runId, entryId: ended.entryId }, 'run interrupted: its worker was not heard');
    }
  }

  return async () => {
    try {
      await options.hearWorker();
      noteReading();
      if (mayJudge()) await judgeLeases();
      await options.expireEntries();
      await options.numberTransitions();
      await options.announceUpcoming();
    } catch (error) {
      readableSinceMs = null;
      throw error;
    }
  };
}
