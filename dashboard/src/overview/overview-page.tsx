import { Link } from 'wouter';
import { Badge, statusWords } from '../design/badge';
import { Answer, Page } from '../design/page';
import { Panel } from '../design/panel';
import { entryFields } from '../entries/entry-fields';
import { NextRun } from '../entries/entry-parts';
import { recurrenceInWords } from '../entries/recurrence-in-words';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { runFields } from '../runs/run-fields';
import { useMay } from '../session/session-context';
import { AgreementPanel } from './agreement-panel';
import { RunTimeline } from './run-timeline';
import { RunningNow } from './running-now';

const OverviewQuery = graphql(
  `
    query Overview {
      nextEntries: jobQueueEntries(first: 12, filter: { status: [READY, ON_HOLD_WITH_INACTIVITY_TIMEOUT] }, orderBy: { field: NEXT_RUN_AT }) {
        edges { node { ...EntryFields } }
      }
      troubled: jobQueueEntries(first: 10, filter: { status: [ERROR, WAITING] }) { totalCount edges { node { ...EntryFields } } }
      running: jobQueueLogEntries(first: 20, filter: { status: [IN_PROCESS] }) { edges { node { ...RunFields } } }
      recent: jobQueueLogEntries(first: 100) { edges { node { ...RunFields } } }
      counts: jobQueueEntryCounts { status count }
    }
  `,
  [entryFields, runFields],
);

const topics: readonly Topic[] = ['entries', 'runs'];

export function OverviewPage() {
  const mayRead = useMay('VIEWER');
  const answer = useLiveQuery({ query: OverviewQuery, variables: {}, topics });
  return (
    <Page title="Overview" subtitle="Whether both systems agree, what runs now, and what needs you">
      {mayRead && <AgreementPanel />}
      <Answer of={answer} lines={16}>
        {(data) => (
          <>
            <Panel title="Runs of the last hour">
              <RunTimeline runs={data.recent.edges.map(({ node }) => node)} />
            </Panel>
            <div className="columns">
              <RunningNow runs={data.running.edges.map(({ node }) => node)} />
              <NextRuns data={data} />
            </div>
          </>
        )}
      </Answer>
    </Page>
  );
}

function NextRuns({ data }: { readonly data: ResultOf<typeof OverviewQuery> }) {
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
      <ul className="lines">
        {[...data.troubled.edges, ...data.nextEntries.edges].map(({ node }) => (
          <li key={node.id} data-row className="line-entry">
            <Link href={`/entries/${node.id}`}>{node.code}</Link>
            <Badge status={node.status} title={node.statusReason} />
            <span className="soft clip wide-only">{recurrenceInWords(node)}</span>
            <NextRun entry={node} />
          </li>
        ))}
        {data.nextEntries.edges.length + data.troubled.edges.length === 0 && (
          <li className="faint">Nothing is scheduled.</li>
        )}
      </ul>
    </Panel>
  );
}
