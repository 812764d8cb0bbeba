import { type JobQueueEntry, type JobQueueEntryStatus, jobQueueEntryStatuses } from './job-queue-entry.js';

/**
 * What can happen to an entry. The first group is told by workers, the second by the passing of time, a change of data or
 * the cancelling of a run that has not begun, the third by a person who sets a status.
 */
export const entryEvents = [
  'start',
  'findCategoryBusy',
  'missWindow',
  'succeed',
  'fallAsleep',
  'retry',
  'runAgain',
  'exhaust',
  'skipToNextSlot',
  'goOnAfterCancel',
  'finish',
  'expire',
  'wake',
  'withdraw',
  'setReady',
  'setOnHold',
  'setAsleep',
] as const;
export type EntryEvent = (typeof entryEvents)[number];

/**
 * Every change of status there is. What is not listed cannot happen: a status changes nowhere but along this table.
 *
 * A person may hold an entry at any time, also during a run: the run goes on, and its end leaves ON_HOLD as it is.
 */
export const transitions = {
  READY: {
    start: 'IN_PROCESS',
    findCategoryBusy: 'WAITING',
    expire: 'FINISHED',
    withdraw: 'FINISHED',
    setOnHold: 'ON_HOLD',
    setAsleep: 'ON_HOLD_WITH_INACTIVITY_TIMEOUT',
  },
  WAITING: {
    start: 'IN_PROCESS',
    missWindow: 'READY',
    expire: 'FINISHED',
    withdraw: 'FINISHED',
    setReady: 'READY',
    setOnHold: 'ON_HOLD',
    setAsleep: 'ON_HOLD_WITH_INACTIVITY_TIMEOUT',
  },
  IN_PROCESS: {
    succeed: 'READY',
    fallAsleep: 'ON_HOLD_WITH_INACTIVITY_TIMEOUT',
    retry: 'READY',
    runAgain: 'READY',
    skipToNextSlot: 'READY',
    goOnAfterCancel: 'READY',
    exhaust: 'ERROR',
    finish: 'FINISHED',
    setOnHold: 'ON_HOLD',
  },
  ERROR: { setReady: 'READY', setOnHold: 'ON_HOLD', setAsleep: 'ON_HOLD_WITH_INACTIVITY_TIMEOUT' },
  ON_HOLD: { withdraw: 'FINISHED', setReady: 'READY', setAsleep: 'ON_HOLD_WITH_INACTIVITY_TIMEOUT' },
  ON_HOLD_WITH_INACTIVITY_TIMEOUT: {
    start: 'IN_PROCESS',
    findCategoryBusy: 'WAITING',
    wake: 'READY',
    expire: 'FINISHED',
    setReady: 'READY',
    setOnHold: 'ON_HOLD',
  },
  FINISHED: { setReady: 'READY', setOnHold: 'ON_HOLD', setAsleep: 'ON_HOLD_WITH_INACTIVITY_TIMEOUT' },
} as const satisfies Record<JobQueueEntryStatus, Partial<Record<EntryEvent, JobQueueEntryStatus>>>;

/** The statuses that a person may set, and the event that each stands for. */
export const eventsOfPeople = {
  READY: 'setReady',
  ON_HOLD: 'setOnHold',
  ON_HOLD_WITH_INACTIVITY_TIMEOUT: 'setAsleep',
} as const satisfies Partial<Record<JobQueueEntryStatus, EntryEvent>>;
export type StatusOfPeople = keyof typeof eventsOfPeople;

/** Thrown when a status is asked for that the table of transitions does not lead to. */
export class IllegalTransitionError extends Error {
  override readonly name = 'IllegalTransitionError';
  readonly code = 'ILLEGAL_TRANSITION';

  constructor(
    readonly from: JobQueueEntryStatus,
    readonly asked: JobQueueEntryStatus | EntryEvent,
    reason: string,
  ) {
    super(`an entry in ${from} cannot go to ${asked}: ${reason}`);
  }
}

/** The status that `event` leads to, or null when it cannot happen in `from`. */
export function statusAfter(from: JobQueueEntryStatus, event: EntryEvent): JobQueueEntryStatus | null {
  const row: Partial<Record<EntryEvent, JobQueueEntryStatus>> = transitions[from];
  return row[event] ?? null;
}

/**
 * The status that `event` leads to.
 *
 * @throws IllegalTransitionError when the table has no such transition
 */
export function nextStatus(from: JobQueueEntryStatus, event: EntryEvent): JobQueueEntryStatus {
  const to = statusAfter(from, event);
  if (to === null) throw new IllegalTransitionError(from, event, `there is no transition for the event ${event}`);
  return to;
}

/** The statuses in which `event` can happen, in the order of the table. */
export const statusesWith = (event: EntryEvent): JobQueueEntryStatus[] =>
  jobQueueEntryStatuses.filter((status) => statusAfter(status, event) !== null);

/** True when runOn or cron is set: the entry runs again and again. */
export const isRecurring = (entry: Pick<JobQueueEntry, 'runOn' | 'cron'>): boolean =>
  entry.runOn.length > 0 || entry.cron !== null;

/**
 * The event that stands for a person setting `status`.
 *
 * @throws IllegalTransitionError when a person may not set it, or not on this entry in its present status
 */
export function eventOfPerson(
  entry: Pick<JobQueueEntry, 'status' | 'runOn' | 'cron'>,
  status: JobQueueEntryStatus,
): EntryEvent {
  if (!isStatusOfPeople(status)) {
    const allowed = Object.keys(eventsOfPeople).join(', ');
    throw new IllegalTransitionError(
      entry.status,
      status,
      `a person may set ${allowed}; ${status} is set by the service`,
    );
  }
  if (status === 'ON_HOLD_WITH_INACTIVITY_TIMEOUT' && !isRecurring(entry)) {
    throw new IllegalTransitionError(entry.status, status, 'only a recurring entry can sleep; set ON_HOLD instead');
  }
  const event = eventsOfPeople[status];
  if (statusAfter(entry.status, event) === null) {
    throw new IllegalTransitionError(entry.status, status, 'wait for the end of its run, or set ON_HOLD first');
  }
  return event;
}

const isStatusOfPeople = (status: JobQueueEntryStatus): status is StatusOfPeople => status in eventsOfPeople;
