import { Link } from 'wouter';
import { Badge } from '../design/badge';
import { Facts } from '../design/facts';
import { Moment } from '../design/moment';
import { Answer, Empty, Page } from '../design/page';
import { Panel } from '../design/panel';
import { duration } from '../design/time';
import { StopRun } from '../entries/stop-run';
import { graphql } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useProgress } from '../live/use-progress';
import { PlanPanel } from '../plans/plan-panel';
import { canBeUndone, UndoActions } from '../plans/undo-jobs';
import { useMay } from '../session/session-context';
import { AmbiguitiesPanel } from '../synch-jobs/ambiguities-panel';
import { JobErrors } from '../synch-jobs/job-errors';
import { JobLine } from '../synch-jobs/job-line';
import { runFields, type SynchJobCounts } from './run-fields';

const RunQuery = graphql(
  `
    query Run($id: ID!) {
      node(id: $id) {
        __typename
        ... on JobQueueLogEntry {
          ...RunFields
          entry { id code }
          waitsFor { id code }
          fullSynchronization { id }
        }
      }
    }
  `,
  [runFields],
);

const topics: readonly Topic[] = ['runs', 'synchJobs'];

export function RunPage({ id }: { readonly id: string }) {
  useProgress();
  const answer = useLiveQuery({ query: RunQuery, variables: { id }, topics });
  const mayRead = useMay('VIEWER');
  const run = answer.data?.node?.__typename === 'JobQueueLogEntry' ? answer.data.node : null;
  return (
    <Page
      title={run === null ? 'Run' : run.code}
      subtitle={run?.description}
      actions={
        run && (
          <>
            {run.status === 'IN_PROCESS' && run.entry && <StopRun entry={run.entry} />}
            <UndoActions jobs={run.synchJobs.filter(canBeUndone)} />
          </>
        )
      }
    >
      <Answer of={answer}>
        {() =>
          run === null ? (
            <Empty title="There is no such run">
              Old runs are deleted after a while. <Link href="/runs">See those that are there</Link>.
            </Empty>
          ) : (
            <>
              <Panel title="Run">
                <Facts
                  of={[
                    ['Status', <Badge key="s" status={run.status} />],
                    ['Started', <Moment key="t" at={run.startedAt} />],
                    ['Ended', <Moment key="e" at={run.endedAt} none="still running" />],
                    ['Took', run.durationMs === null ? '–' : duration(run.durationMs)],
                    ['Attempt', String(run.attempt)],
                    ['Started by', run.startedBy],
                    ['Worker', run.workerName ?? '–'],
                    [
                      'Entry',
                      run.entry === null ? (
                        'deleted'
                      ) : (
                        <Link key="l" href={`/entries/${run.entry.id}`}>
                          {run.entry.code}
                        </Link>
                      ),
                    ],
                    ...(run.waitsFor
                      ? [
                          [
                            'Waits for',
                            <Link key="w" href={`/runs/${run.waitsFor.id}`}>
                              {run.waitsFor.code}
                            </Link>,
                          ] as const,
                        ]
                      : []),
                    ...(run.fullSynchronization
                      ? [
                          [
                            'Part of',
                            <Link key="f" href={`/full/${run.fullSynchronization.id}`}>
                              full synchronization
                            </Link>,
                          ] as const,
                        ]
                      : []),
                  ]}
                />
                {run.error && (
                  <p className="problem-box">
                    <b>{run.error.code}</b> {run.error.message}
                  </p>
                )}
              </Panel>
              <Panel title="Synch jobs">
                {run.synchJobs.length === 0 ? (
                  <p className="faint">None: this run synchronized nothing itself.</p>
                ) : (
                  <ul className="lines">
                    {run.synchJobs.map((job) => (
                      <JobLine key={job.id} job={job} />
                    ))}
                  </ul>
                )}
              </Panel>
              {mayRead && run.endedAt !== null && <PlanOfRun jobs={run.synchJobs} />}
              {mayRead &&
                run.endedAt !== null &&
                run.synchJobs
                  .filter(({ kind }) => kind === 'COUPLING')
                  .map(({ id: jobId }) => <AmbiguitiesPanel key={jobId} jobId={jobId} />)}
              {mayRead &&
                run.synchJobs
                  .filter(({ dryRun, failed, conflicts, skipped }) => !dryRun && failed + conflicts + skipped > 0)
                  .map(({ id: jobId, direction }) => <JobErrors key={jobId} jobId={jobId} direction={direction} />)}
            </>
          )
        }
      </Answer>
    </Page>
  );
}

function PlanOfRun({ jobs }: { readonly jobs: readonly SynchJobCounts[] }) {
  const planned = jobs.filter(({ dryRun }) => dryRun);
  return planned.length === 0 ? null : <PlanPanel jobIds={planned.map(({ id }) => id)} />;
}
