import type { JobQueueEntry, JobSchedule } from '../../job-queue/job-queue-entry.js';
import type { IntegrationTableMapping } from '../../mapping/integration-table-mapping.js';
import {
  chainOf,
  type TransformationRule,
  type TransformationRules,
} from '../../mapping/transformation/transformation-rule.js';

/** A transformation rule, without what it has only where it is stored. */
export type RuleSetup = Omit<TransformationRule, 'id' | 'revision'>;

export type MappingSetup = Omit<
  IntegrationTableMapping,
  'id' | 'connectionSetupId' | 'revision' | 'createdAt' | 'updatedAt'
>;

/** A job queue entry by what people decide of it; its status and its runs stay where they are. */
export interface EntrySetup
  extends JobSchedule,
    Pick<
      JobQueueEntry,
      | 'code'
      | 'description'
      | 'task'
      | 'parameterString'
      | 'inactivityTimeoutMinutes'
      | 'maximumRetries'
      | 'rerunDelaySeconds'
      | 'whenRetriesExhausted'
      | 'categoryCode'
      | 'priority'
      | 'timeoutSeconds'
    > {
  /** Name of the mapping that it works on. */
  readonly mapping: string | null;
}

/** What is kept in step between two systems, and when: all that people decided of a connection but how its systems are reached. */
export interface Setup {
  readonly rules: readonly RuleSetup[];
  readonly mappings: readonly MappingSetup[];
  readonly entries: readonly EntrySetup[];
}

/** The setup of a connection, in an order that depends on names alone. */
export function setupOf(
  rules: TransformationRules,
  mappings: readonly IntegrationTableMapping[],
  entries: readonly JobQueueEntry[],
): Setup {
  return {
    rules: byName(
      [...rulesUsedBy(mappings, rules)].flatMap((code) => rules.get(code) ?? []).map(ruleSetup),
      ({ code }) => code,
    ),
    mappings: byName(mappings.map(mappingSetup), ({ name }) => name),
    entries: byName(entries.map(entrySetup), ({ code }) => code),
  };
}

/** Codes of the rules that fields of these mappings name, with all that these go on with. */
export function rulesUsedBy(
  mappings: readonly Pick<IntegrationTableMapping, 'fields'>[],
  rules: TransformationRules,
): ReadonlySet<string> {
  const named = mappings.flatMap(({ fields }) => fields.flatMap(({ transformations }) => transformations));
  return new Set(named.flatMap((code) => (chainOf(code, rules) ?? []).map((rule) => rule.code)));
}

export const ruleSetup = ({ id: _id, revision: _revision, ...rule }: TransformationRule): RuleSetup => rule;

export function mappingSetup({
  id: _id,
  connectionSetupId: _connectionSetupId,
  revision: _revision,
  createdAt: _createdAt,
  updatedAt: _updatedAt,
  ...mapping
}: IntegrationTableMapping): MappingSetup {
  return mapping;
}

export const entrySetup = (entry: JobQueueEntry): EntrySetup => ({
  code: entry.code,
  description: entry.description,
  task: entry.task,
  mapping: entry.mappingName,
  parameterString: entry.parameterString,
  runOn: entry.runOn,
  startingTime: entry.startingTime,
  endingTime: entry.endingTime,
  timeZone: entry.timeZone,
  minutesBetweenRuns: entry.minutesBetweenRuns,
  cron: entry.cron,
  earliestStartAt: entry.earliestStartAt,
  expiresAt: entry.expiresAt,
  inactivityTimeoutMinutes: entry.inactivityTimeoutMinutes,
  maximumRetries: entry.maximumRetries,
  rerunDelaySeconds: entry.rerunDelaySeconds,
  whenRetriesExhausted: entry.whenRetriesExhausted,
  recurrenceAnchor: entry.recurrenceAnchor,
  categoryCode: entry.categoryCode,
  priority: entry.priority,
  timeoutSeconds: entry.timeoutSeconds,
});

const byName = <T>(items: readonly T[], nameOf: (item: T) => string): readonly T[] =>
  items.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
