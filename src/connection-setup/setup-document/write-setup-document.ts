import type { IntegrationFieldMapping, RecordTemplate } from '../../mapping/integration-table-mapping.js';
import { parameterNames } from '../../mapping/transformation/transformation-rule.js';
import type { EntrySetup, MappingSetup, RuleSetup, Setup } from './setup.js';

/** Says what a document is, to people and to programs that find it. */
export const SETUP_FORMAT = 'tandem-setup';

/** Grows when a document of an older service could be misunderstood. */
export const SETUP_VERSION = 1;

/** A setup as JSON: every part with all of its fields, in one order, so that equal setups are equal texts. */
export const writeSetupDocument = ({ rules, mappings, entries }: Setup): object => ({
  format: SETUP_FORMAT,
  version: SETUP_VERSION,
  transformationRules: rules.map(ruleOf),
  mappings: mappings.map(mappingOf),
  jobQueueEntries: entries.map(entryOf),
});

const ruleOf = (rule: RuleSetup): object => ({
  code: rule.code,
  description: rule.description,
  kind: rule.kind,
  ...Object.fromEntries(parameterNames.map((name) => [name, rule[name]])),
  // Decimals are text, so that no digit is lost.
  precision: rule.precision === null ? null : String(rule.precision),
  next: rule.next,
});

const mappingOf = (mapping: MappingSetup): object => ({
  name: mapping.name,
  description: mapping.description,
  enabled: mapping.enabled,
  kind: mapping.kind,
  table: mapping.table,
  integrationTable: mapping.integrationTable,
  direction: mapping.direction,
  synchOnlyCoupledRecords: mapping.synchOnlyCoupledRecords,
  tableFilter: mapping.tableFilter,
  integrationTableFilter: mapping.integrationTableFilter,
  fields: mapping.fields.map(fieldOf),
  templates: mapping.templates.map(templateOf),
  updateConflictResolution: mapping.updateConflictResolution,
  deletionConflictResolution: mapping.deletionConflictResolution,
  wakeOnChange: mapping.wakeOnChange,
  dependsOn: mapping.dependsOn,
});

const fieldOf = (field: IntegrationFieldMapping): object => ({
  field: field.field,
  integrationField: field.integrationField,
  direction: field.direction,
  constantValue: field.constantValue,
  transformations: field.transformations,
  clearValueOnFailedSynch: field.clearValueOnFailedSynch,
  notNull: field.notNull,
  lookup: field.lookup,
  optionMap: field.optionMap,
  conflictRule: field.conflictRule,
  enabled: field.enabled,
  useForMatchBasedCoupling: field.useForMatchBasedCoupling,
  caseSensitiveMatching: field.caseSensitiveMatching,
  matchPriority: field.matchPriority,
});

const templateOf = ({ side, priority, filter, values }: RecordTemplate): object => ({ side, priority, filter, values });

const entryOf = ({ earliestStartAt, expiresAt, ...entry }: EntrySetup): object => ({
  ...entry,
  earliestStartAt: earliestStartAt?.toISOString() ?? null,
  expiresAt: expiresAt?.toISOString() ?? null,
});
