import { graphql, type ResultOf } from '../graphql/graphql';

/** A mapping as a line of the list. */
export const mappingFields = graphql(`
  fragment MappingFields on IntegrationTableMapping {
    id
    name
    description
    enabled
    table
    integrationTable
    kind
    direction
    synchOnlyCoupledRecords
    tableFilter { field expression }
    integrationTableFilter { field expression }
    lastSynchJob { id status startedAt inserted modified deleted coupled uncoupled unchanged skipped failed conflicts }
    jobQueueEntry { id code status }
  }
`);

export type MappingLine = ResultOf<typeof mappingFields>;

/** All that may be edited of a mapping. */
export const mappingDetails = graphql(`
  fragment MappingDetails on IntegrationTableMapping {
    revision
    description
    updateConflictResolution
    deletionConflictResolution
    wakeOnChange
    dependsOn
    warnings { severity code message path }
    templates { side priority filter { field expression } values { field value } }
    fields {
      field
      integrationField
      direction
      constantValue
      transformations
      clearValueOnFailedSynch
      notNull
      lookup
      optionMap { value integrationValue }
      conflictRule
      enabled
      useForMatchBasedCoupling
      caseSensitiveMatching
      matchPriority
    }
  }
`);
