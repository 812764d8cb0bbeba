import type { SynchError } from '../synch/synch-error.js';

/** Thrown when an entry is named that does not exist (any more). */
export class EntryNotFoundError extends Error {
  override readonly name = 'EntryNotFoundError';
  readonly code = 'NOT_FOUND';

  constructor(readonly entryId: string) {
    super(`there is no job queue entry ${entryId}; it may have been deleted`);
  }
}

/** Thrown for an entry that is to become READY while its connection is disabled: each of its runs would be refused. */
export class ConnectionDisabledError extends Error {
  override readonly name = 'ConnectionDisabledError';
  readonly code = 'INVALID';

  constructor(entryCode: string) {
    super(`the connection of ${entryCode} is disabled: enable it first, which sets its entries READY`);
  }
}

/** Thrown when an entry was edited by somebody since the caller read it. */
export class StaleRevisionError extends Error {
  override readonly name = 'StaleRevisionError';
  readonly code = 'STALE_REVISION';

  constructor(
    readonly entryId: string,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(`job queue entry ${entryId} has revision ${actual}, expected was ${expected}; read it again and repeat`);
  }
}

/** Something of an entry's definition that is wrong, with what was expected and what came. */
export interface EntryProblem {
  readonly code: 'INVALID' | 'IN_USE' | 'NOT_FOUND' | 'DUPLICATE';
  readonly field: string;
  readonly message: string;
}

/** Thrown when an entry cannot be saved as it was asked for. Nothing was saved. */
export class InvalidEntryError extends Error {
  override readonly name = 'InvalidEntryError';
  constructor(readonly problems: readonly EntryProblem[]) {
    super(problems.map(({ field, message }) => `${field}: ${message}`).join('; '));
  }
}

/** Thrown when an entry is to be deleted whose run is in process. */
export class EntryInProcessError extends Error {
  override readonly name = 'EntryInProcessError';
  constructor(readonly entryCode: string) {
    super(`${entryCode} has a run in process: cancel it or wait for its end, then delete the entry`);
  }
}

/** Thrown when another number of entries matches than the caller expected. */
export class OtherCountError extends Error {
  override readonly name = 'OtherCountError';
  constructor(
    readonly expected: number,
    readonly actual: number,
  ) {
    super(`${actual} entries match, expected were ${expected}; look again which ones they are, then repeat`);
  }
}

/** Thrown when more entries match than one call may change. */
export class TooManyEntriesError extends Error {
  override readonly name = 'TooManyEntriesError';
  constructor(readonly limit: number) {
    super(`more than ${limit} entries match; narrow the filter and repeat`);
  }
}

/** Thrown when a code is given that another entry of the connection has. */
export class DuplicateCodeError extends Error {
  override readonly name = 'DuplicateCodeError';
  readonly code = 'DUPLICATE';

  constructor(readonly codes: readonly string[]) {
    super(`job queue entries need codes that are unique in their connection; already used: one of ${codes.join(', ')}`);
  }
}

/** Thrown when an idempotency key comes again with another request than the first time. */
export class IdempotencyKeyReusedError extends Error {
  override readonly name = 'IdempotencyKeyReusedError';
  readonly code = 'KEY_REUSED';

  constructor(readonly entryId: string) {
    super(`the idempotency key belongs to another request, which made job queue entry ${entryId}; use a new key`);
  }
}

/** Thrown when a run is named that does not exist (any more). */
export class RunNotFoundError extends Error {
  override readonly name = 'RunNotFoundError';
  readonly code = 'NOT_FOUND';

  constructor(readonly runId: string) {
    super(`there is no run ${runId}; it may have been deleted`);
  }
}

/** Thrown when there is nothing to cancel: the entry has no run in process, or the run has ended. */
export class NothingToCancelError extends Error {
  override readonly name = 'NothingToCancelError';
  readonly code = 'ILLEGAL_TRANSITION';

  constructor(readonly entryCode: string) {
    super(
      `nothing of ${entryCode} runs that could be cancelled: expected a run in process; its log tells how the last one ended`,
    );
  }
}

/** Thrown when a run wants to start a part of its work after it ended, was cancelled or was taken over by another run. */
export class PartOfEndedRunError extends Error {
  override readonly name = 'PartOfEndedRunError';

  constructor(readonly runId: string) {
    super(`run ${runId} is cancelled or no longer in process; it starts nothing more`);
  }
}

/** Thrown by an executor that knows what went wrong: the run becomes ERROR with exactly this error. */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';

  constructor(
    readonly error: SynchError,
    options?: ErrorOptions,
  ) {
    super(`the run failed: ${error.class} ${error.code}`, options);
  }
}

/**
 * What is stored of an error that a run ended with, where nobody says more about it. The text of an unknown error is not
 * taken over: it may hold what only its maker knows to be harmless.
 */
export function describeUnknownError(error: unknown): SynchError {
  if (error instanceof RunFailedError) return error.error;
  const name = error instanceof Error ? error.name : typeof error;
  return {
    class: 'INTERNAL',
    code: 'UNEXPECTED',
    message: `The run stopped with an unexpected error (${name}); the log of the worker tells more.`,
    side: null,
    field: null,
    retryable: true,
  };
}
