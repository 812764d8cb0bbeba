import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { DateTimeScalar, LocalTimeScalar, TimeZoneScalar } from '../api/scalars.js';
import { type MutationPayload, MutationPayloadType } from '../api/user-error.js';
import type {
  JobPriority,
  JobQueueEntry,
  JobQueueEntryStatus,
  JobSchedule,
  JobTask,
  Weekday,
} from './job-queue-entry.js';
import {
  JobPriorityEnum,
  JobQueueEntryStatusEnum,
  JobTaskEnum,
  RecurrenceAnchorEnum,
  WeekdayEnum,
  WhenRetriesExhaustedEnum,
} from './job-queue-enums-graphql.js';
import { JobQueueEntryFilterInput, JobQueueEntryType } from './job-queue-graphql.js';

const KEY = 'A key of your own for this call; the payload repeats it.';

/** What a person may decide of an entry again and again. */
@InputType()
export abstract class EntrySettingsInput {
  @Field(() => String, { nullable: true, description: 'What it is for; up to 250 characters.' })
  readonly description?: string | null;

  @Field(() => String, { nullable: true, description: 'Settings of its task, as text; up to 250 characters.' })
  readonly parameterString?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Follows from runOn and cron; when it is given it has to agree with them.',
  })
  readonly recurringJob?: boolean | null;

  @Field(() => [WeekdayEnum], { nullable: true, description: 'Days on which it runs; none: it runs once.' })
  readonly runOn?: Weekday[] | null;

  @Field(() => LocalTimeScalar, { nullable: true, description: 'When its window opens. Only of recurring entries.' })
  readonly startingTime?: string | null;

  @Field(() => LocalTimeScalar, {
    nullable: true,
    description:
      'When its window closes, inclusive; earlier than startingTime: it passes midnight. Only of recurring entries.',
  })
  readonly endingTime?: string | null;

  @Field(() => TimeZoneScalar, {
    nullable: true,
    description: "Where its weekdays and times of day hold; absent in a new entry: the service's.",
  })
  readonly timeZone?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Minutes between two runs; 0 with runOn and without cron: once a day, at startingTime.',
  })
  readonly minutesBetweenRuns?: number | null;

  @Field(() => String, { nullable: true, description: 'A cron expression (five fields) instead of minutes.' })
  readonly cron?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'It does not run before.' })
  readonly earliestStartAt?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'It does not run after; not before earliestStartAt.' })
  readonly expiresAt?: Date | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'How long it sleeps after a run that found nothing to do: 0, until something changes, or at least 5. 5 in a new entry.',
  })
  readonly inactivityTimeoutMinutes?: number | null;

  @Field(() => Int, { nullable: true, description: 'How often a failed run is tried again, 0 to 10.' })
  readonly maximumRetries?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Least time between the end of a failed run and its retry, 0 to 3,600 seconds.',
  })
  readonly rerunDelaySeconds?: number | null;

  @Field(() => WhenRetriesExhaustedEnum, {
    nullable: true,
    description: 'What it does after its last retry failed; a retry that would come after expiresAt is none.',
  })
  readonly whenRetriesExhausted?: JobQueueEntry['whenRetriesExhausted'] | null;

  @Field(() => RecurrenceAnchorEnum, { nullable: true, description: 'What minutesBetweenRuns are counted from.' })
  readonly recurrenceAnchor?: JobSchedule['recurrenceAnchor'] | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Of the entries of one category and connection one runs at a time; up to 50 characters. It cannot change while a run of the entry is in process.',
  })
  readonly categoryCode?: string | null;

  @Field(() => JobPriorityEnum, {
    nullable: true,
    description: 'Who goes first among waiting entries of one category; cannot change while it is in process.',
  })
  readonly priority?: JobPriority | null;

  @Field(() => Int, {
    nullable: true,
    description: 'A run that takes longer is stopped, 1 to 604,800 seconds; null: no limit.',
  })
  readonly timeoutSeconds?: number | null;
}

@InputType('CreateJobQueueEntryInput', {
  description:
    "A new entry. Absent: runOn empty, timeZone the service's, numbers 0 (inactivityTimeoutMinutes 5), STOP, END_OF_RUN, NORMAL.",
})
export class CreateJobQueueEntryInput extends EntrySettingsInput {
  @Field(() => ID, {
    nullable: true,
    description: "The connection that it works for; absent with a mapping: the mapping's.",
  })
  readonly connectionSetupId?: string | null;

  @Field(() => String, { description: 'Short name, unique in the connection; 1 to 50 characters.' })
  readonly code!: string;

  @Field(() => JobTaskEnum, { description: 'What it does. The last three are only of one-off entries.' })
  readonly task!: JobTask;

  @Field(() => ID, { nullable: true, description: 'The mapping that it runs, for tasks that work on one.' })
  readonly mappingId?: string | null;

  @Field(() => JobQueueEntryStatusEnum, { defaultValue: 'ON_HOLD', description: 'READY or ON_HOLD.' })
  readonly status!: JobQueueEntryStatus;

  @Field(() => String, { nullable: true, description: KEY })
  readonly clientMutationId?: string | null;
}

@InputType('UpdateJobQueueEntryInput', {
  description:
    'What to change of an entry: absent stays, null clears what may be null. Code, task, mapping and connection stay as created, and the schedule of an entry that is `oneOff`; the status has its own mutation.',
})
export class UpdateJobQueueEntryInput extends EntrySettingsInput {
  @Field(() => ID, { description: 'The entry.' })
  readonly id!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'The revision that was read: refused with STALE_REVISION when someone changed it since.',
  })
  readonly expectedRevision?: number | null;

  @Field(() => String, { nullable: true, description: KEY })
  readonly clientMutationId?: string | null;
}

@InputType('SetJobQueueEntriesStatusInput', {
  description:
    'Which entries get which status. A filter without anything but oneOff is INVALID, more than 10,000 matches are LIMIT_EXCEEDED. Entries that cannot go there are userErrors, the others go.',
})
export class SetJobQueueEntriesStatusInput {
  @Field(() => JobQueueEntryFilterInput, { description: 'Which entries; something besides oneOff has to be given.' })
  readonly filter!: JobQueueEntryFilterInput;

  @Field(() => JobQueueEntryStatusEnum, {
    description: 'READY, ON_HOLD, or ON_HOLD_WITH_INACTIVITY_TIMEOUT for recurring entries.',
  })
  readonly status!: JobQueueEntryStatus;

  @Field(() => Int, {
    nullable: true,
    description: 'How many were seen to match: refused with STALE_REVISION when another number does.',
  })
  readonly expectedCount?: number | null;

  @Field(() => String, { nullable: true, description: KEY })
  readonly clientMutationId?: string | null;
}

@ObjectType('JobQueueEntriesPayload', {
  implements: MutationPayloadType,
  description: 'What was changed; at most 100 userErrors.',
  simpleResolvers: true,
})
export class JobQueueEntriesPayloadType extends MutationPayloadType {
  @Field(() => Int, { description: 'How many were changed.' })
  readonly changedCount!: number;

  @Field(() => [ID], { description: 'The first 1,000 that were changed.' })
  readonly changedIds!: readonly string[];

  @Field(() => [JobQueueEntryType], { description: 'The first 100 that were changed.' })
  readonly jobQueueEntries!: readonly JobQueueEntryType[];
}

/** What a change of many entries answers. */
export interface EntriesPayload extends MutationPayload {
  readonly changedCount: number;
  readonly changedIds: readonly string[];
  readonly jobQueueEntries: readonly JobQueueEntry[];
}
