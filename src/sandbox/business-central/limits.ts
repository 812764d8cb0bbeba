import type { Settings } from '../settings.js';
import { BusinessError } from './errors.js';

interface Usage {
  started: number[];
  running: number;
  readonly waiting: (() => void)[];
}

/** Limits of Business Central online, a user: some requests run, more of them wait in a queue, the rest is refused. */
export class OperationalLimits {
  readonly #settings: Settings;
  readonly #usage = new Map<string, Usage>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Waits for a place and answers with what gives it back; throws 429 or 503 when there is none. */
  async enter(user: string, operations = 1): Promise<() => void> {
    const usage = this.#usageOf(user);
    const { limits } = this.#settings.BUSINESS;
    if (!limits.enforced) return () => {};
    for (let counted = 0; counted < (limits.countsOperations ? operations : 1); counted++) this.#countRequest(usage);
    if (usage.running >= limits.parallel) await this.#wait(usage);
    else usage.running++;
    return () => {
      const next = usage.waiting.shift();
      // The place goes to who waits longest; the number of running requests stays.
      if (next === undefined) usage.running--;
      else next();
    };
  }

  /** Forgets the requests that were counted. */
  reset(): void {
    for (const usage of this.#usage.values()) usage.started = [];
  }

  #countRequest(usage: Usage): void {
    const { limits } = this.#settings.BUSINESS;
    const nowMs = Date.now();
    usage.started = usage.started.filter((at) => at > nowMs - limits.windowSeconds * 1_000);
    if (usage.started.length >= limits.requests) throw this.#tooMany();
    usage.started.push(nowMs);
  }

  async #wait(usage: Usage): Promise<void> {
    const { limits } = this.#settings.BUSINESS;
    if (usage.waiting.length >= limits.queue) throw this.#tooMany();
    await new Promise<void>((granted, refused) => {
      const timer = setTimeout(() => {
        usage.waiting.splice(usage.waiting.indexOf(go), 1);
        refused(
          new BusinessError(503, 'Internal_ServerError', 'The request waited too long in the queue of the server.', {
            'Retry-After': '30',
          }),
        );
      }, limits.queueTimeoutMs);
      const go = (): void => {
        clearTimeout(timer);
        granted();
      };
      usage.waiting.push(go);
    });
  }

  #tooMany(): BusinessError {
    const { retryAfterSeconds } = this.#settings.BUSINESS.limits;
    return new BusinessError(
      429,
      'Application_TooManyRequests',
      'Too many requests. Try again later.',
      retryAfterSeconds > 0 ? { 'Retry-After': String(retryAfterSeconds) } : {},
    );
  }

  #usageOf(user: string): Usage {
    const usage = this.#usage.get(user) ?? { started: [], running: 0, waiting: [] };
    this.#usage.set(user, usage);
    return usage;
  }
}
