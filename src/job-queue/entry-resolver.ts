import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../api/api-context.js';
import { badUserInput } from '../api/api-errors.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { argumentId, globalId } from '../api/global-id.js';
import type { ConnectionSetup } from '../connection-setup/connection-setup.js';
import { ConnectionSetupType } from '../connection-setup/connection-setup-graphql.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { IntegrationTableMappingType } from '../mapping/mapping-graphql.js';
import { entryFilter } from './entry-filter-input.js';
import type { EntryFilter } from './entry-list-store.js';
import type { JobQueue } from './job-queue.js';
import type { JobQueueEntry, JobQueueEntryStatus, JobQueueLogEntry } from './job-queue-entry.js';
import {
  JobQueueEntryConnection,
  JobQueueEntryCountType,
  JobQueueEntryFilterInput,
  JobQueueEntryOrderInput,
  JobQueueEntryType,
  JobQueueLogEntryType,
} from './job-queue-graphql.js';

@ArgsType()
class EntryListArgs extends ConnectionArgs {
  @Field(() => JobQueueEntryFilterInput, {
    nullable: true,
    description: 'Only these; without it all but one-off entries.',
  })
  readonly filter?: JobQueueEntryFilterInput | null;

  @Field(() => JobQueueEntryOrderInput, { nullable: true, description: 'The order; by code without it.' })
  readonly orderBy?: JobQueueEntryOrderInput | null;
}

/** Job queue entries: look-ups. */
@Resolver(() => JobQueueEntryType)
export class EntryResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => JobQueueEntryConnection, { description: 'The entries of all connections.' })
  jobQueueEntries(@Args(() => EntryListArgs) args: EntryListArgs): Promise<Connection<JobQueueEntry>> {
    return listEntries(this.parts.jobQueue, args, entryFilter(args.filter));
  }

  @Query(() => JobQueueEntryType, { nullable: true, description: 'The entry with this code; null when there is none.' })
  async jobQueueEntry(
    @Arg('code', () => String, { description: 'Its code.' }) code: string,
    @Arg('connectionSetupId', () => ID, {
      nullable: true,
      description: 'Of this connection; needed where two connections have an entry with the code.',
    })
    connectionSetupId?: string | null,
  ): Promise<JobQueueEntry | null> {
    const ofConnection = connectionSetupId
      ? { connectionSetupId: argumentId('ConnectionSetup', 'connectionSetupId', connectionSetupId) }
      : {};
    const { items, hasMore } = await this.parts.jobQueue.pageOfEntries(
      { code, oneOff: null, ...ofConnection },
      undefined,
      { limit: 1 },
    );
    if (hasMore)
      throw badUserInput(`connectionSetupId: several connections have an entry ${code}; name the connection`);
    return items[0]?.item ?? null;
  }

  @Query(() => [JobQueueEntryCountType], {
    description: 'How many entries have each status; statuses with none are left out.',
  })
  jobQueueEntryCounts(
    @Arg('filter', () => JobQueueEntryFilterInput, {
      nullable: true,
      description: 'Only of these; without it all but one-off entries.',
    })
    filter?: JobQueueEntryFilterInput | null,
  ): Promise<{ readonly status: JobQueueEntryStatus; readonly count: number }[]> {
    return this.parts.jobQueue.countByStatus(entryFilter(filter));
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() entry: JobQueueEntry): string {
    return globalId('JobQueueEntry', entry._id);
  }

  @FieldResolver(() => Boolean, { description: 'True when runOn or cron is set.' })
  recurringJob(@Root() entry: JobQueueEntry): boolean {
    return entry.runOn.length > 0 || entry.cron !== null;
  }

  @FieldResolver(() => ConnectionSetupType, {
    nullable: true,
    description: 'The connection that it works for; null when it is of none.',
  })
  connectionSetup(@Root() entry: JobQueueEntry, @Ctx() { loads }: ApiContext): Promise<ConnectionSetup | null> {
    return loads.one(this.parts.sources.connectionSetup, entry.connectionSetupId);
  }

  @FieldResolver(() => IntegrationTableMappingType, {
    nullable: true,
    description: 'The mapping that it runs; null when its task has none.',
  })
  mapping(@Root() entry: JobQueueEntry, @Ctx() { loads }: ApiContext): Promise<IntegrationTableMapping | null> {
    return loads.one(this.parts.sources.mapping, entry.mappingId);
  }

  @FieldResolver(() => JobQueueLogEntryType, { nullable: true, description: 'The run in process; null otherwise.' })
  currentRun(@Root() entry: JobQueueEntry, @Ctx() { loads }: ApiContext): Promise<JobQueueLogEntry | null> {
    return loads.one(this.parts.sources.run, entry.currentRunId);
  }

  @FieldResolver(() => JobQueueLogEntryType, {
    nullable: true,
    description: 'The run that ended last; null before the first one.',
  })
  lastRun(@Root() entry: JobQueueEntry, @Ctx() { loads }: ApiContext): Promise<JobQueueLogEntry | null> {
    return loads.one(this.parts.sources.run, entry.lastRunId);
  }
}

/** The entries of a connection. */
@Resolver(() => ConnectionSetupType)
export class EntriesOfConnectionResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => JobQueueEntryConnection, { description: 'Its synchronization jobs.' })
  synchJobQueueEntries(
    @Root() setup: ConnectionSetup,
    @Args(() => EntryListArgs) args: EntryListArgs,
  ): Promise<Connection<JobQueueEntry>> {
    const filter = entryFilter(args.filter);
    const isOther = filter.connectionSetupId !== undefined && filter.connectionSetupId !== setup.id;
    if (isOther) throw badUserInput('filter.connectionSetupId: expected nothing or this connection, got another one');
    return listEntries(this.parts.jobQueue, args, { ...filter, connectionSetupId: setup.id });
  }
}

/** The entry of a mapping. */
@Resolver(() => IntegrationTableMappingType)
export class EntryOfMappingResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => JobQueueEntryType, {
    nullable: true,
    description:
      'Its recurring synchronization entry, the oldest where someone made several (jobQueueEntries has them all).',
  })
  async jobQueueEntry(@Root() mapping: IntegrationTableMapping): Promise<JobQueueEntry | null> {
    const filter: EntryFilter = { mappingId: mapping.id, task: ['INTEGRATION_SYNCH'], oneOff: false };
    const { items } = await this.parts.jobQueue.pageOfEntries(
      filter,
      { field: 'CREATED_AT', direction: 'ASC' },
      { limit: 1 },
    );
    return items[0]?.item ?? null;
  }
}

function listEntries(jobQueue: JobQueue, args: EntryListArgs, filter: EntryFilter): Promise<Connection<JobQueueEntry>> {
  const order = args.orderBy ? { field: args.orderBy.field, direction: args.orderBy.direction } : undefined;
  return connectionOf(args, {
    page: (request) => jobQueue.pageOfEntries(filter, order, request),
    count: () => jobQueue.countEntries(filter),
  });
}
