import { setTimeout as sleep } from 'node:timers/promises';
import { type Repetition, type RequestKind, repetition, type Situation } from './repetition.js';

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

/** How often each rule allows a request to be sent again, within the limits of the policy. */
const mostRepeats: Readonly<Record<Repetition, number>> = {
  REPEAT: Number.POSITIVE_INFINITY,
  TWICE: 2,
  ONCE: 1,
  NEVER: 0,
  READ_FIRST: 0,
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
    if (same > mostRepeats[repetition[situation][kind]] || this.#failed >= this.policy.maxAttempts) return null;
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
