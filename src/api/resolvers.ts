import type { ContainerType } from 'type-graphql';
import { ApiTokenResolver } from '../api-token/api-token-resolver.js';
import { AuditResolver } from '../audit/audit-resolver.js';
import { ConnectionPreviewResolver } from '../connection-setup/connection-preview-resolver.js';
import { ConnectionSetupMutationResolver } from '../connection-setup/connection-setup-mutation-resolver.js';
import { ConnectionSetupResolver, SystemEndpointResolver } from '../connection-setup/connection-setup-resolver.js';
import { SetupDocumentResolver } from '../connection-setup/setup-document/setup-document-resolver.js';
import { TablesResolver } from '../connection-setup/tables-resolver.js';
import { CouplingMutationResolver } from '../coupling/coupling-mutation-resolver.js';
import {
  AwaitedReferenceResolver,
  CouplingResolver,
  CouplingsOfMappingResolver,
} from '../coupling/coupling-resolver.js';
import { ExternalRecordResolver, RecordsOfMappingResolver } from '../coupling/external-record-resolver.js';
import { EntryMutationResolver } from '../job-queue/entry-mutation-resolver.js';
import { EntryPreviewResolver } from '../job-queue/entry-preview-resolver.js';
import { EntriesOfConnectionResolver, EntryOfMappingResolver, EntryResolver } from '../job-queue/entry-resolver.js';
import { JobQueueMutationResolver } from '../job-queue/job-queue-mutation-resolver.js';
import { LogEntryResolver, LogOfEntryResolver } from '../job-queue/log-entry-resolver.js';
import { ScheduleResolver } from '../job-queue/schedule-resolver.js';
import { WorkerResolver } from '../job-queue/worker-resolver.js';
import { MappingMutationResolver } from '../mapping/mapping-mutation-resolver.js';
import { MappingPreviewResolver } from '../mapping/mapping-preview-resolver.js';
import { MappingResolver, MappingsOfConnectionResolver } from '../mapping/mapping-resolver.js';
import { TransformationRuleResolver } from '../mapping/transformation-rule-resolver.js';
import { StatisticsResolver } from '../statistics/statistics-resolver.js';
import { LiveChangeResolver } from '../status-stream/live-change-resolver.js';
import { TransitionResolver } from '../status-stream/transition-resolver.js';
import { DriftOfConnectionResolver, DriftOfMappingResolver } from '../synch/drift-resolver.js';
import { ErrorGroupResolver } from '../synch/error-group-resolver.js';
import {
  FullSynchLineResolver,
  FullSynchronizationOfRunResolver,
  FullSynchronizationResolver,
} from '../synch/full-synchronization-resolver.js';
import { AmbiguitiesOfJobResolver, MatchAmbiguityResolver } from '../synch/match-ambiguity-resolver.js';
import {
  ChangesOfJobResolver,
  HistoryOfCouplingResolver,
  RecordChangeResolver,
} from '../synch/record-change-resolver.js';
import { RunActionsResolver } from '../synch/run-actions-resolver.js';
import { SynchErrorResolver } from '../synch/synch-error-graphql.js';
import { SynchJobErrorResolver, SynchJobResolver, SynchJobsOfMappingResolver } from '../synch/synch-job-resolver.js';
import { type ApiServices, type ApiSources, type ResolverParts, sourcesOf } from './api-services.js';
import { NodeResolver, type NodeSources } from './node.js';
import type { BatchSource } from './operation-loads.js';
import { ViewerResolver } from './viewer-resolver.js';

const sliceResolvers = [
  ConnectionSetupResolver,
  SystemEndpointResolver,
  ConnectionSetupMutationResolver,
  ConnectionPreviewResolver,
  SetupDocumentResolver,
  TablesResolver,
  MappingResolver,
  MappingsOfConnectionResolver,
  MappingMutationResolver,
  MappingPreviewResolver,
  TransformationRuleResolver,
  CouplingResolver,
  AwaitedReferenceResolver,
  CouplingMutationResolver,
  CouplingsOfMappingResolver,
  ExternalRecordResolver,
  RecordsOfMappingResolver,
  SynchErrorResolver,
  SynchJobResolver,
  SynchJobErrorResolver,
  SynchJobsOfMappingResolver,
  RecordChangeResolver,
  HistoryOfCouplingResolver,
  ChangesOfJobResolver,
  MatchAmbiguityResolver,
  AmbiguitiesOfJobResolver,
  ErrorGroupResolver,
  RunActionsResolver,
  DriftOfMappingResolver,
  DriftOfConnectionResolver,
  FullSynchronizationResolver,
  FullSynchLineResolver,
  FullSynchronizationOfRunResolver,
  EntryResolver,
  EntriesOfConnectionResolver,
  EntryOfMappingResolver,
  LogEntryResolver,
  LogOfEntryResolver,
  JobQueueMutationResolver,
  EntryMutationResolver,
  EntryPreviewResolver,
  WorkerResolver,
  ScheduleResolver,
  TransitionResolver,
  LiveChangeResolver,
  StatisticsResolver,
  ApiTokenResolver,
  AuditResolver,
] as const;

/** All resolvers: what the schema consists of. */
export const resolverClasses = [NodeResolver, ViewerResolver, ...sliceResolvers] as const;

/** Gives the instance of a resolver's class. */
export interface ResolverContainer extends ContainerType {
  get<T extends object>(resolverClass: new (...dependencies: never[]) => T): T;
  readonly nodes: NodeSources;
}

/** Makes every resolver once, from the services of the process. */
export function resolverContainer(services: ApiServices): ResolverContainer {
  const sources = sourcesOf(services);
  const nodes = nodeSources(sources);
  const parts: ResolverParts = { ...services, sources, nodes };
  const instances = new Map<unknown, object>(sliceResolvers.map((Resolver) => [Resolver, new Resolver(parts)]));
  instances.set(NodeResolver, new NodeResolver(nodes));
  instances.set(ViewerResolver, new ViewerResolver());
  return {
    nodes,
    get: <T extends object>(resolverClass: new (...dependencies: never[]) => T): T => {
      const instance = instances.get(resolverClass);
      if (instance === undefined) throw new Error(`${resolverClass.name} is no resolver of this service`);
      return instance as T;
    },
  };
}

function nodeSources(sources: ApiSources): NodeSources {
  return new Map<string, BatchSource<object>>(
    Object.entries({
      ConnectionSetup: sources.connectionSetup,
      IntegrationTableMapping: sources.mapping,
      TransformationRule: sources.transformationRule,
      Coupling: sources.coupling,
      SynchJob: sources.synchJob,
      SynchJobError: sources.synchJobError,
      RecordChange: sources.recordChange,
      MatchAmbiguity: sources.matchAmbiguity,
      FullSynchronization: sources.fullSynchronization,
      JobQueueEntry: sources.entry,
      JobQueueLogEntry: sources.run,
      JobStatusTransition: sources.transition,
      ApiToken: sources.apiToken,
      AuditEntry: sources.auditEntry,
      Worker: sources.worker,
    } as Record<string, BatchSource<object>>),
  );
}
