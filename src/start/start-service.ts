import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { ApiServices } from '../api/api-services.js';
import { type Authenticate, adminTokenAuthenticator, anyOf } from '../api/authentication.js';
import { dashboardFiles } from '../api/dashboard-files.js';
import { oidcAuthenticator } from '../api/oidc.js';
import { type Api, startApi } from '../api/start-api.js';
import { apiTokenAuthenticator } from '../api-token/authenticate-api-token.js';
import { removedTokens } from '../api-token/removed-tokens.js';
import type { Config } from '../config.js';
import type { EndpointKeys } from '../connection-setup/endpoint-access.js';
import { addInstallationFigures } from '../observability/installation-figures.js';
import { Metrics } from '../observability/metrics.js';
import { metricsPage } from '../observability/metrics-page.js';
import { ProcessMetricsStore } from '../observability/process-metrics-store.js';
import { shareMetrics } from '../observability/share-metrics.js';
import { SharedGates } from '../request-budget/shared-gates.js';
import { SystemUseStore } from '../request-budget/system-use-store.js';
import type { Store } from '../store/store.js';
import { buildServices } from './build-services.js';
import { certificateAuthorities } from './certificate-authorities.js';
import { openDatabase } from './open-database.js';
import { openWorker } from './open-worker.js';
import { reportRuns } from './report-runs.js';
import { ensureSandboxConnection, type SandboxConnectionDependencies, wantsSandbox } from './sandbox-connection.js';
import { startSandboxProcess } from './sandbox-process.js';
import { adminToken, secretKey } from './secrets.js';
import { watchWorkers } from './watch-workers.js';

// Built beside the compiled sources.
const DASHBOARD_FOLDER = fileURLToPath(new URL('../dashboard', import.meta.url));

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
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { config, version, logger, report } = options;
  await using opened = new AsyncDisposableStack();
  const keys: EndpointKeys = { secretKey: await secretKey(config), allowedHosts: config.security.allowedHosts };
  const token = await adminToken(config);
  const ca = await certificateAuthorities(config.security.caFile);
  const store = await openDatabase(config, opened, logger, report);
  // Requests of one user count together, whoever makes them.
  const gates = opened.adopt(new SharedGates({ store: new SystemUseStore(store.db), logger }), (open) => open.close());
  const metrics = new Metrics();
  const { services, preparing } = await buildServices({ config, logger, store, keys, gates, ca, metrics }, opened);
  void reportRuns({
    transitions: services.transitions,
    report,
    jobsOfRun: async (runId) => (await services.synch.jobsOfRuns([runId])).flatMap(({ jobs }) => jobs),
  }).catch(() => undefined);

  const api =
    config.role === 'worker'
      ? openShared({ metrics, store, logger }, opened)
      : await openApi({ config, token, keys, services, store, metrics, logger }, opened);
  const { connectionSetups } = services;
  const now = () => store.now();
  const sandboxUrl = await openSandbox(options, { connectionSetups, preparing, keys, now, report }, opened);
  if (config.role !== 'api') {
    await openWorker({ config, version, logger, store, keys, services, gates, ca, metrics }, opened);
  }

  const closing = opened.move();
  return { url: api?.url ?? null, sandboxUrl, stop: () => closing.disposeAsync() };
}

interface ApiParts {
  readonly config: Config;
  readonly token: string;
  readonly keys: EndpointKeys;
  readonly services: ApiServices;
  readonly store: Store;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

// Tells the processes of an installation apart, in the list of workers as in the figures.
const processName = `${hostname()}:${process.pid}`;

/** A worker listens nowhere: its figures are told by those who do. */
function openShared(
  { metrics, store, logger }: Pick<ApiParts, 'metrics' | 'store' | 'logger'>,
  opened: AsyncDisposableStack,
): null {
  const shared = shareMetrics({ metrics, store: new ProcessMetricsStore(store.db), processName, logger });
  opened.defer(() => shared.stop());
  return null;
}

async function openApi(
  { config, token, keys, services, store, metrics, logger }: ApiParts,
  opened: AsyncDisposableStack,
): Promise<Api> {
  const removed = opened.adopt(removedTokens(services.apiTokens, logger), (open) => open.close());
  const watch = watchWorkers(services.jobQueue, logger);
  opened.defer(() => watch.stop());
  addInstallationFigures(metrics.registry, services);
  const figures = { metrics, store: new ProcessMetricsStore(store.db), processName };
  const api = await startApi({
    listen: config.http,
    authenticate: authenticatorOf({ config, token, services, logger }),
    removedTokens: removed,
    secretKey: keys.secretKey,
    limits: config.http.limits,
    allowedOrigins: config.http.allowedOrigins,
    services,
    isReady: async () => (await store.now()) instanceof Date,
    metricsPage: () => metricsPage(figures),
    onSubscriber: (subscription) => metrics.subscriberCame(subscription),
    logger,
  });
  const { oidc } = config.security;
  const openId = oidc?.signIn ? { issuer: oidc.issuer, ...oidc.signIn } : null;
  api.express.use(dashboardFiles({ folder: DASHBOARD_FOLDER, openId }));
  return opened.adopt(api, (open) => open.stop());
}

/** The administrator's token, those that were made, and those of an identity provider where one is configured. */
function authenticatorOf({
  config,
  token,
  services,
  logger,
}: Omit<ApiParts, 'keys' | 'store' | 'metrics'>): Authenticate {
  const { oidc } = config.security;
  const own = [adminTokenAuthenticator(token), apiTokenAuthenticator(services.apiTokens)];
  return anyOf(...own, ...(oidc ? [oidcAuthenticator({ ...oidc, logger })] : []));
}

/** Only the whole service brings a sandbox along: workers and API servers of their own belong to real systems. */
async function openSandbox(
  { config, logger, report }: ServiceOptions,
  dependencies: SandboxConnectionDependencies,
  opened: AsyncDisposableStack,
): Promise<string | null> {
  if (config.role !== 'all' || !(await wantsSandbox(config.sandbox.mode, dependencies.connectionSetups))) return null;
  const dataDir = join(config.dataDir, 'sandbox');
  const sandbox = await startSandboxProcess({ port: config.sandbox.port, dataDir, report, logger });
  opened.defer(() => sandbox.close());
  await ensureSandboxConnection(sandbox.url, dependencies);
  return sandbox.url;
}
