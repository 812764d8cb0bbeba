import { Link } from 'wouter';
import { Badge, statusWords } from '../design/badge';
import { Chips, SearchBox } from '../design/filter-parts';
import { Icon } from '../design/icon';
import { Empty, Page } from '../design/page';
import { type Filter, useFilter } from '../design/use-filter';
import { type Column, HowMany, WindowedTable } from '../design/windowed-table';
import { graphql, type ResultOf, type VariablesOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import { usePagedList } from '../graphql/use-paged-list';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';
import { EntryActions } from './entry-actions';
import { EntryBulk } from './entry-bulk';
import { type EntryLine, entryFields } from './entry-fields';
import { LastResult, NextRun } from './entry-parts';
import { recurrenceInWords } from './recurrence-in-words';

const EntriesQuery = graphql(
  `
    query Entries($first: Int, $after: String, $last: Int, $before: String, $filter: JobQueueEntryFilter) {
      jobQueueEntries(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        edges { node { ...EntryFields } }
        pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
        totalCount
        totalCountPrecision
      }
    }
  `,
  [entryFields],
);

const CountsQuery = graphql(`
  query EntryCounts($filter: JobQueueEntryFilter) { jobQueueEntryCounts(filter: $filter) { status count } }
`);

type EntryFilter = NonNullable<NonNullable<VariablesOf<typeof EntriesQuery>>['filter']>;

const topics: readonly Topic[] = ['entries'];
const statuses = ['READY', 'IN_PROCESS', 'WAITING', 'ERROR', 'ON_HOLD', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT', 'FINISHED'];
const pickEntries = (data: ResultOf<typeof EntriesQuery>) => data.jobQueueEntries;

const columns: readonly Column<EntryLine>[] = [
  {
    title: 'Entry',
    width: 'minmax(180px, 2.4fr)',
    narrow: 'minmax(0, 1fr)',
    cell: ({ id, code, description }) => (
      <div className="two-lines">
        <Link href={`/entries/${id}`}>{code}</Link>
        <span className="soft">{description}</span>
      </div>
    ),
  },
  {
    title: 'Status',
    width: '112px',
    narrow: '112px',
    cell: ({ status, statusReason }) => <Badge status={status} title={statusReason} />,
  },
  {
    title: 'Recurrence',
    width: 'minmax(110px, 1fr)',
    cell: (entry) => <span className="soft clip">{recurrenceInWords(entry)}</span>,
  },
  { title: 'Next run', width: '96px', cell: (entry) => <NextRun entry={entry} /> },
  { title: 'Last result', width: 'minmax(172px, 1fr)', cell: (entry) => <LastResult entry={entry} /> },
  { title: 'Actions', width: '210px', narrow: 'below', cell: (entry) => <EntryActions entry={entry} compact /> },
];

/** For whom nothing can be done in a row. */
const seenColumns = columns.filter(({ title }) => title !== 'Actions');

export function EntriesPage() {
  const filter = useFilter();
  const mayEdit = useMay('ADMIN');
  const mayAct = useMay('OPERATOR');
  const given = filterOf(filter);
  const list = usePagedList({ query: EntriesQuery, variables: { filter: given }, pick: pickEntries, topics });
  const { status: _, ...withoutStatus } = given;
  const { data } = useLiveQuery({ query: CountsQuery, variables: { filter: withoutStatus }, topics });
  const countOf = (status: string): number | undefined =>
    data?.jobQueueEntryCounts.find((one) => one.status === status)?.count ?? (data ? 0 : undefined);
  const oneOff = filter.one('oneOff') !== '';
  return (
    <Page
      title="Job queue entries"
      subtitle={<HowMany list={list} one="entry" many="entries" />}
      actions={
        mayEdit && (
          <Link href="/entries/new" className="button">
            <Icon name="plus" />
            New entry
          </Link>
        )
      }
    >
      <div className="filters">
        <SearchBox filter={filter} label="Search code or description" />
        <Chips
          filter={filter}
          name="status"
          label="Status"
          choices={statuses
            .filter((value) => value !== 'FINISHED' || oneOff)
            .map((value) => ({ value, label: statusWords(value), count: countOf(value) }))}
        />
        <label className="check">
          <input
            type="checkbox"
            checked={oneOff}
            onChange={(event) => filter.set('oneOff', event.target.checked ? 'true' : '')}
          />
          With single runs
        </label>
      </div>
      <EntryBulk
        filter={given}
        total={list.total}
        isFiltered={given.status !== undefined || given.search !== undefined}
      />
      <WindowedTable
        label="Job queue entries"
        list={list}
        columns={mayAct ? columns : seenColumns}
        rowKey={({ id }) => id}
        rowHeight={52}
        narrowRowHeight={mayAct ? 92 : 52}
        empty={
          filter.isEmpty ? (
            <Empty title="The job queue is empty">
              <Link href="/connections">Enable a connection</Link>: it brings the default synchronization jobs with it.
            </Empty>
          ) : (
            <Empty title="No entry matches the filter">Take a word or a status away to see more.</Empty>
          )
        }
      />
    </Page>
  );
}

function filterOf(filter: Filter): EntryFilter {
  const status = filter.many('status') as NonNullable<EntryFilter['status']>;
  const search = filter.one('search');
  return {
    oneOff: filter.one('oneOff') === '' ? false : null,
    ...(status.length > 0 ? { status } : {}),
    ...(search === '' ? {} : { search }),
  };
}
