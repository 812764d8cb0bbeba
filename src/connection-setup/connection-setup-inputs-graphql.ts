import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { type MutationPayload, MutationPayloadType } from '../api/user-error.js';
import type { Side } from '../synch/synch-error.js';
import { SideEnum } from '../synch/synch-error-graphql.js';
import type { AuthenticationKind, SystemKind } from './connection-setup.js';
import { AuthenticationKindEnum, SystemKindEnum } from './connection-setup-graphql.js';
import type { ConnectionTest } from './connection-test.js';
import { ConnectionTestType } from './connection-test-graphql.js';

const OF_CALL = 'A key of your own for this call; the payload repeats it.';
const OF_REVISION = 'The revision that was read; another one by now is STALE_REVISION.';

@InputType('SystemEndpointInput', {
  description:
    'Replaces an end point as a whole, but for the secret: left out it stays, as long as kind, host, tenant and user or client stay (SECRET_REQUIRED otherwise, also in a test: a stored secret goes to no other host).',
})
export class SystemEndpointInput {
  @Field(() => SystemKindEnum, { description: 'What kind of system it is.' })
  readonly kind!: SystemKind;

  @Field(() => String, { description: 'Where its API is.' })
  readonly baseUrl!: string;

  @Field(() => String, { nullable: true, description: 'Where people open records in a browser.' })
  readonly webUrl?: string | null;

  @Field(() => String, { nullable: true, description: 'Name or id of the company; none for Dataverse.' })
  readonly company?: string | null;

  @Field(() => AuthenticationKindEnum, { description: 'How the service shows who it is.' })
  readonly authentication!: AuthenticationKind;

  @Field(() => String, { nullable: true, description: 'The user, for BASIC.' })
  readonly userName?: string | null;

  @Field(() => String, { nullable: true, description: 'The tenant, for OAUTH2_CLIENT_CREDENTIALS.' })
  readonly tenantId?: string | null;

  @Field(() => String, { nullable: true, description: 'The application, for OAUTH2_CLIENT_CREDENTIALS.' })
  readonly clientId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Password, key or client secret; stored sealed, never readable.',
  })
  readonly secret?: string | null;
}

@InputType('CreateConnectionSetupInput', { description: 'A new connection; it begins disabled.' })
export class CreateConnectionSetupInput {
  @Field(() => String, { description: 'Its unique name, at most 50 characters.' })
  readonly name!: string;

  @Field(() => SystemEndpointInput, { description: 'Dynamics NAV or Business Central.' })
  readonly business!: SystemEndpointInput;

  @Field(() => SystemEndpointInput, { description: 'Dataverse.' })
  readonly sales!: SystemEndpointInput;

  @Field(() => String, { nullable: true, description: OF_CALL })
  readonly clientMutationId?: string | null;
}

@InputType('UpdateConnectionSetupInput', { description: 'What to change of a connection; absent parts stay.' })
export class UpdateConnectionSetupInput {
  @Field(() => ID, { description: 'The connection.' })
  readonly id!: string;

  @Field(() => Int, { nullable: true, description: OF_REVISION })
  readonly expectedRevision?: number | null;

  @Field(() => String, { nullable: true, description: 'Its unique name, at most 50 characters.' })
  readonly name?: string | null;

  @Field(() => SystemEndpointInput, { nullable: true, description: 'Dynamics NAV or Business Central.' })
  readonly business?: SystemEndpointInput | null;

  @Field(() => SystemEndpointInput, { nullable: true, description: 'Dataverse.' })
  readonly sales?: SystemEndpointInput | null;

  @Field(() => String, { nullable: true, description: OF_CALL })
  readonly clientMutationId?: string | null;
}

@InputType('DeleteConnectionSetupInput', { description: 'Which connection to delete, and how much of it.' })
export class DeleteConnectionSetupInput {
  @Field(() => ID, { description: 'The connection.' })
  readonly id!: string;

  @Field(() => Int, { nullable: true, description: OF_REVISION })
  readonly expectedRevision?: number | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Also forget couplings, logs and jobs. Without it a connection with couplings is IN_USE.',
  })
  readonly removeData!: boolean;

  @Field(() => String, { nullable: true, description: OF_CALL })
  readonly clientMutationId?: string | null;
}

@InputType('TestConnectionInput', {
  description: 'Which connection to test, as it is stored or with other end points.',
})
export class TestConnectionInput {
  @Field(() => ID, { description: 'The connection.' })
  readonly id!: string;

  @Field(() => SideEnum, { nullable: true, description: 'Only this one; both when absent.' })
  readonly side?: Side | null;

  @Field(() => SystemEndpointInput, { nullable: true, description: 'To try instead of what is stored.' })
  readonly business?: SystemEndpointInput | null;

  @Field(() => SystemEndpointInput, { nullable: true, description: 'To try instead of what is stored.' })
  readonly sales?: SystemEndpointInput | null;

  @Field(() => String, { nullable: true, description: OF_CALL })
  readonly clientMutationId?: string | null;
}

@ObjectType('TestConnectionPayload', {
  implements: MutationPayloadType,
  description: 'What the tests found; a failed test is an answer, no userError.',
  simpleResolvers: true,
})
export class TestConnectionPayloadType extends MutationPayloadType {
  @Field(() => ConnectionTestType, {
    nullable: true,
    description: 'Of Dynamics NAV or Business Central; null when not tested.',
  })
  readonly business!: ConnectionTest | null;

  @Field(() => ConnectionTestType, { nullable: true, description: 'Of Dataverse; null when not tested.' })
  readonly sales!: ConnectionTest | null;
}

/** What a connection test answers. */
export interface TestConnectionPayload extends MutationPayload {
  readonly business: ConnectionTest | null;
  readonly sales: ConnectionTest | null;
}
