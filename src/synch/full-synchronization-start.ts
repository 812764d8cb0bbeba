import { randomUUID } from 'node:crypto';
import { isDuplicateKey } from '../job-queue/entry-store.js';
import type { JobQueue } from '../job-queue/job-queue.js';
import type { FullSynchMode } from '../job-queue/job-queue-entry.js';
import type { OneOffRequest } from '../job-queue/one-off-store.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { settleAbandoned } from './full-synchronization-abandoned.js';
import { planLines } from './full-synchronization-plan.js';
import type { FullSynchronization, FullSynchronizationStore } from './full-synchronization-store.js';

/** A full synchronization that somebody asks for. */
export interface FullSynchronizationRequest {
  readonly connectionSetupId: string;
  readonly mode: FullSynchMode;
  /** Only plan what each line would do. */
  readonly dryRun?: boolean;
  /** The mappings that take part, in any order. */
  readonly mappings: readonly IntegrationTableMapping[];
  readonly description: string;
  /** Who asked: a token's name. */
  readonly actor: string;
  /** The same key gives the one that the first call made. */
  readonly idempotencyKey?: string;
  /** The run of the schedule that it is the work of. */
  readonly partOf?: OneOffRequest['partOf'];
}

/** The connection has a full synchronization in process. */
export class FullSynchronizationInProcessError extends Error {
  override readonly name = 'FullSynchronizationInProcessError';
  constructor(readonly connectionSetupId: string) {
    super('a full synchronization of the connection is in process: wait for its end, or cancel its run');
  }
}

export interface StartDependencies {
  readonly store: FullSynchronizationStore;
  readonly jobQueue: Pick<JobQueue, 'createOneOff' | 'cancelParts' | 'partsOf' | 'findEntries' | 'findRuns'>;
  /** The database's time. */
  readonly now: () => Promise<Date>;
}

/**
 * Accepts a full synchronization: its document and its one-off entry are made together, or neither is.
 *
 * @throws DependencyCycleError, FullSynchronizationInProcessError
 */
export async function startFullSynchronization(
  dependencies: StartDependencies,
  request: FullSynchronizationRequest,
): Promise<FullSynchronization> {
  const lines = planLines(request.mappings);
  try {
    return await accept(dependencies, request, lines);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  // One that its run left open, because its worker died while it was cancelled, stands in nobody's way.
  const open = await dependencies.store.openOf(request.connectionSetupId);
  if (open !== null) await settleAbandoned(dependencies, [open]);
  try {
    return await accept(dependencies, request, lines);
  } catch (error) {
    if (isDuplicateKey(error)) throw new FullSynchronizationInProcessError(request.connectionSetupId);
    throw error;
  }
}

async function accept(
  { store, jobQueue, now }: StartDependencies,
  request: FullSynchronizationRequest,
  lines: FullSynchronization['lines'],
): Promise<FullSynchronization> {
  const { connectionSetupId, mode, dryRun = false, description, actor, idempotencyKey, partOf } = request;
  const startedAt = await now();
  const { entry } = await jobQueue.createOneOff(
    {
      connectionSetupId,
      task: 'FULL_SYNCH',
      parameters: { mode, ...(dryRun && { dryRun }) },
      description,
      actor,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      ...(partOf !== undefined && { partOf }),
    },
    (session, made) =>
      store.insert(session, {
        _id: randomUUID(),
        connectionSetupId,
        mode,
        dryRun,
        entryId: made.entry._id,
        entryIds: [made.entry._id],
        status: 'READY',
        startedAt,
        finishedAt: null,
        lines,
        leaseToken: 0,
      }),
  );
  const made = await store.ofOwnEntry(entry._id);
  if (made === null) throw new Error(`${entry.code} was made without its full synchronization`);
  return made;
}
