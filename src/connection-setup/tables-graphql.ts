import { Field, Int, ObjectType } from 'type-graphql';
import { graphqlEnum } from '../api/graphql-enum.js';
import type { FieldMetadata, FieldType, OptionMetadata } from '../mapping/field-value.js';

const FieldTypeEnum = graphqlEnum<FieldType>('FieldType', 'What a field holds, the same for both systems.', {
  TEXT: 'Text.',
  CODE: 'A key in upper case, without blanks around it.',
  INTEGER: 'A whole number.',
  DECIMAL: 'A number with decimals.',
  BOOLEAN: 'True or false.',
  DATE: 'A day.',
  TIME: 'A time of day.',
  DATE_TIME: 'An instant.',
  GUID: 'An id.',
  OPTION: 'One of several values.',
  REFERENCE: 'The id of a record of another table.',
  BINARY: 'Content that is not synchronized, such as pictures.',
  OTHER: 'Anything else; it cannot be mapped.',
});

@ObjectType('OptionMetadata', { description: 'One value of an OPTION.', simpleResolvers: true })
export class OptionMetadataType implements OptionMetadata {
  @Field(() => String, { description: 'What is stored and compared.' })
  readonly value!: string;

  @Field(() => String, { description: 'What people read.' })
  readonly label!: string;
}

@ObjectType('FieldMetadata', { description: 'What a system tells of one field.', simpleResolvers: true })
export class FieldMetadataType implements Omit<FieldMetadata, 'scale'> {
  @Field(() => String, { description: 'Its name, as mappings use it.' })
  readonly name!: string;

  @Field(() => String, { description: 'What people read.' })
  readonly label!: string;

  @Field(() => FieldTypeEnum, { description: 'What it holds.' })
  readonly type!: FieldType;

  @Field(() => String, { description: "The system's own name of the type." })
  readonly nativeType!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Characters that a text or code holds; null when not limited or not told.',
  })
  readonly maxLength!: number | null;

  @Field(() => Boolean, { description: 'False: a record cannot be without a value.' })
  readonly nullable!: boolean;

  @Field(() => Boolean, { description: 'True: nobody can write it.' })
  readonly readOnly!: boolean;

  @Field(() => String, { nullable: true, description: 'Entity set that a REFERENCE points to.' })
  readonly target!: string | null;

  @Field(() => [OptionMetadataType], { description: 'The values of an OPTION; empty for others.' })
  readonly options!: readonly OptionMetadata[];
}

@ObjectType('TableMetadata', { description: 'An entity set that a system offers for mappings.', simpleResolvers: true })
export class TableMetadataType {
  @Field(() => String, { description: 'Its name, as mappings use it.' })
  readonly name!: string;

  @Field(() => String, { description: 'What people read.' })
  readonly label!: string;
}
