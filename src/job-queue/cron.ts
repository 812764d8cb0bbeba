import { addDays, instantOf, type LocalDate, localMomentOf, weekdayOf } from './local-time.js';
import { isOpenAt, type RunWindow } from './schedule-window.js';

/** A cron expression of five fields, read: which minutes, hours, days, months and weekdays match. */
export interface CronPattern {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday, as in cron; 7 is read as 0. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** Both kinds of days limited: a day matches when either does, as cron has always had it. */
  readonly eitherDay: boolean;
}

/** Thrown for a text that is no cron expression of five fields. */
export class CronSyntaxError extends Error {
  override readonly name = 'CronSyntaxError';
  constructor(
    readonly field: string,
    expected: string,
    came: string,
  ) {
    super(`${field} of the cron expression: expected ${expected}, got "${came.slice(0, 60)}"`);
  }
}

interface CronField {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly names: readonly string[];
  /** Number of the first name. */
  readonly namesFrom: number;
}

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] as const;
const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;
const minuteField: CronField = { name: 'minute', from: 0, to: 59, names: [], namesFrom: 0 };
const hourField: CronField = { name: 'hour', from: 0, to: 23, names: [], namesFrom: 0 };
const dayField: CronField = { name: 'day of month', from: 1, to: 31, names: [], namesFrom: 0 };
const monthField: CronField = { name: 'month', from: 1, to: 12, names: monthNames, namesFrom: 1 };
const weekdayField: CronField = { name: 'day of week', from: 0, to: 7, names: weekdayNames, namesFrom: 0 };

// 29 February that is also a given weekday comes back after at most 40 years (across 2100, which is no leap year). An
// expression that matches no day within that time, such as 30 February, never does.
const DAYS_AHEAD = 41 * 366;

/**
 * Reads a cron expression: minute, hour, day of month, month, day of week, each with `*`, numbers, names, ranges, lists
 * and steps.
 *
 * @throws CronSyntaxError naming the field, what was expected and what came
 */
export function readCron(expression: string): CronPattern {
  const parts = expression.trim().split(/\s+/);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = parts;
  if (parts.length !== 5) throw new CronSyntaxError('the whole', 'five fields with blanks between', expression);
  return {
    minutes: readField(minute, minuteField),
    hours: readField(hour, hourField),
    daysOfMonth: readField(day, dayField),
    months: readField(month, monthField),
    daysOfWeek: new Set([...readField(weekday, weekdayField)].map((number) => number % 7)),
    eitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  };
}

/**
 * The first match strictly after an instant that is within the window, or null when there is none for decades. Each
 * matching time of a day counts once: one that the clock skips happens right after the gap, one that it shows twice at
 * its first showing.
 */
export function nextCronMatch(pattern: CronPattern, window: RunWindow, after: Date): Date | null {
  const times = timesOfDay(pattern);
  const start = localMomentOf(after, window.timeZone).date;
  const timesOfWeek = Array.from({ length: 7 }, (_, days) => addDays(start, days)).map((date) => ({
    weekday: weekdayOf(date),
    times: times.filter((msOfDay) => isOpenAt(window, date, msOfDay)),
  }));
  if (timesOfWeek.every((day) => day.times.length === 0)) return null;
  const open = new Map(timesOfWeek.map((day) => [day.weekday, day.times]));
  // The day before too: what the clock skips late in a day happens on the next one.
  for (let days = -1; days <= DAYS_AHEAD; days += 1) {
    const date = addDays(start, days);
    if (!matchesDay(pattern, date)) continue;
    const match = firstInstantAfter(after, date, open.get(weekdayOf(date)) ?? [], window.timeZone);
    if (match !== null) return match;
  }
  return null;
}

const timesOfDay = ({ hours, minutes }: CronPattern): number[] =>
  [...hours].flatMap((hour) => [...minutes].map((minute) => (hour * 60 + minute) * 60_000)).toSorted((a, b) => a - b);

// Later times of a day are never earlier instants, so the first one after `after` can be found by halving: asking the time
// zone costs far more than a comparison.
function firstInstantAfter(after: Date, date: LocalDate, times: readonly number[], timeZone: string): Date | null {
  let low = 0;
  let high = times.length;
  let found: Date | null = null;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const instant = instantOf(date, times[middle] ?? 0, timeZone);
    if (instant > after) {
      found = instant;
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return found;
}

function matchesDay(pattern: CronPattern, date: LocalDate): boolean {
  if (!pattern.months.has(date.month)) return false;
  const byMonth = pattern.daysOfMonth.has(date.day);
  const byWeek = pattern.daysOfWeek.has((weekdayOf(date) + 1) % 7);
  return pattern.eitherDay ? byMonth || byWeek : byMonth && byWeek;
}

function readField(text: string, field: CronField): ReadonlySet<number> {
  return new Set(text.split(',').flatMap((part) => readPart(part, field)));
}

function readPart(text: string, field: CronField): number[] {
  const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,4}))?$/.exec(text);
  if (match === null) throw refused(text, field);
  const [, first, last, step] = match;
  const from = first === undefined ? field.from : readNumber(first, field);
  const to = last === undefined ? endWithout(first, step, from, field) : readNumber(last, field);
  const by = step === undefined ? 1 : Number(step);
  if (by === 0 || to < from) throw refused(text, field);
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
}

// "5" is one number, "5/10" goes on to the end of the field, "*" is the whole field.
function endWithout(first: string | undefined, step: string | undefined, from: number, field: CronField): number {
  if (first !== undefined && step === undefined) return from;
  return field === weekdayField ? 6 : field.to;
}

function readNumber(text: string, field: CronField): number {
  const named = field.names.indexOf(text.toUpperCase());
  const number = named >= 0 ? named + field.namesFrom : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= field.from && number <= field.to)) throw refused(text, field);
  return number;
}

function refused(text: string, field: CronField): CronSyntaxError {
  const names = field.names.length > 0 ? ` or ${field.names[0]} to ${field.names.at(-1)}` : '';
  return new CronSyntaxError(
    field.name,
    `${field.from} to ${field.to}${names}, *, ranges a-b, lists a,b and steps /n`,
    text,
  );
}
