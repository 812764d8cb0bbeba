import { Random } from './random.js';

/** The demo data is older than any reader's first cursor, and the same in every run. */
export const FIRST_CHANGE_MS = Date.parse('2025-01-06T08:00:00.000Z');
export const SPREAD_MS = 240 * 86_400_000;

/** Times of the last change. Tables that came later have a clock of their own, so that nobody else's times move. */
export class Times {
  readonly #first: Random;
  readonly #later: Random;

  constructor(seed: string) {
    this.#first = new Random(`${seed} times`);
    this.#later = new Random(`${seed} later times`);
  }

  next(): number {
    return FIRST_CHANGE_MS + Math.floor(this.#first.next() * SPREAD_MS);
  }

  later(): number {
    return FIRST_CHANGE_MS + Math.floor(this.#later.next() * SPREAD_MS);
  }
}
