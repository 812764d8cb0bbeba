import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client';
import type { Metrics } from './metrics.js';
import type { ProcessMetricsStore } from './process-metrics-store.js';

type Figures = MetricObjectWithValues<MetricValue<string>>[];

export interface MetricsPageOptions {
  readonly metrics: Metrics;
  readonly store: Pick<ProcessMetricsStore, 'living'>;
  readonly processName: string;
}

/** The text for Prometheus: figures of this process and of the workers that cannot be asked, told apart by `process`. */
export async function metricsPage({ metrics, store, processName }: MetricsPageOptions): Promise<string> {
  const own = (await metrics.registry.getMetricsAsJSON()) as Figures;
  const others = [...(await store.living())].map(([name, text]) => ofProcess(name, JSON.parse(text) as Figures));
  return AggregatorRegistry.aggregate([ofProcess(processName, own), ...others]).metrics();
}

const ofProcess = (process: string, figures: Figures): Figures =>
  figures.map((figure) => ({
    ...figure,
    values: figure.values.map((value) => ({ ...value, labels: { ...value.labels, process } })),
  }));
