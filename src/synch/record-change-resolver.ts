import { Args, ArgsType, Ctx, Field, FieldResolver, ID, Resolver, Root } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { globalId } from '../api/global-id.js';
import type { Coupling } from '../coupling/coupling.js';
import { CouplingType } from '../coupling/coupling-graphql.js';
import { RecordChangeConnection, RecordChangeFilterInput, RecordChangeType } from './record-change-graphql.js';
import type { RecordChangeFilter, RecordChangeQueries } from './record-change-queries.js';
import { SynchJobType } from './synch-graphql.js';
import type { RecordChange, SynchJob } from './synch-job.js';

@ArgsType()
class ChangeListArgs extends ConnectionArgs {
  @Field(() => RecordChangeFilterInput, { nullable: true, description: 'Only these.' })
  readonly filter?: RecordChangeFilterInput | null;
}

/** Changes of records: what they belong to. */
@Resolver(() => RecordChangeType)
export class RecordChangeResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() change: RecordChange): string {
    return globalId('RecordChange', change._id);
  }

  @FieldResolver(() => CouplingType, {
    nullable: true,
    description: 'The pair; null once uncoupled, and for what a dry run would create.',
  })
  coupling(@Root() change: RecordChange, @Ctx() { loads }: ApiContext): Promise<Coupling | null> {
    return loads.one(this.parts.sources.coupling, change.couplingId);
  }

  @FieldResolver(() => SynchJobType, {
    nullable: true,
    description: 'The synch job; null once that is deleted, and for what a person did without a run.',
  })
  synchJob(@Root() change: RecordChange, @Ctx() { loads }: ApiContext): Promise<SynchJob | null> {
    return loads.one(this.parts.sources.synchJob, change.synchJobId);
  }
}

/** The history of a pair. */
@Resolver(() => CouplingType)
export class HistoryOfCouplingResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => RecordChangeConnection, {
    description: 'What was written to its records, newest first; values that lost are the ones before.',
  })
  history(
    @Root() coupling: Coupling,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
  ): Promise<Connection<RecordChange>> {
    return listChanges(this.parts.history, args, { couplingId: coupling._id, outcome: ['APPLIED', 'REFUSED'] });
  }
}

/** The changes of a synch job. */
@Resolver(() => SynchJobType)
export class ChangesOfJobResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => RecordChangeConnection, {
    description:
      'For a dry run, what it would do; for a real one, what it did; newest first. Counts by action are the counters of the job.',
  })
  @Access('VIEWER')
  changes(@Root() job: SynchJob, @Args(() => ChangeListArgs) args: ChangeListArgs): Promise<Connection<RecordChange>> {
    return listChanges(this.parts.history, args, { ...changeFilter(args.filter), synchJobIds: [job._id] });
  }
}

const listChanges = (
  history: RecordChangeQueries,
  args: ConnectionArgs,
  filter: RecordChangeFilter,
): Promise<Connection<RecordChange>> =>
  connectionOf(args, { page: (request) => history.page(filter, request), count: () => history.count(filter) });

const changeFilter = (input: RecordChangeFilterInput | null | undefined): RecordChangeFilter => ({
  action: input?.action ?? undefined,
  side: input?.side ?? undefined,
  outcome: input?.outcome ?? undefined,
  search: input?.search ?? undefined,
});
