import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionType } from '../api/connection.js';
import { graphqlEnum } from '../api/graphql-enum.js';
import { NodeType } from '../api/node.js';
import { type MutationPayload, MutationPayloadType } from '../api/user-error.js';
import type {
  DatePart,
  RoundDirection,
  TransformationKind,
  TransformationRule,
} from './transformation/transformation-rule.js';

const TransformationKindEnum = graphqlEnum<TransformationKind>(
  'TransformationKind',
  'What a rule does to a value. Blank stays blank; a text that becomes empty is blank.',
  {
    UPPERCASE: 'All letters large.',
    LOWERCASE: 'All letters small.',
    TITLE_CASE: 'The first letter of each word large, all others small.',
    TRIM: 'Without blanks at both ends.',
    SUBSTRING:
      'A part: startPosition and length, or what stands between startingText and endingText (blank where one does not occur).',
    REPLACE: 'Each findValue becomes replaceValue.',
    REGULAR_EXPRESSION_REPLACE:
      'Each match of the expression findValue (RE2 syntax) becomes replaceValue, where $1 is a group.',
    REGULAR_EXPRESSION_MATCH: 'The first match of the expression findValue (RE2 syntax); blank without one.',
    REMOVE_NON_ALPHANUMERIC: 'Letters and digits only.',
    DATE_FORMATTING: 'A date written as dataFormat and culture say becomes a neutral one (2026-01-31).',
    DATE_TIME_FORMATTING: 'A moment written as dataFormat and culture say becomes a neutral one, in UTC.',
    DECIMAL_FORMATTING: 'A number written as in the culture becomes a neutral one.',
    ROUND: 'A number rounded to a multiple of precision; UP is away from zero.',
    EXTRACT_FROM_DATE: 'Day, month or year of a date.',
    UNIX_TIMESTAMP: 'Seconds since 1970 become a moment; blank for what is no number.',
  },
);

const RoundDirectionEnum = graphqlEnum<RoundDirection>('RoundDirection', 'Which way a number is rounded.', {
  NEAREST: 'To the nearest multiple; half away from zero.',
  UP: 'Away from zero.',
  DOWN: 'Towards zero.',
});

const DatePartEnum = graphqlEnum<DatePart>('DatePart', 'A part of a date.', {
  DAY: 'The day of the month.',
  MONTH: 'The month, from 1.',
  YEAR: 'The year.',
});

@ObjectType('TransformationRule', {
  implements: NodeType,
  description: 'A named change of a value on its way to the other side; rules chain through `next`.',
  simpleResolvers: true,
})
export class TransformationRuleType extends NodeType {
  @Field(() => String, { description: 'Its unique code, which field mappings name.' })
  readonly code!: string;

  @Field(() => String, { description: 'What it is for.' })
  readonly description!: string;

  @Field(() => TransformationKindEnum, { description: 'What it does.' })
  readonly kind!: TransformationKind;

  @Field(() => String, { nullable: true, description: 'Text or expression that is looked for.' })
  readonly findValue!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'What comes in its place; nothing when absent. In an expression $1 is its first group.',
  })
  readonly replaceValue!: string | null;

  @Field(() => Int, { nullable: true, description: 'First character that is taken, from 1.' })
  readonly startPosition!: number | null;

  @Field(() => Int, { nullable: true, description: 'How many characters are taken.' })
  readonly length!: number | null;

  @Field(() => String, { nullable: true, description: 'What is taken begins after this text.' })
  readonly startingText!: string | null;

  @Field(() => String, { nullable: true, description: 'What is taken ends before this text.' })
  readonly endingText!: string | null;

  @Field(() => Float, { nullable: true, description: 'Rounded to a multiple of it, e.g. 0.01.' })
  readonly precision!: number | null;

  @Field(() => RoundDirectionEnum, { nullable: true, description: 'Which way it rounds; NEAREST when absent.' })
  readonly roundDirection!: RoundDirection | null;

  @Field(() => DatePartEnum, { nullable: true, description: 'What is taken of a date.' })
  readonly datePart!: DatePart | null;

  @Field(() => String, {
    nullable: true,
    description: 'How the text is written, e.g. dd/MM/yyyy; neutral when absent.',
  })
  readonly dataFormat!: string | null;

  @Field(() => String, { nullable: true, description: 'How people there write it, e.g. da-DK.' })
  readonly culture!: string | null;

  @Field(() => String, { nullable: true, description: "Code of the rule that goes on with this one's result." })
  readonly next!: string | null;

  @Field(() => Int, { description: 'Grows with each edit by a person; for expectedRevision.' })
  readonly revision!: number;
}

export const TransformationRuleConnection = connectionType('TransformationRule', () => TransformationRuleType);

const OF_CALL = 'A key of your own for this call; the payload repeats it.';

/** What both creating and updating a rule may set. */
@InputType()
abstract class TransformationRuleSettingsInput {
  @Field(() => String, { nullable: true, description: 'What it is for, at most 250 characters.' })
  readonly description?: string | null;

  @Field(() => String, { nullable: true, description: 'Text or expression that is looked for.' })
  readonly findValue?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'What comes in its place; nothing when absent. In an expression $1 is its first group.',
  })
  readonly replaceValue?: string | null;

  @Field(() => Int, { nullable: true, description: 'First character that is taken, from 1.' })
  readonly startPosition?: number | null;

  @Field(() => Int, { nullable: true, description: 'How many characters are taken.' })
  readonly length?: number | null;

  @Field(() => String, { nullable: true, description: 'What is taken begins after this text.' })
  readonly startingText?: string | null;

  @Field(() => String, { nullable: true, description: 'What is taken ends before this text.' })
  readonly endingText?: string | null;

  @Field(() => Float, { nullable: true, description: 'Rounded to a multiple of it, e.g. 0.01.' })
  readonly precision?: number | null;

  @Field(() => RoundDirectionEnum, { nullable: true, description: 'Which way it rounds; NEAREST when absent.' })
  readonly roundDirection?: RoundDirection | null;

  @Field(() => DatePartEnum, { nullable: true, description: 'What is taken of a date.' })
  readonly datePart?: DatePart | null;

  @Field(() => String, {
    nullable: true,
    description: 'How the text is written, e.g. dd/MM/yyyy; neutral when absent.',
  })
  readonly dataFormat?: string | null;

  @Field(() => String, { nullable: true, description: 'How people there write it, e.g. da-DK.' })
  readonly culture?: string | null;

  @Field(() => String, { nullable: true, description: "Code of the rule that goes on with this one's result." })
  readonly next?: string | null;

  @Field(() => String, { nullable: true, description: OF_CALL })
  readonly clientMutationId?: string | null;
}

@InputType('CreateTransformationRuleInput', {
  description: 'A new rule. Which of the parameters a kind takes is checked.',
})
export class CreateTransformationRuleInput extends TransformationRuleSettingsInput {
  @Field(() => String, { description: 'Its unique code, at most 50 characters.' })
  readonly code!: string;

  @Field(() => TransformationKindEnum, { description: 'What it does.' })
  readonly kind!: TransformationKind;
}

@InputType('UpdateTransformationRuleInput', {
  description: 'What to change of a rule: what is absent stays, null takes a parameter away. The code stays.',
})
export class UpdateTransformationRuleInput extends TransformationRuleSettingsInput {
  @Field(() => ID, { description: 'The rule.' })
  readonly id!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'The revision that was read; another one by now is STALE_REVISION.',
  })
  readonly expectedRevision?: number | null;

  @Field(() => TransformationKindEnum, { nullable: true, description: 'What it does.' })
  readonly kind?: TransformationKind | null;
}

@ObjectType('TransformationRulePayload', {
  implements: MutationPayloadType,
  description: 'The rule as it was saved; null when it was refused.',
  simpleResolvers: true,
})
export class TransformationRulePayloadType extends MutationPayloadType {
  @Field(() => TransformationRuleType, { nullable: true, description: 'The rule; null when it was refused.' })
  readonly transformationRule!: TransformationRuleType | null;
}

/** What a mutation of a rule answers. */
export interface TransformationRulePayload extends MutationPayload {
  readonly transformationRule: TransformationRule | null;
}
