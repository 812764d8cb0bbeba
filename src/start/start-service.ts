import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { ApiServices } from '../api/api-services.js';
import { adminTokenAuthenticator } from '../api/authentication.js';
import { type Api, startApi } from '../api/start-api.js';
import type { Config } from '../config.js';
import { ConnectionSetupEntity } from '../connection-setup/connection-setup-entity.js';
import { connectionSetupIndexes, connectionSetupStore } from '../connection-setup/connection-setup-store.js';
import { ConnectorPool } from '../connection-setup/connector-pool.js';
import { disableConnectionSetup, enableConnectionSetup } from '../connection-setup/enable-connection-setup.js';
import { type EndpointKeys, endpointAccess } from '../connection-setup/endpoint-access.js';
import {
  holdConnection,
  type PreparingDependencies,
  prepareConnection,
} from '../connection-setup/prepare-connection.js';
import { LocalGates } from '../connectors/odata/gate.js';
import { openConnector } from '../connectors/open-connector.js';
import { couplingListIndexes, couplingQueries } from '../coupling/coupling-queries.js';
import { CouplingStore, couplingIndexes } from '../coupling/coupling-store.js';
import { type Dispatcher, startDispatcher } from '../job-queue/dispatcher.js';
import { jobQueueIndexes } from '../job-queue/indexes.js';
import { openJobQueue } from '../job-queue/job-queue.js';
import { openWakeUps } from '../job-queue/wake-up-store.js';
import { IntegrationTableMappingEntity } from '../mapping/mapping-entity.js';
import { mappingIndexes, mappingStore } from '../mapping/mapping-store.js';
import { transitionQueries } from '../status-stream/transition-queries.js';
import { transitionSource } from '../status-stream/transition-source-store.js';
import { openTransitionStream } from '../status-stream/transition-stream.js';
import { ensureIndexes } from '../store/indexes.js';
import { openEmbeddedMongod } from '../store/mongod/embedded-mongod.js';
import { openStore, type Store } from '../store/store.js';
import { CursorStore } from '../synch/cursor-store.js';
import { describeError } from '../synch/describe-error.js';
import { fullSynchronization } from '../synch/full-synchronization.js';
import { integrationSynch } from '../synch/integration-synch.js';
import { StageStore, stageIndexes } from '../synch/stage-store.js';
import { SynchJobStore } from '../synch/synch-job-store.js';
import { synchListIndexes, synchQueries } from '../synch/synch-queries.js';
import { reportRuns } from './report-runs.js';
import { ensureSandboxConnection, wantsSandbox } from './sandbox-connection.js';
import { startSandboxProcess } from './sandbox-process.js';
import { adminToken, secretKey } from './secrets.js';

export interface ServiceOptions {
  readonly config: Config;
  readonly version: string;
  readonly logger: Logger;
  /** Takes one readable line a step, for the person who starts the program. */
  readonly report: (line: string) => void;
}

export interface RunningService {
  /** Address of the API; null in a worker. */
  readonly url: string | null;
  /** Address of the sandbox, where one belongs to this start. */
  readonly sandboxUrl: string | null;
  /** Closes everything in reverse: no new runs, running ones end or are handed back, sockets closed, store last. */
  stop(): Promise<void>;
}

/**
 * Builds the service from its configuration, top to bottom; what was opened is closed in reverse, also when starting fails.
 * Throws the errors of its parts, each of which says what to do.
 */
export async function startService({ config, version, logger, report }: ServiceOptions): Promise<RunningService> {
  await using opened = new AsyncDisposableStack();
  const keys: EndpointKeys = { secretKey: await secretKey(config), allowedHosts: config.security.allowedHosts };
  const token = await adminToken(config);

  const store = await openDatabase(config, opened, logger, report);
  const transitions = opened.adopt(
    await openTransitionStream({ source: transitionSource(store.db), logger }),
    (stream) => stream.close(),
  );
  const wakeUps = opened.adopt(await openWakeUps({ db: store.db, logger }), (open) => open.close());
  const jobQueue = await openJobQueue({ database: store, transitions, wakeUps });

  const now = () => store.now();
  const connectionSetups = connectionSetupStore(store);
  const mappings = mappingStore(store);
  const synch = synchQueries(store.db);
  const preparing: PreparingDependencies = { mappings, jobQueue, now, timeZone: config.jobQueue.timeZone };
  void reportRuns({
    transitions,
    report,
    jobsOfRun: async (runId) => (await synch.jobsOfRuns([runId])).flatMap(({ jobs }) => jobs),
  }).catch(() => undefined);

  const services: ApiServices = {
    connectionSetups,
    mappings,
    couplings: couplingQueries(store.db),
    synch,
    jobQueue,
    transitions,
    transitionLog: transitionQueries(store.db),
    enabling: {
      enable: (id, actor) =>
        enableConnectionSetup(id, actor, {
          connectionSetups,
          now,
          prepare: (setup) => prepareConnection(preparing, setup, actor),
        }),
      disable: async (id, actor) => {
        const setup = await disableConnectionSetup(id, { connectionSetups, now });
        await holdConnection(preparing, setup, actor);
        return setup;
      },
    },
    transformations: new Map(),
    now,
  };
  const api = config.role === 'worker' ? null : await openApi(config, token, services, store, opened, logger);
  const sandboxUrl = await openSandbox({
    config,
    opened,
    logger,
    report,
    dependencies: { connectionSetups, preparing, keys, now, report },
  });
  if (config.role !== 'api') await openDispatcher({ config, version, logger, opened, store, keys, services });

  const closing = opened.move();
  return { url: api?.url ?? null, sandboxUrl, stop: () => closing.disposeAsync() };
}

async function openDatabase(
  config: Config,
  opened: AsyncDisposableStack,
  logger: Logger,
  report: (line: string) => void,
): Promise<Store> {
  const { uri, binary, cacheDir } = config.mongodb;
  const address =
    uri ??
    opened.adopt(await openEmbeddedMongod({ dataDir: config.dataDir, binary, cacheDir, report }), (mongod) =>
      mongod.close(),
    ).uri;
  const entities = [ConnectionSetupEntity, IntegrationTableMappingEntity];
  const store = opened.adopt(await openStore({ uri: address, entities, report, logger }), (open) => open.close());
  await ensureIndexes(store.db, [
    ...connectionSetupIndexes,
    ...mappingIndexes,
    ...jobQueueIndexes,
    ...couplingIndexes,
    ...couplingListIndexes,
    ...stageIndexes,
    ...synchListIndexes,
  ]);
  return store;
}

async function openApi(
  config: Config,
  token: string,
  services: ApiServices,
  store: Store,
  opened: AsyncDisposableStack,
  logger: Logger,
): Promise<Api> {
  const api = await startApi({
    listen: config.http,
    authenticate: adminTokenAuthenticator(token),
    services,
    isReady: async () => (await store.now()) instanceof Date,
    logger,
  });
  return opened.adopt(api, (open) => open.stop());
}

interface SandboxOpening {
  readonly config: Config;
  readonly opened: AsyncDisposableStack;
  readonly logger: Logger;
  readonly report: (line: string) => void;
  readonly dependencies: Parameters<typeof ensureSandboxConnection>[1];
}

/** Only the whole service brings a sandbox along: workers and API servers of their own belong to real systems. */
async function openSandbox({ config, opened, logger, report, dependencies }: SandboxOpening): Promise<string | null> {
  if (config.role !== 'all' || !(await wantsSandbox(config.sandbox.mode, dependencies.connectionSetups))) return null;
  const sandbox = await startSandboxProcess({
    port: config.sandbox.port,
    dataDir: join(config.dataDir, 'sandbox'),
    report,
    logger,
  });
  opened.defer(() => sandbox.close());
  await ensureSandboxConnection(sandbox.url, dependencies);
  return sandbox.url;
}

interface DispatcherOpening {
  readonly config: Config;
  readonly version: string;
  readonly logger: Logger;
  readonly opened: AsyncDisposableStack;
  readonly store: Store;
  readonly keys: EndpointKeys;
  readonly services: ApiServices;
}

async function openDispatcher({
  config,
  version,
  logger,
  opened,
  store,
  keys,
  services,
}: DispatcherOpening): Promise<Dispatcher> {
  const { connectionSetups, mappings, jobQueue } = services;
  const now = () => new Date();
  const gates = new LocalGates();
  const applyMs = config.jobQueue.applySeconds * 1_000;
  const pool = opened.adopt(
    new ConnectorPool(connectionSetups, (setup, side) =>
      openConnector(endpointAccess(setup, side, keys), { gates, applyMs }),
    ),
    (open) => open.close(),
  );
  const leaseMs = config.jobQueue.leaseSeconds * 1_000;
  const dispatcher = await startDispatcher({
    database: store,
    executors: {
      INTEGRATION_SYNCH: integrationSynch({
        stores: {
          couplings: new CouplingStore(store.db),
          stage: new StageStore(store.db, now),
          cursors: new CursorStore(store.db),
          jobs: new SynchJobStore(store.db),
        },
        mapping: (id) => mappings.byId(id),
        connect: (connectionSetupId, signal) => pool.connect(connectionSetupId, signal),
        now,
        newId: randomUUID,
      }),
      FULL_SYNCH: fullSynchronization({
        jobQueue,
        mappingsOf: (connectionSetupId) => mappings.list({ connectionSetupId }),
      }),
    },
    logger,
    workerName: `${hostname()}:${process.pid}`,
    version,
    concurrency: config.jobQueue.workerConcurrency,
    timing: { leaseMs, heartbeatMs: leaseMs / 4 },
    describeError,
  });
  return opened.adopt(dispatcher, (open) => open.stop());
}
