import { graphql, type ResultOf } from '../graphql/graphql';

/** A full synchronization with its lines, as the graph is drawn from it. */
export const fullFields = graphql(`
  fragment FullFields on FullSynchronization {
    id
    mode
    status
    startedAt
    finishedAt
    dryRun
    run { id code }
    connectionSetup { id name }
    lines {
      mappingName
      status
      reason
      dependsOn
      blockedBy
      mapping { id }
      run { id }
      toIntegrationTable { ...FullJob }
      fromIntegrationTable { ...FullJob }
    }
  }

  fragment FullJob on SynchJob {
    id
    status
    inserted modified deleted coupled uncoupled unchanged skipped failed conflicts
    read
  }
`);

export type FullSynchronization = ResultOf<typeof fullFields>;
export type FullLine = FullSynchronization['lines'][number];
