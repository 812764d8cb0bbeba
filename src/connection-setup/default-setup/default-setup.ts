import type { TableName } from '../../connectors/connector.js';
import type { JobQueue } from '../../job-queue/job-queue.js';
import type { JobQueueEntry } from '../../job-queue/job-queue-entry.js';
import { DuplicateCodeError, StaleRevisionError as StaleEntryError } from '../../job-queue/job-queue-errors.js';
import { IllegalTransitionError } from '../../job-queue/transitions.js';
import type { IntegrationTableMapping } from '../../mapping/integration-table-mapping.js';
import type { MappingStore } from '../../mapping/mapping-store.js';
import { StaleRevisionError } from '../../store/stale-revision-error.js';
import type { ConnectionSetup } from '../connection-setup.js';
import { type SystemMetadata, SystemUnreadableError } from '../system-metadata.js';
import type { DefaultJobStore } from './default-job-store.js';
import { recurringEntry } from './default-jobs.js';
import { defaultMappings } from './default-mappings.js';
import { entryParts, type PlannedDefault, planDefaultSetup } from './default-setup-plan.js';
import { replaceableOf } from './differences.js';
import type { DefaultMapping } from './field-definitions.js';
import { type FittedMapping, fitDefaultMapping, fitTogether } from './fit-default-mapping.js';
import { insertDefaultMapping } from './insert-default-mapping.js';
import { inWebServiceNames } from './web-service-names.js';

export interface DefaultSetupDeps {
  readonly mappings: Pick<MappingStore, 'list' | 'insert' | 'update'>;
  readonly jobQueue: Pick<JobQueue, 'createEntries' | 'pageOfEntries' | 'setStatus'>;
  readonly jobs: DefaultJobStore;
  readonly systems: Pick<SystemMetadata, 'table' | 'tables'>;
  readonly now: () => Promise<Date>;
  /** IANA time zone of the default jobs. */
  readonly timeZone: string;
}

/** More entries than a connection has by far. */
const ALL_ENTRIES = 1_000;

/**
 * The default mappings as far as both systems of a connection offer them. Throws SystemUnreadableError when it cannot be
 * told what they offer.
 */
export async function fittedDefaults(
  connectionSetupId: string,
  systems: Pick<SystemMetadata, 'table' | 'tables'>,
): Promise<readonly FittedMapping[]> {
  const offered = await systems.tables(connectionSetupId, 'BUSINESS');
  const definitions = defaultMappings.map((mapping) => inNamesOf(offered, mapping));
  const fitted = await Promise.all(
    definitions.map(async (mapping) => {
      const [business, sales] = await Promise.all([
        systems.table(connectionSetupId, 'BUSINESS', mapping.table),
        systems.table(connectionSetupId, 'SALES', mapping.integrationTable),
      ]);
      return fitDefaultMapping(mapping, business, sales);
    }),
  );
  return fitTogether(fitted);
}

/** Where tables are published under names of the administrator's choice, the mapping takes the one that has its records. */
function inNamesOf(tables: readonly TableName[], mapping: DefaultMapping): DefaultMapping {
  const service = tables.find(({ standsFor }) => standsFor === mapping.table);
  return service === undefined ? mapping : inWebServiceNames(mapping, service.name);
}

/** The default mappings that can be made for a connection. Throws SystemUnreadableError. */
export const offeredDefaults = async (
  connectionSetupId: string,
  systems: Pick<SystemMetadata, 'table' | 'tables'>,
): Promise<readonly DefaultMapping[]> =>
  (await fittedDefaults(connectionSetupId, systems)).flatMap(({ mapping }) => mapping ?? []);

/**
 * What putting the default setup back would do. Where the systems do not tell what they offer, everything is taken to be
 * offered, and each row that would change something says so.
 */
export async function previewDefaultSetup(
  setup: ConnectionSetup,
  deps: Omit<DefaultSetupDeps, 'now' | 'jobs'>,
): Promise<readonly PlannedDefault[]> {
  try {
    return planDefaultSetup(await fittedDefaults(setup.id, deps.systems), await presentSetup(setup, deps));
  } catch (error) {
    if (!(error instanceof SystemUnreadableError)) throw error;
    const assumed = defaultMappings.map((mapping) => ({ definition: mapping, mapping, leftOut: [] }));
    const plan = planDefaultSetup(assumed, await presentSetup(setup, deps));
    const note = 'What the systems offer could not be read: fields and tables that they lack will be left out.';
    return plan.map((row) => (row.action === 'KEEP' ? row : { ...row, differences: [...row.differences, note] }));
  }
}

/**
 * Puts the default mappings and jobs back as they were made: edited ones in place, so that their couplings and logs stay,
 * and missing ones anew. What people made besides stays. The jobs of an enabled connection become READY.
 *
 * @throws SystemUnreadableError before anything is changed
 * @throws StaleRevisionError when somebody changes one of them meanwhile; repeating the call goes on
 */
export async function putDefaultSetupBack(
  setup: ConnectionSetup,
  actor: string,
  deps: DefaultSetupDeps,
): Promise<void> {
  const fitted = await fittedDefaults(setup.id, deps.systems);
  const plan = planDefaultSetup(fitted, await presentSetup(setup, deps));
  const at = await deps.now();
  for (const row of plan) await putMappingBack(row, setup.id, at, deps);
  const mappings = await deps.mappings.list({ connectionSetupId: setup.id });
  for (const row of plan) await putJobBack(row, { setup, mappings, actor, at }, deps);
}

async function presentSetup(
  { id, enabled }: ConnectionSetup,
  { mappings, jobQueue, timeZone }: Pick<DefaultSetupDeps, 'mappings' | 'jobQueue' | 'timeZone'>,
) {
  const page = await jobQueue.pageOfEntries({ connectionSetupId: id, task: ['INTEGRATION_SYNCH'] }, undefined, {
    limit: ALL_ENTRIES,
  });
  return {
    enabled,
    mappings: await mappings.list({ connectionSetupId: id }),
    entries: page.items.map(({ item }) => item),
    timeZone,
  };
}

async function putMappingBack(
  { mapping }: PlannedDefault,
  connectionSetupId: string,
  at: Date,
  { mappings }: DefaultSetupDeps,
): Promise<void> {
  if (mapping === null) return;
  const { wanted, existing } = mapping;
  if (existing === null) await insertDefaultMapping(mappings, wanted, { connectionSetupId, at });
  else await mappings.update(existing.id, existing.revision, replaceableOf(wanted), at);
}

interface PuttingBack {
  readonly setup: ConnectionSetup;
  readonly mappings: readonly IntegrationTableMapping[];
  readonly actor: string;
  readonly at: Date;
}

async function putJobBack(
  { definition, job, entry }: PlannedDefault,
  { setup, mappings, actor, at }: PuttingBack,
  { jobQueue, jobs, timeZone }: DefaultSetupDeps,
): Promise<void> {
  const mapping = mappings.find(({ name }) => name === definition.name);
  if (job === null || entry === null || mapping === undefined) return;
  if (entry.existing === null) {
    const status = setup.enabled ? 'READY' : 'ON_HOLD';
    return ignoringDuplicate(jobQueue.createEntries([{ ...recurringEntry(job, mapping, timeZone), status }], actor));
  }
  const parts = entryParts(job, mapping, timeZone);
  if (entry.differs || entry.existing.mappingId !== mapping.id) await redefine(jobs, entry.existing, parts, at);
  if (entry.rests) await setReady(jobQueue, entry.existing, actor);
}

async function redefine(
  jobs: DefaultJobStore,
  entry: JobQueueEntry,
  parts: ReturnType<typeof entryParts>,
  at: Date,
): Promise<void> {
  try {
    await jobs.redefine(entry, parts, at);
  } catch (error) {
    if (!(error instanceof StaleEntryError)) throw error;
    throw new StaleRevisionError(`job queue entry ${entry.code}`, entry._id, entry.revision, entry.revision + 1);
  }
}

async function setReady(jobQueue: DefaultSetupDeps['jobQueue'], { _id }: JobQueueEntry, actor: string): Promise<void> {
  try {
    await jobQueue.setStatus(_id, 'READY', { actor });
  } catch (error) {
    // It began to run, or was deleted, meanwhile.
    if (!(error instanceof IllegalTransitionError)) throw error;
  }
}

async function ignoringDuplicate(making: Promise<unknown>): Promise<void> {
  try {
    await making;
  } catch (error) {
    // Somebody else made the same entry at the same moment.
    if (!(error instanceof DuplicateCodeError)) throw error;
  }
}
