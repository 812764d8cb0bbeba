import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { type MutationPayload, MutationPayloadType } from '../api/user-error.js';
import type { Side } from '../synch/synch-error.js';
import { SideEnum } from '../synch/synch-error-graphql.js';
import type {
  DeletionConflictResolution,
  FieldConflictRule,
  IntegrationTableMapping,
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
import { IntegrationTableMappingType } from './mapping-graphql.js';

@InputType('FieldFilterInput', { description: 'A filter on one field in the NAV filter syntax.' })
export class FieldFilterInput {
  @Field(() => String, { description: 'Name of the field.' })
  readonly field!: string;

  @Field(() => String, { description: 'What its value has to match, at most 1,000 characters.' })
  readonly expression!: string;
}

@InputType('OptionPairInput', { description: 'Two values that mean the same.' })
export class OptionPairInput {
  @Field(() => String, { description: 'The value in the business system.' })
  readonly value!: string;

  @Field(() => String, { description: 'The value in Dataverse.' })
  readonly integrationValue!: string;
}

@InputType('TemplateValueInput', { description: 'A value that a new record gets.' })
export class TemplateValueInput {
  @Field(() => String, { description: 'Name of the field.' })
  readonly field!: string;

  @Field(() => String, { description: 'Its value, as text.' })
  readonly value!: string;
}

@InputType('RecordTemplateInput', { description: 'Values given to a new record before the mapped fields.' })
export class RecordTemplateInput {
  @Field(() => SideEnum, { description: 'The side on which records are created with it.' })
  readonly side!: Side;

  @Field(() => Int, {
    description: 'Of several templates the one with the lowest number is taken whose filter the source record matches.',
  })
  readonly priority!: number;

  @Field(() => [FieldFilterInput], { nullable: true, description: 'Which source records it is for; all when absent.' })
  readonly filter?: FieldFilterInput[] | null;

  @Field(() => [TemplateValueInput], { description: 'The values.' })
  readonly values!: TemplateValueInput[];
}

@InputType('IntegrationFieldMappingInput', {
  description:
    "One pair of fields. Absent: direction the mapping's, transformations and optionMap none, conflictRule INHERIT, enabled true, the other booleans false, matchPriority 0.",
})
export class IntegrationFieldMappingInput {
  @Field(() => String, {
    description: "Name of the field in the business system; '' for a constant that only Dataverse gets.",
  })
  readonly field!: string;

  @Field(() => String, {
    description: "Name of the field in Dataverse; '' for a constant that only the business system gets.",
  })
  readonly integrationField!: string;

  @Field(() => SynchDirectionEnum, { nullable: true, description: 'Which way its values go.' })
  readonly direction?: SynchDirection | null;

  @Field(() => String, { nullable: true, description: 'Written instead of a value of the other side.' })
  readonly constantValue?: string | null;

  @Field(() => [String], { nullable: true, description: 'Codes of transformation rules, applied in order on the way.' })
  readonly transformations?: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'A reference whose record is not coupled becomes blank instead of waiting.',
  })
  readonly clearValueOnFailedSynch?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'A reference that would become blank is not written.' })
  readonly notNull?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Name of the mapping whose coupling translates this reference.' })
  readonly lookup?: string | null;

  @Field(() => [OptionPairInput], { nullable: true, description: 'Values that are translated one for one.' })
  readonly optionMap?: OptionPairInput[] | null;

  @Field(() => FieldConflictRuleEnum, { nullable: true, description: 'Who wins when both sides changed it.' })
  readonly conflictRule?: FieldConflictRule | null;

  @Field(() => Boolean, { nullable: true, description: 'False: the pair rests.' })
  readonly enabled?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: uncoupled records that agree here are taken for the same.',
  })
  readonly useForMatchBasedCoupling?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'False: upper and lower case are the same when matching.' })
  readonly caseSensitiveMatching?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Fields of one priority have to match together; the lowest is tried first.',
  })
  readonly matchPriority?: number | null;
}

/** What decides which records a mapping takes and how new ones begin: also of one that is only tried out. */
@InputType()
export abstract class MappingContentInput {
  @Field(() => SynchDirectionEnum, { nullable: true, description: 'Which way its records are synchronized.' })
  readonly direction?: SynchDirection | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'False: records of the source without a coupling are created in the destination.',
  })
  readonly synchOnlyCoupledRecords?: boolean | null;

  @Field(() => [FieldFilterInput], { nullable: true, description: 'Which records of the table take part.' })
  readonly tableFilter?: FieldFilterInput[] | null;

  @Field(() => [FieldFilterInput], { nullable: true, description: 'Which records of the integration table take part.' })
  readonly integrationTableFilter?: FieldFilterInput[] | null;

  @Field(() => [RecordTemplateInput], {
    nullable: true,
    description: 'Values given to new records before the mapped fields.',
  })
  readonly templates?: RecordTemplateInput[] | null;

  @Field(() => [String], { nullable: true, description: 'Names of mappings whose records this one refers to.' })
  readonly dependsOn?: string[] | null;
}

/** What both creating and updating a mapping may set. */
@InputType()
abstract class MappingSettingsInput extends MappingContentInput {
  @Field(() => String, { nullable: true, description: 'What it is for, at most 250 characters.' })
  readonly description?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'False: its records are not synchronized.' })
  readonly enabled?: boolean | null;

  @Field(() => UpdateConflictResolutionEnum, {
    nullable: true,
    description: 'How fields that both sides changed are decided.',
  })
  readonly updateConflictResolution?: UpdateConflictResolution | null;

  @Field(() => DeletionConflictResolutionEnum, {
    nullable: true,
    description: 'What happens when one record of a pair was deleted.',
  })
  readonly deletionConflictResolution?: DeletionConflictResolution | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'False: changes in mapped tables do not wake the sleeping job.',
  })
  readonly wakeOnChange?: boolean | null;

  @Field(() => String, { nullable: true, description: 'A key of your own for this call; the payload repeats it.' })
  readonly clientMutationId?: string | null;
}

@InputType('CreateIntegrationTableMappingInput', {
  description:
    'A new mapping of two entity sets. Absent: enabled true, kind TABLE, direction BIDIRECTIONAL, synchOnlyCoupledRecords true, MERGE_FIELDS, deletions NONE, wakeOnChange true, lists empty.',
})
export class CreateIntegrationTableMappingInput extends MappingSettingsInput {
  @Field(() => ID, { description: 'The connection that it is for.' })
  readonly connectionSetupId!: string;

  @Field(() => String, { description: 'Its name, unique in the connection, at most 50 characters.' })
  readonly name!: string;

  @Field(() => MappingKindEnum, { nullable: true, description: 'What it couples.' })
  readonly kind?: MappingKind | null;

  @Field(() => String, { description: 'Entity set of the business system, as `tables` tells them.' })
  readonly table!: string;

  @Field(() => String, { description: 'Entity set of Dataverse, as `tables` tells them.' })
  readonly integrationTable!: string;

  @Field(() => [IntegrationFieldMappingInput], { description: 'The pairs of fields.' })
  readonly fields!: IntegrationFieldMappingInput[];
}

@InputType('UpdateIntegrationTableMappingInput', {
  description:
    'What to change of a mapping: what is absent stays, a list replaces the whole list. Name, kind and tables stay as created.',
})
export class UpdateIntegrationTableMappingInput extends MappingSettingsInput {
  @Field(() => ID, { description: 'The mapping.' })
  readonly id!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'The revision that was read: refused with STALE_REVISION when someone changed it since.',
  })
  readonly expectedRevision?: number | null;

  @Field(() => [IntegrationFieldMappingInput], { nullable: true, description: 'The pairs of fields.' })
  readonly fields?: IntegrationFieldMappingInput[] | null;
}

@ObjectType('IntegrationTableMappingPayload', {
  implements: MutationPayloadType,
  description: 'The mapping as it was saved; null when it was refused.',
  simpleResolvers: true,
})
export class IntegrationTableMappingPayloadType extends MutationPayloadType {
  @Field(() => IntegrationTableMappingType, { nullable: true, description: 'The mapping; null when it was refused.' })
  readonly integrationTableMapping!: IntegrationTableMappingType | null;
}

/** What a mutation of a mapping answers. */
export interface MappingPayload extends MutationPayload {
  readonly integrationTableMapping: IntegrationTableMapping | null;
}

@InputType('SynchronizeMappingInput', { description: 'Which mapping to run now, and how.' })
export class SynchronizeMappingInput {
  @Field(() => ID, { description: 'The mapping.' })
  readonly id!: string;

  @Field(() => SynchDirectionEnum, {
    nullable: true,
    description: "Only this way; all the mapping's directions when absent. INVALID against the mapping.",
  })
  readonly direction?: SynchDirection | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'All records instead of those modified since the last run.',
  })
  readonly full!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Only plan: nothing is written to either system, and SynchJob.changes tells what would be.',
  })
  readonly dryRun!: boolean;

  @Field(() => String, { nullable: true, description: 'A key of your own for this call; the payload repeats it.' })
  readonly clientMutationId?: string | null;
}
