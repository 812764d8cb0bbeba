import { Link } from 'wouter';
import { Badge, statusWords } from '../design/badge';
import { Chips } from '../design/filter-parts';
import { Moment } from '../design/moment';
import { Empty, Page } from '../design/page';
import { duration } from '../design/time';
import { useFilter } from '../design/use-filter';
import { type Column, HowMany, WindowedTable } from '../design/windowed-table';
import { graphql, type ResultOf, type VariablesOf } from '../graphql/graphql';
import { usePagedList } from '../graphql/use-paged-list';
import type { Topic } from '../live/live-feed';
import { Counts } from './counts';
import { type RunLine, runFields } from './run-fields';

export const RunsQuery = graphql(
  `
    query Runs($first: Int, $after: String, $last: Int, $before: String, $filter: JobQueueLogFilter) {
      jobQueueLogEntries(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        edges { node { ...RunFields } }
        pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
        totalCount
        totalCountPrecision
      }
    }
  `,
  [runFields],
);

type LogFilter = NonNullable<NonNullable<VariablesOf<typeof RunsQuery>>['filter']>;

const topics: readonly Topic[] = ['runs'];
const statuses = ['IN_PROCESS', 'SUCCESS', 'ERROR', 'CANCELLED', 'INTERRUPTED'];
const pickRuns = (data: ResultOf<typeof RunsQuery>) => data.jobQueueLogEntries;

export const runColumns: readonly Column<RunLine>[] = [
  {
    title: 'Run',
    width: 'minmax(190px, 1fr)',
    narrow: 'minmax(0, 1.3fr)',
    cell: (run) => (
      <>
        <Link href={`/runs/${run.id}`}>{run.code}</Link>
        {run.attempt > 1 && <span className="faint"> attempt {run.attempt}</span>}
      </>
    ),
  },
  {
    title: 'Status',
    width: '112px',
    narrow: '104px',
    cell: ({ status, error }) => <Badge status={status} title={error?.message} />,
  },
  { title: 'Started', width: '92px', narrow: '62px', cell: ({ startedAt }) => <Moment at={startedAt} /> },
  {
    title: 'Took',
    width: '74px',
    align: 'end',
    cell: ({ durationMs }) => (durationMs === null ? <span className="faint">–</span> : duration(durationMs)),
  },
  {
    title: 'What it did',
    width: 'minmax(240px, 4fr)',
    cell: ({ synchJobs, error, status }) =>
      error ? (
        <span className="bad-text">{error.message}</span>
      ) : (
        <Counts of={synchJobs} none={status === 'IN_PROCESS' ? 'running' : 'nothing to do'} />
      ),
  },
  {
    title: 'Started by',
    width: 'minmax(92px, 1fr)',
    cell: ({ startedBy }) => (
      <span className="soft" title={startedBy}>
        {startedBy}
      </span>
    ),
  },
];

export function RunsPage() {
  const filter = useFilter();
  const status = filter.many('status') as NonNullable<LogFilter['status']>;
  const code = filter.many('code');
  const given: LogFilter = { ...(status.length > 0 ? { status } : {}), ...(code.length > 0 ? { code } : {}) };
  const list = usePagedList({ query: RunsQuery, variables: { filter: given }, pick: pickRuns, topics });
  return (
    <Page title="Job queue log" subtitle={<HowMany list={list} one="run" many="runs" />}>
      <div className="filters">
        <Chips
          filter={filter}
          name="status"
          label="Status"
          choices={statuses.map((value) => ({ value, label: statusWords(value) }))}
        />
        {code.length > 0 && (
          <button type="button" className="chip" aria-pressed onClick={() => filter.set('code', '')}>
            {code.join(', ')} ×
          </button>
        )}
      </div>
      <WindowedTable
        label="Runs"
        list={list}
        columns={runColumns}
        rowKey={({ id }) => id}
        empty={
          filter.isEmpty ? (
            <Empty title="Nothing has run yet">
              Runs appear here as soon as an <Link href="/entries">entry of the job queue</Link> is due.
            </Empty>
          ) : (
            <Empty title="No run matches the filter">Switch a status off to see more.</Empty>
          )
        }
      />
    </Page>
  );
}
