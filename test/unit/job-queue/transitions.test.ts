import { describe, expect, test } from 'vitest';
import { type JobQueueEntryStatus, jobQueueEntryStatuses } from '../../../src/job-queue/job-queue-entry.js';
import {
  type EntryEvent,
  entryEvents,
  eventOfPerson,
  IllegalTransitionError,
  nextStatus,
  statusAfter,
  statusesWith,
  transitions,
} from '../../../src/job-queue/transitions.js';

// The same table, seen from the events: which statuses each may happen in, and where it leads.
const leadsTo: Record<EntryEvent, readonly [readonly JobQueueEntryStatus[], JobQueueEntryStatus]> = {
  start: [['READY', 'WAITING', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT'], 'IN_PROCESS'],
  findCategoryBusy: [['READY', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT'], 'WAITING'],
  missWindow: [['WAITING'], 'READY'],
  succeed: [['IN_PROCESS'], 'READY'],
  fallAsleep: [['IN_PROCESS'], 'ON_HOLD_WITH_INACTIVITY_TIMEOUT'],
  retry: [['IN_PROCESS'], 'READY'],
  runAgain: [['IN_PROCESS'], 'READY'],
  exhaust: [['IN_PROCESS'], 'ERROR'],
  skipToNextSlot: [['IN_PROCESS'], 'READY'],
  goOnAfterCancel: [['IN_PROCESS'], 'READY'],
  finish: [['IN_PROCESS'], 'FINISHED'],
  expire: [['READY', 'WAITING', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT'], 'FINISHED'],
  withdraw: [['READY', 'WAITING', 'ON_HOLD'], 'FINISHED'],
  wake: [['ON_HOLD_WITH_INACTIVITY_TIMEOUT'], 'READY'],
  setReady: [['WAITING', 'ERROR', 'ON_HOLD', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT', 'FINISHED'], 'READY'],
  setOnHold: [['READY', 'WAITING', 'IN_PROCESS', 'ERROR', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT', 'FINISHED'], 'ON_HOLD'],
  setAsleep: [['READY', 'WAITING', 'ERROR', 'ON_HOLD', 'FINISHED'], 'ON_HOLD_WITH_INACTIVITY_TIMEOUT'],
};

const pairs = jobQueueEntryStatuses.flatMap((status) => entryEvents.map((event) => ({ status, event })));

test.each(pairs)('$event in $status', ({ status, event }) => {
  const [from, to] = leadsTo[event];
  const expected = from.includes(status) ? to : null;
  expect(statusAfter(status, event)).toBe(expected);
  if (expected === null) expect(() => nextStatus(status, event)).toThrow(IllegalTransitionError);
  else expect(nextStatus(status, event)).toBe(expected);
});

test('no transition leads back to the same status', () => {
  for (const [from, row] of Object.entries(transitions)) expect(Object.values(row)).not.toContain(from);
});

test('every status that an entry can get into leads somewhere', () => {
  const reached = new Set<string>(Object.values(transitions).flatMap((row) => Object.values(row)));
  for (const status of jobQueueEntryStatuses) {
    expect(Object.keys(transitions[status])).not.toHaveLength(0);
    expect(reached).toContain(status);
  }
});

test('the statuses of an event come in the order of the table', () => {
  expect(statusesWith('start')).toEqual(['READY', 'WAITING', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT']);
});

describe('what a person may set', () => {
  const recurring = { runOn: ['MONDAY'], cron: null } as const;
  const once = { runOn: [], cron: null } as const;

  test.each(jobQueueEntryStatuses)('of %s: READY, ON_HOLD and asleep, where the table leads there', (status) => {
    for (const asked of jobQueueEntryStatuses.filter((other) => other !== status)) {
      const event = { READY: 'setReady', ON_HOLD: 'setOnHold', ON_HOLD_WITH_INACTIVITY_TIMEOUT: 'setAsleep' } as const;
      const known = asked in event ? event[asked as keyof typeof event] : null;
      const ask = () => eventOfPerson({ ...recurring, status }, asked);
      if (known !== null && statusAfter(status, known) !== null) expect(ask()).toBe(known);
      else expect(ask).toThrow(IllegalTransitionError);
    }
  });

  test('an entry that runs once cannot sleep', () => {
    expect(() => eventOfPerson({ ...once, status: 'ON_HOLD' }, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT')).toThrow(/recurring/);
    expect(eventOfPerson({ ...once, cron: '0 * * * *', status: 'ON_HOLD' }, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT')).toBe(
      'setAsleep',
    );
  });

  test('the error names both statuses and what to do', () => {
    expect(() => eventOfPerson({ ...recurring, status: 'IN_PROCESS' }, 'READY')).toThrow(
      'an entry in IN_PROCESS cannot go to READY: wait for the end of its run, or set ON_HOLD first',
    );
  });
});
