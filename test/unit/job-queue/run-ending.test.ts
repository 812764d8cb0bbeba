import { assert, constantFrom, integer, option, property, record, subarray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { weekdays } from '../../../src/job-queue/job-queue-entry.js';
import { type EntryThatRan, entryAfterRun, type RunEnding, runStatusOf } from '../../../src/job-queue/run-ending.js';
import { previewSchedule } from '../../../src/job-queue/schedule.js';

const endedAt = new Date('2026-01-05T10:00:00Z');
const afterSeconds = (seconds: number): Date => new Date(endedAt.getTime() + seconds * 1_000);

function entry(changes: Partial<EntryThatRan> = {}): EntryThatRan {
  return {
    _id: 'entry',
    connectionSetupId: null,
    code: 'CUSTOMER',
    description: '',
    task: 'INTEGRATION_SYNCH',
    mappingId: null,
    mappingName: null,
    parameters: {},
    parameterString: null,
    runOn: ['MONDAY'],
    startingTime: null,
    endingTime: null,
    timeZone: 'UTC',
    minutesBetweenRuns: 30,
    cron: null,
    earliestStartAt: null,
    expiresAt: null,
    recurrenceAnchor: 'END_OF_RUN',
    oneOff: false,
    status: 'IN_PROCESS',
    statusReason: null,
    inactivityTimeoutMinutes: 10,
    maximumRetries: 2,
    retriesMade: 0,
    interruptionsInARow: 0,
    attempt: 1,
    slotAt: null,
    rerunDelaySeconds: 30,
    whenRetriesExhausted: 'STOP',
    categoryCode: null,
    priority: 'NORMAL',
    timeoutSeconds: null,
    nextRunAt: null,
    currentRunId: 'run',
    lastRunId: null,
    revision: 1,
    createdAt: endedAt,
    updatedAt: endedAt,
    ...changes,
  };
}

const once = { runOn: [], minutesBetweenRuns: 0, oneOff: true };
const error = {
  class: 'TRANSIENT',
  code: 'GONE',
  message: 'secret',
  side: null,
  field: null,
  retryable: true,
} as const;
const worked: RunEnding = { kind: 'succeeded', idle: false };
const idle: RunEnding = { kind: 'succeeded', idle: true };
const failed: RunEnding = { kind: 'failed', error };
const interrupted: RunEnding = { kind: 'interrupted', error };
const fresh = { retriesMade: 0, interruptionsInARow: 0, attempt: 0 };

describe('what becomes of an entry', () => {
  test.each<[string, Partial<EntryThatRan>, RunEnding, object]>([
    [
      'with the anchor SCHEDULED: the first slot of its cadence that is still ahead',
      { recurrenceAnchor: 'SCHEDULED', slotAt: afterSeconds(-75 * 60) },
      worked,
      { nextRunAt: afterSeconds(15 * 60), slotAt: afterSeconds(15 * 60) },
    ],
    [
      'with the anchor SCHEDULED, failed: the retry is no slot',
      { recurrenceAnchor: 'SCHEDULED', slotAt: afterSeconds(-60) },
      failed,
      { nextRunAt: afterSeconds(30.01), slotAt: afterSeconds(-60) },
    ],
    [
      'with the anchor SCHEDULED, asleep: the cadence is kept',
      { recurrenceAnchor: 'SCHEDULED', slotAt: afterSeconds(-60) },
      idle,
      { nextRunAt: afterSeconds(600), slotAt: afterSeconds(-60) },
    ],
    [
      'cancelled: its next time by the schedule, all counters anew',
      { retriesMade: 1, interruptionsInARow: 2, attempt: 4 },
      { kind: 'cancelled', by: 'a person' },
      {
        status: 'READY',
        event: 'goOnAfterCancel',
        nextRunAt: afterSeconds(1_800),
        statusReason: 'Cancelled by a person. It runs again at its next time.',
        ...fresh,
      },
    ],
    [
      'cancelled, runs once: finished, also with retries left',
      once,
      { kind: 'cancelled', by: 'a person' },
      { status: 'FINISHED', event: 'finish', nextRunAt: null, statusReason: 'Cancelled by a person.' },
    ],
    [
      'cancelled, nothing left before it expires: finished',
      { expiresAt: afterSeconds(60) },
      { kind: 'cancelled', by: 'a person' },
      {
        status: 'FINISHED',
        event: 'finish',
        statusReason: expect.stringMatching(/^Cancelled by a person\. .*expires/),
      },
    ],
    [
      'failed for good: no retry though some are left',
      once,
      { kind: 'failed', error, final: true },
      { status: 'ERROR', event: 'exhaust', nextRunAt: null, statusReason: expect.stringContaining('would not change') },
    ],
    [
      'work was done: its next time, all counters anew',
      { retriesMade: 1, interruptionsInARow: 2, attempt: 4 },
      worked,
      { status: 'READY', event: 'succeed', nextRunAt: afterSeconds(1_800), statusReason: null, ...fresh },
    ],
    [
      'nothing to do: asleep',
      {},
      idle,
      { status: 'ON_HOLD_WITH_INACTIVITY_TIMEOUT', event: 'fallAsleep', nextRunAt: afterSeconds(600) },
    ],
    [
      'nothing to do, timeout 0: asleep without end',
      { inactivityTimeoutMinutes: 0 },
      idle,
      { event: 'fallAsleep', nextRunAt: null },
    ],
    [
      'nothing to do, and no change would wake it: its next time',
      { task: 'RETENTION', inactivityTimeoutMinutes: 0 },
      idle,
      { status: 'READY', event: 'succeed', nextRunAt: afterSeconds(1_800), statusReason: null },
    ],
    [
      'nothing to match: its next time, since it is the schedule that asks again',
      { task: 'MATCH_COUPLING', inactivityTimeoutMinutes: 0 },
      idle,
      { status: 'READY', event: 'succeed', nextRunAt: afterSeconds(1_800) },
    ],
    [
      'a one-off ends, also when it found nothing',
      once,
      idle,
      { status: 'FINISHED', event: 'finish', nextRunAt: null },
    ],
    [
      'no time left before it expires',
      { expiresAt: afterSeconds(60) },
      worked,
      { status: 'FINISHED', statusReason: expect.stringContaining('2026-01-05T10:01:00') },
    ],
    [
      'the first failure: tried again',
      {},
      failed,
      { status: 'READY', event: 'retry', retriesMade: 1, attempt: 1, nextRunAt: afterSeconds(30.01) },
    ],
    [
      'a failure after interruptions: they are no longer in a row',
      { interruptionsInARow: 2 },
      failed,
      { event: 'retry', interruptionsInARow: 0 },
    ],
    [
      'the last failure: ERROR',
      { retriesMade: 2, attempt: 3 },
      failed,
      { status: 'ERROR', event: 'exhaust', retriesMade: 2, nextRunAt: null },
    ],
    [
      'no retries at all',
      { maximumRetries: 0 },
      failed,
      { status: 'ERROR', statusReason: expect.stringContaining('no retries') },
    ],
    [
      'the last failure with NEXT_SLOT: its next time',
      { retriesMade: 2, whenRetriesExhausted: 'NEXT_SLOT' },
      failed,
      { status: 'READY', event: 'skipToNextSlot', nextRunAt: afterSeconds(1_800), ...fresh },
    ],
    [
      'a one-off has no next slot',
      { ...once, retriesMade: 2, whenRetriesExhausted: 'NEXT_SLOT' },
      failed,
      { status: 'ERROR' },
    ],
    [
      'a retry that would come after it expires is none: ERROR, as after the last one',
      { expiresAt: afterSeconds(10) },
      failed,
      {
        status: 'ERROR',
        event: 'exhaust',
        nextRunAt: null,
        statusReason:
          'The run failed: TRANSIENT GONE. A retry would come after it expires at 2026-01-05T10:00:10.000Z.',
      },
    ],
    [
      'a retry that would come after it expires is none, also of a one-off',
      { ...once, expiresAt: afterSeconds(10) },
      failed,
      { status: 'ERROR', event: 'exhaust', statusReason: expect.stringContaining('A retry would come after') },
    ],
    [
      'a retry that would come after it expires, with NEXT_SLOT: the times that the schedule still has',
      {
        minutesBetweenRuns: 1,
        rerunDelaySeconds: 600,
        expiresAt: afterSeconds(300),
        whenRetriesExhausted: 'NEXT_SLOT',
      },
      failed,
      {
        status: 'READY',
        event: 'skipToNextSlot',
        nextRunAt: afterSeconds(60),
        statusReason: 'The run failed: TRANSIENT GONE. It runs again at its next time.',
        ...fresh,
      },
    ],
    [
      'a retry that its window moves behind the expiry, with NEXT_SLOT: the times that the schedule still has',
      {
        minutesBetweenRuns: 1,
        endingTime: '10:05:00',
        rerunDelaySeconds: 600,
        expiresAt: afterSeconds(3_600),
        whenRetriesExhausted: 'NEXT_SLOT',
      },
      failed,
      { status: 'READY', event: 'skipToNextSlot', nextRunAt: afterSeconds(60) },
    ],
    [
      'neither a retry nor a slot before it expires, with NEXT_SLOT: finished',
      { expiresAt: afterSeconds(10), whenRetriesExhausted: 'NEXT_SLOT' },
      failed,
      {
        status: 'FINISHED',
        event: 'finish',
        statusReason: expect.stringContaining('no further time before it expires'),
      },
    ],
    [
      'interrupted: at once, and no retry is used',
      { retriesMade: 1 },
      interrupted,
      { status: 'READY', event: 'runAgain', nextRunAt: endedAt, retriesMade: 1, interruptionsInARow: 1 },
    ],
    [
      'interrupted the third time',
      { interruptionsInARow: 2 },
      interrupted,
      { event: 'runAgain', interruptionsInARow: 3 },
    ],
    [
      'interrupted the fourth time: the retry rule',
      { interruptionsInARow: 3 },
      interrupted,
      { event: 'retry', retriesMade: 1, interruptionsInARow: 4 },
    ],
    [
      'and after the retries: ERROR',
      { interruptionsInARow: 5, retriesMade: 2 },
      interrupted,
      { status: 'ERROR', event: 'exhaust' },
    ],
  ])('%s', (_, changes, ending, expected) => {
    expect(entryAfterRun(entry(changes), ending, endedAt)).toMatchObject(expected);
  });
});

test('a reason names class and code of an error, and never its text', () => {
  const { statusReason } = entryAfterRun(entry(), failed, endedAt);
  expect(statusReason).toBe('The run failed: TRANSIENT GONE. Retry 1 of 2 follows.');
});

test('the log row tells how the run itself ended', () => {
  expect([worked, idle, failed, interrupted].map(runStatusOf)).toEqual(['SUCCESS', 'SUCCESS', 'ERROR', 'INTERRUPTED']);
});

// Some zones and windows need a long search; a busy machine must not turn that into a failure.
const RUNS = process.env.TEST_LONG === '1' ? 5_000 : 200;

test('for any schedule the run after a run is the first one of its preview', { timeout: 60_000 }, () => {
  const anyEntry = record({
    runOn: subarray([...weekdays], { minLength: 1 }),
    startingTime: constantFrom(null, '08:00:00', '22:30:00'),
    endingTime: constantFrom(null, '02:00:00', '17:00:00'),
    minutesBetweenRuns: constantFrom(0, 1, 30, 1_440, 4_000),
    cron: constantFrom(null, null, '*/20 * * * *', '0 3 * * SUN'),
    timeZone: constantFrom('UTC', 'Europe/Copenhagen', 'America/New_York'),
    recurrenceAnchor: constantFrom('END_OF_RUN', 'SCHEDULED'),
    earliestStartAt: option(
      integer({ min: 0, max: 400 }).map((days) => new Date(Date.UTC(2026, 0, days))),
      { nil: null },
    ),
    expiresAt: option(constantFrom(new Date('2027-06-01T00:00:00Z')), { nil: null }),
  });
  const anyEnd = integer({ min: 0, max: 366 * 24 * 60 }).map(
    (minutes) => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000),
  );
  assert(
    property(anyEntry, anyEnd, (fields, end) => {
      const ran = entry({ ...fields, slotAt: end });
      const [expected = null] = previewSchedule(ran, end, 1);
      expect(entryAfterRun(ran, worked, end).nextRunAt).toEqual(expected);
    }),
    { numRuns: RUNS },
  );
});
