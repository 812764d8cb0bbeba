import type { Logger } from 'pino';
import { LeaseLostError } from './job-executor.js';

/** The leases of a run, as the worker that runs it sees them. */
export interface RunLease {
  /** Throws {@link LeaseLostError} unless the leases are held for certain, by this process's monotonic clock. */
  assertHeld(): void;
  /** From now on nothing may be written under them, though they are still extended until `stop`. */
  revoke(): void;
  /** Ends the heartbeats. */
  stop(): void;
}

export interface RunLeaseOptions {
  readonly runId: string;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** Moves the ends of the leases; false when one is no longer ours. */
  readonly extend: () => Promise<boolean>;
  readonly onLost: () => void;
  /** A clock that never jumps, in milliseconds. */
  readonly monotonicMs: () => number;
  /** When, by that clock, the claim was sent: the leases cannot end before `leaseMs` from there. */
  readonly claimedAtMs: number;
  readonly logger: Logger;
}

/**
 * Keeps the leases of a run by heartbeats. An unanswered heartbeat loses nothing yet: as long as nobody took the leases, a
 * later one extends them also past their end. But between their end by our clock and that heartbeat nothing may be written.
 */
export function keepLeases(options: RunLeaseOptions): RunLease {
  const { runId, leaseMs, heartbeatMs, extend, onLost, monotonicMs, logger } = options;
  let heldUntilMs = options.claimedAtMs + leaseMs;
  let stopped = false;
  let timer = setTimeout(beat, heartbeatMs);

  function beat(): void {
    void extendOnce().finally(() => {
      if (!stopped) timer = setTimeout(beat, heartbeatMs);
    });
  }

  async function extendOnce(): Promise<void> {
    const sentAtMs = monotonicMs();
    try {
      const held = await extend();
      if (stopped) return;
      if (held) heldUntilMs = Math.max(heldUntilMs, sentAtMs + leaseMs);
      else lose();
    } catch (error) {
      logger.warn({ reason: error instanceof Error ? error.name : 'unknown' }, 'a heartbeat was not answered');
    }
  }

  function lose(): void {
    stop();
    onLost();
  }

  let revoked = false;
  function stop(): void {
    stopped = true;
    clearTimeout(timer);
  }

  return {
    assertHeld() {
      if (revoked || stopped || monotonicMs() >= heldUntilMs) throw new LeaseLostError(runId);
    },
    revoke() {
      revoked = true;
    },
    stop,
  };
}
