import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { idOfType } from '../api/global-id.js';
import { refusable, refuse } from '../api/user-error.js';
import type { CancelTarget } from './cancel-store.js';
import type { JobQueueEntry, JobQueueLogEntry } from './job-queue-entry.js';
import { ConnectionDisabledError } from './job-queue-errors.js';
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
      const { status, expectedRevision } = input;
      if (status === 'READY') await this.#checkReady(id, expectedRevision ?? null);
      const change = { actor: viewer.name, expectedRevision: expectedRevision ?? undefined };
      return { jobQueueEntry: await refusingEntry(() => this.parts.jobQueue.setStatus(id, status, change)) };
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
      const entry = (await this.parts.jobQueue.findEntry(id)) ?? notFound(input.id);
      await this.#checkRunnable(entry);
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

  /** READY already, it may stay so; what does not exist, or not as the caller knows it, is told by who changes it. */
  async #checkReady(id: string, expectedRevision: number | null): Promise<void> {
    const entry = await this.parts.jobQueue.findEntry(id);
    if (entry === null || (expectedRevision ?? entry.revision) !== entry.revision) return;
    if (entry.status === 'READY' || (await this.#isEnabled(entry))) return;
    refuse('INVALID', `status: ${new ConnectionDisabledError(entry.code).message}`, ['status']);
  }

  async #checkRunnable(entry: JobQueueEntry): Promise<void> {
    if (!(await this.#isEnabled(entry)))
      refuse('INVALID', `id: the connection of ${entry.code} is disabled; enable it first`, ['id']);
  }

  async #isEnabled({ connectionSetupId }: JobQueueEntry): Promise<boolean> {
    if (connectionSetupId === null) return true;
    return (await this.parts.connectionSetups.byId(connectionSetupId))?.enabled === true;
  }
}

const entryId = (globalId: string): string => idOfType('JobQueueEntry', globalId) ?? notFound(globalId);

function cancelTarget(globalId: string): CancelTarget {
  const runId = idOfType('JobQueueLogEntry', globalId);
  if (runId !== null) return { runId };
  const id = idOfType('JobQueueEntry', globalId);
  if (id !== null) return { entryId: id };
  return refuse('NOT_FOUND', `id: there is no job queue entry and no run with the id ${globalId}`, ['id']);
}

const notFound = (globalId: string): never =>
  refuse('NOT_FOUND', `id: there is no job queue entry with the id ${globalId}`, ['id']);
