import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.js';
import type { ProcessMetricsStore } from './process-metrics-store.js';

const EVERY_MS = 5_000;

export interface SharedMetricsOptions {
  readonly metrics: Metrics;
  readonly store: Pick<ProcessMetricsStore, 'save' | 'remove'>;
  readonly processName: string;
  readonly logger: Logger;
}

/** Leaves the figures of this process, which nobody can ask over HTTP, where /metrics of the others finds them. */
export function shareMetrics({ metrics, store, processName, logger }: SharedMetricsOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const sharing = share();

  async function share(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await store.save(processName, JSON.stringify(await metrics.registry.getMetricsAsJSON()));
      } catch (error) {
        logger.warn({ err: error }, 'the figures of this process could not be shared');
      }
      await delay(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }
  return {
    async stop() {
      stopping.abort();
      await sharing;
      await store.remove(processName).catch(() => undefined);
    },
  };
}
