import { Link } from 'wouter';
import { Badge } from '../design/badge';
import { Direction } from '../design/direction';
import { SearchBox } from '../design/filter-parts';
import { Icon } from '../design/icon';
import { Moment } from '../design/moment';
import { Empty, Page } from '../design/page';
import { useFilter } from '../design/use-filter';
import { type Column, HowMany, WindowedTable } from '../design/windowed-table';
import { graphql, type ResultOf } from '../graphql/graphql';
import { usePagedList } from '../graphql/use-paged-list';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';
import { type MappingLine, mappingFields } from './mapping-fields';

const MappingsQuery = graphql(
  `
    query Mappings($first: Int, $after: String, $last: Int, $before: String, $filter: IntegrationTableMappingFilter) {
      integrationTableMappings(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        edges { node { ...MappingFields drift { couplings inStep conflicts failed oldestPendingAt } } }
        pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
        totalCount
        totalCountPrecision
      }
    }
  `,
  [mappingFields],
);

const topics: readonly Topic[] = ['mappings'];
const pickMappings = (data: ResultOf<typeof MappingsQuery>) => data.integrationTableMappings;

type MappingRow = ResultOf<typeof MappingsQuery>['integrationTableMappings']['edges'][number]['node'];

const columns: readonly Column<MappingRow>[] = [
  {
    title: 'Mapping',
    width: 'minmax(200px, 2.2fr)',
    narrow: 'minmax(0, 1fr)',
    cell: ({ id, name, table, integrationTable }) => (
      <div className="two-lines">
        <Link href={`/mappings/${id}`}>{name}</Link>
        <span className="soft">
          <span className="business">{table}</span> · <span className="sales">{integrationTable}</span>
        </span>
      </div>
    ),
  },
  { title: 'Direction', width: '128px', cell: ({ direction }) => <Direction of={direction} /> },
  {
    title: 'Takes part',
    width: 'minmax(110px, 1.6fr)',
    cell: (mapping) => (
      <div className="two-lines">
        <span>{mapping.synchOnlyCoupledRecords ? 'coupled records' : 'all records'}</span>
        <span className="soft" title={filtersInWords(mapping, '\n')}>
          {filtersInWords(mapping, ', ')}
        </span>
      </div>
    ),
  },
  {
    title: 'In step',
    width: '118px',
    cell: ({ drift: { inStep, couplings, conflicts, failed } }) => (
      <span>
        {inStep.toLocaleString()} <span className="faint">of {couplings.toLocaleString()}</span>
        {conflicts + failed > 0 && <span className="bad-text"> {conflicts + failed} !</span>}
      </span>
    ),
  },
  {
    title: 'Behind',
    width: '84px',
    cell: ({ drift }) =>
      drift.oldestPendingAt === null ? (
        <span className="faint">no</span>
      ) : (
        <Moment at={drift.oldestPendingAt} relative />
      ),
  },
  {
    title: 'Last run',
    width: '180px',
    cell: ({ lastSynchJob }) =>
      lastSynchJob === null ? (
        <span className="faint">never ran</span>
      ) : (
        <span className="last-result">
          <Link href={`/synch-jobs/${lastSynchJob.id}`}>
            <span className="visually-hidden">Last synch job: </span>
            <Badge status={lastSynchJob.status} />
          </Link>
          <Moment at={lastSynchJob.startedAt} relative />
        </span>
      ),
  },
  {
    title: 'Job',
    width: '112px',
    narrow: '112px',
    cell: ({ enabled, jobQueueEntry }) =>
      enabled && jobQueueEntry ? (
        <Link href={`/entries/${jobQueueEntry.id}`}>
          <span className="visually-hidden">{jobQueueEntry.code}: </span>
          <Badge status={jobQueueEntry.status} />
        </Link>
      ) : (
        <span className="faint">{enabled ? 'no job' : 'switched off'}</span>
      ),
  },
];

export function MappingsPage() {
  const filter = useFilter();
  const mayEdit = useMay('ADMIN');
  const search = filter.one('search');
  const list = usePagedList({
    query: MappingsQuery,
    variables: { filter: search === '' ? {} : { search } },
    pick: pickMappings,
    topics,
  });
  return (
    <Page
      title="Integration table mappings"
      subtitle={<HowMany list={list} one="mapping" many="mappings" />}
      actions={
        mayEdit && (
          <>
            <Link href="/connections" className="button">
              Export and import
            </Link>
            <Link href="/mappings/new" className="button">
              <Icon name="plus" />
              New mapping
            </Link>
          </>
        )
      }
    >
      <div className="filters">
        <SearchBox filter={filter} label="Search name or description" />
      </div>
      <WindowedTable
        label="Mappings"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        rowHeight={52}
        empty={
          filter.isEmpty ? (
            <Empty title="There is no mapping">
              <Link href="/connections">Enable a connection</Link>: it brings the default mappings with it.
            </Empty>
          ) : (
            <Empty title="No mapping matches">Take a letter away to see more.</Empty>
          )
        }
      />
    </Page>
  );
}

const filtersInWords = ({ tableFilter, integrationTableFilter }: MappingLine, between: string): string =>
  [...tableFilter, ...integrationTableFilter].map(({ field, expression }) => `${field} ${expression}`).join(between);
