import { Field, InputType, ObjectType } from 'type-graphql';
import { Access } from '../api/access.js';
import { connectionType } from '../api/connection.js';
import { NodeType } from '../api/node.js';
import type { Role } from '../api/role.js';
import { RoleEnum } from '../api/role-graphql.js';
import { DateTimeScalar } from '../api/scalars.js';
import { type MutationPayload, MutationPayloadType } from '../api/user-error.js';
import type { ApiToken } from './api-token.js';

@ObjectType('ApiToken', {
  implements: NodeType,
  description: 'A token that lets a program or a person use this API. Its secret is kept nowhere.',
  simpleResolvers: true,
})
@Access('ADMIN')
export class ApiTokenType extends NodeType {
  @Field(() => String, { description: 'Unique; histories and logs show it as the one who did something.' })
  readonly name!: string;

  @Field(() => RoleEnum, { description: 'What it may do.' })
  readonly role!: Role;

  @Field(() => String, { description: "The secret's first characters, to tell tokens apart." })
  readonly hint!: string;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  readonly createdAt!: Date;

  @Field(() => String, { description: 'Who made it.' })
  readonly createdBy!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Exact to a minute; null when it was never used.' })
  readonly lastUsedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ends by itself; null when it does not.' })
  readonly expiresAt!: Date | null;
}

export const ApiTokenConnection = connectionType('ApiToken', () => ApiTokenType);

@InputType('CreateApiTokenInput', { description: 'A token to make.' })
export class CreateApiTokenInput {
  @Field(() => String, { description: 'Unique, 1 to 50 characters; histories show it as the one who did something.' })
  readonly name!: string;

  @Field(() => RoleEnum, { description: 'What it may do.' })
  readonly role!: Role;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ends by itself; never when absent.' })
  readonly expiresAt?: Date | null;

  @Field(() => String, {
    nullable: true,
    description: 'Makes a repeat harmless, and comes back in the answer; a repeat answers without the secret.',
  })
  readonly clientMutationId?: string | null;
}

@ObjectType('ApiTokenPayload', {
  implements: MutationPayloadType,
  description: 'The token that was made; null when it was refused.',
  simpleResolvers: true,
})
export class ApiTokenPayloadType extends MutationPayloadType {
  @Field(() => ApiTokenType, { nullable: true, description: 'The token; null when it was refused.' })
  readonly apiToken!: ApiToken | null;

  @Field(() => String, {
    nullable: true,
    description: 'What to send as "Authorization: Bearer …". Told this once: it cannot be read again.',
  })
  readonly secret!: string | null;
}

/** What createApiToken answers. */
export interface ApiTokenPayload extends MutationPayload {
  readonly apiToken: ApiToken | null;
  readonly secret: string | null;
}
