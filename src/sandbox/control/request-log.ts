import type { Description } from '../http/operation.js';
import type { Side } from '../world/row.js';

/** One request, as `GET /control/requests/log` tells it. */
export interface RequestRecord {
  readonly id: number;
  readonly system: Side;
  readonly method: string;
  readonly path: string;
  readonly entitySet: string;
  readonly kind: string;
  /** The operations inside: `PATCH accounts`, one for each part of a batch. */
  readonly operations: readonly string[];
  /** The writes among them that were tried, with what they sent and how each was answered; only while the setting `keepBodies` is on. */
  readonly writes?: WriteRecord[];
  readonly runId: string | undefined;
  readonly beganAt: string;
  endedAt: string | undefined;
  durationMs: number | undefined;
  /** Undefined while it is open, and when the connection was cut. */
  status: number | undefined;
  outcome: 'open' | 'answered' | 'cut' | 'abandoned';
}

/** A write, by itself or as a part of a batch. */
interface WriteRecord {
  readonly method: string;
  readonly path: string;
  readonly entitySet: string;
  readonly kind: string;
  readonly body: string;
  readonly status: number;
}

export type RequestEvent = { readonly event: 'begin' | 'end' } & RequestRecord;

const KEPT = 10_000;

/** Counts requests and the operations inside them, remembers the last ones, and tells listeners as they begin and end. */
export class RequestLog {
  readonly #records: RequestRecord[] = [];
  readonly #requests = new Map<string, number>();
  readonly #operations = new Map<string, number>();
  readonly #open = new Map<number, RequestRecord>();
  readonly #listeners = new Set<(event: RequestEvent) => void>();
  #nextId = 1;
  #sinceMs = Date.now();

  begin(
    description: Description,
    operations: readonly Description[],
    { runId, keepBodies }: { readonly runId: string | undefined; readonly keepBodies: boolean },
  ): RequestRecord {
    const record: RequestRecord = {
      id: this.#nextId++,
      system: description.system,
      method: description.method,
      path: description.path,
      entitySet: description.entitySet,
      kind: description.kind,
      operations: operations.map((one) => `${one.method} ${one.entitySet}`),
      ...(keepBodies ? { writes: [] } : {}),
      runId,
      beganAt: new Date().toISOString(),
      endedAt: undefined,
      durationMs: undefined,
      status: undefined,
      outcome: 'open',
    };
    this.#records.push(record);
    if (this.#records.length > 2 * KEPT) this.#records.splice(0, KEPT);
    this.#open.set(record.id, record);
    increment(this.#requests, description);
    for (const operation of operations) increment(this.#operations, operation);
    this.#tell({ event: 'begin', ...record });
    return record;
  }

  /** Notes how an operation was answered by its system; what became of that answer on its way is another matter. */
  done(record: RequestRecord, { method, path, entitySet, kind, body = '' }: Description, status: number): void {
    if (kind === 'create' || kind === 'update' || kind === 'delete')
      record.writes?.push({ method, path, entitySet, kind, body, status });
  }

  end(record: RequestRecord, outcome: 'answered' | 'cut' | 'abandoned', status?: number): void {
    record.endedAt = new Date().toISOString();
    record.durationMs = Date.parse(record.endedAt) - Date.parse(record.beganAt);
    record.status = status;
    record.outcome = outcome;
    this.#open.delete(record.id);
    this.#tell({ event: 'end', ...record });
  }

  /** Counts since the counters were last set back, and what is open now. */
  summary(): object {
    return {
      since: new Date(this.#sinceMs).toISOString(),
      total: sum(this.#requests),
      open: [...this.#open.values()],
      requests: listed(this.#requests),
      totalOperations: sum(this.#operations),
      operations: listed(this.#operations),
    };
  }

  resetCounters(): void {
    this.#requests.clear();
    this.#operations.clear();
    this.#sinceMs = Date.now();
  }

  last(count: number): readonly RequestRecord[] {
    return count <= 0 ? [] : this.#records.slice(-count);
  }

  /** Calls `listener` for every begin and end; the answer ends that. */
  listen(listener: (event: RequestEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(event: RequestEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function increment(counters: Map<string, number>, operation: Description): void {
  const key = `${operation.system} ${operation.method} ${operation.entitySet}`;
  counters.set(key, (counters.get(key) ?? 0) + 1);
}

const sum = (counters: ReadonlyMap<string, number>): number =>
  [...counters.values()].reduce((total, one) => total + one, 0);

function listed(counters: ReadonlyMap<string, number>): readonly object[] {
  return [...counters]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, times]) => {
      const [system, method, entitySet] = key.split(' ');
      return { system, method, entitySet, count: times };
    });
}
