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
  { words: 'cron 0 6 * * 1 Europe/Copenhagen', recurrence: { cron: '0 6 * * 1', minutesBetweenRuns: 0 } },
  { words: 'once', recurrence: { recurringJob: false, runOn: [], minutesBetweenRuns: 0 } },
])('A recurrence is told as "$words"', ({ words, recurrence }) => {
  expect(recurrenceInWords({ ...halfHourly, ...recurrence })).toBe(words);
});
