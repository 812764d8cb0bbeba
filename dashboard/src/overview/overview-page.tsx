import { lazy, Suspense } from 'react';
import { Link } from 'wouter';
import { Badge, statusWords } from '../design/badge';
import { Answer, Empty, Outline, Page } from '../design/page';
import { Panel } from '../design/panel';
import { entryFields } from '../entries/entry-fields';
import { NextRun } from '../entries/entry-parts';
import { recurrenceInWords } from '../entries/recurrence-in-words';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { runFields } from '../runs/run-fields';
import { AgreementPanel } from './agreement-panel';
import { BudgetPanel } from './budget-panel';
import { RunTimeline } from './run-timeline';
import { RunningNow } from './running-now';
import { type Standing, StandingQuery } from './standing-query';
import { StillList } from './still-list';

const ChartsPanel = lazy(async () => ({ default: (await import('./charts-panel')).ChartsPanel }));

const OverviewQuery = graphql(
  `
    query Overview {
      nextEntries: jobQueueEntries(first: 12, filter: { status: [READY, ON_HOLD_WITH_INACTIVITY_TIMEOUT] }, orderBy: { field: NEXT_RUN_AT }) {
        edges { node { ...EntryFields } }
      }
      troubled: jobQueueEntries(first: 10, filter: { status: [ERROR, WAITING] }) { totalCount edges { node { ...EntryFields } } }
      running: jobQueueLogEntries(first: 20, filter: { status: [IN_PROCESS] }) { edges { node { ...RunFields } } }
      recent: jobQueueLogEntries(first: 100) { edges { node { ...RunFields } } }
      lanes: jobQueueEntries(first: 13) { edges { node { id code } } }
      counts: jobQueueEntryCounts { status count }
    }
  `,
  [entryFields, runFields],
);

type Overview = ResultOf<typeof OverviewQuery>;

const topics: readonly Topic[] = ['entries', 'runs'];
const standingTopics: readonly Topic[] = ['couplings', 'connections', 'mappings', 'workers'];

export function OverviewPage() {
  const standing = useLiveQuery({ query: StandingQuery, variables: {}, topics: standingTopics });
  const answer = useLiveQuery({ query: OverviewQuery, variables: {}, topics });
  return (
    <Page title="Overview" subtitle="Whether both systems agree, what runs now, and what needs you">
      <Answer of={standing} lines={4}>
        {(data) => (isSetUp(data) ? <AgreementPanel of={data} /> : <NotSetUp />)}
      </Answer>
      <Answer of={answer} lines={16}>
        {(data) => (
          <>
            <Panel title="Runs of the last hour">
              <RunTimeline
                runs={data.recent.edges.map(({ node }) => node)}
                codes={data.lanes.edges.map(({ node }) => node.code)}
              />
            </Panel>
            <div className="columns">
              <div>
                <RunningNow runs={data.running.edges.map(({ node }) => node)} />
                {standing.data && <BudgetPanel of={standing.data} />}
              </div>
              <NextRuns data={data} />
            </div>
            <Suspense
              fallback={
                <Panel title="Runs and records" className="charts">
                  <Outline lines={6} />
                </Panel>
              }
            >
              <ChartsPanel />
            </Suspense>
          </>
        )}
      </Answer>
    </Page>
  );
}

const isSetUp = ({ connectionSetups: { edges } }: Standing): boolean => edges.some(({ node }) => node.enabled);

/** The first thing to do, until something can agree. */
const NotSetUp = () => (
  <Panel title="Agreement">
    <Empty title="No connection is enabled yet">
      A connection names the two systems. <Link href="/connections">Make one, test it and enable it</Link>: that brings
      the mappings and their jobs.
    </Empty>
  </Panel>
);

function NextRuns({ data }: { readonly data: Overview }) {
  return (
    <Panel
      title="Job queue"
      aside={
        <span className="mini-counts">
          {data.counts.map(({ status, count }) => (
            <Link key={status} href={`/entries?status=${status}`}>
              {count} {statusWords(status).toLowerCase()}
            </Link>
          ))}
        </span>
      }
    >
      <StillList
        label="Next runs"
        items={[...data.troubled.edges, ...data.nextEntries.edges].map(({ node }) => node)}
        itemKey={({ id }) => id}
        empty="Nothing is scheduled."
        rows={10}
      >
        {(entry) => (
          <div className="line-entry">
            <Link href={`/entries/${entry.id}`}>{entry.code}</Link>
            <Badge status={entry.status} title={entry.statusReason} />
            <span className="soft clip wide-only">{recurrenceInWords(entry)}</span>
            <NextRun entry={entry} />
          </div>
        )}
      </StillList>
    </Panel>
  );
}
