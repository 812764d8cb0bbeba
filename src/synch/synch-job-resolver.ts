import { Args, ArgsType, Ctx, Field, FieldResolver, Float, ID, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { globalId } from '../api/global-id.js';
import type { Coupling } from '../coupling/coupling.js';
import { CouplingType } from '../coupling/coupling-graphql.js';
import type { JobQueueLogEntry } from '../job-queue/job-queue-entry.js';
import { JobQueueLogEntryType } from '../job-queue/job-queue-graphql.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { IntegrationTableMappingType } from '../mapping/mapping-graphql.js';
import { errorFilter, jobFilter } from './synch-filters.js';
import {
  SynchJobConnection,
  SynchJobErrorConnection,
  SynchJobErrorFilterInput,
  SynchJobErrorType,
  SynchJobFilterInput,
  SynchJobType,
} from './synch-graphql.js';
import type { SynchJob, SynchJobError } from './synch-job.js';
import type { SynchJobErrorFilter, SynchJobFilter, SynchQueries } from './synch-queries.js';

@ArgsType()
class JobListArgs extends ConnectionArgs {
  @Field(() => SynchJobFilterInput, { nullable: true, description: 'Only these.' })
  readonly filter?: SynchJobFilterInput | null;
}

@ArgsType()
class ErrorListArgs extends ConnectionArgs {
  @Field(() => SynchJobErrorFilterInput, { nullable: true, description: 'Only these.' })
  readonly filter?: SynchJobErrorFilterInput | null;
}

/** Synch jobs: look-ups. */
@Resolver(() => SynchJobType)
export class SynchJobResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => SynchJobConnection, { description: 'The synch jobs of all mappings, newest first.' })
  synchJobs(@Args(() => JobListArgs) args: JobListArgs): Promise<Connection<SynchJob>> {
    return listJobs(this.parts.synch, args, jobFilter(args.filter));
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() job: SynchJob): string {
    return globalId('SynchJob', job._id);
  }

  @FieldResolver(() => IntegrationTableMappingType, { nullable: true, description: 'The mapping; null once deleted.' })
  mapping(@Root() job: SynchJob, @Ctx() { loads }: ApiContext): Promise<IntegrationTableMapping | null> {
    return loads.one(this.parts.sources.mapping, job.mappingId);
  }

  @FieldResolver(() => JobQueueLogEntryType, {
    nullable: true,
    description: 'The run that it is part of; null once deleted.',
  })
  run(@Root() job: SynchJob, @Ctx() { loads }: ApiContext): Promise<JobQueueLogEntry | null> {
    return loads.one(this.parts.sources.run, job.runId);
  }

  @FieldResolver(() => SynchJobType, {
    nullable: true,
    description: 'The dry run that this one applied, or the job that it undid; null for any other, and once deleted.',
  })
  basedOn(@Root() job: SynchJob, @Ctx() { loads }: ApiContext): Promise<SynchJob | null> {
    return loads.one(this.parts.sources.synchJob, job.basedOnId ?? null);
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: 'Records read a minute, over the whole job so far; null before any time has passed.',
  })
  async recordsPerMinute(@Root() { startedAt, finishedAt, read }: SynchJob): Promise<number | null> {
    const minutes = ((finishedAt ?? (await this.parts.now())).getTime() - startedAt.getTime()) / 60_000;
    return minutes > 0 ? read / minutes : null;
  }

  @FieldResolver(() => SynchJobErrorConnection, { description: 'Its errors of records, newest first.' })
  @Access('VIEWER')
  errors(@Root() job: SynchJob, @Args(() => ErrorListArgs) args: ErrorListArgs): Promise<Connection<SynchJobError>> {
    return listErrors(this.parts.synch, args, { ...errorFilter(args.filter), synchJobId: job._id });
  }
}

/** Errors of records: look-ups. */
@Resolver(() => SynchJobErrorType)
export class SynchJobErrorResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => SynchJobErrorConnection, { description: 'The errors of records in all synch jobs, newest first.' })
  @Access('VIEWER')
  synchJobErrors(@Args(() => ErrorListArgs) args: ErrorListArgs): Promise<Connection<SynchJobError>> {
    return listErrors(this.parts.synch, args, errorFilter(args.filter));
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() error: SynchJobError): string {
    return globalId('SynchJobError', error._id);
  }

  @FieldResolver(() => SynchJobType, { description: 'The synch job in which it happened.' })
  async synchJob(@Root() error: SynchJobError, @Ctx() { loads }: ApiContext): Promise<SynchJob> {
    const job = await loads.one(this.parts.sources.synchJob, error.synchJobId);
    if (job === null) throw new Error(`the synch job of error ${error._id} is gone`);
    return job;
  }

  @FieldResolver(() => CouplingType, {
    nullable: true,
    description: 'Where the record is listed now; null when it is not (any more).',
  })
  coupling(@Root() error: SynchJobError, @Ctx() { loads }: ApiContext): Promise<Coupling | null> {
    return loads.one(this.parts.sources.coupling, error.couplingId);
  }
}

/** The synch jobs of a mapping. */
@Resolver(() => IntegrationTableMappingType)
export class SynchJobsOfMappingResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => SynchJobConnection, { description: 'Its synch jobs, newest first.' })
  synchJobs(
    @Root() mapping: IntegrationTableMapping,
    @Args(() => JobListArgs) args: JobListArgs,
  ): Promise<Connection<SynchJob>> {
    return listJobs(this.parts.synch, args, { ...jobFilter(args.filter), mappingId: mapping.id });
  }

  @FieldResolver(() => SynchJobType, {
    nullable: true,
    description: 'The newest that was not a dry run; null before the first one.',
  })
  lastSynchJob(@Root() mapping: IntegrationTableMapping, @Ctx() { loads }: ApiContext): Promise<SynchJob | null> {
    return loads.one(this.parts.sources.lastJobOfMapping, mapping.id);
  }
}

const listJobs = (synch: SynchQueries, args: JobListArgs, filter: SynchJobFilter): Promise<Connection<SynchJob>> =>
  connectionOf(args, { page: (request) => synch.jobs(filter, request), count: () => synch.countJobs(filter) });

const listErrors = (
  synch: SynchQueries,
  args: ErrorListArgs,
  filter: SynchJobErrorFilter,
): Promise<Connection<SynchJobError>> =>
  connectionOf(args, { page: (request) => synch.errors(filter, request), count: () => synch.countErrors(filter) });
