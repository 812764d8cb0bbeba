import { Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import { badUserInput } from '../api/api-errors.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { Cost } from '../api/cost.js';
import { globalId } from '../api/global-id.js';
import { readLive } from '../api/read-live.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { IntegrationTableMappingType } from '../mapping/mapping-graphql.js';
import { shownBaseValue } from '../synch/field-base.js';
import type { Side } from '../synch/synch-error.js';
import { SynchJobType } from '../synch/synch-graphql.js';
import type { SynchJob } from '../synch/synch-job.js';
import type { AwaitedReference, Coupling, FieldConflict } from './coupling.js';
import type { CouplingFilter } from './coupling-filter.js';
import {
  AwaitedReferenceType,
  CouplingConnection,
  CouplingFilterInput,
  CouplingOrderInput,
  CouplingType,
  FieldComparisonType,
} from './coupling-graphql.js';
import type { CouplingQueries } from './coupling-queries.js';
import { couplingFilter } from './read-coupling-filter.js';
import { recordUrl } from './record-url.js';

@ArgsType()
class CouplingListArgs extends ConnectionArgs {
  @Field(() => CouplingFilterInput, { nullable: true, description: 'Only these.' })
  readonly filter?: CouplingFilterInput | null;

  @Field(() => CouplingOrderInput, { nullable: true, description: 'The order; by title without it.' })
  readonly orderBy?: CouplingOrderInput | null;
}

/** Couplings: look-ups. */
@Resolver(() => CouplingType)
export class CouplingResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => CouplingConnection, { description: 'The couplings of all mappings.' })
  @Access('VIEWER')
  couplings(@Args(() => CouplingListArgs) args: CouplingListArgs): Promise<Connection<Coupling>> {
    return listCouplings(this.parts.couplings, args, couplingFilter(args.filter));
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() coupling: Coupling): string {
    return globalId('Coupling', coupling._id);
  }

  @FieldResolver(() => IntegrationTableMappingType, { description: 'The mapping that couples the pair.' })
  async mapping(@Root() coupling: Coupling, @Ctx() { loads }: ApiContext): Promise<IntegrationTableMapping> {
    const mapping = await loads.one(this.parts.sources.mapping, coupling.mappingId);
    if (mapping === null) throw new Error(`the mapping of coupling ${coupling._id} is gone`);
    return mapping;
  }

  @FieldResolver(() => SynchJobType, {
    nullable: true,
    description: 'The synch job that last dealt with it; null before the first one, and once that is deleted.',
  })
  lastSynchJob(@Root() coupling: Coupling, @Ctx() { loads }: ApiContext): Promise<SynchJob | null> {
    return loads.one(this.parts.sources.synchJob, coupling.lastSynchJobId);
  }

  @FieldResolver(() => [FieldComparisonType], {
    description: 'The fields in conflict as they were when it was noticed, from the store; empty unless CONFLICT.',
  })
  conflicts(@Root() coupling: Coupling): FieldComparisonType[] {
    return coupling.state === 'CONFLICT' ? coupling.conflicts.map(asComparison) : [];
  }

  @FieldResolver(() => [AwaitedReferenceType], { description: 'What it waits for; empty unless WAITING.' })
  waitingFor(@Root() coupling: Coupling): readonly AwaitedReferenceOf[] {
    const { connectionSetupId, state, waitingFor } = coupling;
    return state === 'WAITING' ? waitingFor.map((reference) => ({ ...reference, connectionSetupId })) : [];
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Opens the business record in a browser; null where nobody said where that is.',
  })
  businessUrl(@Root() coupling: Coupling, @Ctx() context: ApiContext): Promise<string | null> {
    return this.#url(coupling, 'BUSINESS', context);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Opens the Dataverse record in a browser; null where nobody said where that is.',
  })
  salesUrl(@Root() coupling: Coupling, @Ctx() context: ApiContext): Promise<string | null> {
    return this.#url(coupling, 'SALES', context);
  }

  @FieldResolver(() => [FieldComparisonType], {
    nullable: true,
    description:
      'Values of every mapped field on both sides and the value both last agreed on, read live from both systems. Null with SYSTEM_UNAVAILABLE when one does not answer in 10 s.',
  })
  @Cost(100)
  async comparison(@Root() coupling: Coupling, @Ctx() { loads }: ApiContext): Promise<FieldComparisonType[] | null> {
    const mapping = await loads.one(this.parts.sources.mapping, coupling.mappingId);
    return mapping && readLive(this.parts.pairs.compare(mapping, coupling));
  }

  async #url(coupling: Coupling, side: Side, { loads }: ApiContext): Promise<string | null> {
    const mapping = await loads.one(this.parts.sources.mapping, coupling.mappingId);
    const setup = await loads.one(this.parts.sources.connectionSetup, coupling.connectionSetupId);
    if (mapping === null || setup === null) return null;
    const [endpoint, table, id] =
      side === 'BUSINESS'
        ? [setup.business, mapping.table, coupling.businessId]
        : [setup.sales, mapping.integrationTable, coupling.salesId];
    return recordUrl(side, endpoint, table, id);
  }
}

/** A reference that a pair waits for, with the connection that its record is coupled in. */
interface AwaitedReferenceOf extends AwaitedReference {
  readonly connectionSetupId: string;
}

/** What couplings wait for. */
@Resolver(() => AwaitedReferenceType)
export class AwaitedReferenceResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => CouplingType, {
    nullable: true,
    description: 'Where that record is listed already; null when it is not.',
  })
  async coupling(@Root() reference: AwaitedReferenceOf): Promise<Coupling | null> {
    const { connectionSetupId, mappingName, side, recordId } = reference;
    const record = side === 'BUSINESS' ? { businessId: recordId } : { salesId: recordId };
    const filter = { connectionSetupId, mappingNames: [mappingName], ...record };
    const { items } = await this.parts.couplings.page(filter, undefined, { limit: 1 });
    return items[0]?.item ?? null;
  }
}

/** The couplings of a mapping. */
@Resolver(() => IntegrationTableMappingType)
export class CouplingsOfMappingResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => CouplingConnection, {
    description: 'Its pairs, and the records that could not get their counterpart yet.',
  })
  @Access('VIEWER')
  couplings(
    @Root() mapping: IntegrationTableMapping,
    @Args(() => CouplingListArgs) args: CouplingListArgs,
  ): Promise<Connection<Coupling>> {
    const filter = couplingFilter(args.filter);
    if (filter.mappingNames?.includes(mapping.name) === false)
      throw badUserInput('filter.mapping: expected nothing or this mapping, got others');
    const { mappingNames: _this, ...others } = filter;
    return listCouplings(this.parts.couplings, args, { ...others, mappingId: mapping.id });
  }
}

function listCouplings(
  couplings: CouplingQueries,
  args: CouplingListArgs,
  filter: CouplingFilter,
): Promise<Connection<Coupling>> {
  const order = args.orderBy ? { field: args.orderBy.field, direction: args.orderBy.direction } : undefined;
  return connectionOf(args, {
    page: (request) => couplings.page(filter, order, request),
    count: () => couplings.count(filter),
  });
}

// Only a field that is mapped both ways can be in conflict, and it is one because no rule gave a winner.
const asComparison = (conflict: FieldConflict): FieldComparisonType => ({
  ...conflict,
  businessValue: shownBaseValue(conflict.businessValue),
  salesValue: shownBaseValue(conflict.salesValue),
  lastAgreedValue: shownBaseValue(conflict.lastAgreedValue),
  direction: 'BIDIRECTIONAL',
  equal: false,
  conflict: true,
  winner: null,
});
