import { Field, Int, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../api/scalars.js';

const count = (description: string): PropertyDecorator => Field(() => Int, { description });

@ObjectType('DriftSummary', {
  description:
    'How far the two systems are apart, from what the runs have stored: nothing is compared live. `couplings` is the sum of the eight numbers after it.',
  simpleResolvers: true,
})
export class DriftSummaryType {
  @count('Pairs, and records that could not get their counterpart yet.') readonly couplings!: number;
  @count('Pairs that agreed when they were last synchronized.') readonly inStep!: number;
  @count('Pairs that wait for their next run, or whose write has no known outcome yet.') readonly pending!: number;
  @count('Pairs that wait for a record they refer to.') readonly waiting!: number;
  @count('Pairs of which both sides changed the same field, and no rule decides.') readonly conflicts!: number;
  @count('Pairs that failed and are tried again.') readonly failed!: number;
  @count('Pairs that are parked until they are restored or change.') readonly skipped!: number;
  @count('Pairs that are parked only because the filter of their mapping leaves them out.')
  readonly outsideFilter!: number;
  @count('Pairs of which one record is gone.') readonly broken!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'The oldest change that was noticed and is not yet on the other side; null when there is none.',
  })
  readonly oldestPendingAt!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When an AUDIT job last compared everything; null before the first one.',
  })
  readonly auditedAt!: Date | null;
}
