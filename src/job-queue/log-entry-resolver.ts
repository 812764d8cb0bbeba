import { Args, ArgsType, Ctx, Field, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { argumentId, globalId } from '../api/global-id.js';
import type { ConnectionSetup } from '../connection-setup/connection-setup.js';
import { ConnectionSetupType } from '../connection-setup/connection-setup-graphql.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { IntegrationTableMappingType } from '../mapping/mapping-graphql.js';
import { SynchJobType } from '../synch/synch-graphql.js';
import type { SynchJob } from '../synch/synch-job.js';
import type { JobQueue } from './job-queue.js';
import type { JobQueueEntry, JobQueueLogEntry } from './job-queue-entry.js';
import {
  JobQueueEntryType,
  JobQueueLogEntryConnection,
  JobQueueLogEntryType,
  JobQueueLogFilterInput,
} from './job-queue-graphql.js';
import type { RunFilter } from './run-ledger-store.js';
import { WorkerType } from './worker-graphql.js';
import type { ListedWorker } from './worker-store.js';

@ArgsType()
class LogListArgs extends ConnectionArgs {
  @Field(() => JobQueueLogFilterInput, { nullable: true, description: 'Only these.' })
  readonly filter?: JobQueueLogFilterInput | null;
}

/** Runs: look-ups. */
@Resolver(() => JobQueueLogEntryType)
export class LogEntryResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => JobQueueLogEntryConnection, { description: 'The runs of all entries, newest first.' })
  jobQueueLogEntries(@Args(() => LogListArgs) args: LogListArgs): Promise<Connection<JobQueueLogEntry>> {
    return listRuns(this.parts.jobQueue, args, runFilter(args.filter));
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() run: JobQueueLogEntry): string {
    return globalId('JobQueueLogEntry', run._id);
  }

  @FieldResolver(() => JobQueueEntryType, { nullable: true, description: 'The entry that ran; null once deleted.' })
  entry(@Root() run: JobQueueLogEntry, @Ctx() { loads }: ApiContext): Promise<JobQueueEntry | null> {
    return loads.one(this.parts.sources.entry, run.entryId);
  }

  @FieldResolver(() => ConnectionSetupType, {
    nullable: true,
    description: 'The connection that it worked for; null when it was of none, or is gone.',
  })
  connectionSetup(@Root() run: JobQueueLogEntry, @Ctx() { loads }: ApiContext): Promise<ConnectionSetup | null> {
    return loads.one(this.parts.sources.connectionSetup, run.connectionSetupId);
  }

  @FieldResolver(() => IntegrationTableMappingType, {
    nullable: true,
    description: 'The mapping that it ran; null when its task has none, or it is gone.',
  })
  mapping(@Root() run: JobQueueLogEntry, @Ctx() { loads }: ApiContext): Promise<IntegrationTableMapping | null> {
    return loads.one(this.parts.sources.mapping, run.mappingId);
  }

  @FieldResolver(() => Int, { nullable: true, description: 'Milliseconds from acceptance to the end; null before.' })
  durationMs(@Root() run: JobQueueLogEntry): number | null {
    // An Int of GraphQL ends at 24 days; no run is that long, but a clock that was set may claim so.
    return run.endedAt === null
      ? null
      : Math.min(Math.max(run.endedAt.getTime() - run.startedAt.getTime(), 0), LARGEST_INT);
  }

  @FieldResolver(() => JobQueueLogEntryType, {
    nullable: true,
    description: 'The run that holds the mapping, while this one waits for it.',
  })
  waitsFor(@Root() run: JobQueueLogEntry, @Ctx() { loads }: ApiContext): Promise<JobQueueLogEntry | null> {
    return loads.one(this.parts.sources.run, run.waitsForRunId);
  }

  @FieldResolver(() => WorkerType, {
    nullable: true,
    description: 'Null until a worker takes it, and once that worker is forgotten; its name stays.',
  })
  worker(@Root() run: JobQueueLogEntry, @Ctx() { loads }: ApiContext): Promise<ListedWorker | null> {
    return loads.one(this.parts.sources.worker, run.workerId);
  }

  @FieldResolver(() => [SynchJobType], {
    description: 'One for each mapping and direction, in the order of their start; at most 200.',
  })
  async synchJobs(@Root() run: JobQueueLogEntry, @Ctx() { loads }: ApiContext): Promise<readonly SynchJob[]> {
    return (await loads.one(this.parts.sources.jobsOfRun, run._id))?.jobs ?? [];
  }
}

const LARGEST_INT = 2 ** 31 - 1;

/** The runs of an entry. */
@Resolver(() => JobQueueEntryType)
export class LogOfEntryResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => JobQueueLogEntryConnection, { description: 'Its runs, newest first.' })
  log(@Root() entry: JobQueueEntry, @Args(() => LogListArgs) args: LogListArgs): Promise<Connection<JobQueueLogEntry>> {
    return listRuns(this.parts.jobQueue, args, { ...runFilter(args.filter), entryId: entry._id });
  }
}

const listRuns = (jobQueue: JobQueue, args: LogListArgs, filter: RunFilter): Promise<Connection<JobQueueLogEntry>> =>
  connectionOf(args, {
    page: (request) => jobQueue.pageOfRuns(filter, request),
    count: () => jobQueue.countRuns(filter),
  });

const runFilter = (input: JobQueueLogFilterInput | null | undefined): RunFilter => ({
  status: input?.status ?? undefined,
  codes: input?.code ?? undefined,
  mappingNames: input?.mapping ?? undefined,
  connectionSetupId: input?.connectionSetupId
    ? argumentId('ConnectionSetup', 'filter.connectionSetupId', input.connectionSetupId)
    : undefined,
  since: input?.since ?? undefined,
  until: input?.until ?? undefined,
});
