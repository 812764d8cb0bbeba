interface Entry<T> {
  /** What was last read; absent before the first success. */
  readonly last: { readonly value: T; readonly endsAtMs: number } | null;
  /** The read that is under way. */
  readonly reading: Promise<T> | null;
  /** After a failure: no further attempt before. */
  readonly pausedUntilMs: number;
  readonly failure: unknown;
}

/**
 * Keeps what was last read of something outside: fresh for a while, and after that as long as no newer read succeeds. Who
 * asks meanwhile shares one read. After a failure nothing is asked for a pause: the last value answers, or the failure.
 */
export class LastReads<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #keptMs: number;
  readonly #pauseMs: number;
  readonly #monotonicMs: () => number;

  constructor({
    keptMs,
    pauseMs,
    monotonicMs = () => performance.now(),
  }: {
    readonly keptMs: number;
    readonly pauseMs: number;
    readonly monotonicMs?: () => number;
  }) {
    this.#keptMs = keptMs;
    this.#pauseMs = pauseMs;
    this.#monotonicMs = monotonicMs;
  }

  /** Rejects with what `read` rejects with when nothing was ever read. */
  async get(key: string, read: () => Promise<T>): Promise<T> {
    const entry = this.#entries.get(key) ?? { last: null, reading: null, pausedUntilMs: 0, failure: null };
    const now = this.#monotonicMs();
    if (entry.last !== null && now < entry.last.endsAtMs) return entry.last.value;
    if (now < entry.pausedUntilMs) return this.#lastOf(entry);
    if (entry.reading !== null) return entry.reading;
    const reading = this.#read(key, entry, read);
    this.#entries.set(key, { ...entry, reading });
    return reading;
  }

  /**
   * What was last read, or why it failed, however long ago that was: a newer read begins where `get` would wait for one. Only
   * what was never tried before is waited for. Rejects like `get`.
   */
  async glance(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    const newer = this.get(key, read);
    if (known === undefined || (known.last === null && known.failure === null)) return newer;
    newer.catch(() => undefined);
    return this.#lastOf(known);
  }

  async #read(key: string, before: Entry<T>, read: () => Promise<T>): Promise<T> {
    try {
      const value = await read();
      const last = { value, endsAtMs: this.#monotonicMs() + this.#keptMs };
      this.#entries.set(key, { last, reading: null, pausedUntilMs: 0, failure: null });
      return value;
    } catch (failure) {
      const failed = { ...before, reading: null, pausedUntilMs: this.#monotonicMs() + this.#pauseMs, failure };
      this.#entries.set(key, failed);
      return this.#lastOf(failed);
    }
  }

  #lastOf({ last, failure }: Entry<T>): T {
    if (last !== null) return last.value;
    throw failure;
  }
}
