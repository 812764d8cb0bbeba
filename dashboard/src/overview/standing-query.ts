import { graphql, type ResultOf } from '../graphql/graphql';

/** How far the systems are apart, what of their limits is used, and the workers: no contents of records, so every role may ask it. */
export const StandingQuery = graphql(`
  query Standing {
    connectionSetups(first: 20) {
      edges {
        node {
          id
          name
          enabled
          drift { couplings inStep pending waiting conflicts failed skipped broken outsideFilter oldestPendingAt auditedAt }
          business { kind budget { used limit windowSeconds concurrent concurrentLimit pausedUntil } }
          sales { kind budget { used limit windowSeconds concurrent concurrentLimit pausedUntil } }
        }
      }
    }
    workers(first: 50) { edges { node { id host processId alive runs { id } } } }
  }
`);

export type Standing = ResultOf<typeof StandingQuery>;
