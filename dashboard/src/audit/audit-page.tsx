import { Link } from 'wouter';
import { Moment } from '../design/moment';
import { Empty, Page } from '../design/page';
import { useFilter } from '../design/use-filter';
import { type Column, HowMany, WindowedTable } from '../design/windowed-table';
import { graphql, type ResultOf, type VariablesOf } from '../graphql/graphql';
import { usePagedList } from '../graphql/use-paged-list';
import type { Topic } from '../live/live-feed';

const AuditQuery = graphql(`
  query AuditEntries($first: Int, $after: String, $last: Int, $before: String, $filter: AuditFilter) {
    auditEntries(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
      edges { node { id at actor role mutation summary refusedWith target { __typename id } } }
      pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
      totalCount
      totalCountPrecision
    }
  }
`);

type AuditFilter = NonNullable<VariablesOf<typeof AuditQuery>['filter']>;
type AuditLine = ResultOf<typeof AuditQuery>['auditEntries']['edges'][number]['node'];

// Whatever somebody did shows as a change of one of these.
const topics: readonly Topic[] = ['entries', 'couplings', 'mappings', 'connections', 'runs'];
const pickEntries = (data: ResultOf<typeof AuditQuery>) => data.auditEntries;

const places: Readonly<Record<string, string>> = {
  JobQueueEntry: '/entries',
  JobQueueLogEntry: '/runs',
  Coupling: '/couplings',
  IntegrationTableMapping: '/mappings',
  ConnectionSetup: '/connections',
  SynchJob: '/synch-jobs',
  FullSynchronization: '/full',
};

const columns: readonly Column<AuditLine>[] = [
  { title: 'When', width: '112px', narrow: '84px', cell: ({ at }) => <Moment at={at} /> },
  {
    title: 'Who',
    width: '140px',
    cell: ({ actor, role }) => (
      <>
        {actor} <span className="faint">{role.toLowerCase()}</span>
      </>
    ),
  },
  {
    title: 'What',
    width: 'minmax(220px, 3fr)',
    narrow: 'minmax(0, 1fr)',
    cell: ({ summary, target }) => {
      const place = target && places[target.__typename];
      return (
        <span title={summary}>
          {place ? (
            <Link href={`${place}/${target.id}`}>{summary}</Link>
          ) : (
            <span data-row-focus tabIndex={-1}>
              {summary}
            </span>
          )}
        </span>
      );
    },
  },
  { title: 'Mutation', width: 'minmax(150px, 1.2fr)', cell: ({ mutation }) => <code>{mutation}</code> },
  {
    title: 'Refused',
    width: '150px',
    cell: ({ refusedWith }) =>
      refusedWith.length === 0 ? (
        <span className="faint">–</span>
      ) : (
        <span className="bad-text">{refusedWith.join(', ')}</span>
      ),
  },
];

/** What people and programs did, refused attempts included; nobody can change it. */
export function AuditPage() {
  const filter = useFilter();
  const actor = filter.many('actor');
  const mutation = filter.many('mutation');
  const given: AuditFilter = {
    ...(actor.length > 0 ? { actor } : {}),
    ...(mutation.length > 0 ? { mutation } : {}),
  };
  const list = usePagedList({ query: AuditQuery, variables: { filter: given }, pick: pickEntries, topics });
  const seen = (of: 'actor' | 'mutation'): readonly string[] => [...new Set(list.rows.map((row) => row[of]))].sort();
  return (
    <Page title="Audit" subtitle={<HowMany list={list} one="deed" many="deeds" />}>
      <div className="filters">
        <SeenSelect name="actor" label="Who" all="Everybody" seen={seen('actor')} />
        <SeenSelect name="mutation" label="Mutation" all="All mutations" seen={seen('mutation')} />
      </div>
      <WindowedTable
        label="Audit"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        rowHeight={40}
        empty={
          <Empty title={filter.isEmpty ? 'Nobody has changed anything yet' : 'Nothing matches the filter'}>
            {filter.isEmpty
              ? 'What people and programs do appears here, refused attempts too.'
              : 'Choose everybody, or all mutations, to see more.'}
          </Empty>
        }
      />
    </Page>
  );
}

interface SeenSelectProps {
  readonly name: string;
  readonly label: string;
  readonly all: string;
  readonly seen: readonly string[];
}

function SeenSelect({ name, label, all, seen }: SeenSelectProps) {
  const filter = useFilter();
  const chosen = filter.one(name);
  const choices = chosen === '' || seen.includes(chosen) ? seen : [chosen, ...seen];
  return (
    <label className="filter-select">
      <span className="unseen">{label}</span>
      <select value={chosen} onChange={(event) => filter.set(name, event.target.value)}>
        <option value="">{all}</option>
        {choices.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}
