import { Link } from 'wouter';
import { Badge } from '../design/badge';
import { directionWords } from '../design/direction';
import { Facts } from '../design/facts';
import { Chips } from '../design/filter-parts';
import { Moment } from '../design/moment';
import { Answer, Empty, Page } from '../design/page';
import { Panel } from '../design/panel';
import { useFilter } from '../design/use-filter';
import { HowMany, WindowedTable } from '../design/windowed-table';
import { graphql, type ResultOf, type VariablesOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import { usePagedList } from '../graphql/use-paged-list';
import type { Topic } from '../live/live-feed';
import { useProgress } from '../live/use-progress';
import { ChangesQuery, pickChanges } from '../plans/plan-changes';
import { PlanPanel } from '../plans/plan-panel';
import { canBeUndone, UndoActions } from '../plans/undo-jobs';
import { Counts } from '../runs/counts';
import { useMay } from '../session/session-context';
import { AmbiguitiesPanel } from './ambiguities-panel';
import { changeColumns } from './change-columns';
import { JobErrors } from './job-errors';

const SynchJobQuery = graphql(`
  query SynchJob($id: ID!) {
    node(id: $id) {
      __typename
      ... on SynchJob {
        id
        kind
        mappingName
        direction
        status
        startedAt
        finishedAt
        message
        dryRun
        inserted modified deleted unchanged skipped failed coupled uncoupled conflicts
        read
        total
        recordsPerMinute
        error { code message }
        run { id code }
        mapping { id }
        basedOn { id }
      }
    }
  }
`);

type SynchJob = Extract<NonNullable<ResultOf<typeof SynchJobQuery>['node']>, { __typename: 'SynchJob' }>;
type ChangeFilter = NonNullable<VariablesOf<typeof ChangesQuery>['filter']>;

const topics: readonly Topic[] = ['synchJobs'];
const actions = ['INSERT', 'MODIFY', 'DELETE', 'COUPLE', 'UNCOUPLE'] as const;

export function SynchJobPage({ id }: { readonly id: string }) {
  useProgress();
  const answer = useLiveQuery({ query: SynchJobQuery, variables: { id }, topics });
  const job = answer.data?.node?.__typename === 'SynchJob' ? answer.data.node : null;
  const mayRead = useMay('VIEWER');
  return (
    <Page
      title={job === null ? 'Synch job' : `${job.mappingName} ${directionWords(job.direction)}`}
      subtitle={job === null ? undefined : job.dryRun ? 'A dry run: nothing was written' : (job.message ?? 'Synch job')}
      actions={job && <UndoActions jobs={[job].filter(canBeUndone)} />}
    >
      <Answer of={answer}>
        {() =>
          job === null ? (
            <Empty title="There is no such synch job">
              Old ones are deleted after a while. <Link href="/runs">See the log</Link>.
            </Empty>
          ) : (
            <>
              <JobFacts job={job} />
              {mayRead && (job.dryRun ? <PlanOfJob job={job} /> : <Changes job={job} />)}
              {mayRead && job.kind === 'COUPLING' && job.finishedAt !== null && <AmbiguitiesPanel jobId={job.id} />}
              {mayRead && !job.dryRun && job.failed + job.conflicts + job.skipped > 0 && (
                <JobErrors jobId={job.id} direction={job.direction} />
              )}
            </>
          )
        }
      </Answer>
    </Page>
  );
}

function JobFacts({ job }: { readonly job: SynchJob }) {
  return (
    <Panel title="Synch job" aside={<Badge status={job.status} />}>
      <Facts
        of={[
          ['Did', <Counts key="c" of={[job]} />],
          [
            'Read',
            job.total === null
              ? job.read.toLocaleString()
              : `${job.read.toLocaleString()} of ${job.total.toLocaleString()}`,
          ],
          ['Unchanged', job.unchanged.toLocaleString()],
          ['Records a minute', job.recordsPerMinute === null ? '–' : Math.round(job.recordsPerMinute).toLocaleString()],
          ['Started', <Moment key="s" at={job.startedAt} />],
          ['Finished', <Moment key="f" at={job.finishedAt} none="still running" />],
          [
            'Run',
            job.run ? (
              <Link key="r" href={`/runs/${job.run.id}`}>
                {job.run.code}
              </Link>
            ) : (
              '–'
            ),
          ],
          [
            'Mapping',
            job.mapping ? (
              <Link key="m" href={`/mappings/${job.mapping.id}`}>
                {job.mappingName}
              </Link>
            ) : (
              job.mappingName
            ),
          ],
          ...(job.basedOn
            ? [
                [
                  'Based on',
                  <Link key="b" href={`/synch-jobs/${job.basedOn.id}`}>
                    {job.kind === 'UNDO' ? 'the synch job that it undoes' : 'the dry run that it applied'}
                  </Link>,
                ] as const,
              ]
            : []),
        ]}
      />
      {job.error && (
        <p className="problem-box">
          <b>{job.error.code}</b> {job.error.message}
        </p>
      )}
    </Panel>
  );
}

function PlanOfJob({ job }: { readonly job: SynchJob }) {
  if (job.finishedAt === null) return <Empty title="It is still planning">The plan appears here at its end.</Empty>;
  return <PlanPanel jobIds={[job.id]} />;
}

function Changes({ job }: { readonly job: SynchJob }) {
  const filter = useFilter();
  const action = filter.many('action') as NonNullable<ChangeFilter['action']>;
  const given: ChangeFilter = action.length > 0 ? { action } : {};
  const list = usePagedList({
    query: ChangesQuery,
    variables: { id: job.id, filter: given },
    pick: pickChanges,
    topics,
  });
  const choices = actions.map((value) => ({
    value,
    label: value.charAt(0) + value.slice(1).toLowerCase(),
  }));
  return (
    <Panel title="Changes" className="flush" aside={<HowMany list={list} one="record" many="records" />}>
      <div className="filters">
        <Chips filter={filter} name="action" label="Action" choices={choices} />
      </div>
      <WindowedTable
        label="Changes"
        list={list}
        columns={changeColumns}
        rowKey={(change) => change.id}
        rowHeight={64}
        empty={<Empty title={filter.isEmpty ? 'Nothing was written' : 'No change of this kind'} />}
      />
    </Panel>
  );
}
