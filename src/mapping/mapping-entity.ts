import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { searchWordsOf } from '../store/search-words.js';
import {
  deletionConflictResolutions,
  type FieldFilter,
  type IntegrationFieldMapping,
  type IntegrationTableMapping,
  mappingKinds,
  type RecordTemplate,
  synchDirections,
  updateConflictResolutions,
} from './integration-table-mapping.js';

/** How a mapping is stored: one document, its lists inside, since a mapping is always read and saved as a whole. */
export const IntegrationTableMappingEntity = defineEntity({
  name: 'IntegrationTableMapping',
  tableName: 'integrationTableMappings',
  properties: {
    _id: p.string().primary(),
    connectionSetupId: p.string(),
    name: p.string(),
    description: p.string(),
    enabled: p.boolean(),
    kind: p.enum(mappingKinds),
    table: p.string(),
    integrationTable: p.string(),
    direction: p.enum(synchDirections),
    synchOnlyCoupledRecords: p.boolean(),
    tableFilter: p.json<readonly FieldFilter[]>(),
    integrationTableFilter: p.json<readonly FieldFilter[]>(),
    fields: p.json<readonly IntegrationFieldMapping[]>(),
    templates: p.json<readonly RecordTemplate[]>(),
    updateConflictResolution: p.enum(updateConflictResolutions),
    deletionConflictResolution: p.enum(deletionConflictResolutions),
    wakeOnChange: p.boolean(),
    dependsOn: p.json<readonly string[]>(),
    revision: p.integer(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    nameWords: p.json<readonly string[]>().nullable(),
    descriptionWords: p.json<readonly string[]>().nullable(),
  },
});

/** A mapping as MongoDB holds it. */
export type MappingDocument = Omit<IntegrationTableMapping, 'id'> &
  Partial<Record<keyof SearchWords, readonly string[] | null>> & { readonly _id: string };

/** What a search by beginnings of words looks at; absent in mappings that were saved before there was any. */
interface SearchWords {
  readonly nameWords: readonly string[];
  readonly descriptionWords: readonly string[];
}

type Stored = InferEntity<typeof IntegrationTableMappingEntity>;

export const toDocument = ({ id, ...mapping }: IntegrationTableMapping): MappingDocument & SearchWords => ({
  _id: id,
  ...mapping,
  nameWords: searchWordsOf(mapping.name),
  descriptionWords: searchWordsOf(mapping.description),
});

/** A plain object again: nothing that the rest of the program holds is tracked by the mapper. */
export function fromDocument(stored: MappingDocument | Stored): IntegrationTableMapping {
  return {
    id: stored._id,
    connectionSetupId: stored.connectionSetupId,
    name: stored.name,
    description: stored.description,
    enabled: stored.enabled,
    kind: stored.kind,
    table: stored.table,
    integrationTable: stored.integrationTable,
    direction: stored.direction,
    synchOnlyCoupledRecords: stored.synchOnlyCoupledRecords,
    tableFilter: stored.tableFilter,
    integrationTableFilter: stored.integrationTableFilter,
    fields: stored.fields,
    templates: stored.templates,
    updateConflictResolution: stored.updateConflictResolution,
    deletionConflictResolution: stored.deletionConflictResolution,
    wakeOnChange: stored.wakeOnChange,
    dependsOn: stored.dependsOn,
    revision: stored.revision,
    createdAt: stored.createdAt,
    updatedAt: stored.updatedAt,
  };
}
