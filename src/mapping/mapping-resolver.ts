import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../api/api-context.js';
import { badUserInput } from '../api/api-errors.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { argumentId, globalId } from '../api/global-id.js';
import { DateTimeScalar } from '../api/scalars.js';
import type { ConnectionSetup } from '../connection-setup/connection-setup.js';
import { ConnectionSetupType } from '../connection-setup/connection-setup-graphql.js';
import { storedProblems } from './check-mapping.js';
import type { IntegrationTableMapping } from './integration-table-mapping.js';
import {
  IntegrationTableMappingConnection,
  IntegrationTableMappingFilterInput,
  IntegrationTableMappingType,
} from './mapping-graphql.js';
import type { MappingProblem } from './mapping-problem.js';
import { MappingProblemType } from './mapping-problem-graphql.js';
import type { MappingFilter } from './mapping-store.js';

@ArgsType()
class MappingListArgs extends ConnectionArgs {
  @Field(() => IntegrationTableMappingFilterInput, { nullable: true, description: 'Only these.' })
  readonly filter?: IntegrationTableMappingFilterInput | null;
}

/** Integration table mappings: look-ups. */
@Resolver(() => IntegrationTableMappingType)
export class MappingResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => IntegrationTableMappingConnection, { description: 'The mappings of all connections, by name.' })
  integrationTableMappings(
    @Args(() => MappingListArgs) args: MappingListArgs,
  ): Promise<Connection<IntegrationTableMapping>> {
    return this.#list(args, asFilter(args.filter));
  }

  @Query(() => IntegrationTableMappingType, {
    nullable: true,
    description: 'The mapping with this name; null when there is none.',
  })
  async integrationTableMapping(
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
    @Arg('connectionSetupId', () => ID, {
      nullable: true,
      description: 'Of this connection; needed where two connections have a mapping with the name.',
    })
    connectionSetupId?: string | null,
  ): Promise<IntegrationTableMapping | null> {
    const ofConnection = connectionSetupId
      ? { connectionSetupId: argumentId('ConnectionSetup', 'connectionSetupId', connectionSetupId) }
      : {};
    const [found, another] = await this.parts.mappings.list({ name, ...ofConnection });
    if (another !== undefined)
      throw badUserInput(`connectionSetupId: several connections have a mapping ${name}; name the connection`);
    return found ?? null;
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() mapping: IntegrationTableMapping): string {
    return globalId('IntegrationTableMapping', mapping.id);
  }

  @FieldResolver(() => ConnectionSetupType, { description: 'The connection that it belongs to.' })
  async connectionSetup(
    @Root() mapping: IntegrationTableMapping,
    @Ctx() { loads }: ApiContext,
  ): Promise<ConnectionSetup> {
    const setup = await loads.one(this.parts.sources.connectionSetup, mapping.connectionSetupId);
    if (setup === null) throw new Error(`the connection of mapping ${mapping.id} is gone`);
    return setup;
  }

  @FieldResolver(() => [MappingProblemType], {
    description:
      "What is legal but will surprise, by both systems' metadata as last read, e.g. a text that is longer than its destination.",
  })
  warnings(@Root() mapping: IntegrationTableMapping): Promise<MappingProblem[]> {
    const { systems } = this.parts;
    return storedProblems(mapping, { table: (...asked) => systems.lastTable(...asked) });
  }

  @FieldResolver(() => DateTimeScalar, {
    nullable: true,
    description:
      "The newest modification read from the table so far, by the business system's own clock; never goes back.",
  })
  async synchModifiedOnFilter(
    @Root() mapping: IntegrationTableMapping,
    @Ctx() { loads }: ApiContext,
  ): Promise<Date | null> {
    return (await loads.one(this.parts.sources.readUntil, mapping.id))?.business ?? null;
  }

  @FieldResolver(() => DateTimeScalar, {
    nullable: true,
    description:
      "The newest modification read from the integration table so far, by Dataverse's clock; never goes back.",
  })
  async synchIntegrationTableModifiedOnFilter(
    @Root() mapping: IntegrationTableMapping,
    @Ctx() { loads }: ApiContext,
  ): Promise<Date | null> {
    return (await loads.one(this.parts.sources.readUntil, mapping.id))?.sales ?? null;
  }

  #list(args: ConnectionArgs, filter: MappingFilter): Promise<Connection<IntegrationTableMapping>> {
    const { mappings } = this.parts;
    return connectionOf(args, {
      page: (request) => mappings.page(filter, request),
      count: () => mappings.count(filter),
    });
  }
}

/** The mappings of a connection. */
@Resolver(() => ConnectionSetupType)
export class MappingsOfConnectionResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => IntegrationTableMappingConnection, { description: 'What is kept in step, by name.' })
  integrationTableMappings(
    @Root() setup: ConnectionSetup,
    @Args(() => MappingListArgs) args: MappingListArgs,
  ): Promise<Connection<IntegrationTableMapping>> {
    const { mappings } = this.parts;
    const asked = asFilter(args.filter);
    const isOther = asked.connectionSetupId !== undefined && asked.connectionSetupId !== setup.id;
    if (isOther) throw badUserInput('filter.connectionSetupId: expected nothing or this connection, got another one');
    const filter = { ...asked, connectionSetupId: setup.id };
    return connectionOf(args, {
      page: (request) => mappings.page(filter, request),
      count: () => mappings.count(filter),
    });
  }
}

const asFilter = (input: IntegrationTableMappingFilterInput | null | undefined): MappingFilter => ({
  connectionSetupId: input?.connectionSetupId
    ? argumentId('ConnectionSetup', 'filter.connectionSetupId', input.connectionSetupId)
    : undefined,
  kind: input?.kind ?? undefined,
  enabled: input?.enabled ?? undefined,
  search: input?.search ?? undefined,
});
