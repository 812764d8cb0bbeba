import type { Coupling, CouplingState, SynchAction } from '../coupling/coupling.js';
import { isRetriedWithoutEnd, isSameError, type SynchError } from './synch-error.js';

/** What a coupling is changed to; see CouplingStore.change. */
export type CouplingSet = Partial<Omit<Coupling, '_id' | 'revision'>>;

const FIRST_BACK_OFF_MS = 60_000;
const LONGEST_BACK_OFF_MS = 60 * 60_000;

/**
 * What an error makes of a pair. A passing one is tried again, later each time. A permanent one is tried again in the
 * next run; the second equal one in a row parks the pair as SKIPPED, until either record or the mapping changes.
 */
export function failedState(coupling: Coupling, error: SynchError, now: Date): CouplingSet {
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
    nextAttemptAt: repeats ? null : now,
    lastResult: repeats ? 'SKIP' : 'FAIL',
    intents: [],
  };
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

/** States that a pair leaves only when one of its records changes, or by a person. */
export const isParked = (coupling: Coupling): boolean =>
  coupling.nextAttemptAt === null && ['CONFLICT', 'SKIPPED', 'FAILED', 'BROKEN'].includes(coupling.state);
