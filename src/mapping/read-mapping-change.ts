import type {
  FieldFilter,
  IntegrationFieldMapping,
  IntegrationTableMapping,
  RecordTemplate,
} from './integration-table-mapping.js';
import type {
  CreateIntegrationTableMappingInput,
  FieldFilterInput,
  IntegrationFieldMappingInput,
  RecordTemplateInput,
  UpdateIntegrationTableMappingInput,
} from './mapping-inputs-graphql.js';
import type { MappingChange } from './mapping-store.js';
import type { MappingFault } from './update-mapping.js';

/** What an input asks for: absent leaves, and null is a fault, since nothing of a mapping may be empty. */
export function readMappingChange(
  input: UpdateIntegrationTableMappingInput,
  mapping: IntegrationTableMapping,
): { readonly change: MappingChange; readonly faults: readonly MappingFault[] } {
  const direction = input.direction ?? mapping.direction;
  const asked = {
    description: input.description,
    enabled: input.enabled,
    direction: input.direction,
    synchOnlyCoupledRecords: input.synchOnlyCoupledRecords,
    tableFilter: input.tableFilter?.map(readFilter) ?? input.tableFilter,
    integrationTableFilter: input.integrationTableFilter?.map(readFilter) ?? input.integrationTableFilter,
    fields: input.fields?.map((field) => readField(field, direction)) ?? input.fields,
    templates: input.templates?.map(readTemplate) ?? input.templates,
    updateConflictResolution: input.updateConflictResolution,
    deletionConflictResolution: input.deletionConflictResolution,
    wakeOnChange: input.wakeOnChange,
    dependsOn: input.dependsOn,
  };
  const faults = Object.entries(asked)
    .filter(([, value]) => value === null)
    .map(([name]) => ({ path: [name], message: 'expected a value, got null; leave it out to keep what is there' }));
  // What is left is neither absent nor null, so it has the type of its field.
  const change = Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== undefined && value !== null),
  ) as MappingChange;
  return { change, faults };
}

/** A new mapping as an input asks for it. */
export function readNewMapping(
  input: CreateIntegrationTableMappingInput,
  made: { readonly id: string; readonly connectionSetupId: string; readonly at: Date },
): IntegrationTableMapping {
  const direction = input.direction ?? 'BIDIRECTIONAL';
  return {
    id: made.id,
    connectionSetupId: made.connectionSetupId,
    name: input.name.trim(),
    description: input.description ?? '',
    enabled: input.enabled ?? true,
    kind: input.kind ?? 'TABLE',
    table: input.table,
    integrationTable: input.integrationTable,
    direction,
    synchOnlyCoupledRecords: input.synchOnlyCoupledRecords ?? true,
    tableFilter: (input.tableFilter ?? []).map(readFilter),
    integrationTableFilter: (input.integrationTableFilter ?? []).map(readFilter),
    fields: input.fields.map((field) => readField(field, direction)),
    templates: (input.templates ?? []).map(readTemplate),
    updateConflictResolution: input.updateConflictResolution ?? 'MERGE_FIELDS',
    deletionConflictResolution: input.deletionConflictResolution ?? 'NONE',
    wakeOnChange: input.wakeOnChange ?? true,
    dependsOn: input.dependsOn ?? [],
    revision: 1,
    createdAt: made.at,
    updatedAt: made.at,
  };
}

const readFilter = ({ field, expression }: FieldFilterInput): FieldFilter => ({ field, expression });

const readField = (
  input: IntegrationFieldMappingInput,
  mappingDirection: IntegrationTableMapping['direction'],
): IntegrationFieldMapping => ({
  field: input.field,
  integrationField: input.integrationField,
  direction: input.direction ?? mappingDirection,
  constantValue: input.constantValue ?? null,
  transformations: input.transformations ?? [],
  clearValueOnFailedSynch: input.clearValueOnFailedSynch ?? false,
  notNull: input.notNull ?? false,
  lookup: input.lookup ?? null,
  optionMap: (input.optionMap ?? []).map(({ value, integrationValue }) => ({ value, integrationValue })),
  conflictRule: input.conflictRule ?? 'INHERIT',
  enabled: input.enabled ?? true,
  useForMatchBasedCoupling: input.useForMatchBasedCoupling ?? false,
  caseSensitiveMatching: input.caseSensitiveMatching ?? false,
  matchPriority: input.matchPriority ?? 0,
});

const readTemplate = ({ side, priority, filter, values }: RecordTemplateInput): RecordTemplate => ({
  side,
  priority,
  filter: (filter ?? []).map(readFilter),
  values: values.map(({ field, value }) => ({ field, value })),
});
