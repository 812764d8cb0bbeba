import { Field, ID, InputType, Int } from 'type-graphql';

@InputType('DeleteInput', { description: 'What to delete.' })
export class DeleteInput {
  @Field(() => ID, { description: 'Global id of the object.' })
  readonly id!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Refused with STALE_REVISION when the object has another revision by now.',
  })
  readonly expectedRevision?: number | null;

  @Field(() => String, { nullable: true, description: 'Makes a repeat harmless, and comes back in the answer.' })
  readonly clientMutationId?: string | null;
}
