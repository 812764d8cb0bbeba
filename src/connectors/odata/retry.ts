import { setTimeout as sleep } from 'node:timers/promises';

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
  /** Understood and refused; nothing was executed, and it would be refused again. */
  | 'REFUSED';

/** BATCH holds several operations, each applied for itself. */
export type RequestKind = 'READ' | 'WRITE' | 'BATCH';

interface Rule {
  readonly repeats: number;
  readonly mayBeApplied: boolean;
}

const again: Rule = { repeats: Number.POSITIVE_INFINITY, mayBeApplied: false };
const twice: Rule = { repeats: 2, mayBeApplied: false };
const once: Rule = { repeats: 1, mayBeApplied: false };
const never: Rule = { repeats: 0, mayBeApplied: false };
const unknown: Rule = { repeats: 0, mayBeApplied: true };

/** What may be repeated, and what a failed request may have left behind. A repeat is never worth a record written twice. */
const rules: Readonly<Record<Situation, Readonly<Record<RequestKind, Rule>>>> = {
  NOT_SENT: { READ: again, WRITE: again, BATCH: again },
  THROTTLED: { READ: again, WRITE: again, BATCH: again },
  NOTHING_DONE: { READ: again, WRITE: again, BATCH: again },
  UNAUTHORIZED: { READ: once, WRITE: once, BATCH: once },
  ROLLED_BACK: { READ: again, WRITE: again, BATCH: unknown },
  UNAVAILABLE: { READ: again, WRITE: unknown, BATCH: unknown },
  FAULT: { READ: twice, WRITE: unknown, BATCH: unknown },
  LOST: { READ: again, WRITE: unknown, BATCH: unknown },
  BAD_ANSWER: { READ: twice, WRITE: unknown, BATCH: unknown },
  REFUSED: { READ: never, WRITE: never, BATCH: never },
};

export const mayBeApplied = (situation: Situation, kind: RequestKind): boolean => rules[situation][kind].mayBeApplied;

/** How long and how often a request is tried. */
export interface RetryPolicy {
  /** Tries of one request, the first one included. */
  readonly maxAttempts: number;
  /** Upper bound of the first wait; it doubles with each further one. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** All waits of one request together. */
  readonly budgetMs: number;
}

/** The window in which both systems count requests is 5 minutes: after one whole window a throttled request must get through. */
export const defaultRetryPolicy: RetryPolicy = {
  maxAttempts: 7,
  baseDelayMs: 1_000,
  maxDelayMs: 60_000,
  budgetMs: 5 * 60_000,
};

/** Counts the tries of one request and tells the wait before the next one. */
export class Attempts {
  #failed = 0;
  #waitedMs = 0;
  readonly #failedIn = new Map<Situation, number>();

  constructor(
    private readonly policy: RetryPolicy,
    private readonly random: () => number,
  ) {}

  /** Milliseconds to wait before the next try; null when there is none. */
  next(situation: Situation, kind: RequestKind, askedMs: number | null): number | null {
    this.#failed += 1;
    const same = (this.#failedIn.get(situation) ?? 0) + 1;
    this.#failedIn.set(situation, same);
    if (same > rules[situation][kind].repeats || this.#failed >= this.policy.maxAttempts) return null;
    const delayMs = situation === 'UNAUTHORIZED' ? 0 : (askedMs ?? this.#backOff());
    if (this.#waitedMs + delayMs > this.policy.budgetMs) return null;
    this.#waitedMs += delayMs;
    return delayMs;
  }

  /** Full jitter: any wait up to the bound, so that many who failed together do not come back together. */
  #backOff(): number {
    const bound = Math.min(this.policy.maxDelayMs, this.policy.baseDelayMs * 2 ** (this.#failed - 1));
    return Math.ceil(this.random() * bound);
  }
}

/** Waits; rejects with the signal's reason when it aborts. */
export async function wait(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(durationMs, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** Milliseconds of a Retry-After header, which is a number of seconds or a date; null when there is none or it is neither. */
export function retryAfterMs(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
