import { describe, expect, test } from 'vitest';
import { budgetOf, pauseLeftMs, type SystemUse, shareOf } from '../../../src/request-budget/system-use.js';

const at = new Date('2026-01-31T10:00:00Z');
const secondsFrom = (seconds: number) => new Date(at.getTime() + seconds * 1_000);
const slot = at.getTime() / 10_000;

const use = (parts: Partial<SystemUse>): SystemUse => ({
  at,
  pausedUntil: null,
  processes: [],
  slots: [],
  limit: 6_000,
  windowSeconds: 300,
  concurrentLimit: 4,
  ...parts,
});

describe('the budget of a system', () => {
  test('counts the requests of the window alone', () => {
    const slots = [slot - 30, slot - 29, slot].map((number) => ({ slot: number, requests: 7 }));
    expect(budgetOf(use({ slots }))).toMatchObject({ used: 14, limit: 6_000, windowSeconds: 300 });
  });

  test('counts what is under way in processes that were heard lately', () => {
    const processes = [
      { id: 'a', seenAt: secondsFrom(-1), busy: 2 },
      { id: 'b', seenAt: secondsFrom(-4), busy: 1 },
      { id: 'dead', seenAt: secondsFrom(-6), busy: 3 },
    ];
    expect(budgetOf(use({ processes })).concurrent).toBe(3);
  });

  test('tells a pause until it is over', () => {
    expect(budgetOf(use({ pausedUntil: secondsFrom(9) })).pausedUntil).toEqual(secondsFrom(9));
    expect(budgetOf(use({ pausedUntil: secondsFrom(-1) })).pausedUntil).toBeNull();
    expect(pauseLeftMs(use({ pausedUntil: secondsFrom(9) }))).toBe(9_000);
    expect(pauseLeftMs(use({ pausedUntil: secondsFrom(-1) }))).toBe(0);
  });

  test('is divided in the same order by every process, and a process that is not listed counts itself', () => {
    const processes = ['b', 'a'].map((id) => ({ id, seenAt: at, busy: 0 }));
    expect(shareOf(use({ processes }), 'a')).toEqual({ processes: 2, place: 0 });
    expect(shareOf(use({ processes }), 'b')).toEqual({ processes: 2, place: 1 });
    expect(shareOf(use({ processes }), 'c')).toEqual({ processes: 3, place: 2 });
  });
});
