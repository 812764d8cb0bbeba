import type { Logger } from 'pino';
import type { ApiServices } from '../api/api-services.js';
import { mutationKeyStore } from '../api/mutation-key-store.js';
import { apiTokenStore } from '../api-token/api-token-store.js';
import { auditStore } from '../audit/audit-store.js';
import type { Config } from '../config.js';
import { connectionDataStore } from '../connection-setup/connection-data-store.js';
import { connectionServices } from '../connection-setup/connection-services.js';
import { connectionSetupStore } from '../connection-setup/connection-setup-store.js';
import { connectionsOfSystem } from '../connection-setup/connections-of-system.js';
import { ConnectorPool } from '../connection-setup/connector-pool.js';
import { defaultJobStore } from '../connection-setup/default-setup/default-job-store.js';
import { offeredDefaults } from '../connection-setup/default-setup/default-setup.js';
import { disableConnectionSetup, enableConnectionSetup } from '../connection-setup/enable-connection-setup.js';
import { type EndpointKeys, endpointAccess } from '../connection-setup/endpoint-access.js';
import { interactiveOptions } from '../connection-setup/interactive-options.js';
import {
  holdConnection,
  type PreparingDependencies,
  prepareConnection,
} from '../connection-setup/prepare-connection.js';
import { setupDocuments } from '../connection-setup/setup-document/setup-documents.js';
import { setupImportStore } from '../connection-setup/setup-document/setup-import-store.js';
import { systemMetadata } from '../connection-setup/system-metadata.js';
import type { EndpointAccess } from '../connectors/connector.js';
import type { Gates } from '../connectors/odata/gate.js';
import { openConnector } from '../connectors/open-connector.js';
import { couplingActions } from '../coupling/actions/coupling-actions.js';
import { CouplingCountsStore } from '../coupling/coupling-counts-store.js';
import { couplingQueries } from '../coupling/coupling-queries.js';
import { CouplingSelectionStore } from '../coupling/coupling-selection-store.js';
import { CouplingStore } from '../coupling/coupling-store.js';
import { openJobQueue } from '../job-queue/job-queue.js';
import { openWakeUps } from '../job-queue/wake-up-store.js';
import { mappingStore } from '../mapping/mapping-store.js';
import { transformationRuleStore } from '../mapping/transformation-rule-store.js';
import type { Metrics } from '../observability/metrics.js';
import { observeExchanges } from '../observability/observe-exchanges.js';
import { requestBudgetQueries } from '../request-budget/request-budget-queries.js';
import { statisticsQueries } from '../statistics/statistics-queries.js';
import { openChangeFeed } from '../status-stream/change-feed.js';
import { changeSource } from '../status-stream/change-source-store.js';
import { transitionQueries } from '../status-stream/transition-queries.js';
import { transitionSource } from '../status-stream/transition-source-store.js';
import { openTransitionStream } from '../status-stream/transition-stream.js';
import type { Store } from '../store/store.js';
import { CursorStore } from '../synch/cursor-store.js';
import { driftQueries } from '../synch/drift-queries.js';
import { errorGroupQueries } from '../synch/error-groups-queries.js';
import { recordFinder } from '../synch/find-records.js';
import { fullSynchronizations } from '../synch/full-synchronization-queries.js';
import { FullSynchronizationStore } from '../synch/full-synchronization-store.js';
import { livePairs } from '../synch/live-pairs.js';
import { mappingPreviews } from '../synch/mapping-preview.js';
import { matchAmbiguityQueries } from '../synch/match-ambiguity-queries.js';
import { recordChangeQueries } from '../synch/record-change-queries.js';
import { runActions } from '../synch/run-actions.js';
import type { Side } from '../synch/synch-error.js';
import { SynchJobStore } from '../synch/synch-job-store.js';
import { synchQueries } from '../synch/synch-queries.js';

/** What the services are built from. */
export interface ServiceParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly store: Store;
  readonly keys: EndpointKeys;
  readonly gates: Gates;
  /** Authorities that the systems' certificates may come from, see CA_FILE. */
  readonly ca: readonly string[];
  readonly metrics: Metrics;
}

export interface BuiltServices {
  readonly services: ApiServices;
  /** What makes the default mappings and jobs of a connection. */
  readonly preparing: PreparingDependencies;
}

/** Builds what the API, the worker and the start-up use; closed with `opened`. */
export async function buildServices(parts: ServiceParts, opened: AsyncDisposableStack): Promise<BuiltServices> {
  const { config, logger, store, keys, gates, ca, metrics } = parts;
  const { db } = store;
  const now = () => store.now();
  const transitions = opened.adopt(await openTransitionStream({ source: transitionSource(db), logger }), (stream) =>
    stream.close(),
  );
  const connectionSetups = connectionSetupStore(store);
  const changes = opened.adopt(
    await openChangeFeed(changeSource(db, connectionsOfSystem(connectionSetups)), logger),
    (feed) => feed.close(),
  );
  const wakeUps = opened.adopt(await openWakeUps({ db, logger }), (open) => open.close());
  const jobQueue = await openJobQueue({
    database: store,
    transitions,
    wakeUps,
    timeZone: config.jobQueue.timeZone,
  });
  const mappings = mappingStore(store);
  const transformationRules = transformationRuleStore(db);
  await transformationRules.makeBuiltIns();
  const open = (access: EndpointAccess) =>
    openConnector(access, { gates, ...interactiveOptions({ ca, observe: observeExchanges(access.kind, metrics) }) });
  const systems = opened.adopt(systemMetadata({ connectionSetups, keys, open }), (metadata) => metadata.close());
  const fullSynchs = fullSynchronizations({ store: new FullSynchronizationStore(db), jobQueue, now });
  const interactive = opened.adopt(
    new ConnectorPool(connectionSetups, (setup, side) => open(endpointAccess(setup, side, keys))),
    (pool) => pool.close(),
  );
  const { timeZone } = config.jobQueue;
  const preparing: PreparingDependencies = {
    mappings,
    jobQueue,
    fullSynchronizations: fullSynchs,
    now,
    offeredMappings: (connectionSetupId) => offeredDefaults(connectionSetupId, systems),
    timeZone,
  };
  const connections = connectionServices({
    connectionSetups,
    data: connectionDataStore(store),
    systems,
    mappings,
    jobQueue,
    jobs: defaultJobStore(store),
    keys,
    open,
    now,
    timeZone,
  });
  const look = (connectionSetupId: string, side: Side, signal: AbortSignal) =>
    interactive.look(connectionSetupId, side, signal);
  const pairs = livePairs({
    couplings: new CouplingStore(db),
    mappingsOf: (connectionSetupId) => mappings.list({ connectionSetupId }),
    rules: () => transformationRules.all(),
    connect: (connectionSetupId, signal) => interactive.connect(connectionSetupId, signal),
  });
  const services: ApiServices = {
    connectionSetups,
    connections,
    setups: setupDocuments({
      mappings,
      transformationRules,
      couplings: couplingQueries(db),
      systems,
      store: setupImportStore(store),
      now,
    }),
    systems,
    mappings,
    couplings: couplingQueries(db),
    pairs,
    records: recordFinder({ couplings: new CouplingStore(db), look }),
    previews: mappingPreviews({
      couplings: new CouplingStore(db),
      mappingsOf: (connectionSetupId) => mappings.list({ connectionSetupId }),
      rules: () => transformationRules.all(),
      look,
    }),
    runActions: runActions({
      jobs: synchQueries(db),
      mapping: (id) => mappings.byId(id),
      isConnectionEnabled: async (id) => (await connectionSetups.byId(id))?.enabled === true,
      jobQueue,
    }),
    couplingActions: couplingActions({
      couplings: new CouplingStore(db),
      selections: new CouplingSelectionStore(db),
      history: new SynchJobStore(db),
      pairs,
      mapping: (id) => mappings.byId(id),
      isConnectionEnabled: async (id) => (await connectionSetups.byId(id))?.enabled === true,
      jobQueue,
      couplingsChanged: async () => new CouplingCountsStore(db).recount(await mappings.list({})),
      now,
    }),
    cursors: new CursorStore(db),
    synch: synchQueries(db),
    history: recordChangeQueries(db),
    ambiguities: matchAmbiguityQueries(db),
    errorGroups: errorGroupQueries(db),
    drift: driftQueries(db),
    fullSynchronizations: fullSynchs,
    jobQueue,
    transitions,
    transitionLog: transitionQueries(db),
    changes,
    statistics: statisticsQueries(db),
    requestBudgets: requestBudgetQueries(db),
    apiTokens: apiTokenStore(db),
    audit: auditStore(db),
    mutationKeys: mutationKeyStore(db),
    enabling: {
      enable: (id, actor) =>
        enableConnectionSetup(id, actor, {
          connectionSetups,
          now,
          verify: (setup) => connections.verify(setup),
          prepare: (setup) => prepareConnection(preparing, setup, actor),
        }),
      disable: async (id, actor) => {
        const setup = await disableConnectionSetup(id, { connectionSetups, now });
        await holdConnection(preparing, setup, actor);
        return setup;
      },
    },
    transformationRules,
    now,
  };
  return { services, preparing };
}
