import { expect, test } from 'vitest';
import { changedSince } from '../../../../src/connectors/nav/changes.js';

// The day of a change is the server's own: where it is the longest the same day, 12 hours behind UTC, it begins half a day late.
test.each([
  ['2026-01-31T13:00:00.000Z', '2026-01-31'],
  ['2026-01-31T11:59:59.999Z', '2026-01-30'],
  ['2026-03-01T00:00:00.000Z', '2026-02-28'],
])('what changed since %s by the day is asked for from %s on, wherever the server is', (since, day) => {
  expect(changedSince({ name: 'Last_Date_Modified', precision: 'DAY' }, since)).toBe(`Last_Date_Modified ge ${day}`);
});

test('what changed since a moment is asked for from that moment on', () => {
  const field = { name: 'Last_Modified_Date_Time', precision: 'MOMENT' } as const;
  expect(changedSince(field, '2026-01-31T11:59:59.999Z')).toBe('Last_Modified_Date_Time ge 2026-01-31T11:59:59.999Z');
});
