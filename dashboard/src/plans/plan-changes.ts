import type { Client } from '@urql/core';
import { graphql, type ResultOf } from '../graphql/graphql';
import { emptyConnection } from '../graphql/paged-list';
import { changeFields } from '../synch-jobs/change-fields';
import type { PlanGroup } from './plan-choice';

/** A page of what a synch job planned or did, of one kind or all. */
export const ChangesQuery = graphql(
  `
    query SynchJobChanges($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $filter: RecordChangeFilter) {
      node(id: $id) {
        __typename
        ... on SynchJob {
          id
          changes(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
            edges { node { ...ChangeFields } }
            pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
            totalCount
            totalCountPrecision
          }
        }
      }
    }
  `,
  [changeFields],
);

export const pickChanges = ({ node }: ResultOf<typeof ChangesQuery>) =>
  node?.__typename === 'SynchJob' ? node.changes : emptyConnection;

const ChangeIdsQuery = graphql(`
  query SynchJobChangeIds($id: ID!, $after: String, $filter: RecordChangeFilter) {
    node(id: $id) {
      __typename
      ... on SynchJob { id changes(first: 100, after: $after, filter: $filter) { edges { node { id } } pageInfo { hasNextPage endCursor } } }
    }
  }
`);

/** The ids of all changes of a group. Throws what the service answered when it could not tell. */
export async function changeIdsOf(client: Client, { jobId, action }: PlanGroup): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null; ; ) {
    const variables: { id: string; after: string | null; filter: { action: PlanGroup['action'][] } } = {
      id: jobId,
      after,
      filter: { action: [action] },
    };
    const answer = await client.query(ChangeIdsQuery, variables, { requestPolicy: 'network-only' }).toPromise();
    if (answer.error) throw answer.error;
    if (answer.data?.node?.__typename !== 'SynchJob') return ids;
    const { edges, pageInfo } = answer.data.node.changes;
    ids.push(...edges.map(({ node }) => node.id));
    if (!pageInfo.hasNextPage) return ids;
    after = pageInfo.endCursor;
  }
}
