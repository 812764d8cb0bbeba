import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { OpenChanges } from './change-source-store.js';
import { CursorExpiredError } from './stream-cursor.js';

const PAUSE_MS = 1_000;

/**
 * Reads the writes after a time, and goes on where it stopped when the database was away. `readTo` holds after each answer of
 * `next`: everything up to it was given. Once closed, `next` answers null.
 *
 * @throws CursorExpiredError from `next`, when the database no longer has them all
 */
export function steadyReading(open: (after: bigint) => OpenChanges, after: bigint, log: Logger): OpenChanges {
  const closing = new AbortController();
  let readTo = after;
  let reading = open(after);
  return {
    async next() {
      while (!closing.signal.aborted) {
        try {
          const change = await reading.next();
          // Of the newest time itself, which several writes may share, perhaps only a part was given.
          const given = change === null ? reading.readTo() : change.time - 1n;
          if (given > readTo) readTo = given;
          return change;
        } catch (error) {
          if (closing.signal.aborted) break;
          if (error instanceof CursorExpiredError) throw error;
          log.warn({ err: error }, 'the changes cannot be read; trying again');
          await reading.close();
          await delay(PAUSE_MS, undefined, { signal: closing.signal }).catch(() => undefined);
          if (!closing.signal.aborted) reading = open(readTo);
        }
      }
      return null;
    },
    readTo: () => readTo,
    close() {
      closing.abort();
      return reading.close();
    },
  };
}
