/** What is known of a request that brought no success. */
export type Situation =
  /** The connection did not come about, or broke before the first byte. */
  | 'NOT_SENT'
  /** Refused because of too many requests; nothing was executed. */
  | 'THROTTLED'
  /** Unavailable, and the system's answer says that nothing was executed. */
  | 'NOTHING_DONE'
  /** The token was not accepted; nothing was executed. */
  | 'UNAUTHORIZED'
  /** A deadlock or lock: what the one operation did was rolled back. */
  | 'ROLLED_BACK'
  /** A gateway or the system is unavailable or gave up; it does not say what was executed. */
  | 'UNAVAILABLE'
  /** An error inside the system that may be gone the next time. */
  | 'FAULT'
  /** Sent, and the connection broke or the time was over before the whole answer came. */
  | 'LOST'
  /** A success, but its content cannot be understood. */
  | 'BAD_ANSWER'
  /** A success whose content is beyond the limit of an answer; it would be again. */
  | 'TOO_LARGE'
  /** Understood and refused; nothing was executed, and it would be refused again. */
  | 'REFUSED';

/** WRITE is one operation (POST, PATCH, DELETE); BATCH holds several, each applied for itself or all together. */
export type RequestKind = 'READ' | 'WRITE' | 'BATCH';

/** What becomes of a request in a situation. */
export type Repetition =
  /** Sent again, as often as the policy allows. */
  | 'REPEAT'
  | 'TWICE'
  | 'ONCE'
  | 'NEVER'
  /**
   * It may have been applied. It is not sent again from here: the caller reads what became of it, and then sends a change
   * with the version that it had, a create with its own id or after a look-up, and a batch as its single operations.
   */
  | 'READ_FIRST';

/** What may be repeated. A repeat is never worth a record written twice. */
export const repetition: Readonly<Record<Situation, Readonly<Record<RequestKind, Repetition>>>> = {
  NOT_SENT: { READ: 'REPEAT', WRITE: 'REPEAT', BATCH: 'REPEAT' },
  THROTTLED: { READ: 'REPEAT', WRITE: 'REPEAT', BATCH: 'REPEAT' },
  NOTHING_DONE: { READ: 'REPEAT', WRITE: 'REPEAT', BATCH: 'REPEAT' },
  UNAUTHORIZED: { READ: 'ONCE', WRITE: 'ONCE', BATCH: 'ONCE' },
  // What is told of a batch as a whole does not tell how many of its operations had been done before.
  ROLLED_BACK: { READ: 'REPEAT', WRITE: 'REPEAT', BATCH: 'READ_FIRST' },
  UNAVAILABLE: { READ: 'REPEAT', WRITE: 'READ_FIRST', BATCH: 'READ_FIRST' },
  FAULT: { READ: 'TWICE', WRITE: 'READ_FIRST', BATCH: 'READ_FIRST' },
  LOST: { READ: 'REPEAT', WRITE: 'READ_FIRST', BATCH: 'READ_FIRST' },
  BAD_ANSWER: { READ: 'TWICE', WRITE: 'READ_FIRST', BATCH: 'READ_FIRST' },
  TOO_LARGE: { READ: 'NEVER', WRITE: 'READ_FIRST', BATCH: 'READ_FIRST' },
  REFUSED: { READ: 'NEVER', WRITE: 'NEVER', BATCH: 'NEVER' },
};

export const mayBeApplied = (situation: Situation, kind: RequestKind): boolean =>
  repetition[situation][kind] === 'READ_FIRST';
