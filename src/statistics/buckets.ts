import { DateTime } from 'luxon';

export const bucketSizes = ['MINUTE', 'HOUR', 'DAY'] as const;
export type BucketSize = (typeof bucketSizes)[number];

/** A stretch of time [start, end). */
export interface Bucket {
  readonly start: Date;
  readonly end: Date;
}

const units = { MINUTE: 'minute', HOUR: 'hour', DAY: 'day' } as const satisfies Record<BucketSize, string>;

/**
 * The buckets from the one that holds `since` to the last one that begins before `until`; days begin at midnight in the
 * time zone. Null when there are more than `most`.
 */
export function bucketsBetween(
  since: Date,
  until: Date,
  { size, timeZone, most }: { readonly size: BucketSize; readonly timeZone: string; readonly most: number },
): readonly Bucket[] | null {
  const buckets: Bucket[] = [];
  const unit = units[size];
  let start = DateTime.fromJSDate(since, { zone: timeZone }).startOf(unit);
  while (start.toMillis() < until.getTime()) {
    if (buckets.length === most) return null;
    const next = start.plus({ [unit]: 1 }).startOf(unit);
    // Where a clock is put back, an hour of the same name follows: it is part of the next bucket's length.
    const end = next > start ? next : start.plus({ hours: 1 });
    buckets.push({ start: start.toJSDate(), end: end.toJSDate() });
    start = end;
  }
  return buckets;
}
