import { Field, Int, ObjectType } from 'type-graphql';
import { graphqlEnum } from '../api/graphql-enum.js';
import { DateTimeScalar } from '../api/scalars.js';
import type { SynchError } from '../synch/synch-error.js';
import { SynchErrorType } from '../synch/synch-error-graphql.js';
import type { ConnectionTestStepKind } from './connection-test.js';

const ConnectionTestStepKindEnum = graphqlEnum<ConnectionTestStepKind>(
  'ConnectionTestStepKind',
  'What a step of a connection test tries.',
  {
    ADDRESS: 'The address can be used, and the service may ask it.',
    REACH: 'Something answers there.',
    AUTHENTICATE: 'The service is let in.',
    COMPANY: 'The company, or the organisation, is there.',
    METADATA: 'The system tells what it offers.',
    READ: 'Records can be read.',
    WRITE: 'Records can be written.',
    BASE_CURRENCY: 'Both systems count in the same currency.',
  },
);

@ObjectType('ConnectionTestStep', { description: 'One step of a connection test.', simpleResolvers: true })
export class ConnectionTestStepType {
  @Field(() => ConnectionTestStepKindEnum, { description: 'What was tried.' })
  readonly step!: ConnectionTestStepKind;

  @Field(() => Boolean, { description: 'Whether it succeeded.' })
  readonly ok!: boolean;

  @Field(() => Int, { description: 'How long it took, in milliseconds.' })
  readonly durationMs!: number;

  @Field(() => String, { description: 'What was found, or why it failed.' })
  readonly message!: string;

  @Field(() => SynchErrorType, { nullable: true, description: 'Why it failed; null when it succeeded.' })
  readonly error!: SynchError | null;
}

@ObjectType('ConnectionTest', { description: 'What a test of one end point found.', simpleResolvers: true })
export class ConnectionTestType {
  @Field(() => Boolean, { description: 'True when every step succeeded.' })
  readonly ok!: boolean;

  @Field(() => DateTimeScalar, { description: 'When it began.' })
  readonly at!: Date;

  @Field(() => Int, { description: 'How long it took, in milliseconds.' })
  readonly durationMs!: number;

  @Field(() => String, { description: 'The result in a sentence.' })
  readonly message!: string;

  @Field(() => String, { nullable: true, description: 'Version of the system, where it tells.' })
  readonly systemVersion!: string | null;

  @Field(() => [ConnectionTestStepType], {
    description: 'The steps in the order in which they were tried; the last one is the one that failed.',
  })
  readonly steps!: readonly ConnectionTestStepType[];
}

@ObjectType('SystemCapabilities', { description: 'What a system can do.', simpleResolvers: true })
export class SystemCapabilitiesType {
  @Field(() => Boolean, { description: 'It tells what changed since a read.' })
  readonly changeTracking!: boolean;

  @Field(() => Boolean, { description: 'It tells what was deleted since a read.' })
  readonly deletions!: boolean;

  @Field(() => Boolean, { description: 'It takes several operations in one request.' })
  readonly batch!: boolean;

  @Field(() => Boolean, { description: 'It creates many records by one operation.' })
  readonly bulkWrite!: boolean;

  @Field(() => Boolean, { description: 'New records take ids that the service gives.' })
  readonly clientAssignedIds!: boolean;
}
