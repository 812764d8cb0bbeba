/** How many random histories are played. */
interface SeedCount {
  readonly short: number;
  readonly long: number;
}

/**
 * Seeds of random histories, one after the other: from 1 in the long run (`TEST_LONG=1`), from anywhere in the short one. With
 * `TEST_SEED` that one alone, or so many from there as `TEST_COUNT` says.
 */
export function seedsOf({ short, long }: SeedCount): readonly number[] {
  const { TEST_LONG, TEST_SEED, TEST_COUNT } = process.env;
  const isLong = TEST_LONG === '1';
  const from = Number(TEST_SEED ?? (isLong ? 1 : 1 + (Date.now() % 100_000)));
  const count = Number(TEST_COUNT ?? (TEST_SEED === undefined ? (isLong ? long : short) : 1));
  return Array.from({ length: count }, (_, index) => from + index);
}
