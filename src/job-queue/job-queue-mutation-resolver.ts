import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { idOfType } from '../api/global-id.js';
import { refusable, refuse } from '../api/user-error.js';
import type { CancelTarget } from './cancel-store.js';
import { enabledConnections, entryId, isEnabled, noSuchEntry } from './entry-requests.js';
import type { JobQueueEntry, JobQueueLogEntry } from './job-queue-entry.js';
import {
  CancelJobQueueRunInput,
  type EntryPayload,
  JobQueueEntryIdInput,
  JobQueueEntryPayloadType,
  type RunPayload,
  RunPayloadType,
  SetJobQueueEntryStatusInput,
} from './job-queue-inputs-graphql.js';
import { refusingEntry } from './refused-entry.js';

/** Job queue entries: what a person does with them. */
@Resolver()
export class JobQueueMutationResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Mutation(() => JobQueueEntryPayloadType, {
    description:
      'Sets READY, ON_HOLD, or ON_HOLD_WITH_INACTIVITY_TIMEOUT for a recurring entry; other statuses are ILLEGAL_TRANSITION. The present status changes nothing and succeeds. READY is INVALID while the connection is disabled.',
  })
  @Access('OPERATOR')
  setJobQueueEntryStatus(
    @Arg('input', () => SetJobQueueEntryStatusInput, { description: 'Which entry gets which status.' })
    input: SetJobQueueEntryStatusInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<EntryPayload> {
    return refusable<{ jobQueueEntry: JobQueueEntry | null }>(input, { jobQueueEntry: null }, async () => {
      const id = entryId(input.id);
      const request = {
        actor: viewer.name,
        expectedRevision: input.expectedRevision ?? undefined,
        enabledConnections: await enabledConnections(this.parts),
      };
      return { jobQueueEntry: await refusingEntry(() => this.parts.jobQueue.setStatus(id, input.status, request)) };
    });
  }

  @Mutation(() => RunPayloadType, {
    description: "A run of its own beside the schedule; the entry's status and next run stay.",
  })
  @Access('OPERATOR')
  runJobQueueEntryOnce(
    @Arg('input', () => JobQueueEntryIdInput, { description: 'The entry.' }) input: JobQueueEntryIdInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<RunPayload> {
    return refusable<{ run: JobQueueLogEntry | null }>(input, { run: null }, async () => {
      const id = entryId(input.id);
      const entry = (await this.parts.jobQueue.findEntry(id)) ?? noSuchEntry(input.id);
      if (!(await isEnabled(entry, this.parts)))
        refuse('INVALID', `id: the connection of ${entry.code} is disabled; enable it first`, ['id']);
      const { run } = await refusingEntry(() => this.parts.jobQueue.runOnce(id, { actor: viewer.name }));
      return { run };
    });
  }

  @Mutation(() => RunPayloadType, {
    description:
      'Stops a run, with everything that it started. ILLEGAL_TRANSITION when nothing runs. The run in the answer may still be ending; a recurring entry goes on by its schedule.',
  })
  @Access('OPERATOR')
  cancelJobQueueRun(
    @Arg('input', () => CancelJobQueueRunInput, { description: 'The run.' }) input: CancelJobQueueRunInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<RunPayload> {
    return refusable<{ run: JobQueueLogEntry | null }>(input, { run: null }, async () => ({
      run: await refusingEntry(() => this.parts.jobQueue.cancelRun(cancelTarget(input.id), viewer.name)),
    }));
  }
}

function cancelTarget(globalId: string): CancelTarget {
  const runId = idOfType('JobQueueLogEntry', globalId);
  if (runId !== null) return { runId };
  const id = idOfType('JobQueueEntry', globalId);
  if (id !== null) return { entryId: id };
  return refuse('NOT_FOUND', `id: there is no job queue entry and no run with the id ${globalId}`, ['id']);
}
