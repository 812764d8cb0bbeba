import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { DeleteInput } from '../api/delete-input-graphql.js';
import { type DeletePayload, DeletePayloadType } from '../api/delete-payload-graphql.js';
import { globalId } from '../api/global-id.js';
import { refusable, refuse, type UserError, userError } from '../api/user-error.js';
import { searchWordsOf } from '../store/search-words.js';
import type { StatusOfMany } from './entries-status-store.js';
import { entryFilter } from './entry-filter-input.js';
import {
  CreateJobQueueEntryInput,
  type EntriesPayload,
  JobQueueEntriesPayloadType,
  SetJobQueueEntriesStatusInput,
  UpdateJobQueueEntryInput,
} from './entry-inputs-graphql.js';
import { enabledConnections, entryEditRequest, entryId, newEntryRequest } from './entry-requests.js';
import type { JobQueueEntry } from './job-queue-entry.js';
import { type EntryPayload, JobQueueEntryPayloadType } from './job-queue-inputs-graphql.js';
import { refusingEntry } from './refused-entry.js';

const MOST_IDS = 1_000;
const MOST_OBJECTS = 100;

/** Job queue entries: making, changing and deleting them, and setting many statuses at once. */
@Resolver()
export class EntryMutationResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Mutation(() => JobQueueEntryPayloadType, {
    description:
      'Makes an entry. All that is wrong is told at once, with the path of each value; nothing is made then.',
  })
  @Access('ADMIN')
  createJobQueueEntry(
    @Arg('input', () => CreateJobQueueEntryInput, { description: 'The entry.' }) input: CreateJobQueueEntryInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<EntryPayload> {
    return changeOfEntry(input, async () => {
      const { definition, asked } = await newEntryRequest(input, this.parts);
      return this.parts.jobQueue.createEntry(definition, { actor: viewer.name, ...asked });
    });
  }

  @Mutation(() => JobQueueEntryPayloadType, {
    description:
      'Changes an entry; its next run follows from the new schedule. All that is wrong is told at once, with the path of each value; nothing is changed then.',
  })
  @Access('ADMIN')
  updateJobQueueEntry(
    @Arg('input', () => UpdateJobQueueEntryInput, { description: 'What to change.' }) input: UpdateJobQueueEntryInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<EntryPayload> {
    return changeOfEntry(input, async () => {
      const { id, request } = entryEditRequest(input);
      return this.parts.jobQueue.updateEntry(id, { ...request, actor: viewer.name });
    });
  }

  @Mutation(() => DeletePayloadType, {
    description: 'Deletes an entry; its log stays. ILLEGAL_TRANSITION while it is in process.',
  })
  @Access('ADMIN')
  deleteJobQueueEntry(
    @Arg('input', () => DeleteInput, { description: 'The entry.' }) input: DeleteInput,
  ): Promise<DeletePayload> {
    return refusable<{ deletedId: string | null }>(input, { deletedId: null }, async () => {
      const { id, expectedRevision } = input;
      await refusingEntry(() =>
        this.parts.jobQueue.deleteEntry(entryId(id), { expectedRevision: expectedRevision ?? undefined }),
      );
      return { deletedId: id };
    });
  }

  @Mutation(() => JobQueueEntriesPayloadType, {
    description: 'Sets the status of many entries at once, e.g. READY for all that stopped with an error.',
  })
  @Access('OPERATOR')
  async setJobQueueEntriesStatus(
    @Arg('input', () => SetJobQueueEntriesStatusInput, { description: 'Which entries get which status.' })
    input: SetJobQueueEntriesStatusInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<EntriesPayload> {
    const nothing = { changedCount: 0, changedIds: [], jobQueueEntries: [], refused: [] };
    const { refused, ...payload } = await refusable<ReturnType<typeof answerOfMany>>(input, nothing, async () => {
      checkFilter(input);
      const request = {
        filter: entryFilter(input.filter, 'input.filter'),
        status: input.status,
        actor: viewer.name,
        expectedCount: input.expectedCount ?? undefined,
        enabledConnections: await enabledConnections(this.parts),
      };
      return answerOfMany(await refusingEntry(() => this.parts.jobQueue.setStatusOfMany(request)));
    });
    return { ...payload, userErrors: [...payload.userErrors, ...refused] };
  }
}

const changeOfEntry = (
  input: { readonly clientMutationId?: string | null },
  change: () => Promise<JobQueueEntry>,
): Promise<EntryPayload> =>
  refusable<{ jobQueueEntry: JobQueueEntry | null }>(input, { jobQueueEntry: null }, async () => ({
    jobQueueEntry: await refusingEntry(change),
  }));

function checkFilter({ filter }: SetJobQueueEntriesStatusInput): void {
  const { oneOff: _, search, ...others } = filter;
  // A search without words matches all.
  if (searchWordsOf(search ?? '').length > 0) return;
  if (Object.values(others).some((value) => value !== undefined && value !== null)) return;
  refuse(
    'INVALID',
    'filter: expected something besides oneOff and a search without words, got nothing; all entries at once is too many',
    ['filter'],
  );
}

function answerOfMany({ changed, refused }: StatusOfMany): Omit<EntriesPayload, 'userErrors' | 'clientMutationId'> & {
  readonly refused: readonly UserError[];
} {
  return {
    changedCount: changed.length,
    changedIds: changed.slice(0, MOST_IDS).map(({ _id }) => globalId('JobQueueEntry', _id)),
    jobQueueEntries: changed.slice(0, MOST_OBJECTS),
    refused: refused.slice(0, MOST_OBJECTS).map(({ entryId: id, error }) => ({
      ...userError(error.code, `status: ${error.message}`, ['status']),
      targetId: globalId('JobQueueEntry', id),
    })),
  };
}
