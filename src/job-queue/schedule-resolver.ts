import { Arg, Query, Resolver } from 'type-graphql';
import { badUserInput } from '../api/api-errors.js';
import { DateTimeScalar } from '../api/scalars.js';
import { PreviewScheduleInput } from './job-queue-inputs-graphql.js';
import { InvalidScheduleError, previewSchedule } from './schedule.js';

const MOST_TIMES = 100;

/** Schedules, tried out. */
@Resolver()
export class ScheduleResolver {
  @Query(() => [DateTimeScalar], { description: 'Next times an entry would run, without saving it.' })
  previewSchedule(
    @Arg('input', () => PreviewScheduleInput, { description: 'The schedule.' }) input: PreviewScheduleInput,
  ): Date[] {
    if (input.count < 1 || input.count > MOST_TIMES)
      throw badUserInput(`input.count: expected 1 to ${MOST_TIMES}, got ${input.count}`);
    try {
      return previewSchedule(
        {
          runOn: input.runOn,
          startingTime: input.startingTime ?? null,
          endingTime: input.endingTime ?? null,
          timeZone: input.timeZone,
          minutesBetweenRuns: input.minutesBetweenRuns ?? 0,
          cron: input.cron ?? null,
          earliestStartAt: input.earliestStartAt ?? null,
          expiresAt: input.expiresAt ?? null,
          recurrenceAnchor: input.recurrenceAnchor ?? 'END_OF_RUN',
        },
        input.after,
        input.count,
        input.slotAt ?? null,
      );
    } catch (error) {
      if (error instanceof InvalidScheduleError) throw badUserInput(`input.${error.message}`, error);
      throw error;
    }
  }
}
