import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SharedGates } from '../../../src/request-budget/shared-gates.js';
import type { SystemUse } from '../../../src/request-budget/system-use.js';
import type { ToldUse } from '../../../src/request-budget/system-use-store.js';

const WINDOW_SECONDS = 300;
const limits = { initial: 4, maximum: 4, window: { requests: 6_000, seconds: WINDOW_SECONDS } };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('the end of the window in which a system was last used is told once, so that watchers see the budget free', async () => {
  const told: ToldUse[] = [];
  const alone = (processId: string): SystemUse => ({
    at: new Date(),
    pausedUntil: null,
    processes: [{ id: processId, seenAt: new Date(), busy: 0 }],
    slots: [],
    limit: 6_000,
    windowSeconds: WINDOW_SECONDS,
    concurrentLimit: 4,
  });
  const store = {
    tell: async (_name: string, use: ToldUse) => {
      told.push(use);
      return alone(use.processId);
    },
  };
  const gates = new SharedGates({ store, logger: pino({ level: 'silent' }) });
  const entering = gates.gateOf('system', limits).enter(new AbortController().signal);
  await vi.advanceTimersByTimeAsync(300);
  (await entering).release();
  await vi.advanceTimersByTimeAsync(5_000);
  const inUse = told.length;
  expect(told.at(-1)).toMatchObject({ leaves: true, busy: 0 });
  await vi.advanceTimersByTimeAsync((WINDOW_SECONDS - 10) * 1_000);
  expect(told).toHaveLength(inUse);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(told).toHaveLength(inUse + 1);
  await vi.advanceTimersByTimeAsync(2 * WINDOW_SECONDS * 1_000);
  expect(told).toHaveLength(inUse + 1);
  await gates.close();
});
