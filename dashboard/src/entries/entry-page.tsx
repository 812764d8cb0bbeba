import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Badge } from '../design/badge';
import { Confirm } from '../design/confirm';
import { Facts } from '../design/facts';
import { Moment } from '../design/moment';
import { useNotify } from '../design/notices';
import { Answer, Empty, Page } from '../design/page';
import { Panel } from '../design/panel';
import { WindowedTable } from '../design/windowed-table';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useLiveQuery } from '../graphql/use-live-query';
import { usePagedList } from '../graphql/use-paged-list';
import type { Topic } from '../live/live-feed';
import { RunsQuery, runColumns } from '../runs/runs-page';
import { useMay } from '../session/session-context';
import { EntryActions } from './entry-actions';
import { EntryEditor } from './entry-editor';
import { entryFields } from './entry-fields';
import { recurrenceInWords } from './recurrence-in-words';
import { UpcomingRuns, useSchedulePreview } from './upcoming-runs';

const EntryQuery = graphql(
  `
    query Entry($id: ID!) {
      node(id: $id) {
        __typename
        ... on JobQueueEntry {
          ...EntryFields
          connectionSetup { id name }
          mapping { id name }
          parameterString
          expiresAt
          rerunDelaySeconds
          whenRetriesExhausted
          recurrenceAnchor
          timeoutSeconds
          revision
          createdAt
          updatedAt
        }
      }
    }
  `,
  [entryFields],
);

export type Entry = Extract<NonNullable<ResultOf<typeof EntryQuery>['node']>, { __typename: 'JobQueueEntry' }>;

const topics: readonly Topic[] = ['entries'];
const runTopics: readonly Topic[] = ['runs'];
const pickRuns = (data: ResultOf<typeof RunsQuery>) => data.jobQueueLogEntries;

export function EntryPage({ id }: { readonly id: string }) {
  const answer = useLiveQuery({ query: EntryQuery, variables: { id }, topics });
  const [editing, setEditing] = useState(false);
  const may = useMay('ADMIN');
  const entry = answer.data?.node?.__typename === 'JobQueueEntry' ? answer.data.node : null;
  return (
    <Page
      title={entry?.code ?? 'Job queue entry'}
      subtitle={entry?.description}
      actions={
        entry && (
          <>
            <EntryActions entry={entry} />
            {may && !entry.oneOff && !editing && (
              <button type="button" onClick={() => setEditing(true)}>
                Change
              </button>
            )}
            {may && <DeleteEntry entry={entry} />}
          </>
        )
      }
    >
      <Answer of={answer}>
        {() =>
          entry === null ? (
            <Empty title="There is no such entry">
              It may have been deleted. <Link href="/entries">See those that are there</Link>.
            </Empty>
          ) : (
            <>
              {editing && (
                <EntryEditor
                  entry={entry}
                  onDone={() => {
                    setEditing(false);
                    answer.reload();
                  }}
                />
              )}
              <EntryCard entry={entry} editing={editing} />
            </>
          )
        }
      </Answer>
    </Page>
  );
}

const DeleteMutation = graphql(`
  mutation DeleteEntry($input: DeleteInput!) {
    deleteJobQueueEntry(input: $input) { deletedId userErrors { code message field } }
  }
`);

function DeleteEntry({ entry: { id, code, revision } }: { readonly entry: Entry }) {
  const remove = useAction(DeleteMutation);
  const notify = useNotify();
  const [, go] = useLocation();
  const confirmed = async (): Promise<void> => {
    if ((await remove.run({ input: { id, expectedRevision: revision } })) === null) return;
    notify({ tone: 'good', text: `${code} was deleted.` });
    go('/entries');
  };
  return (
    <Confirm
      danger
      label="Delete"
      yes="Delete"
      disabled={remove.running}
      question={`Delete ${code}? It never runs again; its log stays.`}
      onYes={confirmed}
    />
  );
}

function EntryCard({ entry, editing }: { readonly entry: Entry; readonly editing: boolean }) {
  const list = usePagedList({
    query: RunsQuery,
    variables: { filter: { code: [entry.code] } },
    pick: pickRuns,
    topics: runTopics,
  });
  const preview = useSchedulePreview(entry);
  return (
    <>
      <div className="columns">
        <Panel title="Status">
          <Facts
            of={[
              ['Status', <Badge key="s" status={entry.status} />],
              ['Why', entry.statusReason ?? '–'],
              ['Next run', <Moment key="n" at={entry.nextRunAt} />],
              [
                'Now',
                entry.currentRun ? (
                  <Link key="c" href={`/runs/${entry.currentRun.id}`}>
                    running
                  </Link>
                ) : (
                  'nothing runs'
                ),
              ],
              ['Retries made', `${entry.retriesMade} of ${entry.maximumRetries}`],
              ['Connection', entry.connectionSetup?.name ?? '–'],
              [
                'Mapping',
                entry.mapping ? (
                  <Link key="m" href={`/mappings/${entry.mapping.id}`}>
                    {entry.mapping.name}
                  </Link>
                ) : (
                  '–'
                ),
              ],
              ['Task', words(entry.task)],
              ['Settings of the task', entry.parameterString ?? '–'],
              ['Made', <Moment key="a" at={entry.createdAt} />],
            ]}
          />
        </Panel>
        <Panel title="Schedule">
          <Facts
            of={[
              ['Recurrence', recurrenceInWords(entry)],
              ['Counted from', entry.recurrenceAnchor === 'END_OF_RUN' ? 'the end of a run' : 'the schedule'],
              [
                'Sleeps after finding nothing',
                entry.inactivityTimeoutMinutes === 0
                  ? 'until something changes'
                  : `${entry.inactivityTimeoutMinutes} min`,
              ],
              ['Retry after', `${entry.rerunDelaySeconds} s`],
              [
                'When retries are used up',
                entry.whenRetriesExhausted === 'STOP' ? 'stops with an error' : 'goes on at the next slot',
              ],
              ['Time limit', entry.timeoutSeconds === null ? 'none' : `${entry.timeoutSeconds} s`],
              ['Category', entry.categoryCode ?? '–'],
              ['Priority', words(entry.priority)],
              ['Not before', <Moment key="b" at={entry.earliestStartAt} />],
              ['Expires', <Moment key="x" at={entry.expiresAt} none="never" />],
            ]}
          />
          {/* While it is changed the form tells them, of the schedule as it is typed. */}
          {entry.recurringJob && !editing && <UpcomingRuns preview={preview} />}
        </Panel>
      </div>
      <h2 className="section">Log</h2>
      <WindowedTable
        label={`Runs of ${entry.code}`}
        list={list}
        columns={runColumns}
        rowKey={({ id }) => id}
        empty={<Empty title="It has not run yet">Its runs appear here.</Empty>}
      />
    </>
  );
}

const words = (constant: string): string => constant.charAt(0) + constant.slice(1).toLowerCase().replaceAll('_', ' ');
