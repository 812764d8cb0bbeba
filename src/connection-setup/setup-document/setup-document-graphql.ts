import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { graphqlEnum } from '../../api/graphql-enum.js';
import { JsonScalar } from '../../api/scalars.js';
import { type MutationPayload, MutationPayloadType } from '../../api/user-error.js';
import type { SetupChange, SetupObjectKind } from './setup-documents.js';

const SetupObjectKindEnum = graphqlEnum<SetupObjectKind>('SetupObjectKind', 'What a part of a setup is.', {
  INTEGRATION_TABLE_MAPPING: 'A mapping, with its pairs of fields.',
  JOB_QUEUE_ENTRY: 'A job: what runs when.',
  TRANSFORMATION_RULE: 'A transformation rule; rules are shared by all connections.',
});

const SetupChangeActionEnum = graphqlEnum<SetupChange['action']>(
  'SetupChangeAction',
  'What an import does to a part of a setup.',
  {
    CREATE: 'There is none of this name yet: it is made.',
    UPDATE: 'It becomes as the document says.',
    DELETE: 'The document lacks it, and deleteOthers was asked for.',
    KEEP: 'It is as the document says already.',
  },
);

@ObjectType('SetupChange', {
  description: 'What importing a setup does to one mapping, entry or rule.',
  simpleResolvers: true,
})
export class SetupChangeType implements SetupChange {
  @Field(() => SetupObjectKindEnum, { description: 'What it is.' })
  readonly kind!: SetupObjectKind;

  @Field(() => String, { description: 'Its name or code.' })
  readonly name!: string;

  @Field(() => SetupChangeActionEnum, { description: 'What is done to it.' })
  readonly action!: SetupChange['action'];

  @Field(() => [String], { description: 'In words: what of it changes, from what to what.' })
  readonly differences!: readonly string[];
}

@InputType('ImportSetupInput', { description: 'A setup to import, and how.' })
export class ImportSetupInput {
  @Field(() => ID, { description: 'The connection that gets it.' })
  readonly connectionSetupId!: string;

  @Field(() => JsonScalar, {
    description:
      'A setupDocument of a connection, or one made by hand in its form: absent parts have the defaults of the mutations that make them.',
  })
  readonly document!: unknown;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Also deletes mappings and entries that the document lacks, and rules that only they used. IN_USE while one of them has couplings, or runs.',
  })
  readonly deleteOthers!: boolean;

  @Field(() => Boolean, { defaultValue: false, description: 'Only tells what would be changed.' })
  readonly dryRun!: boolean;

  @Field(() => String, { nullable: true, description: 'A key of your own for this call; the payload repeats it.' })
  readonly clientMutationId?: string | null;
}

@ObjectType('ImportSetupPayload', {
  implements: MutationPayloadType,
  description: 'What was changed, or with dryRun would be: rules, then mappings, then entries, each by name.',
  simpleResolvers: true,
})
export class ImportSetupPayloadType extends MutationPayloadType {
  @Field(() => [SetupChangeType], { description: 'Each part of the document; empty when it was refused.' })
  readonly changes!: readonly SetupChange[];
}

/** What importing a setup answers. */
export interface ImportSetupPayload extends MutationPayload {
  readonly changes: readonly SetupChange[];
}
