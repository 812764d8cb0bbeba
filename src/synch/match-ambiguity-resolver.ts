import { Args, FieldResolver, ID, Resolver, Root } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { globalId } from '../api/global-id.js';
import type { MatchAmbiguity } from './match-ambiguity.js';
import { MatchAmbiguityConnection, MatchAmbiguityType } from './match-ambiguity-graphql.js';
import { SynchJobType } from './synch-graphql.js';
import type { SynchJob } from './synch-job.js';

/** What matching could not decide. */
@Resolver(() => MatchAmbiguityType)
export class MatchAmbiguityResolver {
  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() ambiguity: MatchAmbiguity): string {
    return globalId('MatchAmbiguity', ambiguity._id);
  }
}

/** What a job's matching could not decide. */
@Resolver(() => SynchJobType)
export class AmbiguitiesOfJobResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => MatchAmbiguityConnection, {
    description:
      'Records for which match-based coupling found several candidates, by title; empty for jobs that matched nothing. Kept as long as the job.',
  })
  @Access('VIEWER')
  ambiguities(
    @Root() job: SynchJob,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
  ): Promise<Connection<MatchAmbiguity>> {
    const { ambiguities } = this.parts;
    return connectionOf(args, {
      page: (request) => ambiguities.ofJob(job._id, request),
      count: () => ambiguities.countOfJob(job._id),
    });
  }
}
