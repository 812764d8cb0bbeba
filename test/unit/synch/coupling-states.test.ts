import { describe, expect, test } from 'vitest';
import type { Coupling } from '../../../src/coupling/coupling.js';
import { failedState, isParked, PARKED_RETRY_MS } from '../../../src/synch/coupling-states.js';
import { makeError } from '../../../src/synch/describe-error.js';

const now = new Date('2026-01-05T10:00:00Z');
const MINUTE_MS = 60_000;
const refused = makeError('PERMISSION', 'NO_RIGHT', 'not allowed', { side: 'SALES' });

/** The pair after so many equal errors in a row. */
function after(errors: number): Coupling {
  let coupling = {
    state: 'COUPLED',
    stateSince: now,
    error: null,
    attempts: 0,
    nextAttemptAt: null,
  } as unknown as Coupling;
  for (let at = 0; at < errors; at += 1)
    coupling = { ...coupling, ...failedState(coupling, refused, { now, retryMs: PARKED_RETRY_MS }) };
  return coupling;
}

const minutesUntilNext = ({ nextAttemptAt }: Coupling): number =>
  ((nextAttemptAt?.getTime() ?? Number.NaN) - now.getTime()) / MINUTE_MS;

describe('a permanent error', () => {
  test('is tried again in the next run, and parks the pair when it repeats', () => {
    expect([after(1).state, minutesUntilNext(after(1))]).toEqual(['FAILED', 0]);
    expect(after(2).state).toBe('SKIPPED');
  });

  test('is looked at again after a quarter of an hour, later each time, and at last once a day', () => {
    expect([2, 3, 4, 5, 6, 7, 8, 9, 20, 2_000].map((errors) => minutesUntilNext(after(errors)))).toEqual([
      15, 30, 60, 120, 240, 480, 960, 1_440, 1_440, 1_440,
    ]);
  });

  test('leaves the pair alone until that time, and not a moment longer', () => {
    const parked = after(2);
    const later = (minutes: number) => new Date(now.getTime() + minutes * MINUTE_MS);
    expect([isParked(parked, later(14)), isParked(parked, later(15))]).toEqual([true, false]);
  });
});
