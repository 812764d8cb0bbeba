import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { Cost } from '../api/cost.js';
import { type DeletePayload, DeletePayloadType } from '../api/delete-payload-graphql.js';
import { idOfType } from '../api/global-id.js';
import { refusable, refuse } from '../api/user-error.js';
import type { Side } from '../synch/synch-error.js';
import type { ConnectionSetup } from './connection-setup.js';
import {
  ConnectionSetupIdInput,
  type ConnectionSetupPayload,
  ConnectionSetupPayloadType,
} from './connection-setup-graphql.js';
import {
  CreateConnectionSetupInput,
  DeleteConnectionSetupInput,
  TestConnectionInput,
  type TestConnectionPayload,
  TestConnectionPayloadType,
  UpdateConnectionSetupInput,
} from './connection-setup-inputs-graphql.js';
import type { ConnectionTest } from './connection-test.js';
import { readConnectionEdit, readNewConnection, readTrial } from './read-connection-input.js';
import { refuseFaults, refusingConnection } from './refused-connection.js';

/** Connections: making, changing, testing, enabling and deleting them. */
@Resolver()
export class ConnectionSetupMutationResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Mutation(() => ConnectionSetupPayloadType, {
    description: 'Makes a connection, disabled. All that is wrong is told at once, with the path of each value.',
  })
  @Access('ADMIN')
  createConnectionSetup(
    @Arg('input', () => CreateConnectionSetupInput, { description: 'The connection.' })
    input: CreateConnectionSetupInput,
  ): Promise<ConnectionSetupPayload> {
    return change(input, () => this.parts.connections.create(readNewConnection(input)));
  }

  @Mutation(() => ConnectionSetupPayloadType, {
    description: 'Changes a connection. Kind, company and another host of an end point with couplings are IN_USE.',
  })
  @Access('ADMIN')
  updateConnectionSetup(
    @Arg('input', () => UpdateConnectionSetupInput, { description: 'What to change.' })
    input: UpdateConnectionSetupInput,
  ): Promise<ConnectionSetupPayload> {
    return change(input, () => {
      const { asked, faults } = readConnectionEdit(input);
      refuseFaults(faults);
      return this.parts.connections.update(setupId(input), asked);
    });
  }

  @Mutation(() => DeletePayloadType, {
    description:
      'Deletes a connection with its mappings and entries. IN_USE while it is enabled, while a run of it is in process, and, without removeData, while it has couplings.',
  })
  @Access('ADMIN')
  deleteConnectionSetup(
    @Arg('input', () => DeleteConnectionSetupInput, { description: 'The connection.' })
    input: DeleteConnectionSetupInput,
  ): Promise<DeletePayload> {
    const { removeData, expectedRevision } = input;
    return refusable<{ deletedId: string | null }>(input, { deletedId: null }, () =>
      refusingConnection(async () => {
        const deletion = { removeData, expectedRevision: expectedRevision ?? undefined };
        await this.parts.connections.remove(setupId(input), deletion);
        return { deletedId: input.id };
      }),
    );
  }

  @Mutation(() => TestConnectionPayloadType, {
    description:
      'Tests what is stored, or the given end points without storing them, step by step; a failed test is an answer, no userError. Where both systems are tested and work, their base currencies are compared, and told with Dataverse.',
  })
  @Access('ADMIN')
  @Cost(100)
  testConnection(
    @Arg('input', () => TestConnectionInput, { description: 'What to test.' }) input: TestConnectionInput,
  ): Promise<TestConnectionPayload> {
    const refused = { business: null, sales: null };
    return refusable<{ business: ConnectionTest | null; sales: ConnectionTest | null }>(input, refused, () =>
      refusingConnection(async () => {
        const { asked, faults } = readTrial(input);
        refuseFaults(faults);
        const sides: readonly Side[] = input.side ? [input.side] : ['BUSINESS', 'SALES'];
        const { BUSINESS: business, SALES: sales } = await this.parts.connections.test(setupId(input), sides, asked);
        return { business, sales };
      }),
    );
  }

  @Mutation(() => ConnectionSetupPayloadType, {
    description:
      'Tests both systems, then creates the default mappings and the default synchronization jobs, in status Ready, where the connection has no mapping yet; otherwise it sets its recurring jobs Ready. CONNECTION_FAILED names the step at which a test failed; different base currencies are INVALID.',
  })
  @Access('ADMIN')
  enableConnectionSetup(
    @Arg('input', () => ConnectionSetupIdInput, { description: 'The connection.' }) input: ConnectionSetupIdInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<ConnectionSetupPayload> {
    return change(input, () => this.parts.enabling.enable(setupId(input), viewer.name));
  }

  @Mutation(() => ConnectionSetupPayloadType, {
    description: 'Nothing of a disabled connection runs; its schedules stay.',
  })
  @Access('ADMIN')
  disableConnectionSetup(
    @Arg('input', () => ConnectionSetupIdInput, { description: 'The connection.' }) input: ConnectionSetupIdInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<ConnectionSetupPayload> {
    return change(input, () => this.parts.enabling.disable(setupId(input), viewer.name));
  }

  @Mutation(() => ConnectionSetupPayloadType, {
    description:
      'Puts the default mappings and jobs back as they were made; couplings stay, and so does what people made besides. ConnectionSetup.defaultSetup shows what is lost.',
  })
  @Access('ADMIN')
  useDefaultSynchronizationSetup(
    @Arg('input', () => ConnectionSetupIdInput, { description: 'The connection.' }) input: ConnectionSetupIdInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<ConnectionSetupPayload> {
    return change(input, () => this.parts.connections.useDefaultSetup(setupId(input), viewer.name));
  }
}

const change = (
  input: { readonly clientMutationId?: string | null },
  make: () => Promise<ConnectionSetup>,
): Promise<ConnectionSetupPayload> =>
  refusable<{ connectionSetup: ConnectionSetup | null }>(input, { connectionSetup: null }, () =>
    refusingConnection(async () => ({ connectionSetup: await make() })),
  );

const setupId = ({ id }: { readonly id: string }): string =>
  idOfType('ConnectionSetup', id) ?? refuse('NOT_FOUND', `id: there is no connection with the id ${id}`, ['id']);
