import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { idOfType } from '../api/global-id.js';
import { RefusedError, refusable } from '../api/user-error.js';
import { CouplingRefusedError } from '../coupling/actions/coupling-refused-error.js';
import type { JobQueueLogEntry } from '../job-queue/job-queue-entry.js';
import { type RunPayload, RunPayloadType } from '../job-queue/job-queue-inputs-graphql.js';
import type { OneOffRun } from '../job-queue/one-off-store.js';
import { ApplyDryRunInput, MatchAndCoupleInput, UndoSynchJobInput } from './run-actions-graphql.js';

/** Dry runs applied, synch jobs undone, records coupled by matching. */
@Resolver()
export class RunActionsResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Mutation(() => RunPayloadType, {
    description:
      'Writes what a dry run planned, all of it or the chosen changes; a record that changed since is refused, not overwritten.',
  })
  @Access('OPERATOR')
  applyDryRun(
    @Arg('input', () => ApplyDryRunInput, { description: 'Which changes.' }) input: ApplyDryRunInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<RunPayload> {
    const { action, side, search } = input.filter ?? {};
    return accepted(input, () =>
      this.parts.runActions.apply(
        {
          synchJobIds: rawIds('SynchJob', input.synchJobIds),
          changeIds: input.changeIds ? rawIds('RecordChange', input.changeIds) : null,
          filter: input.filter ? { ...(action && { action }), ...(side && { side }), ...(search && { search }) } : null,
          exceptChangeIds: rawIds('RecordChange', input.exceptChangeIds ?? []),
        },
        viewer.name,
      ),
    );
  }

  @Mutation(() => RunPayloadType, {
    description:
      'Puts back what a synch job overwrote and deletes what it created, as a job of its own; a record that changed since is refused, not overwritten.',
  })
  @Access('OPERATOR')
  undoSynchJob(
    @Arg('input', () => UndoSynchJobInput, { description: 'Which synch jobs.' }) input: UndoSynchJobInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<RunPayload> {
    const { dryRun } = input;
    return accepted(input, () =>
      this.parts.runActions.undo({ synchJobIds: rawIds('SynchJob', input.synchJobIds), dryRun }, viewer.name),
    );
  }

  @Mutation(() => RunPayloadType, {
    description:
      'Couples uncoupled records that match on both sides, as a job of its own; several candidates are listed, neither coupled nor created.',
  })
  @Access('OPERATOR')
  matchAndCouple(
    @Arg('input', () => MatchAndCoupleInput, { description: 'Which mapping, and how.' }) input: MatchAndCoupleInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<RunPayload> {
    const { createIfNoMatch, synchronize = null, dryRun } = input;
    const mappingId = idOfType('IntegrationTableMapping', input.mappingId);
    return accepted(input, () =>
      this.parts.runActions.match({ mappingId, createIfNoMatch, synchronize, dryRun }, viewer.name),
    );
  }
}

/** What is no id of this type finds nothing, and is told as not found. */
const rawIds = (type: string, ids: readonly string[]): string[] => ids.map((id) => idOfType(type, id) ?? id);

function accepted(
  input: { readonly clientMutationId?: string | null },
  start: () => Promise<OneOffRun>,
): Promise<RunPayload> {
  return refusable<{ run: JobQueueLogEntry | null }>(input, { run: null }, async () => {
    try {
      return { run: (await start()).run };
    } catch (error) {
      if (!(error instanceof CouplingRefusedError)) throw error;
      throw new RefusedError(
        error.refusals.map(({ code, message, field }) => ({ code, message, field, targetId: null })),
      );
    }
  });
}
