import { LeaseLostError } from '../../src/job-queue/job-executor.js';
import type { Asked } from './orders.js';
import type { Actor } from './scheduler.js';

export const LEASE_MS = 15_000;

/** A run of a mapping, as its worker holds it. */
export interface HeldRun {
  readonly runId: string;
  readonly mappingId: string;
  readonly token: number;
  readonly signal: AbortSignal;
  readonly abort: (reason: Error) => void;
  /** By the worker's monotonic clock. */
  heldUntil: number;
  /** Steps that the worker takes before its first heartbeat after it stood still. */
  stepsBeforeBeat: number;
}

interface Lease {
  token: number;
  runId: string | null;
  endsAt: number;
}

/** The leases of the mappings, by the clock of the database. */
export class Leases {
  private readonly leases = new Map<string, Lease>();

  /** Takes the lease of a mapping that nobody holds, or whose holder was not heard of for a lease time. */
  claim(mappingId: string, runId: string, time: number): HeldRun | null {
    const lease = this.leases.get(mappingId) ?? { token: 0, runId: null, endsAt: 0 };
    if (lease.runId !== null && lease.endsAt >= time) return null;
    const aborting = new AbortController();
    this.leases.set(mappingId, { token: lease.token + 1, runId, endsAt: time + LEASE_MS });
    return {
      runId,
      mappingId,
      token: lease.token + 1,
      signal: aborting.signal,
      abort: (reason) => aborting.abort(reason),
      heldUntil: time + LEASE_MS,
      stepsBeforeBeat: 0,
    };
  }

  isHeld({ mappingId, token }: HeldRun): boolean {
    return this.leases.get(mappingId)?.token === token;
  }

  /** A heartbeat extends the lease, also past its end, unless somebody took it. */
  beat(run: HeldRun, time: number): void {
    const lease = this.leases.get(run.mappingId);
    if (lease === undefined || lease.token !== run.token) {
      run.abort(new LeaseLostError(run.runId));
      return;
    }
    lease.endsAt = time + LEASE_MS;
    run.heldUntil = time + LEASE_MS;
  }

  release({ mappingId, token }: HeldRun): void {
    const lease = this.leases.get(mappingId);
    if (lease?.token === token) lease.runId = null;
  }
}

/** A process of the service. */
export interface Worker extends Actor {
  readonly index: number;
  /** Requests on their way to a system: they do not stand still with the worker. */
  readonly wire: Actor;
  run: HeldRun | null;
  /** What somebody asked it to do, while it does that. */
  asked?: Asked | null;
}
