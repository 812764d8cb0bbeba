import { ArgsType, Field, ID, InputType, ObjectType } from 'type-graphql';
import { Access } from '../api/access.js';
import { ConnectionArgs, connectionType } from '../api/connection.js';
import { NodeType } from '../api/node.js';
import type { Role } from '../api/role.js';
import { RoleEnum } from '../api/role-graphql.js';
import { DateTimeScalar } from '../api/scalars.js';
import { type UserErrorCode, UserErrorCodeEnum } from '../api/user-error.js';

@ObjectType('AuditEntry', {
  implements: NodeType,
  description:
    'One mutation that someone made, refused ones included: appended, never changed. No secrets; values of records only in what the caller typed.',
  simpleResolvers: true,
})
@Access('VIEWER')
export class AuditEntryType extends NodeType {
  @Field(() => DateTimeScalar, { description: 'When it began.' })
  readonly at!: Date;

  @Field(() => String, { description: "The token's name." })
  readonly actor!: string;

  @Field(() => RoleEnum, { description: 'What the token could do then.' })
  readonly role!: Role;

  @Field(() => String, { description: 'Name of the mutation.' })
  readonly mutation!: string;

  @Field(() => ID, { nullable: true, description: 'What it was about; null where it made nothing.' })
  readonly targetId!: string | null;

  @Field(() => String, { description: 'What was done, in words.' })
  readonly summary!: string;

  @Field(() => [UserErrorCodeEnum], {
    description:
      'Why it was refused; empty when it was done, or when the role did not allow it, which `summary` tells then.',
  })
  readonly refusedWith!: readonly UserErrorCode[];
}

export const AuditEntryConnection = connectionType('AuditEntry', () => AuditEntryType);

@InputType('AuditFilter', {
  description:
    'Which entries are wanted: given fields are ANDed, values of one list ORed; an empty list matches nothing.',
})
class AuditFilterInput {
  @Field(() => [String], { nullable: true, description: 'Only by these tokens, by name.' })
  readonly actor?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only these mutations.' })
  readonly mutation?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'Only about this object, also when it is gone.' })
  readonly targetId?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Only from this time on.' })
  readonly since?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Only before this time.' })
  readonly until?: Date | null;
}

/** The arguments of the list. */
@ArgsType()
export class AuditListArgs extends ConnectionArgs {
  @Field(() => AuditFilterInput, { nullable: true, description: 'Only these.' })
  readonly filter?: AuditFilterInput | null;
}
