import { RefusedError, refuse, userError } from '../api/user-error.js';
import {
  ConnectionDisabledError,
  DuplicateCodeError,
  EntryInProcessError,
  EntryNotFoundError,
  type EntryProblem,
  InvalidEntryError,
  NothingToCancelError,
  OtherCountError,
  RunNotFoundError,
  StaleRevisionError,
  TooManyEntriesError,
} from './job-queue-errors.js';
import { IllegalTransitionError } from './transitions.js';

/** Answers what a person can mend of entries and runs as userErrors with their paths; any other error passes. */
export async function refusingEntry<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof InvalidEntryError) refuseProblems(error.problems);
    if (error instanceof EntryNotFoundError || error instanceof RunNotFoundError)
      refuse('NOT_FOUND', `id: ${error.message}`, ['id']);
    if (error instanceof NothingToCancelError || error instanceof EntryInProcessError)
      refuse('ILLEGAL_TRANSITION', `id: ${error.message}`, ['id']);
    if (error instanceof IllegalTransitionError) refuse('ILLEGAL_TRANSITION', `status: ${error.message}`, ['status']);
    if (error instanceof ConnectionDisabledError) refuse('INVALID', `status: ${error.message}`, ['status']);
    if (error instanceof DuplicateCodeError) refuse('DUPLICATE', `code: ${error.message}`, ['code']);
    if (error instanceof StaleRevisionError)
      refuse('STALE_REVISION', `expectedRevision: ${error.message}`, ['expectedRevision']);
    if (error instanceof OtherCountError)
      refuse('STALE_REVISION', `expectedCount: ${error.message}`, ['expectedCount']);
    if (error instanceof TooManyEntriesError) refuse('LIMIT_EXCEEDED', `filter: ${error.message}`, ['filter']);
    throw error;
  }
}

/** Refuses a mutation with everything that is wrong of an entry; goes on when nothing is. */
export function refuseProblems(problems: readonly EntryProblem[]): void {
  if (problems.length === 0) return;
  throw new RefusedError(
    problems.map(({ code, field, message }) => userError(code, `${field}: ${message}`, field.split('.'))),
  );
}
