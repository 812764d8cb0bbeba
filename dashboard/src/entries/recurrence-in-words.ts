// With its ending: the tests import this file as Node does.
import { cronInWords } from './cron-in-words.js';

/** What a recurrence is told from. */
export interface Recurrence {
  readonly recurringJob: boolean;
  readonly runOn: readonly string[];
  readonly startingTime: string | null;
  readonly endingTime: string | null;
  readonly timeZone: string;
  readonly minutesBetweenRuns: number;
  readonly cron: string | null;
}

const weekdays = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];

/** Such as "every 30 min, Mon–Fri, 08:00–18:00" or "daily at 02:00 Europe/Copenhagen". */
export function recurrenceInWords(entry: Recurrence): string {
  if (!entry.recurringJob) return 'once';
  if (entry.cron !== null) return withZone(cronInWords(entry.cron), entry);
  const days = daysInWords(entry.runOn);
  if (entry.minutesBetweenRuns === 0) {
    const at = `at ${hoursAndMinutes(entry.startingTime ?? '00:00')}`;
    return withZone(days === '' ? `daily ${at}` : `${days} ${at}`, entry);
  }
  const parts = [`every ${interval(entry.minutesBetweenRuns)}`, days, windowInWords(entry)].filter(
    (part) => part !== '',
  );
  return entry.startingTime === null && entry.endingTime === null
    ? parts.join(', ')
    : withZone(parts.join(', '), entry);
}

/** Runs of days in a row are told by their ends; all of them need no telling. */
function daysInWords(runOn: readonly string[]): string {
  const chosen = weekdays.map((day) => runOn.includes(day));
  if (chosen.every(Boolean)) return '';
  const parts: string[] = [];
  for (let day = 0; day < weekdays.length; day += 1) {
    if (!chosen[day]) continue;
    let last = day;
    while (chosen[last + 1]) last += 1;
    if (last - day >= 2) parts.push(`${shortDay(day)}–${shortDay(last)}`);
    else for (let single = day; single <= last; single += 1) parts.push(shortDay(single));
    day = last;
  }
  return parts.join(', ');
}

function shortDay(index: number): string {
  const name = weekdays[index] ?? '';
  return name.charAt(0) + name.slice(1, 3).toLowerCase();
}

function windowInWords({ startingTime, endingTime }: Recurrence): string {
  if (startingTime !== null && endingTime !== null)
    return `${hoursAndMinutes(startingTime)}–${hoursAndMinutes(endingTime)}`;
  if (startingTime !== null) return `from ${hoursAndMinutes(startingTime)}`;
  return endingTime === null ? '' : `until ${hoursAndMinutes(endingTime)}`;
}

function interval(minutes: number): string {
  if (minutes % 1_440 === 0) return minutes === 1_440 ? 'day' : `${minutes / 1_440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? 'hour' : `${minutes / 60} h`;
  return minutes === 1 ? 'minute' : `${minutes} min`;
}

const hoursAndMinutes = (time: string): string => (time.endsWith(':00') && time.length === 8 ? time.slice(0, 5) : time);

const withZone = (words: string, { timeZone }: Recurrence): string => `${words} ${timeZone}`;
