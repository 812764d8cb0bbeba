import { Field, ObjectType } from 'type-graphql';
import { graphqlEnum } from './graphql-enum.js';
import type { Role } from './role.js';
import { DateTimeScalar } from './scalars.js';

export const RoleEnum = graphqlEnum<Role>(
  'Role',
  'What a token may do. Each role includes the ones before it. Secrets are readable by nobody.',
  {
    MONITOR: "Reads statuses, schedules and counters, but nothing of a record's contents.",
    VIEWER: 'Also reads couplings, values, changes and errors of records.',
    OPERATOR: 'Also runs, holds and restarts jobs, and couples, restores and resolves records.',
    ADMIN: 'Also changes connections, mappings, entries and tokens.',
  },
);

@ObjectType('Viewer', { description: "Who asks: the token, or the identity provider's user.", simpleResolvers: true })
export class ViewerType {
  @Field(() => String, { description: "The token's name; histories and logs show it as the one who did something." })
  readonly name!: string;

  @Field(() => RoleEnum, { description: 'What the token may do.' })
  readonly role!: Role;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the token ends; null when it does not.' })
  readonly expiresAt!: Date | null;
}
