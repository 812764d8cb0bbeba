import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { graphqlEnum } from '../api/graphql-enum.js';
import { DateTimeScalar, TimeZoneScalar } from '../api/scalars.js';
import type { BucketSize } from './buckets.js';

const StatisticsBucketSizeEnum = graphqlEnum<BucketSize>('StatisticsBucketSize', 'How long a bucket is.', {
  MINUTE: 'A minute.',
  HOUR: 'An hour.',
  DAY: 'From midnight to midnight in the time zone.',
});

@ObjectType('StatisticsBucket', {
  description:
    'What ended in a stretch of time [start, end), of one mapping when grouped. Counted from the log, so it reaches back as far as that is kept.',
  simpleResolvers: true,
})
export class StatisticsBucketType {
  @Field(() => DateTimeScalar, { description: 'Its beginning, inclusive.' })
  readonly start!: Date;

  @Field(() => DateTimeScalar, { description: 'Its end, exclusive.' })
  readonly end!: Date;

  @Field(() => Int, { description: 'Runs that ended well.' })
  readonly runsSucceeded!: number;

  @Field(() => Int, { description: 'Runs that ended with an error.' })
  readonly runsFailed!: number;

  @Field(() => Int, { description: 'Runs that someone cancelled.' })
  readonly runsCancelled!: number;

  @Field(() => Int, { description: 'Runs whose worker died.' })
  readonly runsInterrupted!: number;

  @Field(() => Int, { nullable: true, description: 'How long the longest of these runs took; null without any.' })
  readonly maximumDurationMs!: number | null;

  @Field(() => Int, { description: 'Records created.' })
  readonly inserted!: number;

  @Field(() => Int, { description: 'Records changed.' })
  readonly modified!: number;

  @Field(() => Int, { description: 'Records deleted.' })
  readonly deleted!: number;

  @Field(() => Int, { description: 'Records that failed.' })
  readonly failed!: number;

  @Field(() => Int, { description: 'Conflicts that no rule decided.' })
  readonly conflicts!: number;

  @Field(() => Float, { description: 'Records looked at, whatever became of them, by the minutes of the bucket.' })
  readonly recordsPerMinute!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'How long the oldest change not yet carried over had waited, at worst; null where that was not measured.',
  })
  readonly maximumLagSeconds!: number | null;
}

@InputType('StatisticsInput', { description: 'What to count, and in which buckets; at most 500 of them.' })
export class StatisticsInput {
  @Field(() => DateTimeScalar, { description: 'From the bucket on that holds this time.' })
  readonly since!: Date;

  @Field(() => DateTimeScalar, { description: 'To the last bucket that begins before this time.' })
  readonly until!: Date;

  @Field(() => StatisticsBucketSizeEnum, { description: 'How long a bucket is.' })
  readonly bucket!: BucketSize;

  @Field(() => TimeZoneScalar, { nullable: true, description: 'Days begin at midnight there; UTC when absent.' })
  readonly timeZone?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only of this connection.' })
  readonly connectionSetupId?: string | null;

  @Field(() => [String], { nullable: true, description: 'Only of mappings with these names.' })
  readonly mapping?: string[] | null;

  @Field(() => Boolean, { defaultValue: false, description: 'One list of buckets for each mapping.' })
  readonly byMapping!: boolean;
}
