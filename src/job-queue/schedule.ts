import { CronSyntaxError, nextCronMatch, readCron } from './cron.js';
import type { JobSchedule } from './job-queue-entry.js';
import { isTimeZone, msOfTime } from './local-time.js';
import { isWithin, moveInto, nextOpening, windowOf } from './schedule-window.js';

// When an entry runs. Pure: the present time is an argument, times are instants, and the entry's time zone decides what a
// weekday and a time of day mean. Three kinds of recurring schedules:
//   cron           matches of the expression, less those outside weekdays and window
//   minutes > 0    so long after the end of the last run, moved into the window
//   minutes 0      once on each enabled weekday, at startingTime
// An entry without weekdays and cron runs once.

/** Thrown when a schedule cannot be meant as it stands. */
export class InvalidScheduleError extends Error {
  override readonly name = 'InvalidScheduleError';
  readonly code = 'INVALID';

  constructor(
    readonly field: keyof JobSchedule,
    message: string,
  ) {
    super(`${field}: ${message}`);
  }
}

const MS_PER_MINUTE = 60_000;
// The longest interval that still gives dates that JavaScript can hold, with a wide margin: ten years.
const MAX_MINUTES = 10 * 366 * 24 * 60;
// A start takes moments: what is due within its window begins also when these reach beyond its end, which may be the instant at
// which it opened. Longer than a sweep, shorter than what anybody would call late.
const MOMENTS_OF_A_START_MS = 5_000;
// Enough for every failure that passes; a longer back-off would look like a schedule that stopped.
const LONGEST_BACK_OFF_MS = 10 * MS_PER_MINUTE;

/**
 * Refuses a schedule that cannot be computed.
 *
 * @throws InvalidScheduleError naming the first field that is wrong, what was expected and what came
 */
export function checkSchedule(schedule: JobSchedule): void {
  const [first] = scheduleProblems(schedule);
  if (first !== undefined) throw first;
}

/** Everything that keeps a schedule from being computed, each with its field, what was expected and what came. */
export function scheduleProblems(schedule: JobSchedule): InvalidScheduleError[] {
  const { runOn, timeZone, minutesBetweenRuns, cron, earliestStartAt, expiresAt } = schedule;
  const problems = (['startingTime', 'endingTime'] as const).flatMap((field) => timeProblems(field, schedule[field]));
  const add = (field: keyof JobSchedule, message: string) => problems.push(new InvalidScheduleError(field, message));
  if (!isTimeZone(timeZone)) {
    add('timeZone', `expected a name of the IANA database like Europe/Copenhagen, got "${timeZone}"`);
  }
  if (!Number.isInteger(minutesBetweenRuns) || minutesBetweenRuns < 0 || minutesBetweenRuns > MAX_MINUTES) {
    add('minutesBetweenRuns', `expected 0 to ${MAX_MINUTES}, got ${minutesBetweenRuns}`);
  }
  if (cron !== null) problems.push(...cronProblems(cron));
  else if (runOn.length === 0 && minutesBetweenRuns > 0) {
    add('runOn', 'expected at least one weekday with minutesBetweenRuns, got none; add weekdays or set 0');
  }
  if (earliestStartAt !== null && expiresAt !== null && expiresAt < earliestStartAt) {
    add(
      'expiresAt',
      `expected a time not before earliestStartAt, ${earliestStartAt.toISOString()}, got ${expiresAt.toISOString()}`,
    );
  }
  return problems;
}

/**
 * When an entry that is set READY runs first: at once or when its window opens, not before earliestStartAt. Null when there
 * is no such time up to expiresAt.
 */
export function firstRunAt(schedule: JobSchedule, now: Date): Date | null {
  const base = later(now, schedule.earliestStartAt);
  return unlessExpired(schedule, firstCandidate(schedule, base));
}

/**
 * The next run after one that ended at `after`: strictly later, and not before earliestStartAt. Null when there is none up
 * to expiresAt, and for an entry that runs once.
 *
 * `slotAt` is the time for which that run was planned: with the anchor SCHEDULED the interval counts from it, and the slots
 * that passed meanwhile become the one next run. Without it the run is taken to have been in time.
 */
export function nextRunAt(schedule: JobSchedule, after: Date, slotAt: Date | null = null): Date | null {
  return unlessExpired(schedule, nextCandidate(schedule, after, slotAt ?? after));
}

/**
 * The next `count` times at which an entry would run if each run took no time; `after` is taken as the end of a run, and
 * `slotAt` as the time for which that one was planned (as in {@link nextRunAt}). Fewer when it expires before; for an entry
 * that runs once its earliestStartAt or nothing.
 *
 * @throws InvalidScheduleError when the schedule cannot be computed
 */
export function previewSchedule(schedule: JobSchedule, after: Date, count: number, slotAt: Date | null = null): Date[] {
  checkSchedule(schedule);
  if (runsOnce(schedule)) {
    const { earliestStartAt } = schedule;
    return earliestStartAt !== null && earliestStartAt > after && count > 0 ? [earliestStartAt] : [];
  }
  const times: Date[] = [];
  let next = nextRunAt(schedule, after, slotAt);
  for (; next !== null && times.length < count; next = nextRunAt(schedule, next)) times.push(next);
  return times;
}

/**
 * When a failed run is tried again: rerunDelaySeconds after its end, and a little longer from retry to retry (`retry`
 * counts from 1), moved to the next opening of the window. Null when that is after expiresAt.
 */
export function retryAt(schedule: JobSchedule, endedAt: Date, rerunDelaySeconds: number, retry: number): Date | null {
  // Ten milliseconds, then a hundred, a second and so on: a passing failure costs next to nothing, a lasting one does not
  // keep asking. The original backs off by the same powers.
  const backOffMs = Math.min(10 ** retry, LONGEST_BACK_OFF_MS);
  const at = new Date(endedAt.getTime() + rerunDelaySeconds * 1000 + backOffMs);
  return movedIntoWindow(schedule, at);
}

/**
 * True when an entry that was due at `dueAt` may begin now: it is in time, or its window is open. One that has neither
 * startingTime nor endingTime has no window to miss, also when it is late by a day.
 */
export function mayBegin(schedule: JobSchedule, dueAt: Date, now: Date): boolean {
  if (schedule.startingTime === null && schedule.endingTime === null) return true;
  return now.getTime() - dueAt.getTime() <= MOMENTS_OF_A_START_MS || isWithin(windowOf(schedule), now);
}

/** A time outside of the schedule, such as that of a retry, moved into the window; null when that is after expiresAt. */
export const movedIntoWindow = (schedule: JobSchedule, at: Date): Date | null =>
  unlessExpired(schedule, runsOnce(schedule) ? at : moveInto(windowOf(schedule), at));

/**
 * Until when an entry sleeps that found nothing to do: the first time after its minutes at which it may run, so that one with
 * times of its own (cron, a fixed time) wakes at one of these. Null for 0 minutes, and when it expires before: until something
 * changes.
 */
export const sleepUntil = (schedule: JobSchedule, inactivityTimeoutMinutes: number, now: Date): Date | null =>
  inactivityTimeoutMinutes === 0
    ? null
    : firstRunAt(schedule, new Date(now.getTime() + inactivityTimeoutMinutes * MS_PER_MINUTE));

function firstCandidate(schedule: JobSchedule, base: Date): Date | null {
  if (runsOnce(schedule)) return base;
  if (schedule.cron !== null) return nextMatch(schedule, justBefore(base));
  if (schedule.minutesBetweenRuns > 0) return moveInto(windowOf(schedule), base);
  return fixedTimeFrom(schedule, base);
}

function nextCandidate(schedule: JobSchedule, after: Date, slotAt: Date): Date | null {
  if (runsOnce(schedule)) return null;
  const strictlyAfter = new Date(after.getTime() + 1);
  if (schedule.cron !== null) return nextMatch(schedule, justBefore(later(strictlyAfter, schedule.earliestStartAt)));
  if (schedule.minutesBetweenRuns === 0) return fixedTimeFrom(schedule, later(strictlyAfter, schedule.earliestStartAt));
  const interval =
    schedule.recurrenceAnchor === 'SCHEDULED' ? slotAfter(schedule, after, slotAt) : afterEnd(schedule, after);
  return moveInto(windowOf(schedule), later(interval, schedule.earliestStartAt));
}

const afterEnd = ({ minutesBetweenRuns }: JobSchedule, after: Date): Date =>
  new Date(after.getTime() + minutesBetweenRuns * MS_PER_MINUTE);

// The cadence is a grid of whole intervals from the slot of the last run: a run that took long, or that came late, moves
// nothing. A slot ahead of `after` is of a run that was brought forward: it is still to come.
function slotAfter({ minutesBetweenRuns }: JobSchedule, after: Date, slotAt: Date): Date {
  const intervalMs = minutesBetweenRuns * MS_PER_MINUTE;
  const passed = Math.max(Math.floor((after.getTime() - slotAt.getTime()) / intervalMs), -1);
  return new Date(slotAt.getTime() + (passed + 1) * intervalMs);
}

// The window has no say here beyond its opening: that is when such an entry runs.
const fixedTimeFrom = (schedule: JobSchedule, base: Date): Date => nextOpening(windowOf(schedule), base);

// Weekdays and window only drop matches of a cron expression; they move none.
const nextMatch = (schedule: JobSchedule, after: Date): Date | null =>
  nextCronMatch(readCron(schedule.cron ?? ''), windowOf(schedule), after);

function timeProblems(field: 'startingTime' | 'endingTime', time: string | null): InvalidScheduleError[] {
  if (time === null || msOfTime(time) !== null) return [];
  return [new InvalidScheduleError(field, `expected a time of day as HH:MM:SS, got "${time}"`)];
}

function cronProblems(cron: string): InvalidScheduleError[] {
  try {
    readCron(cron);
    return [];
  } catch (error) {
    if (error instanceof CronSyntaxError) return [new InvalidScheduleError('cron', error.message)];
    throw error;
  }
}

const runsOnce = ({ runOn, cron }: JobSchedule): boolean => runOn.length === 0 && cron === null;

const unlessExpired = ({ expiresAt }: JobSchedule, candidate: Date | null): Date | null =>
  candidate === null || (expiresAt !== null && candidate > expiresAt) ? null : candidate;

const later = (a: Date, b: Date | null): Date => (b !== null && b > a ? b : a);
const justBefore = (instant: Date): Date => new Date(instant.getTime() - 1);
