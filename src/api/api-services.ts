import type { ApiToken } from '../api-token/api-token.js';
import type { ApiTokenStore } from '../api-token/api-token-store.js';
import type { AuditEntry } from '../audit/audit-entry.js';
import type { AuditStore } from '../audit/audit-store.js';
import type { ConnectionServices } from '../connection-setup/connection-services.js';
import type { ConnectionSetup } from '../connection-setup/connection-setup.js';
import type { ConnectionSetupStore } from '../connection-setup/connection-setup-store.js';
import type { SetupDocuments } from '../connection-setup/setup-document/setup-documents.js';
import type { SystemMetadata } from '../connection-setup/system-metadata.js';
import type { CouplingActions } from '../coupling/actions/coupling-actions.js';
import type { Coupling } from '../coupling/coupling.js';
import type { CouplingOfRecord, CouplingQueries } from '../coupling/coupling-queries.js';
import type { JobQueue } from '../job-queue/job-queue.js';
import type { JobQueueEntry, JobQueueLogEntry, JobStatusTransition } from '../job-queue/job-queue-entry.js';
import type { ListedWorker } from '../job-queue/worker-store.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import type { MappingStore } from '../mapping/mapping-store.js';
import type { TransformationRule } from '../mapping/transformation/transformation-rule.js';
import type { TransformationRuleStore } from '../mapping/transformation-rule-store.js';
import type { BudgetOfGate, RequestBudgetQueries } from '../request-budget/request-budget-queries.js';
import type { StatisticsQueries } from '../statistics/statistics-queries.js';
import type { ChangeFeed } from '../status-stream/change-feed.js';
import type { TransitionQueries } from '../status-stream/transition-queries.js';
import type { TransitionStream } from '../status-stream/transition-stream.js';
import type { CursorStore, ReadUntil } from '../synch/cursor-store.js';
import type { DriftQueries, DriftSummary } from '../synch/drift-queries.js';
import type { ErrorGroupQueries } from '../synch/error-groups-queries.js';
import type { RecordFinder } from '../synch/find-records.js';
import type { FullSynchronizationOfEntry, FullSynchronizations } from '../synch/full-synchronization-queries.js';
import type { FullSynchronization } from '../synch/full-synchronization-store.js';
import type { LivePairs } from '../synch/live-pairs.js';
import type { MappingPreviews } from '../synch/mapping-preview.js';
import type { MatchAmbiguity } from '../synch/match-ambiguity.js';
import type { MatchAmbiguityQueries } from '../synch/match-ambiguity-queries.js';
import type { RecordChangeQueries } from '../synch/record-change-queries.js';
import type { RunActions } from '../synch/run-actions.js';
import type { RecordChange, SynchJob, SynchJobError } from '../synch/synch-job.js';
import type { JobsOfRun, SynchQueries } from '../synch/synch-queries.js';
import type { MutationKeyStore } from './mutation-key-store.js';
import type { NodeSources } from './node.js';
import type { BatchSource } from './operation-loads.js';

/** What the rest of the service does for the API. */
export interface ApiServices {
  readonly connectionSetups: ConnectionSetupStore;
  readonly connections: ConnectionServices;
  /** Setups of connections as documents. */
  readonly setups: SetupDocuments;
  /** What both systems of each connection offer for mappings. */
  readonly systems: Pick<SystemMetadata, 'tables' | 'table' | 'lastTable'>;
  readonly mappings: MappingStore;
  readonly couplings: CouplingQueries;
  readonly couplingActions: CouplingActions;
  readonly runActions: RunActions;
  /** Pairs as they are in both systems now. */
  readonly pairs: LivePairs;
  /** Records of both systems, to pick from. */
  readonly records: RecordFinder;
  /** Mappings tried out on what the systems hold now. */
  readonly previews: MappingPreviews;
  /** How far the sides of mappings were read. */
  readonly cursors: Pick<CursorStore, 'readUntil'>;
  readonly synch: SynchQueries;
  readonly history: RecordChangeQueries;
  readonly ambiguities: MatchAmbiguityQueries;
  readonly errorGroups: ErrorGroupQueries;
  readonly drift: DriftQueries;
  readonly fullSynchronizations: FullSynchronizations;
  readonly jobQueue: JobQueue;
  readonly transitions: TransitionStream;
  readonly transitionLog: TransitionQueries;
  readonly changes: ChangeFeed;
  readonly statistics: StatisticsQueries;
  readonly requestBudgets: RequestBudgetQueries;
  readonly apiTokens: ApiTokenStore;
  readonly audit: AuditStore;
  readonly mutationKeys: MutationKeyStore;
  /** Enables and disables connections, with all that follows from it. Both throw ConnectionSetupNotFoundError. */
  readonly enabling: {
    enable(connectionSetupId: string, actor: string): Promise<ConnectionSetup>;
    disable(connectionSetupId: string, actor: string): Promise<ConnectionSetup>;
  };
  readonly transformationRules: TransformationRuleStore;
  /** The database's present time. */
  now(): Promise<Date>;
}

/** Where the objects of each kind are read from by id, for the loads of one operation. */
export interface ApiSources {
  readonly connectionSetup: BatchSource<ConnectionSetup>;
  readonly mapping: BatchSource<IntegrationTableMapping>;
  readonly transformationRule: BatchSource<TransformationRule>;
  /** By the mapping's id. */
  readonly readUntil: BatchSource<ReadUntil>;
  readonly coupling: BatchSource<Coupling>;
  /** By the record's key, see recordKey. */
  readonly couplingOfRecord: BatchSource<CouplingOfRecord>;
  readonly synchJob: BatchSource<SynchJob>;
  readonly synchJobError: BatchSource<SynchJobError>;
  readonly recordChange: BatchSource<RecordChange>;
  readonly matchAmbiguity: BatchSource<MatchAmbiguity>;
  /** By the mapping's id, and by the connection's. */
  readonly driftOfMapping: BatchSource<DriftSummary>;
  readonly driftOfConnection: BatchSource<DriftSummary>;
  /** By the name of the gate of a system and user. */
  readonly requestBudget: BatchSource<BudgetOfGate>;
  readonly entry: BatchSource<JobQueueEntry>;
  readonly run: BatchSource<JobQueueLogEntry>;
  readonly transition: BatchSource<JobStatusTransition>;
  readonly apiToken: BatchSource<ApiToken>;
  readonly auditEntry: BatchSource<AuditEntry>;
  readonly worker: BatchSource<ListedWorker>;
  /** By the worker's id. */
  readonly runsOfWorker: BatchSource<{ readonly workerId: string; readonly runs: readonly JobQueueLogEntry[] }>;
  /** By the mapping's id. */
  readonly lastJobOfMapping: BatchSource<SynchJob>;
  /** By the run's id. */
  readonly jobsOfRun: BatchSource<JobsOfRun>;
  readonly fullSynchronization: BatchSource<FullSynchronization>;
  /** By the entry's id. */
  readonly fullSynchronizationOfEntry: BatchSource<FullSynchronizationOfEntry>;
}

/** What a resolver is made with. */
export interface ResolverParts extends ApiServices {
  readonly sources: ApiSources;
  /** The same sources by the name of their type, for those that implement Node. */
  readonly nodes: NodeSources;
}

// More than a worker runs at once by any setting, with those that only watch others.
const MOST_RUNS_OF_A_WORKER = 100;

/** Makes the sources from the services. */
export const sourcesOf = (services: ApiServices): ApiSources => ({
  connectionSetup: { byIds: (ids) => services.connectionSetups.byIds(ids), idOf: ({ id }) => id },
  mapping: { byIds: (ids) => services.mappings.byIds(ids), idOf: ({ id }) => id },
  transformationRule: { byIds: (ids) => services.transformationRules.byIds(ids), idOf: ({ id }) => id },
  readUntil: { byIds: (ids) => services.cursors.readUntil(ids), idOf: ({ mappingId }) => mappingId },
  coupling: { byIds: (ids) => services.couplings.byIds(ids), idOf: ({ _id }) => _id },
  couplingOfRecord: { byIds: (keys) => services.couplings.ofRecords(keys), idOf: ({ key }) => key },
  synchJob: { byIds: (ids) => services.synch.jobsByIds(ids), idOf: ({ _id }) => _id },
  driftOfMapping: { byIds: (ids) => services.drift.ofMappings(ids), idOf: ({ ofId }) => ofId },
  driftOfConnection: { byIds: (ids) => services.drift.ofConnections(ids), idOf: ({ ofId }) => ofId },
  recordChange: { byIds: (ids) => services.history.byIds(ids), idOf: ({ _id }) => _id },
  matchAmbiguity: { byIds: (ids) => services.ambiguities.byIds(ids), idOf: ({ _id }) => _id },
  synchJobError: { byIds: (ids) => services.synch.errorsByIds(ids), idOf: ({ _id }) => _id },
  requestBudget: { byIds: (ids) => services.requestBudgets.byGateNames(ids), idOf: ({ gateName }) => gateName },
  entry: { byIds: (ids) => services.jobQueue.findEntries(ids), idOf: ({ _id }) => _id },
  run: { byIds: (ids) => services.jobQueue.findRuns(ids), idOf: ({ _id }) => _id },
  worker: { byIds: (ids) => services.jobQueue.findWorkers(ids), idOf: ({ _id }) => _id },
  runsOfWorker: {
    byIds: (ids) => services.jobQueue.runsOfWorkers(ids, MOST_RUNS_OF_A_WORKER),
    idOf: ({ workerId }) => workerId,
  },
  transition: { byIds: (ids) => services.transitionLog.byIds(ids), idOf: ({ _id }) => _id },
  apiToken: { byIds: (ids) => services.apiTokens.byIds(ids), idOf: ({ _id }) => _id },
  auditEntry: { byIds: (ids) => services.audit.byIds(ids), idOf: ({ _id }) => _id },
  lastJobOfMapping: { byIds: (ids) => services.synch.lastJobsOfMappings(ids), idOf: ({ mappingId }) => mappingId },
  jobsOfRun: { byIds: (ids) => services.synch.jobsOfRuns(ids), idOf: ({ runId }) => runId },
  fullSynchronization: { byIds: (ids) => services.fullSynchronizations.byIds(ids), idOf: ({ _id }) => _id },
  fullSynchronizationOfEntry: {
    byIds: (ids) => services.fullSynchronizations.ofEntries(ids),
    idOf: ({ entryId }) => entryId,
  },
});
