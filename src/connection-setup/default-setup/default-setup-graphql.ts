import { Field, ObjectType } from 'type-graphql';
import { graphqlEnum } from '../../api/graphql-enum.js';
import type { SynchDirection } from '../../mapping/integration-table-mapping.js';
import { SynchDirectionEnum } from '../../mapping/mapping-enums-graphql.js';
import type { DefaultSetupAction } from './default-setup-plan.js';

const DefaultSetupActionEnum = graphqlEnum<DefaultSetupAction>(
  'DefaultSetupAction',
  'What putting the default setup back does about one default mapping.',
  {
    CREATE: 'The mapping is made, with its job.',
    REPLACE: 'The mapping, or its job, is put back as it was made.',
    KEEP: 'Nothing changes.',
  },
);

@ObjectType('DefaultSetupRow', {
  description: 'What enabling or useDefaultSynchronizationSetup would do about one default mapping.',
  simpleResolvers: true,
})
export class DefaultSetupRowType {
  @Field(() => String, { description: 'Name of the default mapping.' })
  readonly mappingName!: string;

  @Field(() => String, { description: 'Its entity set in the business system.' })
  readonly table!: string;

  @Field(() => String, { description: 'Its entity set in Dataverse.' })
  readonly integrationTable!: string;

  @Field(() => SynchDirectionEnum, { description: 'Which way its records are synchronized.' })
  readonly direction!: SynchDirection;

  @Field(() => String, { nullable: true, description: 'Code of its job; null when it has none of its own.' })
  readonly jobCode!: string | null;

  @Field(() => DefaultSetupActionEnum, { description: 'What would be done.' })
  readonly action!: DefaultSetupAction;

  @Field(() => [String], {
    description:
      'In words: what an edited mapping or entry would lose, and what is left out because a system does not offer it.',
  })
  readonly differences!: readonly string[];
}
