import type { JobSchedule } from './job-queue-entry.js';
import { weekdays } from './job-queue-entry.js';
import { addDays, instantOf, type LocalDate, localMomentOf, msOfTime, weekdayOf } from './local-time.js';

/**
 * The times of the week at which an entry may run. A window opens on an enabled weekday and may pass midnight: the part
 * after midnight belongs to the day on which it opened. Without times it is the whole day.
 */
export interface RunWindow {
  readonly timeZone: string;
  /** Whether it opens on Monday (0) to Sunday (6). */
  readonly opensOn: readonly boolean[];
  /** Milliseconds from midnight. */
  readonly opensAt: number;
  /** Inclusive; null: until midnight. Less than opensAt: on the day after. */
  readonly closesAt: number | null;
}

const NO_DAY_IN_A_WEEK = 'a window needs at least one weekday on which it opens';

/** The window of a schedule. Without runOn it opens every day, for schedules by cron expression. */
export function windowOf(schedule: JobSchedule): RunWindow {
  const always = schedule.runOn.length === 0;
  return {
    timeZone: schedule.timeZone,
    opensOn: weekdays.map((weekday) => always || schedule.runOn.includes(weekday)),
    opensAt: schedule.startingTime === null ? 0 : (msOfTime(schedule.startingTime) ?? 0),
    closesAt: schedule.endingTime === null ? null : msOfTime(schedule.endingTime),
  };
}

/** True when a clock in the window's zone shows a time within it. */
export function isWithin(window: RunWindow, instant: Date): boolean {
  const { date, msOfDay } = localMomentOf(instant, window.timeZone);
  return isOpenAt(window, date, msOfDay);
}

/** True when the window is open at a time of day. */
export function isOpenAt(window: RunWindow, date: LocalDate, msOfDay: number): boolean {
  const { opensAt, closesAt } = window;
  if (closesAt === null) return opens(window, date) && msOfDay >= opensAt;
  if (closesAt >= opensAt) return opens(window, date) && msOfDay >= opensAt && msOfDay <= closesAt;
  return (opens(window, date) && msOfDay >= opensAt) || (opens(window, addDays(date, -1)) && msOfDay <= closesAt);
}

/** The instant itself when it is within the window, else the next opening. */
export const moveInto = (window: RunWindow, instant: Date): Date =>
  isWithin(window, instant) ? instant : nextOpening(window, instant);

/** The first opening of the window at `instant` or after it. */
export function nextOpening(window: RunWindow, instant: Date): Date {
  const { date } = localMomentOf(instant, window.timeZone);
  // A week ahead is enough for every choice of weekdays; one day more for today's opening that is over, and one before for
  // yesterday's, when clocks were put forward over midnight and it happens today.
  for (let days = -1; days <= 8; days += 1) {
    const day = addDays(date, days);
    const opening = instantOf(day, window.opensAt, window.timeZone);
    if (opens(window, day) && opening >= instant) return opening;
  }
  throw new RangeError(NO_DAY_IN_A_WEEK);
}

const opens = (window: RunWindow, date: LocalDate): boolean => window.opensOn[weekdayOf(date)] === true;
