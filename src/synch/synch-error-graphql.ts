import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../api/api-context.js';
import { graphqlEnum } from '../api/graphql-enum.js';
import { includesRole } from '../api/role.js';
import type { Side, SynchError, SynchErrorClass } from './synch-error.js';

export const SideEnum = graphqlEnum<Side>('Side', 'One of the two systems of a connection.', {
  BUSINESS: 'Dynamics NAV or Business Central: its entity sets are called tables.',
  SALES: 'Dataverse (Dynamics 365 Sales): its entity sets are called integration tables.',
});

export const SynchErrorClassEnum = graphqlEnum<SynchErrorClass>(
  'SynchErrorClass',
  'What kind of error it is; decides what happens next. TRANSIENT and THROTTLED are retried without end; the others park a record when they repeat (DEPENDENCY waits).',
  {
    TRANSIENT: 'The system or the way to it failed for the moment; tried again by itself.',
    THROTTLED: 'The system asked for a pause; tried again after it.',
    AUTHENTICATION: "The system does not accept the connection's credentials.",
    PERMISSION: "The connection's user may not read or write this.",
    VALIDATION: 'A value does not fit, or the system refuses the record as it is.',
    DEPENDENCY: 'A record that it refers to is not coupled yet.',
    DUPLICATE: 'There is another record with the same key, or several possible counterparts.',
    CONFLICT: 'Both sides changed the same field, and no rule decides.',
    NOT_FOUND: 'The record, or what it needs, does not exist (any more).',
    CONFIGURATION: 'A mapping, field or connection is set up in a way that cannot work.',
    INTERNAL: 'The service itself failed; its log tells more.',
  },
);

@ObjectType('SynchError', { description: 'Why a record, a synch job or a run failed.', simpleResolvers: true })
export class SynchErrorType {
  @Field(() => SynchErrorClassEnum, { description: 'What kind of error it is.' })
  readonly class!: SynchErrorClass;

  @Field(() => String, { description: "Stable and documented; the system's own code where it is not ours." })
  readonly code!: string;

  @Field(() => SideEnum, { nullable: true, description: 'The system that it happened on; null when it was neither.' })
  readonly side!: Side | null;

  @Field(() => String, {
    nullable: true,
    description: 'The field that it is about, by its name on that side; null when it is about none.',
  })
  readonly field!: string | null;

  @Field(() => Boolean, { description: 'True when trying again may help without anybody changing something.' })
  readonly retryable!: boolean;
}

/** The message of an error: the only part that may hold what a record holds. */
@Resolver(() => SynchErrorType)
export class SynchErrorResolver {
  @FieldResolver(() => String, {
    description: 'What went wrong. May quote a value of the record, and does not where a MONITOR reads it.',
  })
  message(@Root() error: SynchError, @Ctx() { viewer }: ApiContext): string {
    return includesRole(viewer.role, 'VIEWER')
      ? error.message
      : `${error.class} ${error.code}; a VIEWER may read the message`;
  }
}
