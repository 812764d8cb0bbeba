import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { DateTimeScalar, LocalTimeScalar, TimeZoneScalar } from '../api/scalars.js';
import { type MutationPayload, MutationPayloadType } from '../api/user-error.js';
import type { JobQueueEntry, JobQueueEntryStatus, JobQueueLogEntry, JobSchedule, Weekday } from './job-queue-entry.js';
import { JobQueueEntryStatusEnum, RecurrenceAnchorEnum, WeekdayEnum } from './job-queue-enums-graphql.js';
import { JobQueueEntryType, JobQueueLogEntryType } from './job-queue-graphql.js';

@InputType('SetJobQueueEntryStatusInput', { description: 'Which entry gets which status.' })
export class SetJobQueueEntryStatusInput {
  @Field(() => ID, { description: 'The entry.' })
  readonly id!: string;

  @Field(() => JobQueueEntryStatusEnum, {
    description:
      'READY, ON_HOLD, or ON_HOLD_WITH_INACTIVITY_TIMEOUT for a recurring entry; the present status changes nothing.',
  })
  readonly status!: JobQueueEntryStatus;

  @Field(() => Int, {
    nullable: true,
    description: 'The revision that was read: refused with STALE_REVISION when someone changed it since.',
  })
  readonly expectedRevision?: number | null;

  @Field(() => String, { nullable: true, description: 'A key of your own for this call; the payload repeats it.' })
  readonly clientMutationId?: string | null;
}

@InputType('JobQueueEntryIdInput', { description: 'One job queue entry.' })
export class JobQueueEntryIdInput {
  @Field(() => ID, { description: 'The entry.' })
  readonly id!: string;

  @Field(() => String, { nullable: true, description: 'A key of your own for this call; the payload repeats it.' })
  readonly clientMutationId?: string | null;
}

@InputType('CancelJobQueueRunInput', { description: 'The run to cancel.' })
export class CancelJobQueueRunInput {
  @Field(() => ID, { description: 'Of an entry (its current run), or of a run.' })
  readonly id!: string;

  @Field(() => String, { nullable: true, description: 'A key of your own for this call; the payload repeats it.' })
  readonly clientMutationId?: string | null;
}

@InputType('PreviewScheduleInput', { description: 'A schedule to try out. `after` is taken as the end of a run.' })
export class PreviewScheduleInput {
  @Field(() => [WeekdayEnum], { description: 'Days on which it runs.' })
  readonly runOn!: Weekday[];

  @Field(() => LocalTimeScalar, { nullable: true, description: 'When its window opens.' })
  readonly startingTime?: string | null;

  @Field(() => LocalTimeScalar, {
    nullable: true,
    description: 'When its window closes, inclusive; earlier than startingTime: it passes midnight.',
  })
  readonly endingTime?: string | null;

  @Field(() => TimeZoneScalar, { description: 'Where its weekdays and times of day hold.' })
  readonly timeZone!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Minutes from the end of a run to the next one; absent or 0: once a day, at startingTime.',
  })
  readonly minutesBetweenRuns?: number | null;

  @Field(() => String, { nullable: true, description: 'A cron expression (five fields) instead of minutes.' })
  readonly cron?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'It does not run before.' })
  readonly earliestStartAt?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'It does not run after.' })
  readonly expiresAt?: Date | null;

  @Field(() => RecurrenceAnchorEnum, {
    nullable: true,
    description: 'From where the minutes count; absent: END_OF_RUN.',
  })
  readonly recurrenceAnchor?: JobSchedule['recurrenceAnchor'] | null;

  @Field(() => DateTimeScalar, { description: 'The end of a run, from which on the next ones are looked for.' })
  readonly after!: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'With SCHEDULED the time for which that run was planned; absent: its end.',
  })
  readonly slotAt?: Date | null;

  @Field(() => Int, { defaultValue: 10, description: 'How many times, 1 to 100.' })
  readonly count!: number;
}

@ObjectType('JobQueueEntryPayload', {
  implements: MutationPayloadType,
  description: 'The entry after the change; null when it was refused.',
  simpleResolvers: true,
})
export class JobQueueEntryPayloadType extends MutationPayloadType {
  @Field(() => JobQueueEntryType, { nullable: true, description: 'The entry; null when it was refused.' })
  readonly jobQueueEntry!: JobQueueEntryType | null;
}

/** What a mutation of an entry answers. */
export interface EntryPayload extends MutationPayload {
  readonly jobQueueEntry: JobQueueEntry | null;
}

@ObjectType('RunPayload', {
  implements: MutationPayloadType,
  description: 'The run that was accepted; null when it was refused.',
  simpleResolvers: true,
})
export class RunPayloadType extends MutationPayloadType {
  @Field(() => JobQueueLogEntryType, {
    nullable: true,
    description: 'The run, IN_PROCESS from acceptance on; null when it was refused.',
  })
  readonly run!: JobQueueLogEntryType | null;
}

/** What a mutation that starts a run answers. */
export interface RunPayload extends MutationPayload {
  readonly run: JobQueueLogEntry | null;
}
