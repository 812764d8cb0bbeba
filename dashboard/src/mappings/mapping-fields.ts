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
