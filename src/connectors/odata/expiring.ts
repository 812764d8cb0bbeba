import { abortable } from './abortable.js';

interface Entry<T> {
  readonly value: Promise<T>;
  readonly endsAtMs: number;
}

/**
 * Keeps what was loaded for a while; who asks meanwhile shares one load, and stops waiting for it when its own signal aborts.
 * A failed load is not kept.
 */
export class Expiring<T> {
  readonly #lifetimeMs: number;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs;
  }

  /** `load` is to end with the signal too. Rejects with the signal's reason when it aborts. */
  async get(key: string, load: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const known = this.#entries.get(key);
    if (known !== undefined && performance.now() < known.endsAtMs) {
      // Its load may have been aborted by another caller's signal: then this caller loads for itself.
      const shared = await abortable(
        known.value.then((value) => ({ value })).catch(() => null),
        signal,
      );
      if (shared !== null) return shared.value;
    }
    const entry = { value: load(), endsAtMs: performance.now() + this.#lifetimeMs };
    this.#entries.set(key, entry);
    try {
      return await entry.value;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }
}
