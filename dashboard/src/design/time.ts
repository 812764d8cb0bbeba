const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Such as "3 min ago", "in 20 s", "now". */
export function relativeTime(at: number, now: number): string {
  const distance = Math.abs(at - now);
  if (distance < 2 * SECOND) return 'now';
  const amount = inWords(distance);
  return at < now ? `${amount} ago` : `in ${amount}`;
}

function inWords(ms: number): string {
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 6 * HOUR) return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** Such as "340 ms", "2.4 s", "3 min 12 s". */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < HOUR && ms % MINUTE >= SECOND)
    return `${Math.floor(ms / MINUTE)} min ${Math.floor((ms % MINUTE) / SECOND)} s`;
  return inWords(ms);
}

const clockTime = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const dayAndTimeParts = {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
} as const;
const dayAndTime = new Intl.DateTimeFormat(undefined, dayAndTimeParts);

const yearDayAndTime = new Intl.DateTimeFormat(undefined, { ...dayAndTimeParts, year: 'numeric' });
const HALF_A_YEAR = 183 * DAY;

/** In the viewer's zone: the time of day for today, with the date otherwise, and with the year when that could be meant wrong. */
export function localTime(at: Date, now: Date): string {
  if (at.toDateString() === now.toDateString()) return clockTime.format(at);
  return (Math.abs(at.getTime() - now.getTime()) < HALF_A_YEAR ? dayAndTime : yearDayAndTime).format(at);
}

/** Such as "2026-01-05 10:30:05 UTC". */
export const utcTime = (at: Date): string => `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
