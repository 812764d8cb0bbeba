import { Field, Int, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../api/scalars.js';

@ObjectType('RequestBudget', {
  description:
    'How much of what a system allows the connection’s user is used, by all processes of the service together. Other programs of the same user are not counted.',
  simpleResolvers: true,
})
export class RequestBudgetType {
  @Field(() => Int, { description: 'Requests sent in the present window.' })
  readonly used!: number;

  @Field(() => Int, { description: 'Requests that the system takes in a window; 0 where it sets no such limit (NAV).' })
  readonly limit!: number;

  @Field(() => Int, { description: 'Length of the window, which ends now.' })
  readonly windowSeconds!: number;

  @Field(() => Int, { description: 'Requests under way, told about once a second.' })
  readonly concurrent!: number;

  @Field(() => Int, {
    description: 'Requests at once that the system takes, or recommends in its answers; shared by all processes.',
  })
  readonly concurrentLimit!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Until then nothing is sent, because the system asked for it (Retry-After); null when it did not.',
  })
  readonly pausedUntil!: Date | null;
}
