import { ArgsType, Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionType } from '../api/connection.js';
import { NodeType } from '../api/node.js';
import { DateTimeScalar } from '../api/scalars.js';
import type { JobQueueEntryStatus } from '../job-queue/job-queue-entry.js';
import { JobQueueEntryStatusEnum } from '../job-queue/job-queue-enums-graphql.js';

@ObjectType('JobStatusTransition', {
  implements: NodeType,
  description:
    'An entry went from one status to another. Appended once, never changed; `cursor` orders them and resumes a subscription.',
  simpleResolvers: true,
})
export class JobStatusTransitionType extends NodeType {
  @Field(() => DateTimeScalar, { description: "When it happened, by the database's clock." })
  readonly at!: Date;

  @Field(() => String, { description: 'Code of the entry, also when that is gone.' })
  readonly code!: string;

  @Field(() => JobQueueEntryStatusEnum, { nullable: true, description: 'The status before; null for a new entry.' })
  readonly from!: JobQueueEntryStatus | null;

  @Field(() => JobQueueEntryStatusEnum, { description: 'The status after.' })
  readonly to!: JobQueueEntryStatus;

  @Field(() => String, { nullable: true, description: 'Why; null where there is nothing to say.' })
  readonly reason!: string | null;

  @Field(() => String, { description: "Who or what caused it: a token's name, or the worker." })
  readonly causedBy!: string;
}

export const JobStatusTransitionConnection = connectionType('JobStatusTransition', () => JobStatusTransitionType);

@InputType('JobStatusTransitionFilter', {
  description:
    'Which transitions are wanted: given fields are ANDed, values of one list ORed; an empty list matches nothing.',
})
export class JobStatusTransitionFilterInput {
  @Field(() => [ID], { nullable: true, description: 'Only of these entries.' })
  readonly entryId?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only of entries with these codes.' })
  readonly code?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only of mappings with these names.' })
  readonly mapping?: string[] | null;

  @Field(() => [JobQueueEntryStatusEnum], { nullable: true, description: 'Only to these statuses.' })
  readonly to?: JobQueueEntryStatus[] | null;

  @Field(() => ID, { nullable: true, description: 'Only of this connection.' })
  readonly connectionSetupId?: string | null;
}

/** The arguments of the subscription. */
@ArgsType()
export class FollowTransitionsArgs {
  @Field(() => String, {
    nullable: true,
    description:
      'Everything after this cursor, of a transition or of liveCursor, then what comes; without it what comes from now on.',
  })
  readonly after?: string | null;

  @Field(() => JobStatusTransitionFilterInput, { nullable: true, description: 'Only these.' })
  readonly filter?: JobStatusTransitionFilterInput | null;
}
