import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { argumentId, globalId, idOfType } from '../api/global-id.js';
import { RefusedError, refusable, refuse, userError } from '../api/user-error.js';
import type { ConnectionSetup } from '../connection-setup/connection-setup.js';
import { ConnectionSetupType } from '../connection-setup/connection-setup-graphql.js';
import type { JobQueueLogEntry } from '../job-queue/job-queue-entry.js';
import { JobQueueLogEntryType } from '../job-queue/job-queue-graphql.js';
import type { IntegrationTableMapping, OneWayDirection } from '../mapping/integration-table-mapping.js';
import { IntegrationTableMappingType } from '../mapping/mapping-graphql.js';
import { chooseMappings } from './full-synchronization-choice.js';
import {
  FullSynchLineType,
  FullSynchronizationConnection,
  type FullSynchronizationPayload,
  FullSynchronizationPayloadType,
  FullSynchronizationType,
  RunFullSynchronizationInput,
} from './full-synchronization-graphql.js';
import {
  DependencyCycleError,
  type FullSynchLine,
  type FullSynchLineRun,
  tellingRun,
} from './full-synchronization-plan.js';
import { FullSynchronizationInProcessError } from './full-synchronization-start.js';
import type { FullSynchronization } from './full-synchronization-store.js';
import { SynchJobType } from './synch-graphql.js';
import type { SynchJob } from './synch-job.js';

@ArgsType()
class FullSynchronizationListArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only of this connection.' })
  readonly connectionSetupId?: string | null;
}

/** Full synchronizations: look-ups, and starting one. */
@Resolver(() => FullSynchronizationType)
export class FullSynchronizationResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => FullSynchronizationConnection, { description: 'The full synchronizations, newest first.' })
  fullSynchronizations(
    @Args(() => FullSynchronizationListArgs) args: FullSynchronizationListArgs,
  ): Promise<Connection<FullSynchronization>> {
    const { fullSynchronizations } = this.parts;
    const connectionSetupId = args.connectionSetupId
      ? argumentId('ConnectionSetup', 'connectionSetupId', args.connectionSetupId)
      : undefined;
    return connectionOf(args, {
      page: (request) => fullSynchronizations.page({ connectionSetupId }, request),
      count: () => fullSynchronizations.count({ connectionSetupId }),
    });
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() { _id }: FullSynchronization): string {
    return globalId('FullSynchronization', _id);
  }

  @FieldResolver(() => ConnectionSetupType, { description: 'The connection.' })
  async connectionSetup(
    @Root() { _id, connectionSetupId }: FullSynchronization,
    @Ctx() { loads }: ApiContext,
  ): Promise<ConnectionSetup> {
    const setup = await loads.one(this.parts.sources.connectionSetup, connectionSetupId);
    if (setup === null) throw new Error(`the connection of full synchronization ${_id} is gone`);
    return setup;
  }

  @FieldResolver(() => JobQueueLogEntryType, {
    nullable: true,
    description: 'The run that carries it, the last one when it was interrupted; null once deleted.',
  })
  async run(@Root() { entryId }: FullSynchronization, @Ctx() { loads }: ApiContext): Promise<JobQueueLogEntry | null> {
    const entry = await loads.one(this.parts.sources.entry, entryId);
    return loads.one(this.parts.sources.run, entry?.currentRunId ?? entry?.lastRunId ?? null);
  }

  @Mutation(() => FullSynchronizationPayloadType, {
    description:
      'Synchronizes all records of a connection, mapping after mapping in the order of their references. ILLEGAL_TRANSITION while one of the connection is in process.',
  })
  @Access('OPERATOR')
  runFullSynchronization(
    @Arg('input', () => RunFullSynchronizationInput, { description: 'What to synchronize.' })
    input: RunFullSynchronizationInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<FullSynchronizationPayload> {
    return refusable<{ fullSynchronization: FullSynchronization | null }>(
      input,
      { fullSynchronization: null },
      async () => ({ fullSynchronization: await this.#start(input, viewer.name) }),
    );
  }

  async #start(input: RunFullSynchronizationInput, actor: string): Promise<FullSynchronization> {
    const setup = await this.#enabledConnection(input.connectionSetupId);
    const mappings = await this.#chosenMappings(setup, input.mappings ?? null);
    try {
      return await this.parts.fullSynchronizations.start({
        connectionSetupId: setup.id,
        mode: input.mode,
        dryRun: input.dryRun,
        mappings,
        description: `Full synchronization of ${setup.name}`,
        actor,
      });
    } catch (error) {
      if (error instanceof DependencyCycleError) refuse('INVALID', `mappings: ${error.message}`, ['mappings']);
      if (error instanceof FullSynchronizationInProcessError)
        refuse('ILLEGAL_TRANSITION', `connectionSetupId: ${error.message}`, ['connectionSetupId']);
      throw error;
    }
  }

  async #enabledConnection(given: string): Promise<ConnectionSetup> {
    const id = idOfType('ConnectionSetup', given);
    const setup = id === null ? null : await this.parts.connectionSetups.byId(id);
    if (setup === null)
      return refuse('NOT_FOUND', `connectionSetupId: there is no connection with the id ${given}`, [
        'connectionSetupId',
      ]);
    if (!setup.enabled)
      refuse('INVALID', `connectionSetupId: the connection ${setup.name} is disabled; enable it first`, [
        'connectionSetupId',
      ]);
    return setup;
  }

  async #chosenMappings(
    { id }: ConnectionSetup,
    names: readonly string[] | null,
  ): Promise<readonly IntegrationTableMapping[]> {
    const choice = chooseMappings(await this.parts.mappings.list({ connectionSetupId: id }), names);
    if (choice.mappings !== null) return choice.mappings;
    throw new RefusedError(
      choice.problems.map(({ code, message, index }) => {
        const path = index === null ? ['mappings'] : ['mappings', String(index)];
        return userError(code, `${path.join('.')}: ${message}`, path);
      }),
    );
  }
}

/** One line of a full synchronization. */
@Resolver(() => FullSynchLineType)
export class FullSynchLineResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => IntegrationTableMappingType, { nullable: true, description: 'The mapping; null once deleted.' })
  mapping(@Root() { mappingId }: FullSynchLine, @Ctx() { loads }: ApiContext): Promise<IntegrationTableMapping | null> {
    return loads.one(this.parts.sources.mapping, mappingId);
  }

  @FieldResolver(() => JobQueueLogEntryType, {
    nullable: true,
    description:
      'Its run over all records; once more for pairs that waited for other lines it may run again, and that run stands here while it runs or when it stopped. Null before it begins.',
  })
  async run(@Root() line: FullSynchLine, @Ctx() context: ApiContext): Promise<JobQueueLogEntry | null> {
    return context.loads.one(this.parts.sources.run, await this.#runId(tellingRun(line), context));
  }

  @FieldResolver(() => SynchJobType, {
    nullable: true,
    description: 'What its run does to Dataverse; null before it begins, and where the mapping does not write there.',
  })
  toIntegrationTable(@Root() line: FullSynchLine, @Ctx() context: ApiContext): Promise<SynchJob | null> {
    return this.#job(line, 'TO_INTEGRATION_TABLE', context);
  }

  @FieldResolver(() => SynchJobType, {
    nullable: true,
    description:
      'What its run does to the business system; null before it begins, and where the mapping does not write there.',
  })
  fromIntegrationTable(@Root() line: FullSynchLine, @Ctx() context: ApiContext): Promise<SynchJob | null> {
    return this.#job(line, 'FROM_INTEGRATION_TABLE', context);
  }

  async #job(line: FullSynchLine, direction: OneWayDirection, context: ApiContext): Promise<SynchJob | null> {
    const runId = await this.#runId(tellingRun(line), context);
    const found = await context.loads.one(this.parts.sources.jobsOfRun, runId);
    return found?.jobs.find((job) => job.direction === direction) ?? null;
  }

  // A retry is a run of its own: the entry knows the latest. An entry that is gone leaves the run that was noted.
  async #runId(run: FullSynchLineRun | null, { loads }: ApiContext): Promise<string | null> {
    if (run === null) return null;
    const entry = await loads.one(this.parts.sources.entry, run.entryId);
    return entry?.currentRunId ?? entry?.lastRunId ?? run.runId;
  }
}

/** The full synchronization that a run belongs to. */
@Resolver(() => JobQueueLogEntryType)
export class FullSynchronizationOfRunResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => FullSynchronizationType, {
    nullable: true,
    description: 'The full synchronization that it carries, or is a line of; null for other runs.',
  })
  async fullSynchronization(
    @Root() { entryId }: JobQueueLogEntry,
    @Ctx() { loads }: ApiContext,
  ): Promise<FullSynchronization | null> {
    const found = await loads.one(this.parts.sources.fullSynchronizationOfEntry, entryId);
    return found?.fullSynchronization ?? null;
  }
}
