import { describe, expect, test } from 'vitest';
import {
  Attempts,
  mayBeApplied,
  type RequestKind,
  retryAfterMs,
  type Situation,
} from '../../../../src/connectors/odata/retry.js';

const policy = { maxAttempts: 5, baseDelayMs: 100, maxDelayMs: 300, budgetMs: 10_000 };

const delays = (situation: Situation, kind: RequestKind, asked: number | null = null): (number | null)[] => {
  const attempts = new Attempts(policy, () => 1);
  const found: (number | null)[] = [];
  while (found.at(-1) !== null) found.push(attempts.next(situation, kind, asked));
  return found;
};

describe('what is repeated', () => {
  test.each<[Situation, RequestKind, number]>([
    ['NOT_SENT', 'BATCH', 4],
    ['THROTTLED', 'BATCH', 4],
    ['NOTHING_DONE', 'WRITE', 4],
    ['UNAUTHORIZED', 'WRITE', 1],
    ['ROLLED_BACK', 'WRITE', 4],
    ['ROLLED_BACK', 'BATCH', 0],
    ['LOST', 'READ', 4],
    ['LOST', 'WRITE', 0],
    ['LOST', 'BATCH', 0],
    ['UNAVAILABLE', 'READ', 4],
    ['UNAVAILABLE', 'BATCH', 0],
    ['FAULT', 'READ', 2],
    ['FAULT', 'WRITE', 0],
    ['BAD_ANSWER', 'READ', 2],
    ['REFUSED', 'READ', 0],
  ])('%s of a %s: %d times', (situation, kind, repeats) => {
    expect(delays(situation, kind).filter((delay) => delay !== null)).toHaveLength(repeats);
  });

  test('what may have been applied is never repeated', () => {
    const situations = [
      'NOT_SENT',
      'THROTTLED',
      'NOTHING_DONE',
      'UNAUTHORIZED',
      'ROLLED_BACK',
      'UNAVAILABLE',
      'FAULT',
      'LOST',
      'BAD_ANSWER',
      'REFUSED',
    ] as const;
    for (const situation of situations) {
      for (const kind of ['READ', 'WRITE', 'BATCH'] as const) {
        if (mayBeApplied(situation, kind)) expect(delays(situation, kind)).toEqual([null]);
      }
    }
  });
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
