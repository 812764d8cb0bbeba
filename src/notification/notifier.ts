import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { postOf } from './notice-post.js';
import type { NoticeStore, TakenNotice } from './notice-store.js';

export interface NotifierOptions {
  readonly store: Pick<NoticeStore, 'take' | 'delivered' | 'failed'>;
  readonly url: string;
  readonly secret: string;
  readonly logger: Logger;
  readonly timing?: Partial<NotifierTiming>;
}

/** In milliseconds. */
export interface NotifierTiming {
  /** How long the receiver may take to answer. */
  readonly timeoutMs: number;
  /** How often is looked for new notices, and for those whose next attempt is due. */
  readonly lookMs: number;
  /** The pause after the first, second, … attempt that failed; after the last one a notice is given up. */
  readonly pausesMs: readonly number[];
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Eight attempts over four hours: a receiver that is restarted or moved loses nothing, one that is gone costs nothing. */
export const notifierTiming: NotifierTiming = {
  timeoutMs: 10 * SECOND,
  lookMs: 3 * SECOND,
  pausesMs: [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE, 120 * MINUTE],
};

export interface Notifier {
  stop(): Promise<void>;
}

/** Sends what is to be told to the receiver, one after the other; any number of processes may do so. */
export function startNotifier({ store, url, secret, logger, timing: given }: NotifierOptions): Notifier {
  const timing = { ...notifierTiming, ...given };
  const log = logger.child({ part: 'notifier' });
  const stopping = new AbortController();
  const working = work();

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sendAll().catch((error: unknown) => log.warn({ reason: nameOf(error) }, 'notices could not be looked for'));
      await delay(timing.lookMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  async function sendAll(): Promise<void> {
    while (!stopping.signal.aborted) {
      // Whoever dies while it sends leaves the notice to the next attempt of another.
      const notice = await store.take(3 * timing.timeoutMs);
      if (notice === null) return;
      await send(notice);
    }
  }

  async function send(notice: TakenNotice): Promise<void> {
    const failure = await post(notice);
    const about = { notice: notice._id, kind: notice.kind, attempt: notice.attempts };
    if (failure === null) {
      await store.delivered(notice._id);
      log.info(about, 'notice delivered');
      return;
    }
    const pauseMs = timing.pausesMs[notice.attempts - 1] ?? null;
    await store.failed(notice._id, pauseMs);
    if (pauseMs === null) log.error({ ...about, failure }, 'notice given up: NOTIFY_URL did not accept it');
    else log.warn({ ...about, failure, nextAttemptInMs: pauseMs }, 'notice not delivered yet');
  }

  /** Null when the receiver accepted it, else why not. */
  async function post(notice: TakenNotice): Promise<string | null> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(timing.timeoutMs)]);
    try {
      const { body, headers } = postOf(notice._id, notice, secret, notice.attemptedAt);
      // A redirect would carry the notice to an address that nobody configured.
      const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal });
      // What it says is of no interest, and may be long.
      await response.body?.cancel();
      return response.ok ? null : `HTTP ${response.status}`;
    } catch (error) {
      return nameOf(error);
    }
  }

  return {
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
