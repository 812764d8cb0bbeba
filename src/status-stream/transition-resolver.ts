import { Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { argumentId, globalId } from '../api/global-id.js';
import type { JobQueueEntry, JobQueueLogEntry, JobStatusTransition } from '../job-queue/job-queue-entry.js';
import { JobQueueEntryType, JobQueueLogEntryType } from '../job-queue/job-queue-graphql.js';
import { streamCursorOf } from './stream-cursor.js';
import type { TransitionFilter } from './transition-filter.js';
import {
  FollowTransitionsArgs,
  JobStatusTransitionConnection,
  JobStatusTransitionFilterInput,
  JobStatusTransitionType,
} from './transition-graphql.js';

@ArgsType()
class TransitionListArgs extends ConnectionArgs {
  @Field(() => JobStatusTransitionFilterInput, { nullable: true, description: 'Only these.' })
  readonly filter?: JobStatusTransitionFilterInput | null;
}

/** Transitions of job queue entries: as pages, and as they come. */
@Resolver(() => JobStatusTransitionType)
export class TransitionResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => JobStatusTransitionConnection, {
    description: 'The same stream as the subscription, as a page, oldest first; without `after` from the oldest kept.',
  })
  async jobStatusTransitions(
    @Args(() => TransitionListArgs) args: TransitionListArgs,
  ): Promise<Connection<JobStatusTransition>> {
    const { transitions, transitionLog } = this.parts;
    const filter = transitionFilter(args.filter);
    if (args.after) await transitions.assertReadable(args.after);
    return connectionOf(args, {
      page: (request) => transitionLog.page(filter, request),
      count: () => transitionLog.count(filter),
    });
  }

  @Subscription(() => JobStatusTransitionType, {
    name: 'jobStatusTransitions',
    description:
      'Every status transition from now on, or from after the cursor: none lost, none twice, in order, whichever server process caused it. CURSOR_EXPIRED when the cursor is too old to resume.',
    subscribe: ({ args, context }) =>
      (context as ApiContext).resolver(TransitionResolver).follow(args as FollowTransitionsArgs),
  })
  jobStatusTransitionsFollowed(
    @Root() transition: JobStatusTransition,
    // Declares the arguments; the source above reads them.
    @Args(() => FollowTransitionsArgs) _args: FollowTransitionsArgs,
  ): JobStatusTransition {
    return transition;
  }

  /** The source of the subscription. Throws CursorExpiredError before the first transition, so that it is the operation's answer. */
  async follow({ after, filter }: FollowTransitionsArgs): Promise<AsyncIterable<JobStatusTransition>> {
    const { transitions } = this.parts;
    const wanted = transitionFilter(filter);
    if (after === undefined || after === null) return transitions.subscribe({ filter: wanted });
    await transitions.assertReadable(after);
    return transitions.subscribe({ after, filter: wanted });
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() transition: JobStatusTransition): string {
    return globalId('JobStatusTransition', transition._id);
  }

  @FieldResolver(() => String, {
    description: 'Its place in the stream: subscribe after it, and nothing is missed or told twice.',
  })
  cursor(@Root() transition: JobStatusTransition): string {
    return streamCursorOf(transition.number);
  }

  @FieldResolver(() => JobQueueEntryType, { nullable: true, description: 'The entry as it is now; null once deleted.' })
  entry(@Root() transition: JobStatusTransition, @Ctx() { loads }: ApiContext): Promise<JobQueueEntry | null> {
    return loads.one(this.parts.sources.entry, transition.entryId);
  }

  @FieldResolver(() => JobQueueLogEntryType, {
    nullable: true,
    description: 'The run that it belongs to, as it is now; null when it belongs to none.',
  })
  run(@Root() transition: JobStatusTransition, @Ctx() { loads }: ApiContext): Promise<JobQueueLogEntry | null> {
    return loads.one(this.parts.sources.run, transition.runId);
  }
}

// Only what limits is set: an absent part of a filter and an undefined one are the same to it, a null one is not.
const transitionFilter = (input: JobStatusTransitionFilterInput | null | undefined): TransitionFilter => ({
  ...(input?.entryId && { entryIds: input.entryId.map((id) => argumentId('JobQueueEntry', 'filter.entryId', id)) }),
  ...(input?.code && { codes: input.code }),
  ...(input?.mapping && { mappingNames: input.mapping }),
  ...(input?.to && { to: input.to }),
  ...(typeof input?.connectionSetupId === 'string' && {
    connectionSetupId: argumentId('ConnectionSetup', 'filter.connectionSetupId', input.connectionSetupId),
  }),
});
