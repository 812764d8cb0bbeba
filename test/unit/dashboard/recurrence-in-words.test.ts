import { expect, test } from 'vitest';
import { type Recurrence, recurrenceInWords } from '../../../dashboard/src/entries/recurrence-in-words.js';

const everyDay = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
const halfHourly: Recurrence = {
  recurringJob: true,
  runOn: everyDay,
  startingTime: null,
  endingTime: null,
  timeZone: 'Europe/Copenhagen',
  minutesBetweenRuns: 30,
  cron: null,
};

test.each<{ readonly words: string; readonly recurrence: Partial<Recurrence> }>([
  { words: 'every 30 min', recurrence: {} },
  { words: 'every minute', recurrence: { minutesBetweenRuns: 1 } },
  { words: 'every hour', recurrence: { minutesBetweenRuns: 60 } },
  { words: 'every 2 h', recurrence: { minutesBetweenRuns: 120 } },
  { words: 'every day', recurrence: { minutesBetweenRuns: 1_440 } },
  { words: 'every 30 min, Mon–Fri', recurrence: { runOn: everyDay.slice(0, 5) } },
  { words: 'every 30 min, Mon, Tue, Sat, Sun', recurrence: { runOn: ['SUNDAY', 'MONDAY', 'TUESDAY', 'SATURDAY'] } },
  {
    words: 'every 30 min, 08:00–18:00 Europe/Copenhagen',
    recurrence: { startingTime: '08:00:00', endingTime: '18:00:00' },
  },
  { words: 'every 30 min, from 06:30:15 Europe/Copenhagen', recurrence: { startingTime: '06:30:15' } },
  { words: 'daily at 02:00 Europe/Copenhagen', recurrence: { minutesBetweenRuns: 0, startingTime: '02:00:00' } },
  { words: 'Sat at 00:00 Europe/Copenhagen', recurrence: { minutesBetweenRuns: 0, runOn: ['SATURDAY'] } },
  ...Object.entries({
    '0 6 * * 1': 'Mon at 06:00',
    '30 6,18 * * 1-5': 'Mon–Fri at 06:30, 18:30',
    '0 2 * * *': 'daily at 02:00',
    '0 2 * * SAT,7': 'Sat, Sun at 02:00',
    '*/15 * * * *': 'every 15 min',
    '*/15 * * * MON-FRI': 'every 15 min, Mon–Fri',
    '0 * * * *': 'every hour',
    '5 * * * *': 'every hour at :05',
    '0 4 1 * *': 'on day 1 of the month at 04:00',
    '0 4 31 3,12 *': 'on day 31 of Mar, Dec at 04:00',
    '*/7 * * * *': 'cron */7 * * * *',
    '0 8-17 * * *': 'cron 0 8-17 * * *',
    '0 4 1 * 1': 'cron 0 4 1 * 1',
    nonsense: 'cron nonsense',
  }).map(([cron, words]) => ({
    words: `${words} Europe/Copenhagen`,
    recurrence: { cron, runOn: [], minutesBetweenRuns: 0 },
  })),
  { words: 'once', recurrence: { recurringJob: false, runOn: [], minutesBetweenRuns: 0 } },
])('A recurrence is told as "$words"', ({ words, recurrence }) => {
  expect(recurrenceInWords({ ...halfHourly, ...recurrence })).toBe(words);
});
