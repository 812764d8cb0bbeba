import { randomUUID } from 'node:crypto';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { DeleteInput } from '../api/delete-input-graphql.js';
import { type DeletePayload, DeletePayloadType } from '../api/delete-payload-graphql.js';
import { idOfType } from '../api/global-id.js';
import { RefusedError, refusable, refuse, type UserError, userError } from '../api/user-error.js';
import { keysCanBeRenamed } from '../connection-setup/connection-setup.js';
import type { JobQueueLogEntry } from '../job-queue/job-queue-entry.js';
import { type RunPayload, RunPayloadType } from '../job-queue/job-queue-inputs-graphql.js';
import { StaleRevisionError } from '../store/stale-revision-error.js';
import { whyNeverAlone } from '../synch/table-rules.js';
import { changeProblems, newMappingProblems } from './check-mapping.js';
import { neededBy } from './delete-mapping.js';
import { allowsDirection, type IntegrationTableMapping } from './integration-table-mapping.js';
import {
  CreateIntegrationTableMappingInput,
  IntegrationTableMappingPayloadType,
  type MappingPayload,
  SynchronizeMappingInput,
  UpdateIntegrationTableMappingInput,
} from './mapping-inputs-graphql.js';
import type { MappingProblem } from './mapping-problem.js';
import { DuplicateMappingNameError } from './mapping-store.js';
import { readMappingChange, readNewMapping } from './read-mapping-change.js';
import { reversibleRules } from './transformation/transformation-rule.js';
import type { MappingSurroundings } from './update-mapping.js';

/** Integration table mappings: saving and running. */
@Resolver()
export class MappingMutationResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Mutation(() => IntegrationTableMappingPayloadType, {
    description:
      "Makes a mapping of any two entity sets. Everything that is wrong is told at once, with the path of each value; the saved mapping's warnings tell what will surprise. A name that the connection has is DUPLICATE.",
  })
  @Access('ADMIN')
  createIntegrationTableMapping(
    @Arg('input', () => CreateIntegrationTableMappingInput, { description: 'The mapping.' })
    input: CreateIntegrationTableMappingInput,
  ): Promise<MappingPayload> {
    return refusable<{ integrationTableMapping: IntegrationTableMapping | null }>(
      input,
      { integrationTableMapping: null },
      async () => ({ integrationTableMapping: await this.#create(input) }),
    );
  }

  @Mutation(() => DeletePayloadType, {
    description:
      'Deletes a mapping; logs and histories of it stay. IN_USE while it has couplings, entries, or mappings that refer to it.',
  })
  @Access('ADMIN')
  deleteIntegrationTableMapping(
    @Arg('input', () => DeleteInput, { description: 'The mapping.' }) input: DeleteInput,
  ): Promise<DeletePayload> {
    return refusable<{ deletedId: string | null }>(input, { deletedId: null }, async () => {
      const mapping = await this.#find(input.id);
      checkRevision(mapping, input.expectedRevision ?? null);
      const need = await neededBy(mapping, this.parts);
      if (need !== null) refuse('IN_USE', `id: ${mapping.name} cannot be deleted: ${need}`, ['id']);
      if (!(await this.parts.mappings.remove(mapping)))
        refuse('STALE_REVISION', `id: ${mapping.name} was changed meanwhile; read it again, then repeat`, ['id']);
      return { deletedId: input.id };
    });
  }

  @Mutation(() => IntegrationTableMappingPayloadType, {
    description:
      'Changes a mapping. All that is wrong is told at once, with the path of each value; nothing is saved then.',
  })
  @Access('ADMIN')
  updateIntegrationTableMapping(
    @Arg('input', () => UpdateIntegrationTableMappingInput, { description: 'What to change.' })
    input: UpdateIntegrationTableMappingInput,
  ): Promise<MappingPayload> {
    return refusable<{ integrationTableMapping: IntegrationTableMapping | null }>(
      input,
      { integrationTableMapping: null },
      async () => ({
        integrationTableMapping: await this.#save(await this.#find(input.id), input),
      }),
    );
  }

  @Mutation(() => RunPayloadType, {
    description:
      'Runs the mapping now, as a job of its own, after the run that holds the mapping. The schedule of its entry stays. With dryRun nothing is written to either system.',
  })
  @Access('OPERATOR')
  synchronizeMapping(
    @Arg('input', () => SynchronizeMappingInput, { description: 'What to run.' }) input: SynchronizeMappingInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<RunPayload> {
    return refusable<{ run: JobQueueLogEntry | null }>(input, { run: null }, async () => {
      const mapping = await this.#find(input.id);
      await this.#checkRunnable(mapping, input);
      const direction = input.direction && input.direction !== 'BIDIRECTIONAL' ? { direction: input.direction } : {};
      const { run } = await this.parts.jobQueue.createOneOff({
        connectionSetupId: mapping.connectionSetupId,
        task: 'INTEGRATION_SYNCH',
        mappingId: mapping.id,
        mappingName: mapping.name,
        parameters: { ...direction, ...(input.full && { full: true }), ...(input.dryRun && { dryRun: true }) },
        description: `${mapping.name} synchronized once`,
        actor: viewer.name,
      });
      return { run };
    });
  }

  async #find(globalId: string): Promise<IntegrationTableMapping> {
    const id = idOfType('IntegrationTableMapping', globalId);
    const found = id === null ? null : await this.parts.mappings.byId(id);
    return found ?? refuse('NOT_FOUND', `id: there is no integration table mapping with the id ${globalId}`, ['id']);
  }

  async #surroundings(
    connectionSetupId: string,
    mappings: readonly IntegrationTableMapping[],
  ): Promise<MappingSurroundings> {
    const setup = await this.parts.connectionSetups.byId(connectionSetupId);
    return {
      mappings,
      transformations: reversibleRules(await this.parts.transformationRules.all()),
      keysCanBeRenamed: setup !== null && keysCanBeRenamed(setup),
    };
  }

  async #create(input: CreateIntegrationTableMappingInput): Promise<IntegrationTableMapping> {
    const connectionSetupId = idOfType('ConnectionSetup', input.connectionSetupId);
    if (connectionSetupId === null || (await this.parts.connectionSetups.byId(connectionSetupId)) === null)
      refuse('NOT_FOUND', `connectionSetupId: there is no connection with the id ${input.connectionSetupId}`, [
        'connectionSetupId',
      ]);
    const mapping = readNewMapping(input, { id: randomUUID(), connectionSetupId, at: await this.parts.now() });
    const present = await this.parts.mappings.list({ connectionSetupId });
    // A record may refer to another one of the same table.
    const surroundings = await this.#surroundings(connectionSetupId, [...present, mapping]);
    const duplicates = present.some(({ name }) => name === mapping.name) ? [duplicateName(mapping.name)] : [];
    refuseErrors(await newMappingProblems(mapping, surroundings, this.parts.systems), duplicates);
    try {
      await this.parts.mappings.insert(mapping);
      return mapping;
    } catch (error) {
      // Another one was made at the same moment.
      if (error instanceof DuplicateMappingNameError) throw new RefusedError([duplicateName(mapping.name)]);
      throw error;
    }
  }

  async #save(
    mapping: IntegrationTableMapping,
    input: UpdateIntegrationTableMappingInput,
  ): Promise<IntegrationTableMapping> {
    checkRevision(mapping, input.expectedRevision ?? null);
    const { change, faults } = readMappingChange(input, mapping);
    const { connectionSetupId } = mapping;
    const surroundings = await this.#surroundings(
      connectionSetupId,
      await this.parts.mappings.list({ connectionSetupId }),
    );
    const problems = await changeProblems(mapping, change, faults, surroundings, this.parts.systems);
    refuseErrors(problems);
    if (Object.keys(change).length === 0) return mapping;
    try {
      const saved = await this.parts.mappings.update(mapping.id, mapping.revision, change, await this.parts.now());
      return saved ?? refuse('NOT_FOUND', 'id: the mapping was deleted meanwhile', ['id']);
    } catch (error) {
      if (error instanceof StaleRevisionError) refuse('STALE_REVISION', error.message, ['expectedRevision']);
      throw error;
    }
  }

  async #checkRunnable(mapping: IntegrationTableMapping, { direction }: SynchronizeMappingInput): Promise<void> {
    const alone = whyNeverAlone(mapping);
    if (alone !== null) refuse('INVALID', `id: the mapping ${mapping.name} is never run alone: ${alone}`, ['id']);
    const allowed =
      !direction ||
      mapping.direction === direction ||
      (direction !== 'BIDIRECTIONAL' && allowsDirection(mapping.direction, direction));
    if (!allowed) {
      refuse(
        'INVALID',
        `direction: expected a direction of the mapping ${mapping.name} (${mapping.direction}), got ${direction}`,
        ['direction'],
      );
    }
    if (!mapping.enabled) refuse('INVALID', `id: the mapping ${mapping.name} is disabled; enable it first`, ['id']);
    const setup = await this.parts.connectionSetups.byId(mapping.connectionSetupId);
    if (setup?.enabled !== true)
      refuse('INVALID', `id: the connection of ${mapping.name} is disabled; enable it first`, ['id']);
  }
}

function refuseErrors(problems: readonly MappingProblem[], others: readonly UserError[] = []): void {
  const errors = problems
    .filter(({ severity }) => severity === 'ERROR')
    .map(({ path, message }) => userError('INVALID', `${path.join('.')}: ${message}`, path));
  if (errors.length + others.length > 0) throw new RefusedError([...others, ...errors]);
}

const duplicateName = (name: string): UserError =>
  userError('DUPLICATE', `name: ${new DuplicateMappingNameError(name).message}`, ['name']);

function checkRevision({ name, revision }: IntegrationTableMapping, expected: number | null): void {
  if (expected === null || expected === revision) return;
  refuse(
    'STALE_REVISION',
    `expectedRevision: ${name} has revision ${revision}, expected was ${expected}: someone changed it; read it again, then repeat`,
    ['expectedRevision'],
  );
}
