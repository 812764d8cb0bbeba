import { randomBytes, randomUUID } from 'node:crypto';
import { type Client, createClient } from 'graphql-ws';
import pino, { type Logger } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { WebSocket } from 'ws';
import type { ApiServices } from '../../../src/api/api-services.js';
import { anyOf } from '../../../src/api/authentication.js';
import { defaultLimits } from '../../../src/api/limits.js';
import { mutationKeyIndexes, mutationKeyStore } from '../../../src/api/mutation-key-store.js';
import { type Role, roles } from '../../../src/api/role.js';
import { type Api, type ApiOptions, startApi } from '../../../src/api/start-api.js';
import { apiTokenIndexes, apiTokenStore } from '../../../src/api-token/api-token-store.js';
import { apiTokenAuthenticator } from '../../../src/api-token/authenticate-api-token.js';
import { removedTokens } from '../../../src/api-token/removed-tokens.js';
import { auditIndexes, auditStore } from '../../../src/audit/audit-store.js';
import { connectionDataStore } from '../../../src/connection-setup/connection-data-store.js';
import { type ConnectionServices, connectionServices } from '../../../src/connection-setup/connection-services.js';
import { ConnectionSetupEntity } from '../../../src/connection-setup/connection-setup-entity.js';
import { connectionSetupIndexes, connectionSetupStore } from '../../../src/connection-setup/connection-setup-store.js';
import { connectionsOfSystem } from '../../../src/connection-setup/connections-of-system.js';
import { ConnectorPool } from '../../../src/connection-setup/connector-pool.js';
import { defaultJobStore } from '../../../src/connection-setup/default-setup/default-job-store.js';
import { offeredDefaults } from '../../../src/connection-setup/default-setup/default-setup.js';
import {
  disableConnectionSetup,
  type EnablingDeps,
  enableConnectionSetup,
} from '../../../src/connection-setup/enable-connection-setup.js';
import { endpointAccess } from '../../../src/connection-setup/endpoint-access.js';
import {
  holdConnection,
  type PreparingDependencies,
  prepareConnection,
} from '../../../src/connection-setup/prepare-connection.js';
import { setupDocuments } from '../../../src/connection-setup/setup-document/setup-documents.js';
import { setupImportStore } from '../../../src/connection-setup/setup-document/setup-import-store.js';
import { systemMetadata } from '../../../src/connection-setup/system-metadata.js';
import { type Connector, ConnectorError, type EndpointAccess } from '../../../src/connectors/connector.js';
import type { Gates } from '../../../src/connectors/odata/gate.js';
import { couplingActions } from '../../../src/coupling/actions/coupling-actions.js';
import { CouplingCountsStore } from '../../../src/coupling/coupling-counts-store.js';
import { couplingListIndexes, couplingQueries } from '../../../src/coupling/coupling-queries.js';
import { CouplingSelectionStore } from '../../../src/coupling/coupling-selection-store.js';
import { CouplingStore } from '../../../src/coupling/coupling-store.js';
import { jobQueueIndexes } from '../../../src/job-queue/indexes.js';
import { openJobQueue } from '../../../src/job-queue/job-queue.js';
import { IntegrationTableMappingEntity } from '../../../src/mapping/mapping-entity.js';
import { mappingIndexes, mappingStore } from '../../../src/mapping/mapping-store.js';
import { transformationRuleStore } from '../../../src/mapping/transformation-rule-store.js';
import { Metrics } from '../../../src/observability/metrics.js';
import { requestBudgetQueries } from '../../../src/request-budget/request-budget-queries.js';
import { SharedGates } from '../../../src/request-budget/shared-gates.js';
import { SystemUseStore } from '../../../src/request-budget/system-use-store.js';
import { statisticsIndexes, statisticsQueries } from '../../../src/statistics/statistics-queries.js';
import { openChangeFeed } from '../../../src/status-stream/change-feed.js';
import { changeSource } from '../../../src/status-stream/change-source-store.js';
import { transitionQueries } from '../../../src/status-stream/transition-queries.js';
import { transitionSource } from '../../../src/status-stream/transition-source-store.js';
import { openTransitionStream } from '../../../src/status-stream/transition-stream.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { openStore, type Store } from '../../../src/store/store.js';
import { CursorStore } from '../../../src/synch/cursor-store.js';
import { driftQueries } from '../../../src/synch/drift-queries.js';
import { errorGroupQueries } from '../../../src/synch/error-groups-queries.js';
import { recordFinder } from '../../../src/synch/find-records.js';
import { fullSynchronizations } from '../../../src/synch/full-synchronization-queries.js';
import { FullSynchronizationStore, fullSynchronizationIndexes } from '../../../src/synch/full-synchronization-store.js';
import { livePairs } from '../../../src/synch/live-pairs.js';
import { mappingPreviews } from '../../../src/synch/mapping-preview.js';
import { matchAmbiguityIndexes, matchAmbiguityQueries } from '../../../src/synch/match-ambiguity-queries.js';
import { recordChangeQueries } from '../../../src/synch/record-change-queries.js';
import { runActions } from '../../../src/synch/run-actions.js';
import type { Side } from '../../../src/synch/synch-error.js';
import { SynchJobStore } from '../../../src/synch/synch-job-store.js';
import { synchListIndexes, synchQueries } from '../../../src/synch/synch-queries.js';
import { testDatabase } from '../../support/database.js';

const silent = pino({ level: 'silent' });

/** The systems that the connections of a test reach; none without it. */
export interface ReachedSystems {
  /** Opens one of them, as the service does. */
  readonly open: (access: EndpointAccess, gates: Gates) => Connector;
  /** Takes the lines that the service logs. */
  readonly logger?: Logger;
}

const noSystems: ReachedSystems = {
  open: () => {
    throw new ConnectorError('this test reaches no system', { errorClass: 'TRANSIENT', code: 'UNREACHABLE' });
  },
};

/** One token of each role. */
export const tokens: Readonly<Record<Role, string>> = {
  MONITOR: 'token-of-a-monitor',
  VIEWER: 'token-of-a-viewer',
  OPERATOR: 'token-of-an-operator',
  ADMIN: 'token-of-an-admin',
};

/** What a query answers: its shape is the query's, which the test beside it spells out. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Answered = any;

export interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, Answered>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
}

export interface RunningApi {
  readonly url: string;
  readonly api: Api;
  readonly store: Store;
  readonly services: ApiServices;
  /** Answers the parsed body; `token` null sends none. */
  ask(query: string, variables?: object, token?: string | null): Promise<GraphqlAnswer & { readonly status: number }>;
  /** The data; fails the test on any error. */
  data(query: string, variables?: object, token?: string): Promise<Readonly<Record<string, Answered>>>;
  client(token?: string): Client;
  /** Another API on the same database, as another process would be; stopped with the file. */
  startOther(parts?: Partial<ApiOptions>): Promise<Api>;
}

function withCommandEvents(uri: string): string {
  const url = new URL(uri);
  url.searchParams.set('monitorCommands', 'true');
  return url.href;
}

const enablingWith = (
  connections: ConnectionServices,
  preparing: PreparingDependencies,
): Pick<EnablingDeps, 'verify' | 'prepare'> => ({
  verify: (setup) => connections.verify(setup),
  prepare: (setup, actor) => prepareConnection(preparing, setup, actor),
});

/** The API on a database of its own, for the tests of one file. Usable from `beforeAll` on. */
export function runningApi({ open: openSystem, logger = silent }: ReachedSystems = noSystems): RunningApi {
  const database = testDatabase();
  const running = {} as { -readonly [Key in keyof RunningApi]: RunningApi[Key] };
  const clients: Client[] = [];
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const store = await openStore({
      // Tests count and explain what is asked of MongoDB.
      uri: withCommandEvents(database.uri),
      database: database.name,
      entities: [ConnectionSetupEntity, IntegrationTableMappingEntity],
      report: () => undefined,
      logger,
    });
    closing.push(() => store.close());
    await ensureIndexes(store.db, [
      ...jobQueueIndexes,
      ...mappingIndexes,
      ...connectionSetupIndexes,
      ...couplingListIndexes,
      ...synchListIndexes,
      ...matchAmbiguityIndexes,
      ...fullSynchronizationIndexes,
      ...apiTokenIndexes,
      ...auditIndexes,
      ...statisticsIndexes,
      ...mutationKeyIndexes,
    ]);
    const transitions = await openTransitionStream({ source: transitionSource(store.db), logger });
    closing.push(() => transitions.close());
    const connectionSetups = connectionSetupStore(store);
    const changes = await openChangeFeed(changeSource(store.db, connectionsOfSystem(connectionSetups)), logger);
    closing.push(() => changes.close());
    const now = () => store.now();
    const mappings = mappingStore(store);
    const transformationRules = transformationRuleStore(store.db);
    await transformationRules.makeBuiltIns();
    const jobQueue = await openJobQueue({ database: store, transitions });
    const keys = { secretKey: randomBytes(32), allowedHosts: [] };
    const gates = new SharedGates({ store: new SystemUseStore(store.db), logger });
    closing.push(() => gates.close());
    const open = (access: EndpointAccess) => openSystem(access, gates);
    const systems = systemMetadata({ connectionSetups, keys, open });
    closing.push(() => systems.close());
    const interactive = new ConnectorPool(connectionSetups, (setup, side) => open(endpointAccess(setup, side, keys)));
    closing.push(() => interactive.close());
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
      timeZone: 'UTC',
    });
    const fullSynchs = fullSynchronizations({ store: new FullSynchronizationStore(store.db), jobQueue, now });
    const preparing: PreparingDependencies = {
      mappings,
      jobQueue,
      fullSynchronizations: fullSynchs,
      now,
      timeZone: 'UTC',
      offeredMappings: (connectionSetupId) => offeredDefaults(connectionSetupId, systems),
    };
    const enabling =
      openSystem === noSystems.open ? { prepare: async () => undefined } : enablingWith(connections, preparing);
    const look = (connectionSetupId: string, side: Side, signal: AbortSignal) =>
      interactive.look(connectionSetupId, side, signal);
    const pairs = livePairs({
      couplings: new CouplingStore(store.db),
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
        couplings: couplingQueries(store.db),
        systems,
        store: setupImportStore(store),
        now,
      }),
      systems,
      mappings,
      couplings: couplingQueries(store.db),
      pairs,
      records: recordFinder({ couplings: new CouplingStore(store.db), look }),
      previews: mappingPreviews({
        couplings: new CouplingStore(store.db),
        mappingsOf: (connectionSetupId) => mappings.list({ connectionSetupId }),
        rules: () => transformationRules.all(),
        look,
      }),
      runActions: runActions({
        jobs: synchQueries(store.db),
        mapping: (id) => mappings.byId(id),
        isConnectionEnabled: async (id) => (await connectionSetups.byId(id))?.enabled === true,
        jobQueue,
      }),
      couplingActions: couplingActions({
        couplings: new CouplingStore(store.db),
        selections: new CouplingSelectionStore(store.db),
        history: new SynchJobStore(store.db),
        pairs,
        mapping: (id) => mappings.byId(id),
        isConnectionEnabled: async (id) => (await connectionSetups.byId(id))?.enabled === true,
        jobQueue,
        couplingsChanged: async () => new CouplingCountsStore(store.db).recount(await mappings.list({})),
        now,
      }),
      cursors: new CursorStore(store.db),
      synch: synchQueries(store.db),
      history: recordChangeQueries(store.db),
      ambiguities: matchAmbiguityQueries(store.db),
      errorGroups: errorGroupQueries(store.db),
      drift: driftQueries(store.db),
      fullSynchronizations: fullSynchs,
      jobQueue,
      transitions,
      transitionLog: transitionQueries(store.db),
      changes,
      statistics: statisticsQueries(store.db),
      requestBudgets: requestBudgetQueries(store.db),
      apiTokens: apiTokenStore(store.db),
      audit: auditStore(store.db),
      mutationKeys: mutationKeyStore(store.db),
      enabling: {
        enable: (id, actor) => enableConnectionSetup(id, actor, { connectionSetups, now, ...enabling }),
        disable: async (id, actor) => {
          const setup = await disableConnectionSetup(id, { connectionSetups, now });
          await holdConnection(preparing, setup, actor);
          return setup;
        },
      },
      transformationRules,
      now,
    };
    const removed = removedTokens(services.apiTokens, logger);
    closing.push(() => removed.close());
    const metrics = new Metrics();
    const options: ApiOptions = {
      listen: { host: '127.0.0.1', port: 0 },
      authenticate: anyOf(async (token) => {
        const role = roles.find((candidate) => tokens[candidate] === token);
        return role === undefined ? null : { id: role, name: role.toLowerCase(), role, expiresAt: null };
      }, apiTokenAuthenticator(services.apiTokens)),
      removedTokens: removed,
      secretKey: keys.secretKey,
      limits: defaultLimits,
      allowedOrigins: [],
      services,
      isReady: async () => true,
      metricsPage: () => metrics.registry.metrics(),
      onSubscriber: (subscription) => metrics.subscriberCame(subscription),
      logger,
    };
    running.startOther = async (parts = {}) => {
      const other = await startApi({ ...options, ...parts });
      closing.push(() => other.stop());
      return other;
    };
    const api = await startApi(options);
    closing.push(() => api.stop());
    Object.assign(running, { url: api.url, api, store, services });
  });

  afterAll(async () => {
    for (const client of clients) await client.dispose();
    for (const close of closing.reverse()) await close();
  });

  running.ask = async (query, variables = {}, token = tokens.ADMIN) => {
    const response = await fetch(`${running.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, ...((await response.json()) as GraphqlAnswer) };
  };
  running.data = async (query, variables, token) => {
    const { data, errors } = await running.ask(query, variables, token);
    if (errors !== undefined || !data) throw new Error(JSON.stringify(errors));
    return data;
  };
  running.client = (token = tokens.ADMIN) => {
    const client = createClient({
      url: `${running.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      lazy: true,
      retryAttempts: 0,
      generateID: () => randomUUID(),
    });
    clients.push(client);
    return client;
  };
  return running;
}
