import { Arg, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ResolverParts } from '../api/api-services.js';
import { Cost } from '../api/cost.js';
import { SynchErrorGroupType } from './error-group-graphql.js';
import type { SynchErrorGroup } from './error-groups-queries.js';
import { errorFilter } from './synch-filters.js';
import { SynchJobErrorFilterInput, SynchJobType } from './synch-graphql.js';
import type { SynchJob } from './synch-job.js';

/** Errors of records by their cause. */
@Resolver(() => SynchJobType)
export class ErrorGroupResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => [SynchErrorGroupType], {
    description: 'Errors by cause, largest first, at most 100; without `since` those of the last 7 days.',
  })
  @Access('VIEWER')
  @Cost(20)
  synchErrorGroups(
    @Arg('filter', () => SynchJobErrorFilterInput, { nullable: true, description: 'Only of these errors.' })
    filter?: SynchJobErrorFilterInput | null,
  ): Promise<SynchErrorGroup[]> {
    return this.parts.errorGroups.groups(errorFilter(filter), () => this.parts.now());
  }

  @FieldResolver(() => [SynchErrorGroupType], {
    description: 'Its errors of records by cause, largest first, at most 100.',
  })
  @Access('VIEWER')
  errorGroups(@Root() job: SynchJob): Promise<SynchErrorGroup[]> {
    return this.parts.errorGroups.groups({ synchJobId: job._id }, () => this.parts.now());
  }
}
