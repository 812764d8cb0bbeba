import type { JobQueueEntry, JobQueueEntryStatus } from '../../job-queue/job-queue-entry.js';
import type { IntegrationTableMapping } from '../../mapping/integration-table-mapping.js';
import { type DefaultJob, defaultJobs, recurringEntry } from './default-jobs.js';
import { type EntryParts, entryDifferences, isDefaultOne, mappingDifferences } from './differences.js';
import type { DefaultMapping } from './field-definitions.js';
import type { FittedMapping } from './fit-default-mapping.js';

export const defaultSetupActions = ['CREATE', 'REPLACE', 'KEEP'] as const;
export type DefaultSetupAction = (typeof defaultSetupActions)[number];

/** What putting the default setup back would do about one default mapping and its job. */
export interface PlannedDefault {
  readonly definition: DefaultMapping;
  readonly job: DefaultJob | null;
  readonly action: DefaultSetupAction;
  /** In words, for people. */
  readonly differences: readonly string[];
  /** What is to be made or put back; null: nothing. */
  readonly mapping: { readonly wanted: DefaultMapping; readonly existing: IntegrationTableMapping | null } | null;
  /** The mapping's recurring entry, where the mapping has a job and can be made. */
  readonly entry: {
    readonly existing: JobQueueEntry | null;
    readonly differs: boolean;
    readonly rests: boolean;
  } | null;
}

/** What there is of a connection now. */
export interface PresentSetup {
  readonly enabled: boolean;
  readonly mappings: readonly IntegrationTableMapping[];
  /** Its recurring synchronization entries. */
  readonly entries: readonly JobQueueEntry[];
  /** IANA time zone of the default jobs. */
  readonly timeZone: string;
}

/** Compares the default setup, as far as the systems offer it, with what a connection has. One row a default mapping. */
export const planDefaultSetup = (fitted: readonly FittedMapping[], present: PresentSetup): PlannedDefault[] =>
  fitted.map((one) => planOne(one, present));

function planOne({ definition, mapping, leftOut }: FittedMapping, present: PresentSetup): PlannedDefault {
  const { name } = definition;
  const job = defaultJobs.find(({ mappingName }) => mappingName === name) ?? null;
  const existing = present.mappings.find((one) => one.name === name) ?? null;
  const kept = (differences: readonly string[]): PlannedDefault => ({
    definition,
    job,
    action: 'KEEP',
    differences,
    mapping: null,
    entry: null,
  });
  if (mapping === null) return kept(leftOut);
  if (existing !== null && !isDefaultOne(existing, mapping))
    return kept([
      `Somebody gave the name to a mapping of ${existing.table} and ${existing.integrationTable}: it stays as it is.`,
    ]);
  const entry = job === null ? null : planEntry(job, existing, present);
  if (existing === null)
    return { definition, job, action: 'CREATE', differences: leftOut, mapping: { wanted: mapping, existing }, entry };
  const ofMapping = mappingDifferences(existing, mapping);
  const differences = [...ofMapping, ...(entry?.words ?? [])];
  return {
    definition,
    job,
    action: differences.length === 0 ? 'KEEP' : 'REPLACE',
    differences,
    mapping: ofMapping.length === 0 ? null : { wanted: mapping, existing },
    entry,
  };
}

/** Statuses in which an entry does not run by itself; the default jobs are READY. */
const resting: ReadonlySet<JobQueueEntryStatus> = new Set(['ON_HOLD', 'ERROR', 'FINISHED']);

function planEntry(
  job: DefaultJob,
  mapping: IntegrationTableMapping | null,
  { entries, enabled, timeZone }: PresentSetup,
): NonNullable<PlannedDefault['entry']> & { readonly words: readonly string[] } {
  const existing = entries.find(({ code }) => code === job.mappingName) ?? null;
  if (existing === null)
    return { existing, differs: false, rests: false, words: [`Job ${job.mappingName} is missing: it is made again`] };
  const changed = mapping === null ? [] : entryDifferences(existing, entryParts(job, mapping, timeZone));
  const rests = enabled && resting.has(existing.status);
  const status = rests ? [`Job ${existing.code}: status "${existing.status}" becomes "READY"`] : [];
  return { existing, differs: changed.length > 0, rests, words: [...changed, ...status] };
}

/** All that is put back of a default job: also what its definition leaves to the defaults of entries. */
export function entryParts(
  job: DefaultJob,
  mapping: Pick<IntegrationTableMapping, 'id' | 'connectionSetupId'>,
  timeZone: string,
): EntryParts & Pick<JobQueueEntry, 'timeZone'> {
  const {
    connectionSetupId: _connection,
    code: _code,
    task: _task,
    ...defined
  } = recurringEntry(job, mapping, timeZone);
  return {
    startingTime: null,
    endingTime: null,
    cron: null,
    earliestStartAt: null,
    expiresAt: null,
    recurrenceAnchor: 'END_OF_RUN',
    whenRetriesExhausted: 'STOP',
    categoryCode: null,
    priority: 'NORMAL',
    timeoutSeconds: null,
    parameterString: null,
    ...defined,
  };
}
