import { Field, ID, ObjectType } from 'type-graphql';
import { type MutationPayload, MutationPayloadType } from './user-error.js';

@ObjectType('DeletePayload', {
  implements: MutationPayloadType,
  description: 'What was deleted; null when it was refused.',
  simpleResolvers: true,
})
export class DeletePayloadType extends MutationPayloadType {
  @Field(() => ID, { nullable: true, description: 'Global id of what is gone; null when it was refused.' })
  readonly deletedId!: string | null;
}

/** What a mutation that deletes answers. */
export interface DeletePayload extends MutationPayload {
  readonly deletedId: string | null;
}
