import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { globalId } from '../api/global-id.js';
import { RequestBudgetType } from '../request-budget/request-budget-graphql.js';
import type { RequestBudget } from '../request-budget/system-use.js';
import type { ConnectionSetup, SystemEndpoint } from './connection-setup.js';
import { ConnectionSetupConnection, ConnectionSetupType, SystemEndpointType } from './connection-setup-graphql.js';
import type { ConnectionTest, SystemCapabilities } from './connection-test.js';
import { ConnectionTestType, SystemCapabilitiesType } from './connection-test-graphql.js';
import { DefaultSetupRowType } from './default-setup/default-setup-graphql.js';
import { gateNameOf } from './endpoint-access.js';

/** Connections: look-ups. */
@Resolver(() => ConnectionSetupType)
export class ConnectionSetupResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => ConnectionSetupConnection, { description: 'All connections, by name.' })
  connectionSetups(@Args(() => ConnectionArgs) args: ConnectionArgs): Promise<Connection<ConnectionSetup>> {
    const { connectionSetups } = this.parts;
    return connectionOf(args, {
      page: (request) => connectionSetups.page(request),
      count: () => connectionSetups.count(),
    });
  }

  @Query(() => ConnectionSetupType, {
    nullable: true,
    description: 'The connection with this name; null when there is none.',
  })
  connectionSetup(
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
  ): Promise<ConnectionSetup | null> {
    return this.parts.connectionSetups.byName(name);
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() setup: ConnectionSetup): string {
    return globalId('ConnectionSetup', setup.id);
  }

  @FieldResolver(() => [DefaultSetupRowType], {
    description:
      'What enabling (where nothing exists yet) or useDefaultSynchronizationSetup would make or put back, one row a mapping.',
  })
  async defaultSetup(@Root() setup: ConnectionSetup): Promise<DefaultSetupRowType[]> {
    const plan = await this.parts.connections.defaultSetup(setup);
    return plan.map(({ definition, job, action, differences }) => ({
      mappingName: definition.name,
      table: definition.table,
      integrationTable: definition.integrationTable,
      direction: definition.direction,
      jobCode: job?.mappingName ?? null,
      action,
      differences,
    }));
  }
}

/** What an end point tells of its secret, and what was learned of its system. */
@Resolver(() => SystemEndpointType)
export class SystemEndpointResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => RequestBudgetType, {
    nullable: true,
    description: 'How much of what the system allows is used; null until the first request.',
  })
  budget(@Root() endpoint: SystemEndpoint, @Ctx() { loads }: ApiContext): Promise<RequestBudget | null> {
    return loads.one(this.parts.sources.requestBudget, gateNameOf(endpoint));
  }

  @FieldResolver(() => Boolean, { description: 'True when a secret is stored. Secrets themselves are never readable.' })
  hasSecret(@Root() endpoint: SystemEndpoint): boolean {
    return endpoint.sealedSecret !== null;
  }

  @FieldResolver(() => ConnectionTestType, {
    nullable: true,
    description: 'The last test of what is stored; null before the first.',
  })
  lastTest(@Root() { lastTest = null }: SystemEndpoint): ConnectionTest | null {
    return lastTest;
  }

  @FieldResolver(() => SystemCapabilitiesType, {
    nullable: true,
    description: 'What the system can do, as the last good test found it; null before that.',
  })
  capabilities(@Root() { capabilities = null }: SystemEndpoint): SystemCapabilities | null {
    return capabilities;
  }
}
