import { Field, InputType, ObjectType } from 'type-graphql';
import { Access } from '../api/access.js';
import { connectionType } from '../api/connection.js';
import { graphqlEnum } from '../api/graphql-enum.js';
import { NodeType } from '../api/node.js';
import { DateTimeScalar, JsonScalar } from '../api/scalars.js';
import type { SynchAction } from '../coupling/coupling.js';
import { SynchActionEnum } from '../coupling/coupling-graphql.js';
import type { FieldValue } from '../mapping/field-value.js';
import type { Side } from './synch-error.js';
import { SideEnum } from './synch-error-graphql.js';
import type { RecordChangeOutcome } from './synch-job.js';

const RecordChangeOutcomeEnum = graphqlEnum<RecordChangeOutcome>(
  'RecordChangeOutcome',
  'What became of a change of a record.',
  {
    PLANNED: 'A dry run found it; nothing was written.',
    APPLIED: 'It was made.',
    REFUSED: 'It was not made, because a record had changed since it was planned or written.',
  },
);

@ObjectType('FieldChange', { description: 'One field of a change: its value before and after.', simpleResolvers: true })
@Access('VIEWER')
export class FieldChangeType {
  @Field(() => String, { description: 'Name of the field in the business system; "" where the pair has none there.' })
  readonly field!: string;

  @Field(() => String, { description: 'Name of the field in Dataverse; "" where the pair has none there.' })
  readonly integrationField!: string;

  @Field(() => JsonScalar, { nullable: true, description: 'The value that was there; null where there was none.' })
  readonly before!: FieldValue;

  @Field(() => JsonScalar, { nullable: true, description: 'The value that was written, or would be.' })
  readonly after!: FieldValue;
}

@ObjectType('RecordChange', {
  implements: NodeType,
  description:
    'One write to one record: planned by a dry run, or made. It is kept longer than its synch job, which may be null then.',
  simpleResolvers: true,
})
@Access('VIEWER')
export class RecordChangeType extends NodeType {
  @Field(() => DateTimeScalar, { description: 'When it was made or planned.' })
  readonly at!: Date;

  @Field(() => SideEnum, {
    description: 'The system that was written; for a coupling, the one that it was counted for.',
  })
  readonly side!: Side;

  @Field(() => SynchActionEnum, {
    description:
      'What was done: INSERT, MODIFY, DELETE, COUPLE or UNCOUPLE; in a dry run also CONFLICT, SKIP and FAIL for what it would leave as it is.',
  })
  readonly action!: SynchAction;

  @Field(() => RecordChangeOutcomeEnum, { description: 'What became of it.' })
  readonly outcome!: RecordChangeOutcome;

  @Field(() => String, {
    description: 'Why, in words: which side changed, which rule decided, or why it was refused.',
  })
  readonly reason!: string;

  @Field(() => String, { description: 'What a person would call the record.' })
  readonly title!: string;

  @Field(() => String, { nullable: true, description: 'Key of the record in the business system; null without one.' })
  readonly businessId!: string | null;

  @Field(() => String, { nullable: true, description: 'Key of the record in Dataverse; null without one.' })
  readonly salesId!: string | null;

  @Field(() => String, { description: 'Who did it: the name of a token, or what started the run.' })
  readonly causedBy!: string;

  @Field(() => [FieldChangeType], { description: 'The fields that were written, in the order of the mapping.' })
  readonly fields!: readonly FieldChangeType[];
}

export const RecordChangeConnection = connectionType('RecordChange', () => RecordChangeType);

@InputType('RecordChangeFilter', {
  description:
    'Which changes are wanted: given fields are ANDed, values of one list ORed; an empty list matches nothing. `search`: every word begins a word of the title, or is one of the two ids.',
})
export class RecordChangeFilterInput {
  @Field(() => [SynchActionEnum], { nullable: true, description: 'Only these actions.' })
  readonly action?: SynchAction[] | null;

  @Field(() => SideEnum, { nullable: true, description: 'Only writes to this system.' })
  readonly side?: Side | null;

  @Field(() => [RecordChangeOutcomeEnum], { nullable: true, description: 'Only with these outcomes.' })
  readonly outcome?: RecordChangeOutcome[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'Words, each of which begins a word of the title or is one of the two ids.',
  })
  readonly search?: string | null;
}
