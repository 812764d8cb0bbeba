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

/** One opening of a window, in elapsed time: clocks that are changed meanwhile neither close it nor open it again. */
interface Opening {
  readonly from: Date;
  /** Inclusive. */
  readonly until: Date;
}

const NO_DAY_IN_A_WEEK = 'a window needs at least one weekday on which it opens';
// The opening that an instant lies in began on its own day or the one before; one day more, because what the clock skips
// before midnight happens on the day after.
const DAYS_BACK = 2;
// A week ahead is enough for every choice of weekdays; one day more for today's opening that is over.
const DAYS_AHEAD = 8;

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

/** True when the window has opened and not closed yet. */
export function isWithin(window: RunWindow, instant: Date): boolean {
  const { date } = localMomentOf(instant, window.timeZone);
  for (let days = -DAYS_BACK; days <= 0; days += 1) {
    const opening = openingOn(window, addDays(date, days));
    if (opening !== null && opening.from <= instant && opening.until >= instant) return true;
  }
  return false;
}

/**
 * True when a clock that shows this time on this day shows one within the window. For times that the clock shows once, or the
 * first time that it shows them.
 */
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
  for (let days = -DAYS_BACK; days <= DAYS_AHEAD; days += 1) {
    const day = addDays(date, days);
    if (!opens(window, day)) continue;
    const from = openedAt(window, day);
    if (from >= instant) return from;
  }
  throw new RangeError(NO_DAY_IN_A_WEEK);
}

/** The window that opens on a day; null on one that is not enabled. */
function openingOn(window: RunWindow, day: LocalDate): Opening | null {
  if (!opens(window, day)) return null;
  const from = openedAt(window, day);
  const until = closedAt(window, day);
  // One that lies in a gap of the clock is open for the first instant after it.
  return { from, until: until < from ? from : until };
}

const openedAt = ({ opensAt, timeZone }: RunWindow, day: LocalDate): Date => instantOf(day, opensAt, timeZone);

function closedAt({ opensAt, closesAt, timeZone }: RunWindow, day: LocalDate): Date {
  if (closesAt === null) return new Date(instantOf(addDays(day, 1), 0, timeZone).getTime() - 1);
  return instantOf(closesAt < opensAt ? addDays(day, 1) : day, closesAt, timeZone);
}

const opens = (window: RunWindow, date: LocalDate): boolean => window.opensOn[weekdayOf(date)] === true;
