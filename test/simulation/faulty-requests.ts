import { ConnectorError, CursorExpiredError, type WriteOperation } from '../../src/connectors/connector.js';
import type { Fate, FaultHook, InMemoryRequest } from '../../src/connectors/in-memory/in-memory-connector.js';
import type { Side } from '../../src/synch/synch-error.js';
import type { Seeded } from '../support/seeded.js';
import type { HeldRun, Leases, Worker } from './leases.js';
import type { RequestFault, Scenario } from './scenario.js';
import type { Scheduler } from './scheduler.js';
import type { Witness } from './witness.js';

const MINUTE = 60_000;
/** How long the systems may still apply a request that they received. */
export const APPLY_MS: Readonly<Record<Side, number>> = { BUSINESS: 10 * MINUTE, SALES: 2 * MINUTE };

/** What requests pass through. */
export interface RequestWorld {
  readonly scenario: Scenario;
  readonly scheduler: Scheduler;
  readonly random: Seeded;
  readonly witness: Witness;
  readonly leases: Leases;
  readonly isPeace: () => boolean;
  readonly turn: (worker: Worker, delayMs?: number) => Promise<void>;
  readonly note: (line: string) => void;
}

interface Sender {
  readonly side: Side;
  readonly worker: Worker;
  readonly run: HeldRun;
  /** What befalls the answer of the request under way. */
  readonly faults: Map<'after', RequestFault>;
}

/** A write that a system received, and applies later. */
export interface LateRequest {
  readonly at: number;
  readonly side: Side;
  readonly table: string;
  readonly operation: WriteOperation;
}

/** The requests of all workers to both systems: each may be delayed, lost, refused, or applied late. */
export class FaultyRequests {
  /** Kinds of the requests since the list was emptied. */
  readonly kinds: InMemoryRequest['kind'][] = [];
  readonly late: LateRequest[] = [];
  readonly #requests: Record<Side, number> = { BUSINESS: 0, SALES: 0 };

  constructor(private readonly world: RequestWorld) {}

  /** What befalls the requests of a run to one of the systems. */
  hookOf(side: Side, worker: Worker, run: HeldRun): FaultHook {
    const sender: Sender = { side, worker, run, faults: new Map() };
    return (request, when) => this.#fateOf(sender, request, when);
  }

  async #fateOf(
    { side, worker, run, faults }: Sender,
    request: InMemoryRequest,
    when: 'before' | 'after',
  ): Promise<Fate> {
    const { scenario, scheduler, random, witness, leases, turn, note } = this.world;
    if (request.kind === 'METADATA') return 'pass';
    if (when === 'after') {
      const fault = faults.get('after');
      faults.delete('after');
      await turn(worker);
      return fault === undefined ? 'pass' : 'lose';
    }
    const { time } = scheduler;
    this.#requests[side] += 1;
    this.kinds.push(request.kind);
    note(
      `worker ${worker.index} sends ${request.kind} ${side} ${request.table} ${request.operation === null ? '' : JSON.stringify(request.operation)}`,
    );
    if (request.operation !== null && !leases.isHeld(run))
      witness.violate('I5', `${run.runId} sent a ${request.kind} to ${side} after another run had taken its mapping`);
    const fault = this.world.isPeace()
      ? undefined
      : scenario.requestFaults.find((one) => one.side === side && one.request === this.#requests[side]);
    if (fault !== undefined) note(`  ${fault.kind}`);
    const { operation, table } = request;
    const applyMs = APPLY_MS[side] - 1_000;
    switch (fault?.kind) {
      case 'THROTTLED':
        await turn(worker);
        return new ConnectorError('too many', { errorClass: 'THROTTLED', code: '429', httpStatus: 429 });
      case 'LOCKED':
        await turn(worker);
        return new ConnectorError('locked', { errorClass: 'TRANSIENT', code: 'LOCKED', httpStatus: 503 });
      case 'REFUSED':
        if (operation === null) break;
        await turn(worker);
        return new ConnectorError('refused', { errorClass: 'VALIDATION', code: 'REFUSED', httpStatus: 400 });
      case 'CURSOR_EXPIRED':
        if (request.kind !== 'READ_CHANGES') break;
        await turn(worker);
        return new CursorExpiredError(table);
      case 'APPLIED_LATE':
        if (operation !== null) this.late.push({ at: time + random.fraction() * applyMs, side, table, operation });
        await turn(worker, random.fraction() * 5_000);
        return 'lose';
      case 'LOST_BEFORE':
        await turn(worker);
        return 'lose';
      case 'LOST_AFTER':
        faults.set('after', fault);
        break;
      default:
    }
    const delayMs = fault?.kind === 'SLOW' ? random.fraction() * applyMs : 0;
    await scheduler.turn(worker.wire, delayMs, () => {
      // It may have left before its sender died, and arrive.
      if (operation !== null && random.happens(50))
        this.late.push({ at: time + random.fraction() * applyMs, side, table, operation });
    });
    return 'pass';
  }
}
