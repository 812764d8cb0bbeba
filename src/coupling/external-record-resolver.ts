import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import { badUserInput } from '../api/api-errors.js';
import type { ResolverParts } from '../api/api-services.js';
import { Cost } from '../api/cost.js';
import { readLive } from '../api/read-live.js';
import { endpointOn } from '../connection-setup/connection-setup.js';
import { FilterSyntaxError } from '../mapping/filter/filter-ast.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { IntegrationTableMappingType } from '../mapping/mapping-graphql.js';
import { FieldFilterInput } from '../mapping/mapping-inputs-graphql.js';
import type { Side } from '../synch/synch-error.js';
import { SideEnum } from '../synch/synch-error-graphql.js';
import type { Coupling } from './coupling.js';
import { CouplingType } from './coupling-graphql.js';
import { type ExternalRecord, recordKey } from './external-record.js';
import { ExternalRecordType } from './external-record-graphql.js';
import { recordUrl } from './record-url.js';

/** Nobody picks from more on one page. */
const MOST_RECORDS = 50;

/** Records of the systems. */
@Resolver(() => ExternalRecordType)
export class ExternalRecordResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Opens it in a browser; null where nobody said where that is.',
  })
  async url(@Root() record: ExternalRecord, @Ctx() { loads }: ApiContext): Promise<string | null> {
    const setup = await loads.one(this.parts.sources.connectionSetup, record.connectionSetupId);
    return setup && recordUrl(record.side, endpointOn(setup, record.side), record.table, record.recordId);
  }

  @FieldResolver(() => CouplingType, {
    nullable: true,
    description: 'Where it is listed in its mapping, coupled or not; null when it is not.',
  })
  async coupling(
    @Root() { mappingId, side, recordId }: ExternalRecord,
    @Ctx() { loads }: ApiContext,
  ): Promise<Coupling | null> {
    if (mappingId === null) return null;
    const found = await loads.one(this.parts.sources.couplingOfRecord, recordKey({ mappingId, side, recordId }));
    return found?.coupling ?? null;
  }
}

/** The records that a mapping may couple. */
@Resolver(() => IntegrationTableMappingType)
export class RecordsOfMappingResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => [ExternalRecordType], {
    nullable: true,
    description:
      "Records of one side to pick from, read live: those that the mapping's filter matches, at most 50. Null with SYSTEM_UNAVAILABLE when the system does not answer within 10 s; where looking through all takes longer, what was found until then.",
  })
  @Access('OPERATOR')
  @Cost(100)
  findRecords(
    @Root() mapping: IntegrationTableMapping,
    @Arg('side', () => SideEnum, { description: 'The system to look in.' }) side: Side,
    @Arg('search', () => String, { nullable: true, description: 'Words, each of which occurs in key or title.' })
    search: string | null | undefined,
    @Arg('filter', () => [FieldFilterInput], {
      nullable: true,
      description: "Only records that match these too, beside the mapping's own filter.",
    })
    filter: FieldFilterInput[] | null | undefined,
    @Arg('uncoupledOnly', () => Boolean, {
      defaultValue: false,
      description: 'Leaves out records that have their counterpart in this mapping.',
    })
    uncoupledOnly: boolean,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many at most, up to 50.' }) first: number,
  ): Promise<ExternalRecord[]> {
    if (first < 0 || first > MOST_RECORDS)
      throw badUserInput(`first: expected 0 to ${MOST_RECORDS}, got ${first}; narrow the search`);
    const asked = { side, search: search ?? '', filter: filter ?? [], uncoupledOnly, first };
    return readLive(askable(this.parts.records.find(mapping, asked)));
  }
}

async function askable<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof FilterSyntaxError || error instanceof RangeError)
      throw badUserInput(`filter: ${error.message}`, error);
    throw error;
  }
}
