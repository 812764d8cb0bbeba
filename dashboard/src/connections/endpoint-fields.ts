import { graphql, type ResultOf } from '../graphql/graphql';

/** One of the two systems of a connection, without its secret, which nobody can read. */
export const endpointFields = graphql(`
  fragment EndpointFields on SystemEndpoint {
    kind
    baseUrl
    webUrl
    company
    authentication
    userName
    tenantId
    clientId
    hasSecret
    lastTest { ok at durationMs message systemVersion steps { step ok durationMs message } }
    capabilities { changeTracking deletions batch bulkWrite clientAssignedIds }
  }
`);

export type Endpoint = ResultOf<typeof endpointFields>;
