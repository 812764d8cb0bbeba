import { graphql, type ResultOf } from '../graphql/graphql';

/** A pair as a line of a list. */
export const couplingFields = graphql(`
  fragment CouplingFields on Coupling {
    id
    title
    state
    stateSince
    businessId
    salesId
    lastSynchedAt
    lastResult
    attempts
    nextAttemptAt
    revision
    mapping { id name }
    error { class code message field side }
  }
`);

export type CouplingLine = ResultOf<typeof couplingFields>;
