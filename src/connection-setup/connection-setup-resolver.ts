import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { globalId, idOfType } from '../api/global-id.js';
import { refusable, refuse } from '../api/user-error.js';
import type { ConnectionSetup, SystemEndpoint } from './connection-setup.js';
import {
  ConnectionSetupConnection,
  ConnectionSetupIdInput,
  type ConnectionSetupPayload,
  ConnectionSetupPayloadType,
  ConnectionSetupType,
  SystemEndpointType,
} from './connection-setup-graphql.js';
import { ConnectionSetupNotFoundError } from './enable-connection-setup.js';

/** Connections: look-ups, enabling and disabling. */
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

  @Mutation(() => ConnectionSetupPayloadType, {
    description:
      'Enabling creates the default mappings and the default synchronization jobs, in status Ready, where the connection has no mapping yet; otherwise it sets its recurring jobs Ready.',
  })
  @Access('ADMIN')
  enableConnectionSetup(
    @Arg('input', () => ConnectionSetupIdInput, { description: 'The connection.' }) input: ConnectionSetupIdInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<ConnectionSetupPayload> {
    return this.#switch(input, (id) => this.parts.enabling.enable(id, viewer.name));
  }

  @Mutation(() => ConnectionSetupPayloadType, {
    description: 'Nothing of a disabled connection runs; its schedules stay.',
  })
  @Access('ADMIN')
  disableConnectionSetup(
    @Arg('input', () => ConnectionSetupIdInput, { description: 'The connection.' }) input: ConnectionSetupIdInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<ConnectionSetupPayload> {
    return this.#switch(input, (id) => this.parts.enabling.disable(id, viewer.name));
  }

  #switch(
    input: ConnectionSetupIdInput,
    change: (id: string) => Promise<ConnectionSetup>,
  ): Promise<ConnectionSetupPayload> {
    return refusable<{ connectionSetup: ConnectionSetup | null }>(input, { connectionSetup: null }, async () => {
      const id = idOfType('ConnectionSetup', input.id);
      try {
        return {
          connectionSetup: await change(
            id ?? refuse('NOT_FOUND', `id: there is no connection with the id ${input.id}`, ['id']),
          ),
        };
      } catch (error) {
        if (error instanceof ConnectionSetupNotFoundError) refuse('NOT_FOUND', `id: ${error.message}`, ['id']);
        throw error;
      }
    });
  }
}

/** What an end point tells of its secret. */
@Resolver(() => SystemEndpointType)
export class SystemEndpointResolver {
  @FieldResolver(() => Boolean, { description: 'True when a secret is stored. Secrets themselves are never readable.' })
  hasSecret(@Root() endpoint: SystemEndpoint): boolean {
    return endpoint.sealedSecret !== null;
  }
}
