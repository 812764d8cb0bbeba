import type { Coupling, CouplingState, SynchAction } from '../coupling/coupling.js';
import { isRetriedWithoutEnd, isSameError, type SynchError } from './synch-error.js';

/** What a coupling is changed to; see CouplingStore.change. */
export type CouplingSet = Partial<Omit<Coupling, '_id' | 'revision'>>;

const FIRST_BACK_OFF_MS = 60_000;
const LONGEST_BACK_OFF_MS = 60 * 60_000;

/** How long after the second equal error in a row a parked pair is looked at again; twice as long after each further one. */
export const PARKED_RETRY_MS = 15 * 60_000;
const LONGEST_PARKED_RETRY_MS = 24 * 60 * 60_000;

/**
 * What an error makes of a pair. A passing one is tried again, later each time. A permanent one is tried again in the
 * next run; the second equal one in a row parks the pair as SKIPPED, until either record, the mapping or what it hangs on
 * changes. What stands against a pair may lie where no change of it is seen (a right, a setting, another record): it is looked
 * at again after some time, at last once a day.
 */
export function failedState(
  coupling: Coupling,
  error: SynchError,
  { now, retryMs }: { readonly now: Date; readonly retryMs: number },
): CouplingSet {
  const attempts = coupling.attempts + 1;
  const repeats = coupling.error !== null && coupling.attempts > 0 && isSameError(coupling.error, error);
  if (isRetriedWithoutEnd(error.class)) {
    const backOffMs = Math.min(FIRST_BACK_OFF_MS * 2 ** (attempts - 1), LONGEST_BACK_OFF_MS);
    return {
      ...enter(coupling, 'FAILED', now),
      error,
      attempts,
      nextAttemptAt: new Date(now.getTime() + backOffMs),
      lastResult: 'FAIL',
      intents: [],
    };
  }
  const state = repeats ? 'SKIPPED' : 'FAILED';
  return {
    ...enter(coupling, state, now),
    error,
    attempts,
    nextAttemptAt: repeats ? parkedUntil(attempts, now, retryMs) : now,
    lastResult: repeats ? 'SKIP' : 'FAIL',
    intents: [],
  };
}

function parkedUntil(attempts: number, now: Date, retryMs: number): Date {
  const backOffMs = Math.min(retryMs * 2 ** Math.max(0, attempts - 2), LONGEST_PARKED_RETRY_MS);
  return new Date(now.getTime() + backOffMs);
}

/** Parked with a reason that no further attempt can mend: it waits for a change of a record, or for a person. */
export function parkedState(
  coupling: Coupling,
  state: 'FAILED' | 'SKIPPED' | 'BROKEN' | 'CONFLICT',
  error: SynchError,
  now: Date,
): CouplingSet {
  return { ...enter(coupling, state, now), error, nextAttemptAt: null, lastResult: 'SKIP', intents: [] };
}

/** It waits for a reference: no error in a row, and no time at which it is tried again. */
export function waitingState(coupling: Coupling, error: SynchError, now: Date): CouplingSet {
  return { ...enter(coupling, 'WAITING', now), error, nextAttemptAt: null, lastResult: 'SKIP', intents: [] };
}

/** In step, or in conflict in the fields listed. */
export function settledState(
  coupling: Coupling,
  conflictError: SynchError | null,
  lastResult: SynchAction,
  now: Date,
): CouplingSet {
  return {
    ...enter(coupling, conflictError === null ? 'COUPLED' : 'CONFLICT', now),
    error: conflictError,
    attempts: 0,
    nextAttemptAt: null,
    lastSynchedAt: now,
    lastResult,
    intents: [],
  };
}

/** The state, with the time since when: a state that it already had keeps its time. */
export const enter = (coupling: Coupling, state: CouplingState, now: Date): Pick<Coupling, 'state' | 'stateSince'> => ({
  state,
  stateSince: coupling.state === state ? coupling.stateSince : now,
});

/** A pair in one of these states is left alone until a record or the mapping changes, or until it is due. */
export const isParked = ({ state, nextAttemptAt }: Coupling, now: Date): boolean =>
  (nextAttemptAt === null && ['CONFLICT', 'SKIPPED', 'FAILED', 'BROKEN'].includes(state)) ||
  (state === 'SKIPPED' && nextAttemptAt !== null && nextAttemptAt > now);
