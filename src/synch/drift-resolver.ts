import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import type { ConnectionSetup } from '../connection-setup/connection-setup.js';
import { ConnectionSetupType } from '../connection-setup/connection-setup-graphql.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { IntegrationTableMappingType } from '../mapping/mapping-graphql.js';
import { DriftSummaryType } from './drift-graphql.js';
import type { DriftSummary } from './drift-queries.js';

/** How far the systems are apart, by mapping. */
@Resolver(() => IntegrationTableMappingType)
export class DriftOfMappingResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => DriftSummaryType, { description: 'How far its records are apart.' })
  async drift(@Root() { id }: IntegrationTableMapping, @Ctx() { loads }: ApiContext): Promise<DriftSummary> {
    return told(await loads.one(this.parts.sources.driftOfMapping, id));
  }
}

/** How far the systems are apart, by connection. */
@Resolver(() => ConnectionSetupType)
export class DriftOfConnectionResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => DriftSummaryType, { description: 'How far its two systems are apart, over all mappings.' })
  async drift(@Root() { id }: ConnectionSetup, @Ctx() { loads }: ApiContext): Promise<DriftSummary> {
    return told(await loads.one(this.parts.sources.driftOfConnection, id));
  }
}

function told(summary: DriftSummary | null): DriftSummary {
  if (summary === null) throw new Error('the couplings were not counted');
  return summary;
}
