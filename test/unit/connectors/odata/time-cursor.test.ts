import { expect, test } from 'vitest';
import { nextTimeCursor } from '../../../../src/connectors/odata/time-cursor.js';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 31, 10, minute));
const MINUTE = 60_000;

test.each<[string, string | null, Date | null, string]>([
  ['starts the overlap before the clock of the server', null, at(30), at(25).toISOString()],
  ['moves on with the clock', at(10).toISOString(), at(30), at(25).toISOString()],
  ['never goes back because of the overlap', at(28).toISOString(), at(30), at(28).toISOString()],
  ['is never later than the clock of the server', at(45).toISOString(), at(30), at(30).toISOString()],
  ['stays where it is without a clock', at(10).toISOString(), null, at(10).toISOString()],
  ['reads everything again without a clock and without a start', null, null, new Date(0).toISOString()],
])('the next read %s', (_name, previous, date, expected) => {
  expect(nextTimeCursor(previous, date, 5 * MINUTE)).toBe(expected);
});
