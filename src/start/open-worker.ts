import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { ApiServices } from '../api/api-services.js';
import type { Config } from '../config.js';
import { endpointPart } from '../connection-setup/connection-setup.js';
import { ConnectorPool } from '../connection-setup/connector-pool.js';
import { type EndpointKeys, endpointAccess } from '../connection-setup/endpoint-access.js';
import type { Gates } from '../connectors/odata/gate.js';
import { openConnector } from '../connectors/open-connector.js';
import { asRun } from '../connectors/requests-of-run.js';
import { CouplingCountsStore } from '../coupling/coupling-counts-store.js';
import { CouplingSelectionStore } from '../coupling/coupling-selection-store.js';
import { CouplingStore } from '../coupling/coupling-store.js';
import { type ChangeWatchOptions, startChangeWatch } from '../job-queue/change-watch.js';
import { type DispatcherOptions, startDispatcher } from '../job-queue/dispatcher.js';
import type { JobExecutor } from '../job-queue/job-executor.js';
import { QueueRetentionStore } from '../job-queue/queue-retention-store.js';
import type { OnRunEnd } from '../job-queue/run-end-store.js';
import { NoticeStore } from '../notification/notice-store.js';
import { startNotifier } from '../notification/notifier.js';
import { CountingSynchJobStore } from '../observability/counting-synch-job-store.js';
import type { Metrics } from '../observability/metrics.js';
import { observeExchanges } from '../observability/observe-exchanges.js';
import { tracedExecutor } from '../observability/traced-executor.js';
import type { Store } from '../store/store.js';
import { auditCouplings } from '../synch/audit.js';
import { AuditStore } from '../synch/audit-store.js';
import { CursorStore } from '../synch/cursor-store.js';
import { DeletionStore } from '../synch/deletion-store.js';
import { describeError } from '../synch/describe-error.js';
import { applyDryRun } from '../synch/dry-run/apply-dry-run.js';
import { PlannedCouplingStore } from '../synch/dry-run/planned-coupling-store.js';
import { undoSynchJob } from '../synch/dry-run/undo-synch-job.js';
import { type FullSynchronizationDependencies, fullSynchronization } from '../synch/full-synchronization.js';
import { mappingsWithDuePairs } from '../synch/full-synchronization-due-store.js';
import { startScheduled } from '../synch/full-synchronization-scheduled.js';
import { FullSynchronizationStore } from '../synch/full-synchronization-store.js';
import { integrationSynch } from '../synch/integration-synch.js';
import { matchCoupling } from '../synch/match-coupling.js';
import type { SynchDependencies } from '../synch/open-run.js';
import { readOptions } from '../synch/read-options.js';
import { recordChangeQueries } from '../synch/record-change-queries.js';
import { type DeleteOld, retention } from '../synch/retention.js';
import { RetentionStore } from '../synch/retention-store.js';
import { openRunClock } from '../synch/run-clock.js';
import { StageStore } from '../synch/stage-store.js';
import { synchronizeCouplings } from '../synch/synchronize-couplings.js';
import { uncoupleMapping } from '../synch/uncouple-mapping.js';
import { wakeEntriesOf } from '../synch/wake-mappings.js';
import { lookForNews, type WatchDependencies } from '../synch/watch-changes.js';
import { notifySecret } from './secrets.js';

/** What runs the jobs is built from. */
export interface WorkerParts {
  readonly config: Config;
  readonly version: string;
  readonly logger: Logger;
  readonly store: Store;
  readonly keys: EndpointKeys;
  readonly services: Pick<ApiServices, 'connectionSetups' | 'mappings' | 'transformationRules' | 'jobQueue'>;
  readonly gates: Gates;
  readonly ca: readonly string[];
  readonly metrics: Metrics;
}

// Two overlap the waiting of one line with the work of another, and leave hands for the schedules.
const MOST_LINES_AT_ONCE = 2;

/** Handing a run back loses nothing; whoever presses Ctrl-C waits no longer than this for runs to end by themselves. */
const DRAIN_MS = 5_000;

/** Starts to run due entries in this process; stopped with `opened`. */
export async function openWorker(parts: WorkerParts, opened: AsyncDisposableStack): Promise<void> {
  const { config, version, logger, store, metrics } = parts;
  const leaseMs = config.jobQueue.leaseSeconds * 1_000;
  const pool = openPool(parts, opened);
  const onRunEnd = await openNotifier(parts, opened);
  await new CouplingCountsStore(store.db).complete(() => parts.services.mappings.list({}));
  const dispatcher = await startDispatcher({
    database: store,
    executors: mapValues(executorsOf(parts, pool), (executor) => tracedExecutor(requestsNamed(executor))),
    watchingTasks: ['FULL_SYNCH'],
    logger,
    workerName: `${hostname()}:${process.pid}`,
    version,
    concurrency: config.jobQueue.workerConcurrency,
    timing: { leaseMs, heartbeatMs: leaseMs / 4, drainMs: DRAIN_MS },
    describeError,
    ...(onRunEnd && { onRunEnd }),
    onRunEnded: (ended) => metrics.runEnded(ended),
  });
  opened.defer(() => dispatcher.stop());
  const watch = startChangeWatch({
    database: store,
    jobQueue: parts.services.jobQueue,
    workerId: dispatcher.workerId,
    look: watchOf(parts, pool),
    logger: logger.child({ part: 'change watch' }),
  });
  opened.defer(() => watch.stop());
}

/** Posts to NOTIFY_URL what a person should hear of; undefined when it is not set. */
async function openNotifier(
  { config, store, logger }: WorkerParts,
  opened: AsyncDisposableStack,
): Promise<OnRunEnd | undefined> {
  const { url } = config.notify;
  if (url === undefined) return undefined;
  const notices = new NoticeStore(store.db);
  const notifier = startNotifier({ store: notices, url, secret: await notifySecret(config), logger });
  opened.defer(() => notifier.stop());
  return (end, session) => notices.note(end, session);
}

/** Looks at the systems of a connection for changes that would wake its entries. */
function watchOf({ store, services }: WorkerParts, pool: ConnectorPool): ChangeWatchOptions['look'] {
  const dependencies: WatchDependencies = {
    mappingsOf: (connectionSetupId) => services.mappings.list({ connectionSetupId }),
    rules: () => services.transformationRules.all(),
    reach: (connectionSetupId) => pool.reach(connectionSetupId),
    cursors: new CursorStore(store.db),
    couplings: new CouplingStore(store.db),
  };
  return (connectionSetupId, mappingIds, signal) => lookForNews(dependencies, connectionSetupId, mappingIds, signal);
}

/** An executor whose requests carry the id of its run. */
const requestsNamed =
  (executor: JobExecutor): JobExecutor =>
  (context) =>
    asRun(context.runId, () => executor(context));

const mapValues = <K extends string, V>(values: Partial<Record<K, V>>, map: (value: V) => V): Partial<Record<K, V>> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value as V)])) as Partial<Record<K, V>>;

/** Who does the work of which task. */
function executorsOf(parts: WorkerParts, pool: ConnectorPool): DispatcherOptions['executors'] {
  const { config, store, services, metrics } = parts;
  const { mappings, jobQueue } = services;
  const { db } = store;
  const now = () => store.now();
  const couplings = new CouplingStore(db);
  const fullSynchs = new FullSynchronizationStore(db);
  const shared = {
    mappingsOf: (connectionSetupId: string) => mappings.list({ connectionSetupId }),
    rules: () => services.transformationRules.all(),
    connect: (connectionSetupId: string, signal: AbortSignal) => pool.connect(connectionSetupId, signal),
  };
  const synch: SynchDependencies = {
    ...shared,
    stores: {
      couplings,
      stage: new StageStore(db),
      cursors: new CursorStore(db),
      jobs: new CountingSynchJobStore(db, metrics),
      deletions: new DeletionStore(db),
      planned: new PlannedCouplingStore(db),
    },
    mapping: (id) => mappings.byId(id),
    wakeMappings: (mappingIds) => wakeEntriesOf(jobQueue, mappingIds, 'a coupled reference'),
    parkedRetryMs: config.jobQueue.parkedRetrySeconds * 1_000,
    clock: () => openRunClock(now),
    newId: randomUUID,
  };
  const optionsRead: FullSynchronizationDependencies['readOptions'] = async (request, signal) => {
    await readOptions({ ...shared, couplings, now }, request, signal);
    await new CouplingCountsStore(db).recount(await mappings.list({ connectionSetupId: request.connectionSetupId }));
  };
  return {
    INTEGRATION_SYNCH: integrationSynch(synch),
    UNCOUPLE: uncoupleMapping({ ...synch, selections: new CouplingSelectionStore(db) }),
    AUDIT: auditCouplings({ ...synch, audits: new AuditStore(db), changes: recordChangeQueries(db) }),
    RETENTION: retention({ deleteOld: whatGetsOld(parts), now }),
    MATCH_COUPLING: matchCoupling(synch),
    APPLY_DRY_RUN: applyDryRun({ ...synch, changes: recordChangeQueries(db), readOptions: optionsRead }),
    UNDO: undoSynchJob({ ...synch, changes: recordChangeQueries(db) }),
    SYNCH_COUPLINGS: synchronizeCouplings({ ...synch, selections: new CouplingSelectionStore(db) }),
    FULL_SYNCH: fullSynchronization({
      store: fullSynchs,
      startScheduled: startScheduled({
        store: fullSynchs,
        jobQueue,
        now,
        mappingsOf: shared.mappingsOf,
      }),
      jobQueue,
      readOptions: optionsRead,
      mappingsWithDuePairs: mappingsWithDuePairs(db, now),
      now,
      linesAtOnce: Math.max(1, Math.min(MOST_LINES_AT_ONCE, config.jobQueue.workerConcurrency - 1)),
    }),
  };
}

/** What a RETENTION job deletes. */
function whatGetsOld({ config, store }: WorkerParts): readonly DeleteOld[] {
  const ofQueue = new QueueRetentionStore(store, config.retention);
  const ofSynch = new RetentionStore(store.db);
  const notices = new NoticeStore(store.db);
  return [
    (now, signal) => ofQueue.deleteOld(now, signal),
    (now, signal) => ofSynch.deleteOld(config.retention, now, signal),
    (now, signal) => notices.deleteOld(config.retention.logEntryDays, now, signal),
  ];
}

function openPool(
  { config, keys, services, gates, ca, metrics }: WorkerParts,
  opened: AsyncDisposableStack,
): ConnectorPool {
  const applyMs = config.jobQueue.applySeconds * 1_000;
  const pool = new ConnectorPool(services.connectionSetups, (setup, side) =>
    openConnector(endpointAccess(setup, side, keys), {
      gates,
      applyMs,
      http: { ca, observe: observeExchanges(setup[endpointPart[side]].kind, metrics) },
    }),
  );
  opened.defer(() => pool.close());
  return pool;
}
