import type { RunContext } from '../job-queue/job-executor.js';
import { type FullSynchMode, fullSynchModes, type JobQueueEntry } from '../job-queue/job-queue-entry.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { makeError, RunFailedError } from './describe-error.js';
import { chooseMappings } from './full-synchronization-choice.js';
import { DependencyCycleError } from './full-synchronization-plan.js';
import {
  FullSynchronizationInProcessError,
  type StartDependencies,
  startFullSynchronization,
} from './full-synchronization-start.js';
import type { FullSynchronization } from './full-synchronization-store.js';

/** Starts the full synchronization that a FULL_SYNCH entry of the schedule stands for. */
export type StartScheduled = (context: RunContext) => Promise<FullSynchronization>;

// Nobody watches a run of the schedule begin: it creates nothing unless its entry says so.
const DEFAULT_MODE: FullSynchMode = 'COUPLED_ONLY';

/**
 * Starts a full synchronization of all enabled mappings, with an entry of its own that is part of this run and cancelled with
 * it. One that an interrupted run of the same entry had started is found again.
 *
 * @throws RunFailedError when there is nothing to synchronize, or another full synchronization of the connection runs
 */
export const startScheduled =
  (
    dependencies: StartDependencies & {
      readonly mappingsOf: (connectionSetupId: string) => Promise<readonly IntegrationTableMapping[]>;
    },
  ): StartScheduled =>
  async ({ entry, runId, startedBy }) => {
    const connectionSetupId = connectionOf(entry);
    const { mappings, problems } = chooseMappings(await dependencies.mappingsOf(connectionSetupId), null);
    if (mappings === null)
      throw new RunFailedError(
        makeError('CONFIGURATION', 'NO_MAPPING', problems.map(({ message }) => message).join('; ')),
      );
    try {
      return await startFullSynchronization(dependencies, {
        connectionSetupId,
        mode: modeOf(entry),
        ...(entry.parameters.dryRun && { dryRun: true }),
        mappings,
        description: entry.description === '' ? `Full synchronization of ${entry.code}` : entry.description,
        actor: startedBy,
        partOf: { entryId: entry._id, runId },
      });
    } catch (error) {
      if (error instanceof DependencyCycleError)
        throw new RunFailedError(makeError('CONFIGURATION', 'DEPENDENCY_CYCLE', error.message), { cause: error });
      if (!(error instanceof FullSynchronizationInProcessError)) throw error;
      return ownOrRefused(dependencies, entry, error);
    }
  };

async function ownOrRefused(
  { store, jobQueue }: StartDependencies,
  entry: JobQueueEntry,
  refusal: FullSynchronizationInProcessError,
): Promise<FullSynchronization> {
  const open = await store.openOf(refusal.connectionSetupId);
  if (open !== null && (await jobQueue.partsOf(entry._id)).includes(open.entryId)) return open;
  throw new RunFailedError(makeError('DEPENDENCY', 'FULL_SYNCHRONIZATION_IN_PROCESS', refusal.message), {
    cause: refusal,
  });
}

function modeOf({ code, parameters, parameterString }: JobQueueEntry): FullSynchMode {
  if (parameters.mode !== undefined) return parameters.mode;
  if (parameterString === null || parameterString.trim() === '') return DEFAULT_MODE;
  const named = fullSynchModes.find((mode) => mode === parameterString.trim().toUpperCase());
  if (named !== undefined) return named;
  const message = `parameterString of ${code}: expected one of ${fullSynchModes.join(', ')}, or nothing for ${DEFAULT_MODE}`;
  throw new RunFailedError(makeError('CONFIGURATION', 'BAD_PARAMETER', message));
}

function connectionOf({ connectionSetupId, code }: JobQueueEntry): string {
  if (connectionSetupId !== null) return connectionSetupId;
  throw new RunFailedError(makeError('CONFIGURATION', 'NO_CONNECTION', `${code} belongs to no connection: delete it`));
}
