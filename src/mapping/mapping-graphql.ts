import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionType } from '../api/connection.js';
import { NodeType } from '../api/node.js';
import { DateTimeScalar } from '../api/scalars.js';
import type { Side } from '../synch/synch-error.js';
import { SideEnum } from '../synch/synch-error-graphql.js';
import type {
  DeletionConflictResolution,
  FieldConflictRule,
  MappingKind,
  SynchDirection,
  UpdateConflictResolution,
} from './integration-table-mapping.js';
import {
  DeletionConflictResolutionEnum,
  FieldConflictRuleEnum,
  MappingKindEnum,
  SynchDirectionEnum,
  UpdateConflictResolutionEnum,
} from './mapping-enums-graphql.js';

@ObjectType('FieldFilter', {
  description:
    "A filter on one field in the NAV filter syntax: 10000..20000, A*|B*, <>'', >=100&<200, @*fa*, and dates as 2026-02-01.. .",
  simpleResolvers: true,
})
export class FieldFilterType {
  @Field(() => String, { description: 'Name of the field.' })
  readonly field!: string;

  @Field(() => String, { description: 'What its value has to match.' })
  readonly expression!: string;
}

@ObjectType('OptionPair', { description: 'Two values that mean the same.', simpleResolvers: true })
export class OptionPairType {
  @Field(() => String, { description: 'The value in the business system.' })
  readonly value!: string;

  @Field(() => String, { description: 'The value in Dataverse.' })
  readonly integrationValue!: string;
}

@ObjectType('TemplateValue', { description: 'A value that a new record gets.', simpleResolvers: true })
export class TemplateValueType {
  @Field(() => String, { description: 'Name of the field.' })
  readonly field!: string;

  @Field(() => String, { description: 'Its value, as text.' })
  readonly value!: string;
}

@ObjectType('RecordTemplate', {
  description: 'Values given to a new record before the mapped fields.',
  simpleResolvers: true,
})
export class RecordTemplateType {
  @Field(() => SideEnum, { description: 'The side on which records are created with it.' })
  readonly side!: Side;

  @Field(() => Int, {
    description: 'Of several templates the one with the lowest number is taken whose filter the source record matches.',
  })
  readonly priority!: number;

  @Field(() => [FieldFilterType], { description: 'Which source records it is for; a record has to match all.' })
  readonly filter!: readonly FieldFilterType[];

  @Field(() => [TemplateValueType], { description: 'The values.' })
  readonly values!: readonly TemplateValueType[];
}

@ObjectType('IntegrationFieldMapping', {
  description:
    "One pair of fields; field and integrationField together are unique in a mapping, each alone is not. The side without a field (a constant) is ''.",
  simpleResolvers: true,
})
export class IntegrationFieldMappingType {
  @Field(() => String, { description: 'Name of the field in the business system.' })
  readonly field!: string;

  @Field(() => String, { description: 'Name of the field in Dataverse.' })
  readonly integrationField!: string;

  @Field(() => SynchDirectionEnum, { description: 'Which way its values go.' })
  readonly direction!: SynchDirection;

  @Field(() => String, {
    nullable: true,
    description: 'Written to the side that has a field instead of a value of the other side.',
  })
  readonly constantValue!: string | null;

  @Field(() => [String], { description: 'Codes of transformation rules, applied in order on the way.' })
  readonly transformations!: readonly string[];

  @Field(() => Boolean, { description: 'A reference whose record is not coupled becomes blank instead of waiting.' })
  readonly clearValueOnFailedSynch!: boolean;

  @Field(() => Boolean, { description: 'A reference that would become blank is not written (Not Null).' })
  readonly notNull!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      "Name of the mapping whose coupling translates this reference, e.g. CURRENCY for an account's transactioncurrencyid.",
  })
  readonly lookup!: string | null;

  @Field(() => [OptionPairType], { description: 'Values that are translated one for one.' })
  readonly optionMap!: readonly OptionPairType[];

  @Field(() => FieldConflictRuleEnum, { description: 'Who wins when both sides changed it.' })
  readonly conflictRule!: FieldConflictRule;

  @Field(() => Boolean, { description: 'False: the pair rests.' })
  readonly enabled!: boolean;

  @Field(() => Boolean, { description: 'True: uncoupled records that agree here are taken for the same.' })
  readonly useForMatchBasedCoupling!: boolean;

  @Field(() => Boolean, { description: 'False: upper and lower case are the same when matching.' })
  readonly caseSensitiveMatching!: boolean;

  @Field(() => Int, {
    description: 'Fields of one priority have to match together; the lowest priority is tried first.',
  })
  readonly matchPriority!: number;
}

@ObjectType('IntegrationTableMapping', {
  implements: NodeType,
  description: 'Which records of a table and an integration table are kept in step, and how.',
  simpleResolvers: true,
})
export class IntegrationTableMappingType extends NodeType {
  @Field(() => String, { description: 'Unique in its connection, e.g. CUSTOMER.' })
  readonly name!: string;

  @Field(() => String, { description: 'What it is for.' })
  readonly description!: string;

  @Field(() => Boolean, { description: 'False: its records are not synchronized.' })
  readonly enabled!: boolean;

  @Field(() => String, { description: 'Entity set of the business system, e.g. customers.' })
  readonly table!: string;

  @Field(() => String, { description: 'Entity set of Dataverse, e.g. accounts.' })
  readonly integrationTable!: string;

  @Field(() => MappingKindEnum, { description: 'What it couples.' })
  readonly kind!: MappingKind;

  @Field(() => SynchDirectionEnum, { description: 'Which way its records are synchronized.' })
  readonly direction!: SynchDirection;

  @Field(() => Boolean, {
    description:
      'When true (the default) only coupled records are synchronized; when false, a record of the source without a coupling is created in the destination and coupled.',
  })
  readonly synchOnlyCoupledRecords!: boolean;

  @Field(() => [FieldFilterType], { description: 'Which records of the table take part; a record has to match all.' })
  readonly tableFilter!: readonly FieldFilterType[];

  @Field(() => [FieldFilterType], {
    description: 'Which records of the integration table take part; a record has to match all.',
  })
  readonly integrationTableFilter!: readonly FieldFilterType[];

  @Field(() => [IntegrationFieldMappingType], { description: 'The pairs of fields.' })
  readonly fields!: readonly IntegrationFieldMappingType[];

  @Field(() => [RecordTemplateType], {
    description:
      'Values given to a new record before the mapped fields; the first by priority whose filter the source record matches.',
  })
  readonly templates!: readonly RecordTemplateType[];

  @Field(() => UpdateConflictResolutionEnum, { description: 'How fields that both sides changed are decided.' })
  readonly updateConflictResolution!: UpdateConflictResolution;

  @Field(() => DeletionConflictResolutionEnum, { description: 'What happens when one record of a pair was deleted.' })
  readonly deletionConflictResolution!: DeletionConflictResolution;

  @Field(() => Boolean, {
    description: 'False: a change in a mapped table does not wake the sleeping job (Disable Event Job Rescheduling).',
  })
  readonly wakeOnChange!: boolean;

  @Field(() => [String], {
    description: 'Names of mappings whose records this one refers to; they run first in a full synchronization.',
  })
  readonly dependsOn!: readonly string[];

  @Field(() => Int, { description: 'Grows with each edit by a person; for expectedRevision.' })
  readonly revision!: number;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  readonly createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When a person changed it last.' })
  readonly updatedAt!: Date;
}

export const IntegrationTableMappingConnection = connectionType(
  'IntegrationTableMapping',
  () => IntegrationTableMappingType,
);

@InputType('IntegrationTableMappingFilter', {
  description:
    'Which mappings are wanted: given fields are ANDed. `search`: every word begins a word of the name or description.',
})
export class IntegrationTableMappingFilterInput {
  @Field(() => ID, { nullable: true, description: 'Only of this connection.' })
  readonly connectionSetupId?: string | null;

  @Field(() => MappingKindEnum, { nullable: true, description: 'Only of this kind.' })
  readonly kind?: MappingKind | null;

  @Field(() => Boolean, { nullable: true, description: 'Only enabled ones, or only others.' })
  readonly enabled?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description: 'Words, each of which begins a word of the name or description.',
  })
  readonly search?: string | null;
}
