import { ArgsType, Field, ID, InputType, ObjectType } from 'type-graphql';
import { graphqlEnum } from '../api/graphql-enum.js';
import { DateTimeScalar } from '../api/scalars.js';
import type { CouplingState } from '../coupling/coupling.js';
import { CouplingStateEnum } from '../coupling/coupling-graphql.js';
import type { LiveChangeKind, LiveSubject } from './live-change.js';

export const LiveSubjectEnum = graphqlEnum<LiveSubject>('LiveSubject', 'What a change is about.', {
  CONNECTION_SETUP: 'A connection; also when its drift, its budget or its last test changed.',
  INTEGRATION_TABLE_MAPPING: 'A mapping; also when its drift changed.',
  COUPLING: 'A pair that enters or leaves any state but COUPLED and PENDING, or whose error changes; needs VIEWER.',
  JOB_QUEUE_ENTRY: 'A job queue entry.',
  JOB_QUEUE_RUN: 'A run that is accepted, begins or ends.',
  SYNCH_JOB: 'A synch job that begins or ends; synchJobProgress tells its counters.',
  FULL_SYNCHRONIZATION: 'A full synchronization of which a line changes.',
  WORKER: 'A worker that comes, goes, or is no longer alive.',
});

export const LiveChangeKindEnum = graphqlEnum<LiveChangeKind>('LiveChangeKind', 'What happened to an object.', {
  CREATED: 'It was made.',
  CHANGED: 'It was changed.',
  DELETED: 'It is gone.',
});

@ObjectType('LiveChange', {
  description:
    'An object was made, changed or deleted. Of the fields after nodeId that of its subject is set, with the present state (null when deleted). Changes in quick succession are told as one, at most once a second an object. After a resume each object that changed meanwhile is told, however many there are: nothing is missed, though not every step between is seen.',
  simpleResolvers: true,
})
export class LiveChangeType {
  @Field(() => DateTimeScalar, { description: 'When it was written.' })
  readonly at!: Date;

  @Field(() => LiveSubjectEnum, { description: 'What it is about.' })
  readonly subject!: LiveSubject;
}

@InputType('LiveChangeFilter', {
  description:
    'Which changes are wanted: given fields are ANDed, values of one list ORed; an empty list matches nothing. couplingState and mapping limit only COUPLING. Without subject: all that the role may see.',
})
export class LiveChangeFilterInput {
  @Field(() => [LiveSubjectEnum], { nullable: true, description: 'Only about these.' })
  readonly subject?: LiveSubject[] | null;

  @Field(() => ID, { nullable: true, description: 'Only of this connection; workers belong to all.' })
  readonly connectionSetupId?: string | null;

  @Field(() => [String], { nullable: true, description: 'Of couplings only those of mappings with these names.' })
  readonly mapping?: string[] | null;

  @Field(() => [CouplingStateEnum], {
    nullable: true,
    description: 'Of couplings only those that enter or leave one of these states, or have another error in one.',
  })
  readonly couplingState?: CouplingState[] | null;

  @Field(() => [ID], { nullable: true, description: 'Only these objects.' })
  readonly nodeId?: string[] | null;
}

/** The arguments of liveChanges. */
@ArgsType()
export class FollowChangesArgs {
  @Field(() => String, {
    nullable: true,
    description: 'Everything after this cursor, of a change or of liveCursor; without it what comes from now on.',
  })
  readonly after?: string | null;

  @Field(() => LiveChangeFilterInput, { nullable: true, description: 'Only these.' })
  readonly filter?: LiveChangeFilterInput | null;
}

/** The arguments of synchJobProgress. */
@ArgsType()
export class FollowProgressArgs {
  @Field(() => ID, {
    nullable: true,
    description: 'Only of this synch job; how it stands is told also when it has ended already.',
  })
  readonly synchJobId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only of the synch jobs of this run.' })
  readonly runId?: string | null;

  @Field(() => String, { nullable: true, description: 'Only of the mapping with this name.' })
  readonly mapping?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only of this connection.' })
  readonly connectionSetupId?: string | null;
}
