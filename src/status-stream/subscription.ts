import type { JobStatusTransition } from '../job-queue/job-queue-entry.js';
import { streamCursorOf } from './stream-cursor.js';
import { matchesFilter, type TransitionFilter } from './transition-filter.js';

/** Thrown to a subscriber that took its transitions more slowly than they came. It resumes at `cursor`, and misses nothing. */
export class SubscriberTooSlowError extends Error {
  override readonly name = 'SubscriberTooSlowError';
  readonly code = 'SUBSCRIBER_TOO_SLOW';

  constructor(
    readonly cursor: string,
    bufferSize: number,
  ) {
    super(
      `the subscriber was more than ${bufferSize} transitions behind and is closed; subscribe again after its last cursor`,
    );
  }
}

/** What became of waiting for the next live transition. */
export type Taken = { readonly transition: JobStatusTransition } | { readonly closed: true };

/**
 * One subscriber's place in the live stream: a bounded buffer that the reader fills and the subscriber empties. `seen` is
 * the number up to which everything that matches was handed out.
 */
export class Subscription {
  readonly #filter: TransitionFilter;
  readonly #bufferSize: number;
  #buffer: JobStatusTransition[] = [];
  #seen: number;
  #tooSlow = false;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(from: number, filter: TransitionFilter, bufferSize: number) {
    this.#seen = from;
    this.#filter = filter;
    this.#bufferSize = bufferSize;
  }

  get seen(): number {
    return this.#seen;
  }

  /** Takes note of a page read after `seen` from the store, before the subscription goes live. */
  caughtUpTo(number: number): void {
    this.#seen = Math.max(this.#seen, number);
  }

  /** Called by the reader with each new transition, in order. Ones that were seen already are left out. */
  offer(transition: JobStatusTransition): void {
    if (this.#closed || this.#tooSlow || transition.number <= this.#seen || !matchesFilter(transition, this.#filter))
      return;
    if (this.#buffer.length >= this.#bufferSize) {
      // What is buffered is dropped: the subscriber reads it again from the store when it resumes.
      this.#tooSlow = true;
      this.#buffer = [];
    } else {
      this.#buffer.push(transition);
    }
    this.#wake();
  }

  /** Ends the waiting of the subscriber; what is buffered is not handed out any more. */
  close(): void {
    this.#closed = true;
    this.#buffer = [];
    this.#wake();
  }

  /**
   * The next transition, as soon as there is one.
   *
   * @throws SubscriberTooSlowError when the buffer overflowed
   */
  async take(): Promise<Taken> {
    for (;;) {
      if (this.#closed) return { closed: true };
      if (this.#tooSlow) throw new SubscriberTooSlowError(streamCursorOf(this.#seen), this.#bufferSize);
      const transition = this.#buffer.shift();
      if (transition !== undefined) {
        this.#seen = transition.number;
        return { transition };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
