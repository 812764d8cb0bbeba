/** Choices that repeat with their seed. */
export class Seeded {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to 1. */
  fraction(): number {
    // mulberry32, by Tommy Ettinger: short, and good enough to choose with.
    this.state = (this.state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  one = <T>(from: readonly T[]): T | undefined => from[Math.floor(this.fraction() * from.length)];

  /** True in so many of a hundred cases. */
  happens = (percent: number): boolean => this.fraction() * 100 < percent;
}
