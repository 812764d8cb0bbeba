import { Empty } from '../design/page';
import { Panel } from '../design/panel';
import { WindowedTable } from '../design/windowed-table';
import { graphql, type ResultOf } from '../graphql/graphql';
import { emptyConnection } from '../graphql/paged-list';
import { usePagedList } from '../graphql/use-paged-list';
import type { Topic } from '../live/live-feed';
import { changeColumns } from '../synch-jobs/change-columns';
import { changeFields } from '../synch-jobs/change-fields';

const HistoryQuery = graphql(
  `
    query CouplingHistory($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
      node(id: $id) {
        __typename
        ... on Coupling {
          id
          history(first: $first, after: $after, last: $last, before: $before) {
            edges { node { ...ChangeFields } }
            pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
            totalCount
          }
        }
      }
    }
  `,
  [changeFields],
);

const topics: readonly Topic[] = ['couplings'];
const pickHistory = ({ node }: ResultOf<typeof HistoryQuery>) =>
  node?.__typename === 'Coupling' ? node.history : emptyConnection;

/** Every write that was made to either record of the pair. */
export function HistoryPanel({ id }: { readonly id: string }) {
  const list = usePagedList({ query: HistoryQuery, variables: { id }, pick: pickHistory, topics });
  return (
    <Panel title="History of writes" className="flush">
      <WindowedTable
        label="History of writes"
        list={list}
        columns={changeColumns}
        rowKey={(change) => change.id}
        rowHeight={64}
        empty={<Empty title="Nothing was written yet" />}
      />
    </Panel>
  );
}
