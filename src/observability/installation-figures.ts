import { Gauge, type GaugeConfiguration, type Registry } from 'prom-client';
import type { ApiServices } from '../api/api-services.js';
import { endpointPart } from '../connection-setup/connection-setup.js';
import { gateNameOf } from '../connection-setup/endpoint-access.js';
import { sides } from '../synch/synch-error.js';

/** What the figures of the whole installation are read from. */
export type FigureSources = Pick<
  ApiServices,
  'jobQueue' | 'connectionSetups' | 'mappings' | 'drift' | 'requestBudgets' | 'now'
>;

/** Adds figures that are read from the store when somebody asks for them: they are the same at whichever process. */
export function addInstallationFigures(registry: Registry, sources: FigureSources): void {
  const gauge = (configuration: Omit<GaugeConfiguration<string>, 'registers'>): Gauge =>
    new Gauge({ ...configuration, registers: [registry] });
  gauge({
    name: 'tandem_queue_lag_seconds',
    help: 'How long the entry that is due longest has waited for a worker; 0 when none is due.',
    async collect() {
      this.set(await queueLagSeconds(sources));
    },
  });
  gauge({
    name: 'tandem_mapping_lag_seconds',
    help: 'How long the oldest change of a mapping that was noticed has waited to be carried over; 0 when none waits.',
    labelNames: ['connection', 'mapping'],
    async collect() {
      this.reset();
      for (const { connection, mapping, seconds } of await mappingLags(sources)) {
        this.set({ connection, mapping }, seconds);
      }
    },
  });
  const used = gauge({
    name: 'tandem_request_budget_used',
    help: 'Requests of the present window, of all processes together.',
    labelNames: ['connection', 'side'],
  });
  gauge({
    name: 'tandem_request_budget_limit',
    help: 'Requests that the system takes in a window; 0 where it sets no limit.',
    labelNames: ['connection', 'side'],
    async collect() {
      used.reset();
      this.reset();
      for (const { connection, side, budget } of await budgets(sources)) {
        used.set({ connection, side }, budget.used);
        this.set({ connection, side }, budget.limit);
      }
    },
  });
}

async function queueLagSeconds({ jobQueue, now }: FigureSources): Promise<number> {
  const order = { field: 'NEXT_RUN_AT', direction: 'ASC' } as const;
  const { items } = await jobQueue.pageOfEntries({ status: ['READY', 'WAITING'], oneOff: null }, order, { limit: 1 });
  const dueAt = items[0]?.item.nextRunAt ?? null;
  return dueAt === null ? 0 : secondsBetween(dueAt, await now());
}

async function mappingLags({ connectionSetups, mappings, drift, now }: FigureSources) {
  const names = new Map((await connectionSetups.list()).map(({ id, name }) => [id, name]));
  const all = await mappings.list({});
  const summaries = new Map(
    (await drift.ofMappings(all.map(({ id }) => id))).map((summary) => [summary.ofId, summary]),
  );
  const present = await now();
  return all.map(({ id, name, connectionSetupId }) => {
    const oldest = summaries.get(id)?.oldestPendingAt ?? null;
    const seconds = oldest === null ? 0 : secondsBetween(oldest, present);
    return { connection: names.get(connectionSetupId) ?? '', mapping: name, seconds };
  });
}

async function budgets({ connectionSetups, requestBudgets }: FigureSources) {
  const gates = (await connectionSetups.list()).flatMap((setup) =>
    sides.map((side) => ({ connection: setup.name, side, gateName: gateNameOf(setup[endpointPart[side]]) })),
  );
  const found = await requestBudgets.byGateNames([...new Set(gates.map(({ gateName }) => gateName))]);
  const byName = new Map(found.map((budget) => [budget.gateName, budget]));
  return gates.flatMap(({ connection, side, gateName }) => {
    const budget = byName.get(gateName);
    return budget === undefined ? [] : [{ connection, side, budget }];
  });
}

const secondsBetween = (earlier: Date, later: Date): number =>
  Math.max(0, (later.getTime() - earlier.getTime()) / 1_000);
