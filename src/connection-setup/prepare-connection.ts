import type { JobQueue } from '../job-queue/job-queue.js';
import type { FullSynchMode, JobQueueEntry } from '../job-queue/job-queue-entry.js';
import { DuplicateCodeError } from '../job-queue/job-queue-errors.js';
import { nextRunAt } from '../job-queue/schedule.js';
import { IllegalTransitionError } from '../job-queue/transitions.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import type { MappingStore } from '../mapping/mapping-store.js';
import { chooseMappings } from '../synch/full-synchronization-choice.js';
import type { FullSynchronizations } from '../synch/full-synchronization-queries.js';
import { FullSynchronizationInProcessError } from '../synch/full-synchronization-start.js';
import type { ConnectionSetup } from './connection-setup.js';
import { type DefaultJob, defaultJobs, recurringEntry } from './default-setup/default-jobs.js';
import { defaultMappings } from './default-setup/default-mappings.js';
import type { DefaultMapping } from './default-setup/field-definitions.js';
import { insertDefaultMapping } from './default-setup/insert-default-mapping.js';

export interface PreparingDependencies {
  readonly mappings: Pick<MappingStore, 'list' | 'insert'>;
  readonly jobQueue: Pick<JobQueue, 'createEntries' | 'pageOfEntries' | 'setStatus'>;
  readonly fullSynchronizations: Pick<FullSynchronizations, 'start'>;
  readonly now: () => Promise<Date>;
  /** The default mappings as far as both systems of a connection offer them; all of them when absent. */
  readonly offeredMappings?: (connectionSetupId: string) => Promise<readonly DefaultMapping[]>;
  /** IANA time zone of the default jobs. */
  readonly timeZone: string;
}

/** A first full synchronization before the schedules go on. */
export interface FirstSynchronization {
  readonly mode: FullSynchMode;
}

/** More entries than a connection has by far. */
const ALL_ENTRIES = 1_000;

/**
 * Makes the default mappings and jobs, READY, where the connection has none yet; otherwise sets its recurring
 * synchronization entries READY. Each step can be repeated: after a crash between two of them the next call goes on.
 * With `first` the mappings are fully synchronized once in their order; that is the first run of the schedules, too.
 */
export async function prepareConnection(
  dependencies: PreparingDependencies,
  setup: ConnectionSetup,
  actor: string,
  first: FirstSynchronization | null = null,
): Promise<void> {
  const entries = await recurringSynchEntries(dependencies, setup.id);
  if (entries.length > 0) return setReady(dependencies, entries, actor);
  const mappings = await ensureDefaultMappings(dependencies, setup.id);
  if (first !== null) await startFirstSynchronization(dependencies, setup, mappings, first, actor);
  await createDefaultJobs(dependencies, mappings, first !== null, actor);
}

/** Puts the recurring synchronization entries of a connection On Hold, but those that are over; runs in process go on to their end. */
export async function holdConnection(
  dependencies: PreparingDependencies,
  setup: ConnectionSetup,
  actor: string,
): Promise<void> {
  for (const entry of await recurringSynchEntries(dependencies, setup.id))
    if (entry.status !== 'FINISHED') await setStatusIfLegal(dependencies, entry, 'ON_HOLD', actor);
}

/** True once the connection has its jobs: what was begun when it was made is finished. */
export const isPrepared = async (dependencies: PreparingDependencies, connectionSetupId: string): Promise<boolean> =>
  (await recurringSynchEntries(dependencies, connectionSetupId)).length > 0;

async function recurringSynchEntries(
  { jobQueue }: PreparingDependencies,
  connectionSetupId: string,
): Promise<readonly JobQueueEntry[]> {
  const page = await jobQueue.pageOfEntries({ connectionSetupId, task: ['INTEGRATION_SYNCH'] }, undefined, {
    limit: ALL_ENTRIES,
  });
  return page.items.map(({ item }) => item);
}

async function setReady(
  dependencies: PreparingDependencies,
  entries: readonly JobQueueEntry[],
  actor: string,
): Promise<void> {
  for (const entry of entries) await setStatusIfLegal(dependencies, entry, 'READY', actor);
}

async function setStatusIfLegal(
  { jobQueue }: PreparingDependencies,
  entry: JobQueueEntry,
  status: 'READY' | 'ON_HOLD',
  actor: string,
): Promise<void> {
  try {
    await jobQueue.setStatus(entry._id, status, { actor });
  } catch (error) {
    // An entry that runs, or that can never run again, stays as it is.
    if (!(error instanceof IllegalTransitionError)) throw error;
  }
}

async function ensureDefaultMappings(
  { mappings, now, offeredMappings }: PreparingDependencies,
  connectionSetupId: string,
): Promise<readonly IntegrationTableMapping[]> {
  const definitions = (await offeredMappings?.(connectionSetupId)) ?? defaultMappings;
  const at = await now();
  for (const definition of definitions) {
    await insertDefaultMapping(mappings, definition, { connectionSetupId, at });
  }
  return mappings.list({ connectionSetupId });
}

async function startFirstSynchronization(
  { fullSynchronizations }: PreparingDependencies,
  setup: ConnectionSetup,
  known: readonly IntegrationTableMapping[],
  { mode }: FirstSynchronization,
  actor: string,
): Promise<void> {
  const { mappings } = chooseMappings(known, null);
  if (mappings === null) return;
  try {
    await fullSynchronizations.start({
      connectionSetupId: setup.id,
      mode,
      mappings,
      description: `First full synchronization of ${setup.name}`,
      actor,
      idempotencyKey: `first:${setup.id}`,
    });
  } catch (error) {
    // Somebody started one meanwhile: it does the same.
    if (!(error instanceof FullSynchronizationInProcessError)) throw error;
  }
}

async function createDefaultJobs(
  { jobQueue, timeZone, now }: PreparingDependencies,
  mappings: readonly IntegrationTableMapping[],
  firstRunIsDone: boolean,
  actor: string,
): Promise<void> {
  const at = await now();
  const definitions = defaultJobs.flatMap((job) => {
    const mapping = mappings.find(({ name }) => name === job.mappingName);
    return mapping === undefined ? [] : [readyEntry(job, mapping, timeZone, firstRunIsDone ? at : null)];
  });
  try {
    await jobQueue.createEntries(definitions, actor);
  } catch (error) {
    // Another process prepared the same connection at the same moment.
    if (!(error instanceof DuplicateCodeError)) throw error;
  }
}

function readyEntry(job: DefaultJob, mapping: IntegrationTableMapping, timeZone: string, lastRunAt: Date | null) {
  const entry = { ...recurringEntry(job, mapping, timeZone), status: 'READY' as const };
  if (lastRunAt === null) return entry;
  const schedule = {
    startingTime: null,
    endingTime: null,
    cron: null,
    earliestStartAt: null,
    expiresAt: null,
    recurrenceAnchor: 'END_OF_RUN' as const,
  };
  const next = nextRunAt(
    { ...schedule, runOn: entry.runOn ?? [], minutesBetweenRuns: job.minutesBetweenRuns, timeZone },
    lastRunAt,
  );
  return next === null ? entry : { ...entry, nextRunAt: next };
}
