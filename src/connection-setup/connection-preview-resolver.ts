import { Arg, Field, InputType, Query, Resolver } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ResolverParts } from '../api/api-services.js';
import { idOfType } from '../api/global-id.js';
import { type PreviewInput, refusalsOf } from '../api/preview.js';
import { refuse, type UserError, UserErrorType } from '../api/user-error.js';
import { CreateConnectionSetupInput, UpdateConnectionSetupInput } from './connection-setup-inputs-graphql.js';
import { readConnectionEdit, readNewConnection } from './read-connection-input.js';
import { refuseFaults, refusingConnection } from './refused-connection.js';

@InputType('PreviewConnectionSetupInput', { description: 'A connection that is being filled in: one of the two.' })
export class PreviewConnectionSetupInput
  implements PreviewInput<CreateConnectionSetupInput, UpdateConnectionSetupInput>
{
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
  previewConnectionSetup(
    @Arg('input', () => PreviewConnectionSetupInput, { description: 'The connection.' })
    input: PreviewConnectionSetupInput,
  ): Promise<readonly UserError[]> {
    return refusalsOf(input, {
      create: (create) => refusingConnection(async () => this.parts.connections.checkNew(readNewConnection(create))),
      update: (update) => refusingConnection(() => this.#checkEdit(update)),
    });
  }

  async #checkEdit(input: UpdateConnectionSetupInput): Promise<void> {
    const id = idOfType('ConnectionSetup', input.id);
    if (id === null) refuse('NOT_FOUND', `id: there is no connection with the id ${input.id}`, ['id']);
    const { asked, faults } = readConnectionEdit(input);
    refuseFaults(faults);
    await this.parts.connections.checkEdit(id, asked);
  }
}
