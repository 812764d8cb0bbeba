import type { SynchError } from '../synch/synch-error.js';
import {
  isWokenByChanges,
  type JobQueueEntry,
  type JobQueueEntryStatus,
  type JobRunStatus,
} from './job-queue-entry.js';
import { nextRunAt, retryAt, sleepUntil } from './schedule.js';
import { type EntryEvent, isRecurring, nextStatus } from './transitions.js';

/** How a run ended, as the worker that ran it or the sweep tells it. */
export type RunEnding =
  | { readonly kind: 'succeeded'; readonly idle: boolean }
  /** With `final` trying again would change nothing: no retry follows. */
  | { readonly kind: 'failed'; readonly error: SynchError; readonly final?: boolean }
  | { readonly kind: 'cancelled'; readonly by: string }
  | { readonly kind: 'interrupted'; readonly error: SynchError };

/** What becomes of the entry. */
export interface EntryAfterRun {
  readonly status: JobQueueEntryStatus;
  readonly event: EntryEvent;
  readonly statusReason: string | null;
  readonly nextRunAt: Date | null;
  readonly retriesMade: number;
  readonly interruptionsInARow: number;
  /** Runs of the present occurrence so far; 0 when the next run begins a new one. */
  readonly attempt: number;
  /** The time of the schedule from which the one after it counts. */
  readonly slotAt: Date | null;
}

/** What is read of an entry to decide what becomes of it. */
export type EntryThatRan = JobQueueEntry & Pick<EntryAfterRun, 'attempt' | 'slotAt'>;

// A worker that died says nothing of the work, so its run is simply made again. But work that kills its worker each time
// would be run again for ever: from the fourth time on it is treated as a failure.
const INTERRUPTIONS_FOR_FREE = 3;

/** Status of the log row of a run that ended. */
export type EndedRunStatus = Exclude<JobRunStatus, 'IN_PROCESS'>;

/** Status of the log row of a run that ended so. */
export const runStatusOf = (ending: RunEnding): EndedRunStatus =>
  (({ succeeded: 'SUCCESS', failed: 'ERROR', interrupted: 'INTERRUPTED', cancelled: 'CANCELLED' }) as const)[
    ending.kind
  ];

/** Decides what becomes of an entry whose run ended at `endedAt`. */
export function entryAfterRun(entry: EntryThatRan, ending: RunEnding, endedAt: Date): EntryAfterRun {
  if (ending.kind === 'succeeded') return afterSuccess(entry, ending.idle, endedAt);
  if (ending.kind === 'interrupted') return afterInterruption(entry, ending.error, endedAt);
  if (ending.kind === 'cancelled') return afterCancel(entry, ending.by, endedAt);
  return afterFailure({ ...entry, interruptionsInARow: 0 }, ending, endedAt);
}

function afterSuccess(entry: EntryThatRan, idle: boolean, endedAt: Date): EntryAfterRun {
  if (!isRecurring(entry)) return move(entry, 'finish', { statusReason: 'The run succeeded.' });
  const next = nextRunAt(entry, endedAt, entry.slotAt);
  if (next === null) return move(entry, 'finish', { statusReason: expiryReason(entry) });
  // What no change would wake goes on by its schedule: asleep it would only be late, or never come back.
  if (!idle || !isWokenByChanges(entry)) return move(entry, 'succeed', plannedFor(next));
  return move(entry, 'fallAsleep', {
    statusReason: 'Asleep: the last run found nothing to do.',
    nextRunAt: sleepUntil(entry, entry.inactivityTimeoutMinutes, endedAt),
  });
}

function afterCancel(entry: EntryThatRan, by: string, endedAt: Date): EntryAfterRun {
  const cancelled = `Cancelled by ${by}.`;
  if (!isRecurring(entry)) return move(entry, 'finish', { statusReason: cancelled });
  const next = nextRunAt(entry, endedAt, entry.slotAt);
  return next === null
    ? move(entry, 'finish', { statusReason: `${cancelled} ${expiryReason(entry)}` })
    : move(entry, 'goOnAfterCancel', {
        statusReason: `${cancelled} It runs again at its next time.`,
        ...plannedFor(next),
      });
}

function afterFailure(
  entry: EntryThatRan,
  { error, final = false }: { readonly error: SynchError; readonly final?: boolean },
  endedAt: Date,
): EntryAfterRun {
  const reason = `The run failed: ${error.class} ${error.code}.`;
  const retry = final ? null : nextRetry(entry, endedAt);
  if (retry !== null) {
    return move(entry, 'retry', {
      ...countersOf(entry),
      statusReason: `${reason} Retry ${retry.retriesMade} of ${entry.maximumRetries} follows.`,
      ...retry,
    });
  }
  if (entry.whenRetriesExhausted === 'NEXT_SLOT' && isRecurring(entry)) {
    const next = nextRunAt(entry, endedAt, entry.slotAt);
    return next === null
      ? move(entry, 'finish', { statusReason: `${reason} ${expiryReason(entry)}` })
      : move(entry, 'skipToNextSlot', {
          statusReason: `${reason} It runs again at its next time.`,
          ...plannedFor(next),
        });
  }
  return move(entry, 'exhaust', { ...countersOf(entry), statusReason: `${reason} ${whyNoRetry(entry, final)}` });
}

/** The retry after a failure; null when none is left. One that would come after the entry expires is none. */
function nextRetry(
  entry: EntryThatRan,
  endedAt: Date,
): { readonly nextRunAt: Date; readonly retriesMade: number } | null {
  if (entry.retriesMade >= entry.maximumRetries) return null;
  const retriesMade = entry.retriesMade + 1;
  const at = retryAt(entry, endedAt, entry.rerunDelaySeconds, retriesMade);
  return at === null ? null : { nextRunAt: at, retriesMade };
}

function whyNoRetry({ maximumRetries, retriesMade, expiresAt }: EntryThatRan, final: boolean): string {
  if (final) return 'Running it again would not change that.';
  if (maximumRetries === 0) return 'It has no retries.';
  if (retriesMade >= maximumRetries) return `Its ${maximumRetries} retries are used.`;
  return `A retry would come after it expires at ${expiresAt?.toISOString()}.`;
}

function afterInterruption(entry: EntryThatRan, error: SynchError, endedAt: Date): EntryAfterRun {
  const interruptionsInARow = entry.interruptionsInARow + 1;
  const counted = { ...entry, interruptionsInARow };
  if (interruptionsInARow > INTERRUPTIONS_FOR_FREE) return afterFailure(counted, { error }, endedAt);
  return move(entry, 'runAgain', {
    ...countersOf(counted),
    statusReason: 'The run was interrupted and is made again.',
    nextRunAt: endedAt,
  });
}

const countersOf = ({ retriesMade, interruptionsInARow, attempt }: EntryThatRan) => ({
  retriesMade,
  interruptionsInARow,
  attempt,
});

const expiryReason = ({ expiresAt }: JobQueueEntry): string =>
  expiresAt === null
    ? 'Its schedule has no further time.'
    : `Its schedule has no further time before it expires at ${expiresAt.toISOString()}.`;

/** A time of the schedule; a retry is none, nor is the waking from sleep. */
const plannedFor = (next: Date) => ({ nextRunAt: next, slotAt: next });

const move = (
  { slotAt }: EntryThatRan,
  event: EntryEvent,
  rest: Partial<Omit<EntryAfterRun, 'event' | 'status'>>,
): EntryAfterRun => ({
  statusReason: null,
  nextRunAt: null,
  slotAt,
  retriesMade: 0,
  interruptionsInARow: 0,
  attempt: 0,
  ...rest,
  event,
  status: nextStatus('IN_PROCESS', event),
});
