import type { JobExecutor, RunContext } from '../job-queue/job-executor.js';
import type { JobQueue } from '../job-queue/job-queue.js';
import type { JobQueueEntry } from '../job-queue/job-queue-entry.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { makeError, RunFailedError } from './describe-error.js';

export interface FullSynchronizationDependencies {
  readonly jobQueue: Pick<JobQueue, 'createOneOff' | 'waitForEnd'>;
  readonly mappingsOf: (connectionSetupId: string) => Promise<readonly IntegrationTableMapping[]>;
}

/**
 * The executor of FULL_SYNCH: runs the mappings that its parameters name one after another, each as a one-off run of its
 * own. A run that was interrupted goes on where it was: each line is accepted once, however often it is asked for.
 */
export const fullSynchronization =
  (dependencies: FullSynchronizationDependencies): JobExecutor =>
  async (context) => {
    const stopped: string[] = [];
    for (const mapping of await mappingsOf(dependencies, context.entry)) {
      const line = await runLine(dependencies, context, mapping);
      if (line.status === 'ERROR') stopped.push(mapping.name);
    }
    if (stopped.length > 0) {
      const message = `the full synchronization went on without ${stopped.join(', ')}: see the log of these runs`;
      throw new RunFailedError(makeError('DEPENDENCY', 'LINES_STOPPED', message));
    }
    return { idle: false };
  };

async function runLine(
  { jobQueue }: FullSynchronizationDependencies,
  { entry, startedBy, signal }: RunContext,
  mapping: IntegrationTableMapping,
): Promise<JobQueueEntry> {
  const line = await jobQueue.createOneOff({
    connectionSetupId: entry.connectionSetupId,
    task: 'INTEGRATION_SYNCH',
    mappingId: mapping.id,
    mappingName: mapping.name,
    parameters: { full: true, mode: entry.parameters.mode ?? 'COUPLED_ONLY' },
    description: `${mapping.name} of ${entry.code}`,
    actor: startedBy,
    idempotencyKey: `${entry._id}:${mapping.id}`,
  });
  return jobQueue.waitForEnd(line.entry._id, signal);
}

/** The mappings to run, in the order that was asked for. */
async function mappingsOf(
  dependencies: FullSynchronizationDependencies,
  { connectionSetupId, parameters, code }: JobQueueEntry,
): Promise<readonly IntegrationTableMapping[]> {
  const known = connectionSetupId === null ? [] : await dependencies.mappingsOf(connectionSetupId);
  return (parameters.mappings ?? []).map((name) => {
    const mapping = known.find((candidate) => candidate.name === name);
    if (mapping !== undefined) return mapping;
    throw new RunFailedError(
      makeError('CONFIGURATION', 'NO_MAPPING', `${code} names the mapping ${name}, which the connection does not have`),
    );
  });
}
