import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionType } from '../api/connection.js';
import { graphqlEnum } from '../api/graphql-enum.js';
import { NodeType } from '../api/node.js';
import { OrderDirectionEnum } from '../api/order-direction.js';
import { DateTimeScalar, LocalTimeScalar, TimeZoneScalar } from '../api/scalars.js';
import type { SynchError } from '../synch/synch-error.js';
import { SynchErrorType } from '../synch/synch-error-graphql.js';
import type {
  JobPriority,
  JobQueueEntry,
  JobQueueEntryStatus,
  JobRunStatus,
  JobSchedule,
  JobTask,
  Weekday,
} from './job-queue-entry.js';
import {
  JobPriorityEnum,
  JobQueueEntryStatusEnum,
  JobRunStatusEnum,
  JobTaskEnum,
  RecurrenceAnchorEnum,
  WeekdayEnum,
  WhenRetriesExhaustedEnum,
} from './job-queue-enums-graphql.js';

@ObjectType('JobQueueEntry', {
  implements: NodeType,
  description: 'What runs when: the definition of a job, and its present status.',
  simpleResolvers: true,
})
export class JobQueueEntryType extends NodeType {
  @Field(() => String, { description: 'Short unique name, e.g. CUSTOMER.' })
  readonly code!: string;

  @Field(() => String, { description: 'What it is for.' })
  readonly description!: string;

  @Field(() => JobTaskEnum, { description: 'What it does.' })
  readonly task!: JobTask;

  @Field(() => String, { nullable: true, description: 'Settings of its task, as text.' })
  readonly parameterString!: string | null;

  @Field(() => JobQueueEntryStatusEnum, { description: 'What it does now.' })
  readonly status!: JobQueueEntryStatus;

  @Field(() => String, {
    nullable: true,
    description: 'Why it is in ERROR, FINISHED, WAITING or asleep; cleared when it starts.',
  })
  readonly statusReason!: string | null;

  @Field(() => Boolean, {
    description:
      'Made by the service for one run outside the schedule (synchronizeMapping and the like), with a code like CUSTOMER#12.',
  })
  readonly oneOff!: boolean;

  @Field(() => [WeekdayEnum], { description: 'Days on which it runs.' })
  readonly runOn!: readonly Weekday[];

  @Field(() => LocalTimeScalar, {
    nullable: true,
    description: 'When its window opens; null: at the beginning of the day.',
  })
  readonly startingTime!: string | null;

  @Field(() => LocalTimeScalar, {
    nullable: true,
    description: 'When its window closes. Inclusive; earlier than startingTime: the window passes midnight.',
  })
  readonly endingTime!: string | null;

  @Field(() => TimeZoneScalar, { description: 'Where its weekdays and times of day hold.' })
  readonly timeZone!: string;

  @Field(() => Int, { description: '0 with runOn and without cron: once a day, at startingTime.' })
  readonly minutesBetweenRuns!: number;

  @Field(() => String, {
    nullable: true,
    description: 'A cron expression (five fields) used instead of minutes between runs.',
  })
  readonly cron!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'It does not run before.' })
  readonly earliestStartAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'It does not run after.' })
  readonly expiresAt!: Date | null;

  @Field(() => Int, {
    description: 'How long it sleeps after a run that found nothing to do; 0: until something changes.',
  })
  readonly inactivityTimeoutMinutes!: number;

  @Field(() => Int, {
    description:
      "How often a failed run is tried again: N means at most N + 1 runs (the original's Maximum No. of Attempts to Run).",
  })
  readonly maximumRetries!: number;

  @Field(() => Int, { description: 'Retries used since the last run that did not fail.' })
  readonly retriesMade!: number;

  @Field(() => Int, { description: 'Least time between the end of a failed run and its retry, in seconds.' })
  readonly rerunDelaySeconds!: number;

  @Field(() => WhenRetriesExhaustedEnum, {
    description: 'What it does after its last retry failed; a retry that would come after expiresAt is none.',
  })
  readonly whenRetriesExhausted!: JobQueueEntry['whenRetriesExhausted'];

  @Field(() => RecurrenceAnchorEnum, { description: 'What minutesBetweenRuns are counted from.' })
  readonly recurrenceAnchor!: JobSchedule['recurrenceAnchor'];

  @Field(() => String, {
    nullable: true,
    description:
      'Of the entries of one category and connection one runs at a time; the others are WAITING, next by priority, then age.',
  })
  readonly categoryCode!: string | null;

  @Field(() => JobPriorityEnum, { description: 'Who goes first among waiting entries of one category.' })
  readonly priority!: JobPriority;

  @Field(() => Int, { nullable: true, description: 'A run that takes longer is stopped; null: no limit.' })
  readonly timeoutSeconds!: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it runs next; null when nothing is planned.' })
  readonly nextRunAt!: Date | null;

  @Field(() => Int, { description: 'Grows with each edit by a person; for expectedRevision.' })
  readonly revision!: number;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  readonly createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was changed last.' })
  readonly updatedAt!: Date;
}

@ObjectType('JobQueueLogEntry', {
  implements: NodeType,
  description: 'One run of one job queue entry; entry is null once deleted.',
  simpleResolvers: true,
})
export class JobQueueLogEntryType extends NodeType {
  @Field(() => String, { description: 'Code of the entry, also when that is gone.' })
  readonly code!: string;

  @Field(() => String, { description: 'Description of the entry when it ran.' })
  readonly description!: string;

  @Field(() => JobRunStatusEnum, { description: 'How far it is, or how it ended.' })
  readonly status!: JobRunStatus;

  @Field(() => Int, { description: 'Counts from 1; a retry is a run of its own.' })
  readonly attempt!: number;

  @Field(() => DateTimeScalar, { description: 'From acceptance; synchJobs tell when the work itself began.' })
  readonly startedAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ended; null before.' })
  readonly endedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'Name of the worker that took it; null until one does.' })
  readonly workerName!: string | null;

  @Field(() => String, { description: "A token's name, or the schedule or change that started it." })
  readonly startedBy!: string;

  @Field(() => SynchErrorType, {
    nullable: true,
    description: 'Why it stopped; errors of single records are in its synch jobs.',
  })
  readonly error!: SynchError | null;
}

@ObjectType('JobQueueEntryCount', { description: 'How many entries have one status.', simpleResolvers: true })
export class JobQueueEntryCountType {
  @Field(() => JobQueueEntryStatusEnum, { description: 'The status.' })
  readonly status!: JobQueueEntryStatus;

  @Field(() => Int, { description: 'How many entries have it.' })
  readonly count!: number;
}

export const JobQueueEntryConnection = connectionType('JobQueueEntry', () => JobQueueEntryType);
export const JobQueueLogEntryConnection = connectionType('JobQueueLogEntry', () => JobQueueLogEntryType);

@InputType('JobQueueEntryFilter', {
  description:
    'Which entries are wanted: given fields are ANDed, values of one list ORed; an empty list matches nothing. `search`: every word begins a word of the code or description.',
})
export class JobQueueEntryFilterInput {
  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description:
      'Entries made for one run outside the schedule: false leaves them out, true takes only them, null both.',
  })
  readonly oneOff?: boolean | null;

  @Field(() => [ID], { nullable: true, description: 'Only these.' })
  readonly ids?: string[] | null;

  @Field(() => [JobQueueEntryStatusEnum], { nullable: true, description: 'Only with these statuses.' })
  readonly status?: JobQueueEntryStatus[] | null;

  @Field(() => [JobTaskEnum], { nullable: true, description: 'Only with these tasks.' })
  readonly task?: JobTask[] | null;

  @Field(() => [String], { nullable: true, description: 'Only of mappings with these names.' })
  readonly mapping?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'Words, each of which begins a word of the code or description.',
  })
  readonly search?: string | null;

  @Field(() => [String], { nullable: true, description: 'Only of these categories.' })
  readonly categoryCode?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'Only of this connection.' })
  readonly connectionSetupId?: string | null;
}

const JobQueueEntryOrderFieldEnum = graphqlEnum<'CODE' | 'NEXT_RUN_AT' | 'CREATED_AT'>(
  'JobQueueEntryOrderField',
  'What entries are ordered by.',
  {
    CODE: 'The code.',
    NEXT_RUN_AT: 'When it runs next; entries without come last in either direction.',
    CREATED_AT: 'When it was made.',
  },
);

@InputType('JobQueueEntryOrder', {
  description: 'The order of entries. Entries without nextRunAt come last in either direction.',
})
export class JobQueueEntryOrderInput {
  @Field(() => JobQueueEntryOrderFieldEnum, { description: 'What they are ordered by.' })
  readonly field!: 'CODE' | 'NEXT_RUN_AT' | 'CREATED_AT';

  @Field(() => OrderDirectionEnum, { defaultValue: 'ASC', description: 'Which way.' })
  readonly direction!: 'ASC' | 'DESC';
}

@InputType('JobQueueLogFilter', {
  description: 'Which runs are wanted: given fields are ANDed, values of one list ORed; an empty list matches nothing.',
})
export class JobQueueLogFilterInput {
  @Field(() => [JobRunStatusEnum], { nullable: true, description: 'Only with these statuses.' })
  readonly status?: JobRunStatus[] | null;

  @Field(() => [String], { nullable: true, description: 'Only of entries with these codes.' })
  readonly code?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only of mappings with these names.' })
  readonly mapping?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'Only of this connection.' })
  readonly connectionSetupId?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Only started then or later.' })
  readonly since?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Only started before.' })
  readonly until?: Date | null;
}
