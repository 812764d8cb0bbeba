import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Access } from '../api/access.js';
import { CountPrecisionEnum } from '../api/connection.js';
import { JsonScalar } from '../api/scalars.js';
import { ExternalRecordType } from '../coupling/external-record-graphql.js';
import type { RecordCount, RecordTryOut } from '../synch/mapping-preview.js';
import type { SynchError } from '../synch/synch-error.js';
import { SynchErrorType } from '../synch/synch-error-graphql.js';
import type { FieldTryOut } from '../synch/try-out-fields.js';
import type { FieldValue } from './field-value.js';
import type { MappingKind } from './integration-table-mapping.js';
import { MappingKindEnum } from './mapping-enums-graphql.js';
import { IntegrationFieldMappingInput, MappingContentInput } from './mapping-inputs-graphql.js';
import type { MappingProblem } from './mapping-problem.js';
import { MappingProblemType } from './mapping-problem-graphql.js';

@ObjectType('RecordCount', { description: 'How many records there are.', simpleResolvers: true })
export class RecordCountType implements RecordCount {
  @Field(() => Int, { description: 'So many were counted.' })
  readonly count!: number;

  @Field(() => CountPrecisionEnum, {
    description: 'AT_LEAST where counting stopped at 10,000, or at the end of the ten seconds that a caller waits.',
  })
  readonly precision!: RecordCount['precision'];
}

@ObjectType('TransformationStep', { description: 'A value after one transformation rule.', simpleResolvers: true })
@Access('VIEWER')
export class TransformationStepType {
  @Field(() => String, { description: 'Code of the rule.' })
  readonly code!: string;

  @Field(() => JsonScalar, { nullable: true, description: 'The value after it.' })
  readonly value!: FieldValue;
}

@ObjectType('FieldTryOut', {
  description: 'What one field of a record would become on the other side.',
  simpleResolvers: true,
})
@Access('VIEWER')
export class FieldTryOutType implements FieldTryOut {
  @Field(() => String, { description: 'Name of the field in the business system.' })
  readonly field!: string;

  @Field(() => String, { description: 'Name of the field in Dataverse.' })
  readonly integrationField!: string;

  @Field(() => JsonScalar, { nullable: true, description: 'The value that the record has now.' })
  readonly sourceValue!: FieldValue;

  @Field(() => [TransformationStepType], {
    description: 'The values after each transformation rule, in order; ends before a rule that refuses the value.',
  })
  readonly steps!: readonly TransformationStepType[];

  @Field(() => JsonScalar, {
    nullable: true,
    description: 'What would be written; null is blank, or nothing with an error.',
  })
  readonly value!: FieldValue;

  @Field(() => SynchErrorType, {
    nullable: true,
    description: 'Why it could not be written, as the run would list it.',
  })
  readonly error!: SynchError | null;
}

@ObjectType('RecordTryOut', { description: 'What would become of a real record.', simpleResolvers: true })
@Access('VIEWER')
export class RecordTryOutType implements Pick<RecordTryOut, 'fields'> {
  @Field(() => ExternalRecordType, { description: 'The record.' })
  readonly record!: RecordTryOut['record'];

  @Field(() => [FieldTryOutType], { description: 'Its enabled fields of the direction, in the order of the mapping.' })
  readonly fields!: readonly FieldTryOutType[];
}

@ObjectType('MappingPreview', {
  description: 'A mapping tried out, saved or not. Nothing of it is written.',
  simpleResolvers: true,
})
export class MappingPreviewType {
  @Field(() => [MappingProblemType], {
    description: 'What saving it would refuse or warn of, by the same rules.',
  })
  readonly problems!: readonly MappingProblem[];
}

@InputType('PreviewMappingInput', {
  description:
    'A mapping to try out, as in createIntegrationTableMapping; with mappingId what is absent is taken from that mapping.',
})
export class PreviewMappingInput extends MappingContentInput {
  @Field(() => ID, { description: 'The connection that it is for.' })
  readonly connectionSetupId!: string;

  @Field(() => ID, { nullable: true, description: 'A mapping of the connection, to try out a change of it.' })
  readonly mappingId?: string | null;

  @Field(() => MappingKindEnum, { nullable: true, description: 'What it couples.' })
  readonly kind?: MappingKind | null;

  @Field(() => String, { nullable: true, description: 'Entity set of the business system; needed without mappingId.' })
  readonly table?: string | null;

  @Field(() => String, { nullable: true, description: 'Entity set of Dataverse; needed without mappingId.' })
  readonly integrationTable?: string | null;

  @Field(() => [IntegrationFieldMappingInput], { nullable: true, description: 'The pairs of fields.' })
  readonly fields?: IntegrationFieldMappingInput[] | null;
}
