import { Arg, Ctx, Field, InputType, Query, Resolver } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { type PreviewInput, refusalsOf } from '../api/preview.js';
import { type UserError, UserErrorType } from '../api/user-error.js';
import { CreateJobQueueEntryInput, UpdateJobQueueEntryInput } from './entry-inputs-graphql.js';
import { entryEditRequest, newEntryRequest } from './entry-requests.js';
import { refusingEntry } from './refused-entry.js';

@InputType('PreviewJobQueueEntryInput', { description: 'An entry that is being filled in: one of the two.' })
export class PreviewJobQueueEntryInput implements PreviewInput<CreateJobQueueEntryInput, UpdateJobQueueEntryInput> {
  @Field(() => CreateJobQueueEntryInput, { nullable: true, description: 'What createJobQueueEntry would be sent.' })
  readonly create?: CreateJobQueueEntryInput | null;

  @Field(() => UpdateJobQueueEntryInput, { nullable: true, description: 'What updateJobQueueEntry would be sent.' })
  readonly update?: UpdateJobQueueEntryInput | null;
}

/** Entries, tried out before they are saved. */
@Resolver()
export class EntryPreviewResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => [UserErrorType], {
    description:
      'What createJobQueueEntry or updateJobQueueEntry would refuse of this input now, with paths below it; empty when nothing. Nothing is written.',
  })
  @Access('ADMIN')
  previewJobQueueEntry(
    @Arg('input', () => PreviewJobQueueEntryInput, { description: 'The entry.' })
    input: PreviewJobQueueEntryInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<readonly UserError[]> {
    return refusalsOf(input, {
      create: (create) => refusingEntry(() => this.#checkNew(create)),
      update: (update) => refusingEntry(() => this.#checkEdit(update, viewer.name)),
    });
  }

  async #checkNew(input: CreateJobQueueEntryInput): Promise<void> {
    const { definition, asked } = await newEntryRequest(input, this.parts);
    await this.parts.jobQueue.checkNewEntry(definition, asked);
  }

  async #checkEdit(input: UpdateJobQueueEntryInput, actor: string): Promise<void> {
    const { id, request } = entryEditRequest(input);
    await this.parts.jobQueue.checkEdit(id, { ...request, actor });
  }
}
