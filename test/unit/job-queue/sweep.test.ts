import pino from 'pino';
import { expect, test } from 'vitest';
import { makeSweep } from '../../../src/job-queue/sweep.js';

/** A sweep every two seconds over one run past its lease of ten; `readable` says whether the database answers. */
function world() {
  const state = { nowMs: 0, readable: true, interrupted: [] as number[] };
  const sweep = makeSweep({
    leaseMs: 10_000,
    sweepMs: 2_000,
    monotonicMs: () => state.nowMs,
    logger: pino({ level: 'silent' }),
    hearWorker: async () => {
      if (!state.readable) throw new Error('no primary');
    },
    runsPastTheirLease: async () => ['run'],
    interruptRun: async () => {
      state.interrupted.push(state.nowMs);
      return { entryId: 'entry' };
    },
    expireEntries: async () => undefined,
    numberTransitions: async () => undefined,
    announceUpcoming: async () => undefined,
  });
  const sweepUntil = async (endMs: number): Promise<void> => {
    for (; state.nowMs <= endMs; state.nowMs += 2_000) await sweep().catch(() => undefined);
  };
  return { state, sweepUntil };
}

test('leases are judged only after one lease time of reading', async () => {
  const { state, sweepUntil } = world();
  await sweepUntil(8_000);
  expect(state.interrupted).toEqual([]);
  await sweepUntil(10_000);
  expect(state.interrupted).toEqual([10_000]);
});

test('after a time without database a whole lease time has to pass again', async () => {
  const { state, sweepUntil } = world();
  await sweepUntil(8_000);
  state.readable = false;
  await sweepUntil(28_000);
  state.readable = true;
  await sweepUntil(38_000);
  expect(state.interrupted).toEqual([]);
  await sweepUntil(40_000);
  expect(state.interrupted).toEqual([40_000]);
});

test('a process that stood still judges nothing before it has read for a lease time', async () => {
  const { state, sweepUntil } = world();
  await sweepUntil(12_000);
  state.interrupted.length = 0;
  state.nowMs += 60_000;
  await sweepUntil(state.nowMs + 8_000);
  expect(state.interrupted).toEqual([]);
  await sweepUntil(state.nowMs + 2_000);
  expect(state.interrupted).not.toEqual([]);
});
