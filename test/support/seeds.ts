/** How many random histories are played. */
interface SeedCount {
  readonly short: number;
  readonly long: number;
}

/**
 * The seed that random choices begin with: 1, so that a check fails by what changed and not by luck. `TEST_SEED=random` looks
 * elsewhere each time, `TEST_SEED=4711` plays that one again.
 */
export function firstSeed(): number {
  const { TEST_SEED } = process.env;
  return TEST_SEED === 'random' ? 1 + (Date.now() % 1_000_000) : Number(TEST_SEED ?? 1);
}

/**
 * Seeds of random histories, one after the other from the first, more of them in the long run (`TEST_LONG=1`). With a number as
 * `TEST_SEED` that one alone, or so many from there as `TEST_COUNT` says.
 */
export function seedsOf({ short, long }: SeedCount): readonly number[] {
  const { TEST_LONG, TEST_SEED, TEST_COUNT } = process.env;
  const from = firstSeed();
  const all = TEST_LONG === '1' ? long : short;
  const count = Number(TEST_COUNT ?? (TEST_SEED === undefined || TEST_SEED === 'random' ? all : 1));
  return Array.from({ length: count }, (_, index) => from + index);
}
