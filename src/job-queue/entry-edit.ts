import { isDeepStrictEqual } from 'node:util';
import { type EntrySettings, parameterProblems, settingsProblems } from './entry-rules.js';
import type { JobQueueEntry, JobSchedule } from './job-queue-entry.js';
import type { EntryProblem } from './job-queue-errors.js';
import { firstRunAt, movedIntoWindow, nextRunAt, sleepUntil } from './schedule.js';
import { isRecurring } from './transitions.js';

/** What somebody wants to be changed: absent stays as it is. */
export type EntryChange = Partial<EntrySettings>;

/** What is read of an entry to decide what an edit does to it. */
export interface EntryToEdit extends JobQueueEntry {
  readonly slotAt: Date | null;
}

export interface EntryEdit {
  readonly problems: readonly EntryProblem[];
  /** What changes, with the next run that follows from it; empty when all was so before. */
  readonly fields: EntryChange & Partial<Pick<EntryToEdit, 'nextRunAt' | 'slotAt'>>;
}

export interface EditTimes {
  readonly now: Date;
  /** When the last run of the entry ended; null before its first one. */
  readonly lastEndedAt: Date | null;
}

const scheduleFields = [
  'runOn',
  'startingTime',
  'endingTime',
  'timeZone',
  'minutesBetweenRuns',
  'cron',
  'earliestStartAt',
  'expiresAt',
  'recurrenceAnchor',
] as const satisfies readonly (keyof JobSchedule)[];

/** Decides what an edit of an entry does: what is wrong with it, what changes, and when the entry runs then. */
export function editEntry(
  entry: EntryToEdit,
  change: EntryChange,
  recurringJob: boolean | null,
  times: EditTimes,
): EntryEdit {
  const fields: EntryChange = Object.fromEntries(
    Object.entries(change).filter(([name, value]) => !isDeepStrictEqual(entry[name as keyof EntryChange], value)),
  );
  const edited = { ...entry, ...fields };
  const problems = [
    ...(entry.oneOff ? oneOffProblems(fields) : []),
    ...settingsProblems(entry.oneOff ? { ...edited, ...scheduleOf(entry) } : edited, recurringJob),
    ...('parameterString' in fields ? parameterProblems(edited) : []),
    ...statusProblems(entry, edited),
  ];
  if (problems.length > 0) return { problems, fields };
  const planned = replan(entry, edited, fields, times);
  if (planned === 'never') return { problems: [neverRuns(edited)], fields };
  return { problems, fields: { ...fields, ...planned } };
}

// Lists leave out what the service made to run once: with a schedule it would recur where nobody sees it.
const oneOffProblems = (fields: EntryChange): EntryProblem[] =>
  scheduleFields
    .filter((field) => field in fields)
    .map((field) => ({
      code: 'INVALID',
      field,
      message: 'cannot change, since the service made this entry to run once; use createJobQueueEntry for a schedule',
    }));

const scheduleOf = (entry: EntryToEdit): Partial<JobSchedule> =>
  Object.fromEntries(scheduleFields.map((field) => [field, entry[field]]));

function statusProblems(entry: EntryToEdit, edited: EntryToEdit): EntryProblem[] {
  const problems: EntryProblem[] = [];
  if (entry.status === 'IN_PROCESS' && edited.priority !== entry.priority) {
    const message = 'cannot change while the entry is in process; wait for the end of its run';
    problems.push({ code: 'IN_USE', field: 'priority', message });
  }
  // Its run holds the category that it began with, also while the entry is held: with another one two would run in one.
  if ((entry.status === 'IN_PROCESS' || entry.currentRunId !== null) && edited.categoryCode !== entry.categoryCode) {
    const message = 'cannot change while a run of the entry is in process; wait for its end, or cancel it';
    problems.push({ code: 'IN_USE', field: 'categoryCode', message });
  }
  if (entry.status === 'ON_HOLD_WITH_INACTIVITY_TIMEOUT' && !isRecurring(edited)) {
    const message =
      'expected weekdays or cron, since the entry sleeps and only a recurring one can; set it ON_HOLD first';
    problems.push({ code: 'INVALID', field: 'runOn', message });
  }
  return problems;
}

/** A new next run where the edit moves it; the one of an entry that does not wait for a time comes when it is set READY. */
function replan(
  entry: EntryToEdit,
  edited: EntryToEdit,
  fields: EntryChange,
  { now, lastEndedAt }: EditTimes,
): Partial<Pick<EntryToEdit, 'nextRunAt' | 'slotAt'>> | 'never' {
  const isRescheduled = scheduleFields.some((field) => field in fields);
  if (entry.status === 'ON_HOLD_WITH_INACTIVITY_TIMEOUT') {
    if (!isRescheduled && !('inactivityTimeoutMinutes' in fields)) return {};
    return { nextRunAt: sleepUntil(edited, edited.inactivityTimeoutMinutes, now) };
  }
  if (entry.status === 'WAITING' && edited.earliestStartAt !== null && edited.earliestStartAt > now) {
    // It is due already, and the end of the run that it waits for would start it: no sooner than it may.
    const next = firstRunAt(edited, now);
    return next === null ? 'never' : { nextRunAt: next, slotAt: next };
  }
  if (entry.status !== 'READY' || !isRescheduled) return {};
  if (entry.retriesMade > 0 && entry.nextRunAt !== null) {
    const { earliestStartAt } = edited;
    const isTooEarly = earliestStartAt !== null && earliestStartAt > entry.nextRunAt;
    const retryAt = movedIntoWindow(edited, isTooEarly ? earliestStartAt : entry.nextRunAt);
    return retryAt === null ? 'never' : { nextRunAt: retryAt };
  }
  const next = nextAfterEdit(edited, now, lastEndedAt);
  return next === null ? 'never' : { nextRunAt: next, slotAt: next };
}

// As if the entry had always had the schedule: an edit alone is no reason to run.
function nextAfterEdit(edited: EntryToEdit, now: Date, lastEndedAt: Date | null): Date | null {
  if (lastEndedAt === null || !isRecurring(edited)) return firstRunAt(edited, now);
  const next = nextRunAt(edited, lastEndedAt, edited.slotAt);
  return next !== null && next >= now ? next : firstRunAt(edited, now);
}

const neverRuns = ({ expiresAt }: EntryToEdit): EntryProblem => ({
  code: 'INVALID',
  field: expiresAt === null ? 'runOn' : 'expiresAt',
  message:
    expiresAt === null
      ? 'with this schedule the entry would never run; correct runOn, the window or cron'
      : `with this schedule the entry would not run before it expires at ${expiresAt.toISOString()}; set it ON_HOLD first, or change expiresAt`,
});
