import type { Row, Scalar } from './row.js';

/**
 * Rows that nobody has changed yet and that are made anew whenever they are read, from their place alone: however many there
 * are, they take no memory. Row `at` has the version `firstVersion + at`, and places are in the order of the table.
 */
export interface MadeRows {
  readonly count: number;
  readonly firstVersion: number;
  /** No row was changed later than that, in milliseconds. */
  readonly lastChangeMs: number;
  /** The same row each time. */
  row(at: number): Row;
  /** Key of the row in its table's own order, without making the row. */
  keyAt(at: number): string;
  idAt(at: number): string;
  placeOfId(id: string): number | undefined;
  placeOfKey(key: string): number | undefined;
  /** Places whose rows may have the value in the column, perhaps more, ascending; undefined where only looking at all rows tells. */
  placesWith(column: string, value: Scalar): Iterable<number> | undefined;
}

const RANGE = 2 ** 32;

/**
 * Ids of as many rows, which look like any other GUID: they grow with the place, so the place follows from the id. `seed` keeps
 * the ids of two tables apart.
 */
export class MadeIds {
  readonly #count: number;
  readonly #seed: number;

  constructor(seed: number, count: number) {
    this.#seed = seed;
    this.#count = count;
  }

  at(place: number): string {
    const a = mixed(this.#seed ^ Math.imul(place + 1, 0x9e3779b1));
    const b = mixed(a ^ 0x85ebca6b);
    const c = mixed(b ^ 0xc2b2ae35);
    const variant = '89ab'[c & 3] ?? '8';
    const [first, second, third] = [hex(a), hex(b), hex(c)];
    return `${hex(this.#start(place))}-${first.slice(0, 4)}-4${first.slice(4, 7)}-${variant}${second.slice(0, 3)}-${second.slice(3)}${third.slice(0, 7)}`;
  }

  placeOf(id: string): number | undefined {
    const place = Math.round((Number.parseInt(id.slice(0, 8), 16) * (this.#count + 1)) / RANGE) - 1;
    return place >= 0 && place < this.#count && this.at(place) === id ? place : undefined;
  }

  /** The first eight digits, evenly spread. */
  #start(place: number): number {
    return Math.round(((place + 1) * RANGE) / (this.#count + 1));
  }
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

function mixed(value: number): number {
  const once = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  const twice = Math.imul(once ^ (once >>> 15), 0x735a2d97);
  return twice ^ (twice >>> 15);
}

/** The first place at or behind which `holds` is true of all places, given that it stays true behind it. */
export function firstPlace(count: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
