import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Access } from '../api/access.js';
import { connectionType } from '../api/connection.js';
import { graphqlEnum } from '../api/graphql-enum.js';
import { NodeType } from '../api/node.js';
import { OrderDirectionEnum } from '../api/order-direction.js';
import { DateTimeScalar, JsonScalar } from '../api/scalars.js';
import type { FieldValue } from '../mapping/field-value.js';
import type { SynchDirection } from '../mapping/integration-table-mapping.js';
import { SynchDirectionEnum } from '../mapping/mapping-enums-graphql.js';
import type { Side, SynchError, SynchErrorClass } from '../synch/synch-error.js';
import { SideEnum, SynchErrorClassEnum, SynchErrorType } from '../synch/synch-error-graphql.js';
import type { CouplingState, SynchAction } from './coupling.js';

export const CouplingStateEnum = graphqlEnum<CouplingState>('CouplingState', 'How a pair stands.', {
  COUPLED: 'The last synchronization of the pair succeeded.',
  PENDING:
    'It waits for its next run (coupled or restored just now), or a write was started and its outcome is not yet known.',
  WAITING: 'A record it refers to is not coupled yet; retried as soon as it is.',
  CONFLICT: 'Both sides changed the same field and no rule decides.',
  FAILED: 'It will be retried at nextAttemptAt.',
  SKIPPED:
    'Parked until restored or until either record, the mapping or what stood against it changes; looked at again at nextAttemptAt.',
  BROKEN: 'One record is gone.',
});

export const SynchActionEnum = graphqlEnum<SynchAction>('SynchAction', 'What happens to one record.', {
  INSERT: 'It was created.',
  MODIFY: 'It was changed.',
  DELETE: 'It was deleted.',
  COUPLE: 'It was coupled.',
  UNCOUPLE: 'Its coupling was removed.',
  UNCHANGED: 'It agreed already.',
  SKIP: 'It was left out.',
  CONFLICT: 'Both sides changed it, and no rule decided.',
  FAIL: 'It failed.',
});

@ObjectType('FieldComparison', { description: 'One mapped field of a pair on both sides.', simpleResolvers: true })
@Access('VIEWER')
export class FieldComparisonType {
  @Field(() => String, { description: 'Name of the field in the business system.' })
  readonly field!: string;

  @Field(() => String, { description: 'Name of the field in Dataverse.' })
  readonly integrationField!: string;

  @Field(() => SynchDirectionEnum, { description: 'Which way its values go.' })
  readonly direction!: SynchDirection;

  @Field(() => JsonScalar, { nullable: true, description: 'The value in the business system.' })
  readonly businessValue!: FieldValue;

  @Field(() => JsonScalar, { nullable: true, description: 'The value in Dataverse.' })
  readonly salesValue!: FieldValue;

  @Field(() => JsonScalar, { nullable: true, description: 'The value both sides last agreed on.' })
  readonly lastAgreedValue!: FieldValue;

  @Field(() => Boolean, { description: 'True when both values are the same.' })
  readonly equal!: boolean;

  @Field(() => Boolean, { description: 'True when both sides changed it to different values.' })
  readonly conflict!: boolean;

  @Field(() => SideEnum, {
    nullable: true,
    description:
      'The side whose value the rules would keep in the next run; null when nothing is to be done or a person decides.',
  })
  readonly winner!: Side | null;
}

@ObjectType('AwaitedReference', {
  description: 'A reference that cannot be translated until its record is coupled.',
  simpleResolvers: true,
})
export class AwaitedReferenceType {
  @Field(() => String, { description: 'The field that refers to it.' })
  readonly field!: string;

  @Field(() => String, { description: 'Name of the mapping whose coupling it waits for.' })
  readonly mappingName!: string;

  @Field(() => SideEnum, { description: 'The system of the record that is referred to.' })
  readonly side!: Side;

  @Field(() => String, { description: 'Key of that record in its system.' })
  readonly recordId!: string;
}

@ObjectType('Coupling', {
  implements: NodeType,
  description: 'A pair of records that belong together, or a record that could not get its counterpart yet.',
  simpleResolvers: true,
})
@Access('VIEWER')
export class CouplingType extends NodeType {
  @Field(() => String, {
    nullable: true,
    description: 'Key of the record in the business system; null where there is no record (yet).',
  })
  readonly businessId!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Key of the record in Dataverse; null where there is no record (yet).',
  })
  readonly salesId!: string | null;

  @Field(() => String, { description: 'What a person would call the record, e.g. 10000 Adatum Corporation.' })
  readonly title!: string;

  @Field(() => CouplingStateEnum, { description: 'How the pair stands.' })
  readonly state!: CouplingState;

  @Field(() => DateTimeScalar, { description: 'Since when it stands so.' })
  readonly stateSince!: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it was last synchronized; null before the first time.',
  })
  readonly lastSynchedAt!: Date | null;

  @Field(() => SynchActionEnum, {
    nullable: true,
    description: 'What the last run did with it; null before the first one.',
  })
  readonly lastResult!: SynchAction | null;

  @Field(() => SynchErrorType, { nullable: true, description: 'Why it is not in step; null when COUPLED or PENDING.' })
  readonly error!: SynchError | null;

  @Field(() => Int, { description: 'Errors in a row.' })
  readonly attempts!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      'When it is tried again by itself, by the first run from then on (a sleeping job wakes for a parked pair); null when nothing is planned.',
  })
  readonly nextAttemptAt!: Date | null;

  @Field(() => Int, { description: 'Grows with every change of this pair that a run or a person made.' })
  readonly revision!: number;
}

export const CouplingConnection = connectionType('Coupling', () => CouplingType);

@InputType('CouplingFilter', {
  description:
    'Which couplings are wanted: given fields are ANDed, values of one list ORed; an empty list matches nothing. `search`: every word begins a word of the title, or is one of the two ids.',
})
export class CouplingFilterInput {
  @Field(() => [ID], { nullable: true, description: 'Only these.' })
  readonly ids?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only of mappings with these names.' })
  readonly mapping?: string[] | null;

  @Field(() => [CouplingStateEnum], { nullable: true, description: 'Only in these states.' })
  readonly state?: CouplingState[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'Words, each of which begins a word of the title or is one of the two ids.',
  })
  readonly search?: string | null;

  @Field(() => String, { nullable: true, description: 'Only with this key in the business system.' })
  readonly businessId?: string | null;

  @Field(() => String, { nullable: true, description: 'Only with this key in Dataverse.' })
  readonly salesId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only of this connection.' })
  readonly connectionSetupId?: string | null;

  @Field(() => [SynchErrorClassEnum], { nullable: true, description: 'Only with an error of these classes.' })
  readonly errorClass?: SynchErrorClass[] | null;

  @Field(() => [String], { nullable: true, description: 'Only with these error codes.' })
  readonly errorCode?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only with an error about these fields.' })
  readonly errorField?: string[] | null;
}

const CouplingOrderFieldEnum = graphqlEnum<'TITLE' | 'STATE_SINCE' | 'LAST_SYNCHED_AT'>(
  'CouplingOrderField',
  'What couplings are ordered by.',
  {
    TITLE: 'The title.',
    STATE_SINCE: 'Since when it stands as it does.',
    LAST_SYNCHED_AT: 'When it was last synchronized; those never synchronized come last in either direction.',
  },
);

@InputType('CouplingOrder', { description: 'The order of couplings.' })
export class CouplingOrderInput {
  @Field(() => CouplingOrderFieldEnum, { description: 'What they are ordered by.' })
  readonly field!: 'TITLE' | 'STATE_SINCE' | 'LAST_SYNCHED_AT';

  @Field(() => OrderDirectionEnum, { defaultValue: 'ASC', description: 'Which way.' })
  readonly direction!: 'ASC' | 'DESC';
}
