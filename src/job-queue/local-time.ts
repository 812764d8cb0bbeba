import { DateTime, IANAZone } from 'luxon';

/** A day of the calendar in some time zone. Days before and after follow without regard to clocks being changed. */
export interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** An instant as a clock on the wall of a time zone shows it. */
export interface LocalMoment {
  readonly date: LocalDate;
  /** From the midnight that the clock shows, 0 to 86,399,999. */
  readonly msOfDay: number;
}

const MS_PER_DAY = 86_400_000;
const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;

/** True for a name of the IANA time zone database that this system knows. */
export const isTimeZone = (name: string): boolean => IANAZone.isValidZone(name);

/** Milliseconds from midnight that `HH:MM:SS` or `HH:MM` stands for, or null when it is no time of day. */
export function msOfTime(text: string): number | null {
  const [, hours, minutes, seconds = '0'] = TIME_OF_DAY.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) return null;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** What a clock in the zone shows at an instant. */
export function localMomentOf(instant: Date, timeZone: string): LocalMoment {
  const shown = DateTime.fromJSDate(instant, { zone: timeZone });
  return {
    date: { year: shown.year, month: shown.month, day: shown.day },
    msOfDay: ((shown.hour * 60 + shown.minute) * 60 + shown.second) * 1000 + shown.millisecond,
  };
}

/** The day `days` later (or earlier, when negative). */
export function addDays({ year, month, day }: LocalDate, days: number): LocalDate {
  const moved = new Date(Date.UTC(year, month - 1, day + days));
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

/** Weekday of a day: 0 is Monday, 6 is Sunday. */
export const weekdayOf = ({ year, month, day }: LocalDate): number =>
  (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;

/**
 * The instant at which a clock in the zone shows this time on this day. A time that the clock shows twice: the first
 * one. A time that it skips: the first instant after the gap.
 */
export function instantOf(date: LocalDate, msOfDay: number, timeZone: string): Date {
  const shown = Date.UTC(date.year, date.month - 1, date.day) + msOfDay;
  const zone = IANAZone.create(timeZone);
  // No zone is a day or more from UTC, and none changes its clocks twice within two days.
  const before = offsetMs(zone, shown - MS_PER_DAY);
  const after = offsetMs(zone, shown + MS_PER_DAY);
  const candidates = [...new Set([before, after])]
    .map((offset) => ({ offset, instant: shown - offset }))
    .filter(({ offset, instant }) => offsetMs(zone, instant) === offset)
    .map(({ instant }) => instant);
  if (candidates.length > 0) return new Date(Math.min(...candidates));
  return new Date(endOfGap(zone, shown - after, shown - before, after));
}

/** The first instant between `low` and `high` at which the zone has `offset`; at `high` it has. */
function endOfGap(zone: IANAZone, low: number, high: number, offset: number): number {
  let without = Math.min(low, high) - 1;
  let having = Math.max(low, high);
  while (having - without > 1) {
    const middle = Math.floor((having + without) / 2);
    if (offsetMs(zone, middle) === offset) having = middle;
    else without = middle;
  }
  return having;
}

const offsetMs = (zone: IANAZone, instant: number): number => zone.offset(instant) * 60_000;
