import type { Settings } from '../settings.js';
import { DataverseError } from './errors.js';

interface Usage {
  /** Ends of answered requests with their duration, and starts of counted ones, oldest first. */
  started: number[];
  executed: { readonly atMs: number; readonly ms: number }[];
  running: number;
  /** Requests refused since the last one that was accepted: who goes on pushing waits longer. */
  refused: number;
}

/** The service protection of Dataverse: three counters a user over a sliding window. A refused request did nothing. */
export class ServiceProtection {
  readonly #settings: Settings;
  readonly #usage = new Map<string, Usage>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Counts a request that begins; throws the answer 429 when a limit is used up. Call `leave` at its end. */
  enter(user: string, nowMs = Date.now()): { leave: () => void } {
    const usage = this.#usageOf(user, nowMs);
    const { limits } = this.#settings.SALES;
    if (limits.enforced) this.#check(usage, nowMs);
    usage.refused = 0;
    usage.running++;
    usage.started.push(nowMs);
    return {
      leave: () => {
        usage.running--;
        usage.executed.push({ atMs: Date.now(), ms: Date.now() - nowMs });
      },
    };
  }

  /** The informational headers of every answer. */
  headers(user: string): Record<string, string> {
    const usage = this.#usageOf(user, Date.now());
    const { limits } = this.#settings.SALES;
    return {
      'x-ms-ratelimit-burst-remaining-xrm-requests': String(Math.max(0, limits.requests - usage.started.length)),
      'x-ms-ratelimit-time-remaining-xrm-requests': `${Math.max(0, limits.executionMs - executionMs(usage)) / 1_000}`,
      'x-ms-dop-hint': String(limits.dopHint),
    };
  }

  /** Forgets all that was counted. */
  reset(): void {
    for (const usage of this.#usage.values()) {
      usage.started = [];
      usage.executed = [];
      usage.refused = 0;
    }
  }

  #check(usage: Usage, nowMs: number): void {
    const { limits } = this.#settings.SALES;
    const windowMs = limits.windowSeconds * 1_000;
    if (usage.running >= limits.concurrency)
      throw this.#refuse(
        usage,
        '0x80072326',
        `Number of concurrent requests exceeded the limit of ${limits.concurrency}.`,
        1,
      );
    if (usage.started.length >= limits.requests)
      throw this.#refuse(
        usage,
        '0x80072322',
        `Number of requests exceeded the limit of ${limits.requests} over time window of ${limits.windowSeconds} seconds.`,
        ((usage.started[0] ?? nowMs) + windowMs - nowMs) / 1_000,
      );
    if (executionMs(usage) >= limits.executionMs)
      throw this.#refuse(
        usage,
        '0x80072321',
        `Combined execution time of incoming requests exceeded limit of ${limits.executionMs.toLocaleString('en-US')} milliseconds over time window of ${limits.windowSeconds} seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.`,
        ((usage.executed[0]?.atMs ?? nowMs) + windowMs - nowMs) / 1_000,
      );
  }

  #refuse(usage: Usage, code: string, message: string, seconds: number): DataverseError {
    const waitSeconds = Math.max(1, Math.ceil(seconds)) + usage.refused;
    usage.refused++;
    return new DataverseError(429, code, message, { 'Retry-After': String(waitSeconds) });
  }

  #usageOf(user: string, nowMs: number): Usage {
    const usage = this.#usage.get(user) ?? { started: [], executed: [], running: 0, refused: 0 };
    this.#usage.set(user, usage);
    const since = nowMs - this.#settings.SALES.limits.windowSeconds * 1_000;
    dropWhile(usage.started, (at) => at <= since);
    dropWhile(usage.executed, ({ atMs }) => atMs <= since);
    return usage;
  }
}

const executionMs = (usage: Usage): number => usage.executed.reduce((sum, { ms }) => sum + ms, 0);

function dropWhile<T>(list: T[], holds: (entry: T) => boolean): void {
  const keep = list.findIndex((entry) => !holds(entry));
  list.splice(0, keep < 0 ? list.length : keep);
}
