import { Random } from './random.js';

// The demo data is older than any reader's first cursor, and the same in every run.
const FIRST_CHANGE_MS = Date.parse('2025-01-06T08:00:00.000Z');
const SPREAD_MS = 240 * 86_400_000;
/** No time of a change is later. */
export const LAST_CHANGE_MS = FIRST_CHANGE_MS + SPREAD_MS;

/** Time of a last change, in milliseconds. */
export const changeTimeFrom = (random: Random): number => FIRST_CHANGE_MS + Math.floor(random.next() * SPREAD_MS);

/** Times of the last change. Tables that came later have a clock of their own, so that nobody else's times move. */
export class Times {
  readonly #first: Random;
  readonly #later: Random;

  constructor(seed: string) {
    this.#first = new Random(`${seed} times`);
    this.#later = new Random(`${seed} later times`);
  }

  next(): number {
    return changeTimeFrom(this.#first);
  }

  later(): number {
    return changeTimeFrom(this.#later);
  }
}
