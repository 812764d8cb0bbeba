import { Arg, Field, InputType, Query, Resolver } from 'type-graphql';
import { Access } from '../api/access.js';
import { badUserInput } from '../api/api-errors.js';
import type { ResolverParts } from '../api/api-services.js';
import { idOfType } from '../api/global-id.js';
import { refusable, refuse, type UserError, UserErrorType } from '../api/user-error.js';
import { CreateConnectionSetupInput, UpdateConnectionSetupInput } from './connection-setup-inputs-graphql.js';
import { readConnectionEdit, readNewConnection } from './read-connection-input.js';
import { refuseFaults, refusingConnection } from './refused-connection.js';

@InputType('PreviewConnectionSetupInput', { description: 'A connection that is being filled in: one of the two.' })
export class PreviewConnectionSetupInput {
  @Field(() => CreateConnectionSetupInput, {
    nullable: true,
    description: 'What createConnectionSetup would be sent; any text stands for a secret.',
  })
  readonly create?: CreateConnectionSetupInput | null;

  @Field(() => UpdateConnectionSetupInput, {
    nullable: true,
    description: 'What updateConnectionSetup would be sent; any text stands for a secret.',
  })
  readonly update?: UpdateConnectionSetupInput | null;
}

/** Connections, tried out before they are saved. Whether the systems answer is another question: testConnection. */
@Resolver()
export class ConnectionPreviewResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => [UserErrorType], {
    description:
      'What createConnectionSetup or updateConnectionSetup would refuse of this input now, with paths below it; empty when nothing. Nothing is written, and neither system is asked.',
  })
  @Access('ADMIN')
  async previewConnectionSetup(
    @Arg('input', () => PreviewConnectionSetupInput, { description: 'The connection.' })
    { create, update }: PreviewConnectionSetupInput,
  ): Promise<readonly UserError[]> {
    if (Boolean(create) === Boolean(update)) throw badUserInput('input: expected either create or update');
    const { userErrors } = await refusable({}, {}, () =>
      refusingConnection(async () => {
        if (create) await this.parts.connections.checkNew(readNewConnection(create));
        if (update) await this.#checkEdit(update);
        return {};
      }),
    );
    return userErrors;
  }

  async #checkEdit(input: UpdateConnectionSetupInput): Promise<void> {
    const id = idOfType('ConnectionSetup', input.id);
    if (id === null) refuse('NOT_FOUND', `id: there is no connection with the id ${input.id}`, ['id']);
    const { asked, faults } = readConnectionEdit(input);
    refuseFaults(faults);
    await this.parts.connections.checkEdit(id, asked);
  }
}
