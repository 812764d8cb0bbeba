import { Link } from 'wouter';
import { Badge, statusWords } from '../design/badge';
import { Chips, SearchBox } from '../design/filter-parts';
import { Moment } from '../design/moment';
import { Empty, Page } from '../design/page';
import { useFilter } from '../design/use-filter';
import { type Column, HowMany, WindowedTable } from '../design/windowed-table';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import { usePagedList } from '../graphql/use-paged-list';
import type { Topic } from '../live/live-feed';
import { BulkActions } from './bulk-actions';
import { type CouplingLine, couplingFields } from './coupling-fields';
import { couplingFilterOf, couplingStates } from './coupling-filter';
import { MappingSelect } from './mapping-select';

export const CouplingsQuery = graphql(
  `
    query Couplings($first: Int, $after: String, $last: Int, $before: String, $filter: CouplingFilter) {
      couplings(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        edges { node { ...CouplingFields } }
        pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
        totalCount
        totalCountPrecision
      }
    }
  `,
  [couplingFields],
);

const MappingNames = graphql(`
  query MappingNames { integrationTableMappings(first: 100) { edges { node { id name connectionSetup { id name } } } } }
`);

const topics: readonly Topic[] = ['couplings'];
const mappingTopics: readonly Topic[] = [];
const pickCouplings = (data: ResultOf<typeof CouplingsQuery>) => data.couplings;

const columns: readonly Column<CouplingLine>[] = [
  {
    title: 'Record',
    width: 'minmax(200px, 2fr)',
    narrow: 'minmax(0, 1fr)',
    cell: ({ id, title }) => <Link href={`/couplings/${id}`}>{title}</Link>,
  },
  {
    title: 'State',
    width: '116px',
    narrow: '112px',
    cell: ({ state, error }) => <Badge status={state} title={error?.message} />,
  },
  {
    title: 'Mapping',
    width: 'minmax(176px, 1fr)',
    cell: ({ mapping }) => <span className="soft">{mapping.name}</span>,
  },
  {
    title: 'Why',
    width: 'minmax(180px, 2.4fr)',
    cell: ({ error }) =>
      error ? (
        <span className="soft" title={error.message}>
          {error.message}
        </span>
      ) : (
        <span className="faint">–</span>
      ),
  },
  { title: 'Since', width: '112px', cell: ({ stateSince }) => <Moment at={stateSince} relative /> },
];

export function CouplingsPage() {
  const filter = useFilter();
  const given = couplingFilterOf(filter);
  const list = usePagedList({ query: CouplingsQuery, variables: { filter: given }, pick: pickCouplings, topics });
  const { data } = useLiveQuery({ query: MappingNames, variables: {}, topics: mappingTopics });
  const mappings = data?.integrationTableMappings.edges.map(({ node }) => node) ?? [];
  const cause = [...filter.many('errorClass'), ...filter.many('errorCode'), ...filter.many('errorField')];
  return (
    <Page title="Couplings" subtitle={<HowMany list={list} one="pair of records" many="pairs of records" />}>
      <div className="filters">
        <SearchBox filter={filter} label="Search a name or an id" />
        <Chips
          filter={filter}
          name="state"
          label="State"
          choices={couplingStates.map((value) => ({ value, label: statusWords(value) }))}
        />
        <MappingSelect filter={filter} mappings={mappings} />
        {cause.length > 0 && (
          <button type="button" className="chip" aria-pressed onClick={() => filter.clear()}>
            {cause.join(' · ')} ×
          </button>
        )}
      </div>
      <BulkActions filter={given} total={list.total} isExact={list.isTotalExact} />
      <WindowedTable
        label="Couplings"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        rowHeight={40}
        empty={
          filter.isEmpty ? (
            <Empty title="No record is coupled yet">
              <Link href="/full">Run a full synchronization</Link>: it couples records that are the same, and creates
              what is missing.
            </Empty>
          ) : (
            <Empty title="No pair matches the filter">That is good news where you looked for trouble.</Empty>
          )
        }
      />
    </Page>
  );
}
