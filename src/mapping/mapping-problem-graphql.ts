import { Field, Int, ObjectType } from 'type-graphql';
import { graphqlEnum } from '../api/graphql-enum.js';
import type { MappingProblem, MappingProblemCode, ProblemSeverity } from './mapping-problem.js';

const ProblemSeverityEnum = graphqlEnum<ProblemSeverity>(
  'ProblemSeverity',
  'Whether a problem keeps a mapping from being saved.',
  {
    ERROR: 'Refuses saving; it comes as userError INVALID then.',
    WARNING: 'Does not refuse saving.',
  },
);

const MappingProblemCodeEnum = graphqlEnum<MappingProblemCode>(
  'MappingProblemCode',
  'What kind of problem it is; stable.',
  {
    UNKNOWN_FIELD: 'The table has no field of this name.',
    READ_ONLY_FIELD: 'The system lets nobody write the field.',
    INCOMPATIBLE_TYPES: "Values of one field's type do not fit the other's, never or not all.",
    TOO_LONG: 'Texts of one field may be longer than the other holds.',
    NO_FIELD_IN_DIRECTION: 'No enabled pair of fields goes in a direction of the mapping.',
    FILTER_SYNTAX: "A filter cannot be read, or its value is none of the field's type.",
    UNKNOWN_RULE: 'There is no transformation rule of this code.',
    UNKNOWN_LOOKUP: 'The connection has no mapping of this name.',
    DEPENDENCY_CYCLE: 'Mappings would wait for each other.',
    NOT_REVERSIBLE: 'The rule cannot be applied both ways.',
    CREATES_DUPLICATES: 'Records that exist on both sides would be created again.',
    OTHER: 'Anything else; the message tells.',
  },
);

@ObjectType('MappingProblem', {
  description: 'What is wrong with a mapping, or will surprise. The message names both lengths or types.',
  simpleResolvers: true,
})
export class MappingProblemType implements MappingProblem {
  @Field(() => ProblemSeverityEnum, { description: 'Whether it refuses saving.' })
  readonly severity!: ProblemSeverity;

  @Field(() => MappingProblemCodeEnum, { description: 'What kind of problem it is; stable.' })
  readonly code!: MappingProblemCode;

  @Field(() => String, { description: 'What was expected, what came, and what to do.' })
  readonly message!: string;

  @Field(() => [String], {
    description: "Where it stands in the mapping's input, list positions as numbers, e.g. fields, 3, integrationField.",
  })
  readonly path!: readonly string[];

  @Field(() => Int, { nullable: true, description: 'Character of a filter expression, from 0; null for all else.' })
  readonly position!: number | null;
}
