import { describe, expect, test } from 'vitest';
import type { RequestKind, Situation } from '../../../../src/connectors/odata/repetition.js';
import { Attempts, retryAfterMs } from '../../../../src/connectors/odata/retry.js';

const policy = { maxAttempts: 5, baseDelayMs: 100, maxDelayMs: 300, budgetMs: 10_000 };

const delays = (situation: Situation, kind: RequestKind, asked: number | null = null): (number | null)[] => {
  const attempts = new Attempts(policy, () => 1);
  const found: (number | null)[] = [];
  while (found.at(-1) !== null) found.push(attempts.next(situation, kind, asked));
  return found;
};

test('a read that met an error inside the system is repeated twice at most', () => {
  expect(delays('FAULT', 'READ')).toEqual([100, 200, null]);
  expect(delays('BAD_ANSWER', 'READ')).toEqual([100, 200, null]);
});

describe('waits', () => {
  test('double up to the limit', () => {
    expect(delays('NOT_SENT', 'READ')).toEqual([100, 200, 300, 300, null]);
  });

  test('have full jitter', () => {
    expect(new Attempts(policy, () => 0).next('LOST', 'READ', null)).toBe(0);
    expect(new Attempts(policy, () => 0.5).next('LOST', 'READ', null)).toBe(50);
  });

  test('follow what the system asked for, within the budget', () => {
    expect(delays('THROTTLED', 'READ', 4_000)).toEqual([4_000, 4_000, null]);
    expect(delays('THROTTLED', 'READ', 11_000)).toEqual([null]);
  });
});

test.each<[string | undefined, number | null]>([
  ['7', 7_000],
  ['0', 0],
  ['Sat, 31 Jan 2026 10:00:30 GMT', 30_000],
  ['Sat, 31 Jan 2026 09:00:00 GMT', 0],
  ['soon', null],
  [undefined, null],
])('Retry-After %s is %s ms', (header, expected) => {
  expect(retryAfterMs(header, new Date('2026-01-31T10:00:00Z'))).toBe(expected);
});
