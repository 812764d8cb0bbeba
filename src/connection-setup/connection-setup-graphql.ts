import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionType } from '../api/connection.js';
import { graphqlEnum } from '../api/graphql-enum.js';
import { NodeType } from '../api/node.js';
import { DateTimeScalar } from '../api/scalars.js';
import { type MutationPayload, MutationPayloadType } from '../api/user-error.js';
import type { AuthenticationKind, ConnectionSetup, SystemKind } from './connection-setup.js';

export const SystemKindEnum = graphqlEnum<SystemKind>('SystemKind', 'What kind of system it is.', {
  BUSINESS_CENTRAL: 'Business Central, by its API v2.0.',
  NAV_ODATA: 'Dynamics NAV 2018, by its OData V4 web services.',
  DATAVERSE: 'Dynamics 365 Sales, by the Dataverse Web API.',
});

export const AuthenticationKindEnum = graphqlEnum<AuthenticationKind>(
  'AuthenticationKind',
  'How the service shows who it is.',
  {
    NONE: 'Not at all.',
    BASIC: 'By userName and secret (NAV: the web service access key).',
    OAUTH2_CLIENT_CREDENTIALS: 'By tenantId, clientId and secret.',
  },
);

@ObjectType('SystemEndpoint', { description: 'One of the two systems of a connection.', simpleResolvers: true })
export class SystemEndpointType {
  @Field(() => SystemKindEnum, { description: 'What kind of system it is.' })
  readonly kind!: SystemKind;

  @Field(() => String, { description: 'Where its API is.' })
  readonly baseUrl!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Where people open records in a browser; links to records are made from it.',
  })
  readonly webUrl!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the company; null for Dataverse.' })
  readonly company!: string | null;

  @Field(() => AuthenticationKindEnum, { description: 'How the service shows who it is.' })
  readonly authentication!: AuthenticationKind;

  @Field(() => String, { nullable: true, description: 'The user, for BASIC.' })
  readonly userName!: string | null;

  @Field(() => String, { nullable: true, description: 'The tenant, for OAUTH2_CLIENT_CREDENTIALS.' })
  readonly tenantId!: string | null;

  @Field(() => String, { nullable: true, description: 'The application, for OAUTH2_CLIENT_CREDENTIALS.' })
  readonly clientId!: string | null;
}

@ObjectType('ConnectionSetup', {
  implements: NodeType,
  description: 'Two systems that are kept in step, and what is kept in step between them.',
  simpleResolvers: true,
})
export class ConnectionSetupType extends NodeType {
  @Field(() => String, { description: 'Its unique name.' })
  readonly name!: string;

  @Field(() => Boolean, { description: 'False: nothing of it runs.' })
  readonly enabled!: boolean;

  @Field(() => SystemEndpointType, { description: 'Dynamics NAV or Business Central.' })
  readonly business!: SystemEndpointType;

  @Field(() => SystemEndpointType, { description: 'Dataverse.' })
  readonly sales!: SystemEndpointType;

  @Field(() => Int, { description: 'Grows with each edit by a person; for expectedRevision.' })
  readonly revision!: number;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  readonly createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When a person changed it last.' })
  readonly updatedAt!: Date;
}

export const ConnectionSetupConnection = connectionType('ConnectionSetup', () => ConnectionSetupType);

@InputType('ConnectionSetupIdInput', { description: 'One connection.' })
export class ConnectionSetupIdInput {
  @Field(() => ID, { description: 'The connection.' })
  readonly id!: string;

  @Field(() => String, { nullable: true, description: 'A key of your own for this call; the payload repeats it.' })
  readonly clientMutationId?: string | null;
}

@ObjectType('ConnectionSetupPayload', {
  implements: MutationPayloadType,
  description: 'The connection after the change; null when it was refused.',
  simpleResolvers: true,
})
export class ConnectionSetupPayloadType extends MutationPayloadType {
  @Field(() => ConnectionSetupType, { nullable: true, description: 'The connection; null when it was refused.' })
  readonly connectionSetup!: ConnectionSetupType | null;
}

/** What a mutation of a connection answers. */
export interface ConnectionSetupPayload extends MutationPayload {
  readonly connectionSetup: ConnectionSetup | null;
}
