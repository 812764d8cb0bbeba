import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { GoneObject } from '../store/gone-objects.js';
import type { ChangeSource } from './change-source-store.js';
import { type ChangeInterest, ChangeSubscription, type MissedChanges } from './change-subscription.js';
import { iteratorOf } from './iterator-of.js';
import type { LiveChange } from './live-change.js';
import { steadyReading } from './steady-reading.js';
import { CursorExpiredError, liveCursorOf, timeOfCursor } from './stream-cursor.js';

/** The changes of all objects that pages show, as a stream that resumes anywhere. */
export interface ChangeFeed {
  /**
   * Follows changes from now on, or from after a cursor of liveCursor or of a change.
   *
   * @throws InvalidCursorError, CursorExpiredError
   */
  follow(interest: ChangeInterest, after?: string): Promise<AsyncIterableIterator<LiveChange, void, undefined>>;
  /** Where an object belonged that is gone; null when that is not known any more. */
  gone(change: Pick<LiveChange, 'subject' | 'id'>): Promise<GoneObject | null>;
  /** The present position of all streams: state that is read afterwards holds everything up to it. */
  currentCursor(): Promise<string>;
  close(): Promise<void>;
}

const PAUSE_MS = 1_000;
const CATCH_UP_AWAIT_MS = 1;

/** Starts the one reader of this process. */
export async function openChangeFeed(source: ChangeSource, logger: Logger): Promise<ChangeFeed> {
  const log = logger.child({ part: 'change feed' });
  const all = new Set<ChangeSubscription>();
  // Those that the process's reader passes changes on to; the others still read what they missed by themselves.
  const live = new Set<ChangeSubscription>();
  const closing = new AbortController();
  // What was passed on is all up to before it, and of this time itself perhaps only a part.
  let newest = (await source.position()).time;
  const openLive = (after: bigint) => source.open(after);
  // Who catches up waits for nothing, so that many may do so with few connections to the database.
  const openMissed = (after: bigint) => source.open(after, { awaitMs: CATCH_UP_AWAIT_MS });
  let reading = steadyReading(openLive, newest, log);
  const done = readOn();

  async function readOn(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const change = await reading.next();
        if (change !== null) for (const subscription of live) subscription.offer(change);
        newest = change?.time ?? reading.readTo();
      } catch (error) {
        await startAnew(error);
      }
    }
  }

  // What was lost was lost for all who follow: they are told so, and whoever follows from now on is served from here.
  async function startAnew(loss: unknown): Promise<void> {
    log.warn({ err: loss }, 'changes were lost; going on from the newest one');
    await reading.close();
    while (!closing.signal.aborted) {
      try {
        const { time } = await source.position();
        for (const subscription of live) subscription.end(loss);
        newest = time;
        reading = steadyReading(openLive, time, log);
        return;
      } catch (error) {
        log.warn({ err: error }, 'the newest change cannot be asked; trying again');
        await delay(PAUSE_MS, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  function missedAfter(time: bigint): MissedChanges {
    const missed = steadyReading(openMissed, time, log);
    return { ...missed, isComplete: () => missed.readTo() >= newest };
  }

  async function assertNotAhead(time: bigint): Promise<void> {
    if (time > (await source.position()).time) {
      throw new CursorExpiredError('it is ahead of the newest change, so it is of another database');
    }
  }

  return {
    async follow(interest, after) {
      const from = after === undefined ? null : timeOfCursor(after);
      if (from !== null) await assertNotAhead(from);
      const subscription = new ChangeSubscription(interest, {
        from: from ?? newest,
        missed: from !== null && from < newest ? missedAfter(from) : null,
        isLive: (begun) => live.add(begun),
        hasEnded: (ended) => {
          all.delete(ended);
          live.delete(ended);
        },
      });
      all.add(subscription);
      // So that a cursor that cannot be resumed is the answer to following, not the first change.
      await subscription.begin();
      return iteratorOf(
        () => subscription.take(),
        () => subscription.end(),
      );
    },
    gone: ({ subject, id }) => source.gone(subject, id),
    async currentCursor() {
      const { number, time } = await source.position();
      return liveCursorOf(number, time);
    },
    async close() {
      closing.abort();
      for (const subscription of all) subscription.end();
      await reading.close();
      await done;
    },
  };
}
