import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ChangeSource, OpenChanges } from './change-source-store.js';
import { type ChangeInterest, ChangeSubscription } from './change-subscription.js';
import type { LiveChange, StoredChange } from './live-change.js';
import { CursorExpiredError, liveCursorOf, timeOfCursor } from './stream-cursor.js';

/** The changes of all objects that pages show, as a stream that resumes anywhere. */
export interface ChangeFeed {
  /**
   * Follows changes from now on, or from after a cursor of liveCursor or of a change.
   *
   * @throws InvalidCursorError, CursorExpiredError
   */
  follow(interest: ChangeInterest, after?: string): Promise<AsyncIterableIterator<LiveChange, void, undefined>>;
  /** The present position of all streams: state that is read afterwards holds everything up to it. */
  currentCursor(): Promise<string>;
  close(): Promise<void>;
}

const PAUSE_MS = 1_000;

/** Starts the one reader of this process. */
export async function openChangeFeed(source: ChangeSource, logger: Logger): Promise<ChangeFeed> {
  const log = logger.child({ part: 'change feed' });
  const subscriptions = new Set<ChangeSubscription>();
  const closing = new AbortController();
  // Everything up to it was passed on. Of the newest time itself, which several writes may share, perhaps only a part.
  let readTo = (await source.position()).time;
  let newest = readTo;
  let reading = source.open(readTo);
  const done = readOn();

  async function readOn(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const change = await reading.next();
        if (change === null) newest = readTo = reading.readTo();
        else pass(change);
      } catch (error) {
        if (closing.signal.aborted) return;
        log.warn({ err: error }, 'the changes cannot be read; trying again');
        if (error instanceof CursorExpiredError) return endAll(error);
        await reading.close();
        await delay(PAUSE_MS, undefined, { signal: closing.signal }).catch(() => undefined);
        reading = source.open(readTo);
      }
    }
  }

  function pass(change: StoredChange): void {
    for (const subscription of subscriptions) subscription.offer(change);
    newest = change.time;
    readTo = change.time - 1n;
  }

  function endAll(error: Error): void {
    for (const subscription of subscriptions) subscription.end(error);
  }

  // The subscription is live already: what the process's reader passes on meanwhile is offered twice, and told once.
  async function catchUp(subscription: ChangeSubscription, after: bigint): Promise<void> {
    const until = newest;
    if (after >= until) return;
    const missed: OpenChanges = source.open(after);
    try {
      while (!closing.signal.aborted) {
        const change = await missed.next();
        if (change === null ? missed.readTo() >= until : change.time > until) return;
        if (change !== null) subscription.offer(change);
      }
    } finally {
      await missed.close();
    }
  }

  return {
    async follow(interest, after) {
      const from = after === undefined ? newest : timeOfCursor(after);
      if (from > (await source.position()).time) {
        throw new CursorExpiredError('it is ahead of the newest change, so it is of another database');
      }
      const subscription = new ChangeSubscription(interest, from);
      subscriptions.add(subscription);
      try {
        if (after !== undefined) await catchUp(subscription, from);
      } catch (error) {
        subscriptions.delete(subscription);
        throw error;
      }
      return taking(subscription, () => subscriptions.delete(subscription));
    },
    async currentCursor() {
      const { number, time } = await source.position();
      return liveCursorOf(number, time);
    },
    async close() {
      closing.abort();
      for (const subscription of subscriptions) subscription.end();
      await reading.close();
      await done;
    },
  };
}

function taking(
  subscription: ChangeSubscription,
  ended: () => void,
): AsyncIterableIterator<LiveChange, void, undefined> {
  const iterator: AsyncIterableIterator<LiveChange, void, undefined> = {
    async next() {
      try {
        const change = await subscription.take();
        if (change !== null) return { done: false, value: change };
      } catch (error) {
        ended();
        throw error;
      }
      ended();
      return { done: true, value: undefined };
    },
    async return() {
      subscription.end();
      ended();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
