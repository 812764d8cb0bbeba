import { Arg, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { badUserInput } from '../api/api-errors.js';
import type { ResolverParts } from '../api/api-services.js';
import { Cost } from '../api/cost.js';
import { argumentId } from '../api/global-id.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { IntegrationTableMappingType } from '../mapping/mapping-graphql.js';
import { type Bucket, bucketsBetween } from './buckets.js';
import { StatisticsBucketType, StatisticsInput } from './statistics-graphql.js';
import { type BucketCounts, noCounts } from './statistics-queries.js';

const MOST_BUCKETS = 500;
const MINUTE_MS = 60_000;

interface StatisticsBucket extends Bucket, Omit<BucketCounts, 'bucket' | 'mappingId' | 'handled'> {
  readonly mapping: IntegrationTableMapping | null;
  readonly recordsPerMinute: number;
}

/** What happened over time. */
@Resolver(() => StatisticsBucketType)
export class StatisticsResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => [StatisticsBucketType], {
    description:
      'What happened over time, for charts; at most 500 buckets (BAD_USER_INPUT beyond), empty ones included.',
  })
  @Cost(20)
  async statistics(
    @Arg('input', () => StatisticsInput, { description: 'What to count.' }) input: StatisticsInput,
  ): Promise<StatisticsBucket[]> {
    const connectionSetupId = input.connectionSetupId
      ? argumentId('ConnectionSetup', 'input.connectionSetupId', input.connectionSetupId)
      : undefined;
    const mappings = await this.#mappings(input, connectionSetupId);
    const groups = input.byMapping ? (mappings ?? []) : [null];
    const buckets = bucketsOf(input, Math.floor(MOST_BUCKETS / Math.max(groups.length, 1)));
    const filter = { connectionSetupId, mappingIds: input.mapping ? mappings?.map(({ id }) => id) : undefined };
    const counts = await this.parts.statistics.counts(buckets, filter, input.byMapping);
    const found = new Map(counts.map((part) => [`${part.bucket} ${part.mappingId}`, part]));
    return groups.flatMap((mapping) =>
      buckets.map((bucket, place) => toldBucket(bucket, mapping, found.get(`${place} ${mapping?.id ?? null}`))),
    );
  }

  // Asked for only where names have to be found, or lists have to be made for those without any run, too.
  async #mappings(
    { byMapping, mapping: names }: StatisticsInput,
    connectionSetupId: string | undefined,
  ): Promise<readonly IntegrationTableMapping[] | null> {
    if (!byMapping && !names) return null;
    const all = await this.parts.mappings.list({ connectionSetupId });
    return names ? all.filter(({ name }) => names.includes(name)) : all;
  }

  @FieldResolver(() => IntegrationTableMappingType, {
    nullable: true,
    description: 'The mapping, when grouped by mapping.',
  })
  mapping(@Root() { mapping }: StatisticsBucket): IntegrationTableMapping | null {
    return mapping;
  }
}

function bucketsOf({ since, until, bucket, timeZone }: StatisticsInput, most: number): readonly Bucket[] {
  const buckets = bucketsBetween(since, until, { size: bucket, timeZone: timeZone ?? 'UTC', most });
  if (buckets !== null) return buckets;
  throw badUserInput(
    `input: expected at most ${MOST_BUCKETS} buckets in all, got more; ask for a shorter time, larger buckets, or fewer mappings`,
  );
}

function toldBucket(
  bucket: Bucket,
  mapping: IntegrationTableMapping | null,
  counts: BucketCounts | undefined,
): StatisticsBucket {
  const { handled, ...told } = { ...noCounts, ...counts };
  const minutes = (bucket.end.getTime() - bucket.start.getTime()) / MINUTE_MS;
  return { ...told, ...bucket, mapping, recordsPerMinute: handled / minutes };
}
