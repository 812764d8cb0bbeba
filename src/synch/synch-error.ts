/** What kind of error a record or a run met; it decides what happens next, see {@link isRetriedWithoutEnd}. */
export const synchErrorClasses = [
  'TRANSIENT',
  'THROTTLED',
  'AUTHENTICATION',
  'PERMISSION',
  'VALIDATION',
  'DEPENDENCY',
  'DUPLICATE',
  'CONFLICT',
  'NOT_FOUND',
  'CONFIGURATION',
  'INTERNAL',
] as const;
export type SynchErrorClass = (typeof synchErrorClasses)[number];

/** BUSINESS is NAV or Business Central, SALES is Dataverse. */
export const sides = ['BUSINESS', 'SALES'] as const;
export type Side = (typeof sides)[number];

export const otherSide = (side: Side): Side => (side === 'BUSINESS' ? 'SALES' : 'BUSINESS');

/** An error as it is stored with a record, a synch job or a run, and shown to people. */
export interface SynchError {
  readonly class: SynchErrorClass;
  /** Stable and documented; the system's own code where it is not ours. */
  readonly code: string;
  /** May quote a value of the record: shown to those who may read records, never logged. */
  readonly message: string;
  readonly side: Side | null;
  readonly field: string | null;
  readonly retryable: boolean;
}

/** Codes of ours for records that may have their counterpart already. */
const UNDECIDED = ['MATCH_AMBIGUOUS', 'CREATE_OUTCOME_AMBIGUOUS', 'COUPLED_ELSEWHERE'];

/**
 * True for a record that may have its counterpart already: nothing is created from it before that is decided. Where a system
 * refuses a key that exists, nothing can be made twice, and it is tried again.
 */
export const mayExistAlready = (error: SynchError | null): boolean =>
  error !== null && error.class === 'DUPLICATE' && UNDECIDED.includes(error.code);

/** TRANSIENT and THROTTLED never park a record, however often they repeat. */
export const isRetriedWithoutEnd = (errorClass: SynchErrorClass): boolean =>
  errorClass === 'TRANSIENT' || errorClass === 'THROTTLED';

/** Two errors are the same when class, code, field and side are: texts differ by ids and correlation numbers. */
export const isSameError = (a: SynchError, b: SynchError): boolean =>
  a.class === b.class && a.code === b.code && a.field === b.field && a.side === b.side;
