import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { JobStatusTransition } from '../job-queue/job-queue-entry.js';
import { CursorExpiredError, numberOfCursor, streamCursorOf } from './stream-cursor.js';
import { Subscription } from './subscription.js';
import type { TransitionFilter } from './transition-filter.js';
import type { TransitionSource } from './transition-source-store.js';

/** What a subscriber wants. */
export interface SubscribeRequest {
  /** Cursor after which to begin; absent: from now on. */
  readonly after?: string;
  readonly filter?: TransitionFilter;
}

/**
 * The changes of status of all entries, as a stream that resumes anywhere: each transition once, in order, whichever process
 * caused it, with no gap after a cursor.
 */
export interface TransitionStream {
  /**
   * Begins at once, not with the first `next`. Ends when the stream is closed.
   *
   * @throws InvalidCursorError at once, for a text that is no cursor
   * @throws CursorExpiredError from the first `next`, when what follows the cursor is no longer kept
   * @throws SubscriberTooSlowError from `next`, with the cursor to resume at
   */
  subscribe(request?: SubscribeRequest): AsyncIterableIterator<JobStatusTransition, void, undefined>;
  /**
   * Says before subscribing whether a cursor can be resumed.
   *
   * @throws InvalidCursorError, CursorExpiredError
   */
  assertReadable(cursor: string): Promise<void>;
  /** The present end of the stream: state that is read afterwards holds everything up to it. */
  currentCursor(): Promise<string>;
  /** Stops reading and ends all subscriptions. */
  close(): Promise<void>;
}

export interface TransitionStreamOptions {
  readonly source: TransitionSource;
  readonly logger: Logger;
  /** How many transitions a subscriber may be behind before it is closed. */
  readonly bufferSize?: number;
  /** How often is read while nothing says that there is something new. */
  readonly pollMs?: number;
}

const DEFAULT_BUFFER_SIZE = 1_000;
const DEFAULT_POLL_MS = 1_000;
// Small enough to keep memory flat with many subscribers that catch up at once, large enough to be few requests.
const PAGE = 500;

/** Starts the one reader of this process. */
export async function openTransitionStream(options: TransitionStreamOptions): Promise<TransitionStream> {
  const { source, logger, bufferSize = DEFAULT_BUFFER_SIZE, pollMs = DEFAULT_POLL_MS } = options;
  const log = logger.child({ part: 'transition stream' });
  const live = new Set<Subscription>();
  const all = new Set<Subscription>();
  const closing = new AbortController();
  const reader = new Reader(source, await source.newestNumber(), (transition) => {
    for (const subscription of live) subscription.offer(transition);
  });
  const watching = watchAndPoll();

  async function watchAndPoll(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        for await (const _ of source.watch(closing.signal)) await reader.readNew();
      } catch (error) {
        if (closing.signal.aborted) return;
        log.warn(
          { reason: error instanceof Error ? error.name : 'unknown' },
          'the change stream ended; polling until it is back',
        );
      }
      await delay(pollMs, undefined, { signal: closing.signal }).catch(() => undefined);
      await reader.readNew().catch(() => undefined);
    }
  }

  async function assertReadable(number: number): Promise<void> {
    const newest = await source.newestNumber();
    if (number > newest)
      throw new CursorExpiredError('it is ahead of the newest transition, so it is of another database');
    if (number === newest) return;
    const oldest = await source.oldestNumber();
    if (oldest === null || oldest > number + 1) throw new CursorExpiredError('transitions after it are no longer kept');
  }

  async function* deliver(subscription: Subscription, filter: TransitionFilter, resumed: boolean) {
    if (resumed) yield* catchUp(subscription, filter);
    for (;;) {
      const taken = await subscription.take();
      if ('closed' in taken) return;
      yield taken.transition;
    }
  }

  // Reads pages until nothing is left that the reader has already passed on, and then goes live within the same turn of the
  // event loop: what comes later is offered by the reader.
  async function* catchUp(subscription: Subscription, filter: TransitionFilter) {
    await assertReadable(subscription.seen);
    while (subscription.seen < reader.last && !closing.signal.aborted) {
      const until = reader.last;
      const page = await source.readAfter(subscription.seen, PAGE, filter);
      // Asked after the page was read: retention may have removed some of it just before.
      await assertReadable(subscription.seen);
      for (const transition of page) {
        subscription.caughtUpTo(transition.number);
        yield transition;
      }
      if (page.length < PAGE) subscription.caughtUpTo(until);
    }
    live.add(subscription);
  }

  return {
    subscribe({ after, filter = {} } = {}) {
      const resumed = after !== undefined;
      const subscription = new Subscription(resumed ? numberOfCursor(after) : reader.last, filter, bufferSize);
      all.add(subscription);
      if (!resumed) live.add(subscription);
      return endingWith(deliver(subscription, filter, resumed), () => {
        subscription.close();
        live.delete(subscription);
        all.delete(subscription);
      });
    },
    assertReadable: async (cursor) => assertReadable(numberOfCursor(cursor)),
    currentCursor: async () => streamCursorOf(await source.newestNumber()),
    async close() {
      closing.abort();
      for (const subscription of all) subscription.close();
      await watching;
    },
  };
}

/** Passes each transition on once, lowest number first. */
class Reader {
  readonly #source: TransitionSource;
  readonly #pass: (transition: JobStatusTransition) => void;
  #last: number;
  #reading: Promise<void> | null = null;
  #wanted = false;

  constructor(source: TransitionSource, from: number, pass: (transition: JobStatusTransition) => void) {
    this.#source = source;
    this.#last = from;
    this.#pass = pass;
  }

  /** Number of the newest transition that was passed on. */
  get last(): number {
    return this.#last;
  }

  /** Passes on what is new. Callers that come while it reads share one further look. */
  readNew(): Promise<void> {
    this.#wanted = true;
    this.#reading ??= this.#readWhileWanted();
    return this.#reading;
  }

  async #readWhileWanted(): Promise<void> {
    try {
      while (this.#wanted) {
        this.#wanted = false;
        if ((await this.#readPage()) === PAGE) this.#wanted = true;
      }
    } finally {
      this.#reading = null;
    }
  }

  async #readPage(): Promise<number> {
    const page = await this.#source.readAfter(this.#last, PAGE);
    for (const transition of page) {
      this.#last = transition.number;
      this.#pass(transition);
    }
    return page.length;
  }
}

// A generator that was never asked for anything does not run its `finally`, and one that waits cannot be returned before its
// wait ends. So closing is done here, first.
function endingWith<T>(
  generator: AsyncGenerator<T, void, undefined>,
  close: () => void,
): AsyncIterableIterator<T, void, undefined> {
  const iterator: AsyncIterableIterator<T, void, undefined> = {
    async next() {
      try {
        const result = await generator.next();
        if (result.done === true) close();
        return result;
      } catch (error) {
        close();
        throw error;
      }
    },
    async return() {
      close();
      return generator.return();
    },
    async throw(error) {
      close();
      return generator.throw(error);
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
