import { expect, test } from 'vitest';
import { openRunClock } from '../../../src/synch/run-clock.js';

test('a run tells the time by the database, wherever the clock of its process stands', async () => {
  let monotonicMs = 5_000_000;
  const now = await openRunClock(
    async () => new Date('2026-01-05T10:00:00Z'),
    () => monotonicMs,
  );
  expect(now()).toEqual(new Date('2026-01-05T10:00:00Z'));
  monotonicMs += 90_000;
  expect(now()).toEqual(new Date('2026-01-05T10:01:30Z'));
});

test('the time that the answer took has passed', async () => {
  let monotonicMs = 0;
  const now = await openRunClock(
    async () => {
      monotonicMs += 300;
      return new Date('2026-01-05T10:00:00Z');
    },
    () => monotonicMs,
  );
  expect(now()).toEqual(new Date('2026-01-05T10:00:00.300Z'));
});
