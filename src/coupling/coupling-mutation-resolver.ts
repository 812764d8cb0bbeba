import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { globalId, idOfType } from '../api/global-id.js';
import { RefusedError, refusable, type UserError } from '../api/user-error.js';
import type { JobQueueLogEntry } from '../job-queue/job-queue-entry.js';
import { type RunPayload, RunPayloadType } from '../job-queue/job-queue-inputs-graphql.js';
import { CouplingRefusedError, type Refusal } from './actions/coupling-refused-error.js';
import type { ChangedCouplings, SelectionRequest } from './actions/selection.js';
import type { Coupling } from './coupling.js';
import {
  CoupleRecordsInput,
  type CouplingPayload,
  CouplingPayloadType,
  CouplingSelectionInput,
  type CouplingsPayload,
  CouplingsPayloadType,
  ResolveConflictInput,
  SynchronizeCouplingsInput,
} from './coupling-inputs-graphql.js';
import { couplingFilter } from './read-coupling-filter.js';

/** Couplings: what a person does with them. */
@Resolver()
export class CouplingMutationResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Mutation(() => CouplingPayloadType, {
    description:
      'Couples two records by hand, or creates the missing one. DUPLICATE for a record that is coupled already, unless its counterpart is gone.',
  })
  @Access('OPERATOR')
  coupleRecords(
    @Arg('input', () => CoupleRecordsInput, { description: 'The records.' }) input: CoupleRecordsInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<CouplingPayload> {
    return refusable<Omit<CouplingPayload, 'userErrors' | 'clientMutationId'>>(input, noCoupling, () =>
      explaining(() =>
        this.parts.couplingActions.couple(
          {
            mappingId: idOfType('IntegrationTableMapping', input.mappingId),
            businessId: input.businessId || null,
            salesId: input.salesId || null,
            createMissing: input.createMissing,
            synchronize: input.synchronize ?? null,
          },
          viewer.name,
        ),
      ),
    );
  }

  @Mutation(() => CouplingsPayloadType, {
    description: 'Forgets the pairs, leaves the records. IN_USE for a pair that a run holds.',
  })
  @Access('OPERATOR')
  uncoupleRecords(
    @Arg('input', () => CouplingSelectionInput, { description: 'Which couplings.' }) input: CouplingSelectionInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<CouplingsPayload> {
    return this.#changeMany(input, (request) => this.parts.couplingActions.uncouple(request, viewer.name));
  }

  @Mutation(() => CouplingsPayloadType, {
    description: 'Puts skipped, failed or broken couplings back in the next run, as if nothing had failed before.',
  })
  @Access('OPERATOR')
  restoreCouplings(
    @Arg('input', () => CouplingSelectionInput, { description: 'Which couplings.' }) input: CouplingSelectionInput,
  ): Promise<CouplingsPayload> {
    return this.#changeMany(input, (request) => this.parts.couplingActions.restore(request));
  }

  @Mutation(() => RunPayloadType, {
    description: 'Synchronizes couplings of one mapping now, as a run of its own, whatever their state.',
  })
  @Access('OPERATOR')
  synchronizeCouplings(
    @Arg('input', () => SynchronizeCouplingsInput, { description: 'Which couplings, and which way.' })
    input: SynchronizeCouplingsInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<RunPayload> {
    return refusable<{ run: JobQueueLogEntry | null }>(input, { run: null }, async () => {
      const request = { ...selectionOf(input), direction: input.direction ?? null, dryRun: input.dryRun };
      const { run } = await explaining(() => this.parts.couplingActions.synchronize(request, viewer.name));
      return { run };
    });
  }

  @Mutation(() => CouplingPayloadType, {
    description:
      'Decides the fields in conflict of a pair; the losing values stay in its history. Answers when both systems have the values. ILLEGAL_TRANSITION unless CONFLICT; STALE_REVISION when the pair or a record changed since it was read.',
  })
  @Access('OPERATOR')
  resolveConflict(
    @Arg('input', () => ResolveConflictInput, { description: 'The pair, and what to keep.' })
    input: ResolveConflictInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<CouplingPayload> {
    return refusable<Omit<CouplingPayload, 'userErrors' | 'clientMutationId'>>(input, noCoupling, () =>
      explaining(() =>
        this.parts.couplingActions.resolve(
          {
            couplingId: idOfType('Coupling', input.couplingId),
            expectedRevision: input.expectedRevision ?? null,
            keep: input.keep ?? null,
            fields: (input.fields ?? []).map(({ field, integrationField = null, keep }) => ({
              field,
              integrationField,
              keep,
            })),
          },
          viewer.name,
        ),
      ),
    );
  }

  async #changeMany(
    input: CouplingSelectionInput,
    change: (request: SelectionRequest) => Promise<ChangedCouplings>,
  ): Promise<CouplingsPayload> {
    let refusals: readonly UserError[] = [];
    const payload = await refusable<Omit<CouplingsPayload, 'userErrors' | 'clientMutationId'>>(
      input,
      nothingChanged,
      async () => {
        const changed = await explaining(() => change(selectionOf(input)));
        refusals = changed.refusals.map(asUserError);
        return {
          changedCount: changed.changedCount,
          changedIds: changed.changedIds.map((id) => globalId('Coupling', id)),
          couplings: await this.parts.couplings.byIds(changed.changedIds.slice(0, MOST_SHOWN)),
        };
      },
    );
    return { ...payload, userErrors: [...payload.userErrors, ...refusals] };
  }
}

const MOST_SHOWN = 100;

const noCoupling: { coupling: Coupling | null; run: JobQueueLogEntry | null } = { coupling: null, run: null };
const nothingChanged: Omit<CouplingsPayload, 'userErrors' | 'clientMutationId'> = {
  changedCount: 0,
  changedIds: [],
  couplings: [],
};

const selectionOf = (input: CouplingSelectionInput | SynchronizeCouplingsInput): SelectionRequest => ({
  // What is no id of a coupling finds none, and is told as not found under the text that came.
  ids: input.ids?.map((id) => idOfType('Coupling', id) ?? id) ?? null,
  filter: input.filter ? couplingFilter(input.filter) : null,
  expectedCount: input.expectedCount ?? null,
});

async function explaining<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof CouplingRefusedError) throw new RefusedError(error.refusals.map(asUserError));
    throw error;
  }
}

const asUserError = ({ code, message, field, couplingId }: Refusal): UserError => ({
  code,
  message,
  field,
  targetId: couplingId === undefined ? null : globalId('Coupling', couplingId),
});
