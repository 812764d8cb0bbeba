import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { WrittenEnd } from '../job-queue/dispatcher.js';

/** What this process does, counted for Prometheus. Docs: `docs/operation.md` lists every figure. */
export class Metrics {
  readonly registry = new Registry();

  readonly #runs = new Counter({
    name: 'tandem_runs_total',
    help: 'Runs of jobs by how they ended, counted by the worker that wrote the end.',
    labelNames: ['task', 'outcome'],
    registers: [this.registry],
  });
  readonly #runDuration = new Histogram({
    name: 'tandem_run_duration_seconds',
    help: 'How long runs of jobs took; those whose worker was lost are left out.',
    labelNames: ['task'],
    buckets: [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000, 3_600],
    registers: [this.registry],
  });
  readonly #records = new Counter({
    name: 'tandem_records_total',
    help: 'Records by what became of them; dry runs and audits are left out.',
    labelNames: ['mapping', 'action'],
    registers: [this.registry],
  });
  readonly #requests = new Counter({
    name: 'tandem_connector_requests_total',
    help: 'Requests to the connected systems, by HTTP status, or by what went wrong where none came.',
    labelNames: ['system', 'status'],
    registers: [this.registry],
  });
  readonly #requestDuration = new Histogram({
    name: 'tandem_connector_request_duration_seconds',
    help: 'How long requests to the connected systems took.',
    labelNames: ['system'],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300],
    registers: [this.registry],
  });
  readonly #subscribers = new Gauge({
    name: 'tandem_subscribers',
    help: 'Open subscriptions of this process.',
    labelNames: ['subscription'],
    registers: [this.registry],
  });

  constructor() {
    // Event-loop delay (nodejs_eventloop_lag_*), memory, garbage collection and the like.
    collectDefaultMetrics({ register: this.registry });
  }

  runEnded({ task, status, ranMs }: WrittenEnd): void {
    this.#runs.inc({ task, outcome: status });
    if (ranMs !== null) this.#runDuration.observe({ task }, ranMs / 1_000);
  }

  recordsHandled(mapping: string, action: string, count: number): void {
    if (count > 0) this.#records.inc({ mapping, action }, count);
  }

  /** `status` is the HTTP status, or the code of what went wrong. */
  requestEnded(system: string, status: string, durationMs: number): void {
    this.#requests.inc({ system, status });
    this.#requestDuration.observe({ system }, durationMs / 1_000);
  }

  /** Counts a subscriber until the answer is called. */
  subscriberCame(subscription: string): () => void {
    this.#subscribers.inc({ subscription });
    let gone = false;
    return () => {
      if (gone) return;
      gone = true;
      this.#subscribers.dec({ subscription });
    };
  }
}
