import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Badge } from '../design/badge';
import { Icon } from '../design/icon';
import { Moment } from '../design/moment';
import { Answer, Empty, Page } from '../design/page';
import { Panel } from '../design/panel';
import { graphql, type VariablesOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useProgress } from '../live/use-progress';
import { useMay } from '../session/session-context';
import { DependencyGraph } from './dependency-graph';
import { fullFields } from './full-fields';

const FullListQuery = graphql(
  `
    query FullSynchronizations {
      fullSynchronizations(first: 20) { edges { node { ...FullFields } } }
      connectionSetups(first: 20) { edges { node { id name enabled } } }
    }
  `,
  [fullFields],
);

const FullQuery = graphql(
  `
    query FullSynchronization($id: ID!) { node(id: $id) { __typename ... on FullSynchronization { ...FullFields } } }
  `,
  [fullFields],
);

const RunFull = graphql(`
  mutation RunFull($input: RunFullSynchronizationInput!) {
    runFullSynchronization(input: $input) { fullSynchronization { id } userErrors { code message field } }
  }
`);

type Mode = VariablesOf<typeof RunFull>['input']['mode'];

const modes: readonly { readonly mode: Mode; readonly words: string; readonly explanation: string }[] = [
  {
    mode: 'COUPLED_ONLY',
    words: 'Only coupled records',
    explanation: 'Brings the pairs that exist in step, creates nothing.',
  },
  {
    mode: 'MATCH_THEN_CREATE',
    words: 'Match, then create',
    explanation: 'Couples records that are the same by their matching fields, then creates what is missing.',
  },
  {
    mode: 'CREATE_MISSING',
    words: 'Create what is missing',
    explanation: 'Creates a counterpart for every record that has none.',
  },
];

export const modeWords = (mode: string): string => modes.find((one) => one.mode === mode)?.words ?? mode;

const topics: readonly Topic[] = ['fullSynchronizations'];

export function FullListPage() {
  const answer = useLiveQuery({ query: FullListQuery, variables: {}, topics });
  const may = useMay('OPERATOR');
  return (
    <Page title="Full synchronization" subtitle="All records of all mappings, in the order of their references">
      <Answer of={answer}>
        {({ fullSynchronizations: { edges }, connectionSetups }) => (
          <>
            {may &&
              connectionSetups.edges
                .filter(({ node }) => node.enabled)
                .map(({ node }) => <StartPanel key={node.id} id={node.id} name={node.name} />)}
            {edges.length === 0 && (
              <Empty title="None has run yet">
                {connectionSetups.edges.some(({ node }) => node.enabled) ? (
                  'The first one couples what is the same on both sides.'
                ) : (
                  <>
                    There is no enabled connection to synchronize: <Link href="/connections">see the connections</Link>.
                  </>
                )}
              </Empty>
            )}
            {edges.length > 0 && (
              <Panel title="So far">
                <ul className="lines">
                  {edges.map(({ node }) => (
                    <li key={node.id} data-row>
                      <Link href={`/full/${node.id}`}>
                        {node.connectionSetup.name}: {modeWords(node.mode).toLowerCase()}
                      </Link>
                      <Badge status={node.status} />
                      <span className="soft">
                        started <Moment at={node.startedAt} />,{' '}
                        {node.lines.filter(({ status }) => status === 'SUCCESS').length} of {node.lines.length} mappings
                        done
                      </span>
                      {node.dryRun && <span className="soft">dry run</span>}
                    </li>
                  ))}
                </ul>
              </Panel>
            )}
          </>
        )}
      </Answer>
    </Page>
  );
}

function StartPanel({ id, name }: { readonly id: string; readonly name: string }) {
  const [mode, setMode] = useState<Mode>('COUPLED_ONLY');
  const start = useAction(RunFull);
  const [, go] = useLocation();
  const run = async (dryRun: boolean): Promise<void> => {
    const done = await start.run({ input: { connectionSetupId: id, mode, dryRun } });
    const started = done?.runFullSynchronization.fullSynchronization;
    if (started) go(`/full/${started.id}`);
  };
  return (
    <Panel title={`Start one for ${name}`}>
      <fieldset className="options">
        <legend className="unseen">Mode</legend>
        {modes.map(({ mode: value, words, explanation }) => (
          <label key={value} className={mode === value ? 'choice chosen' : 'choice'}>
            <input type="radio" name={`mode-${id}`} checked={mode === value} onChange={() => setMode(value)} />
            <span>
              <b>{words}</b>
              <br />
              <span className="soft">{explanation}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className="actions">
        <button type="button" className="primary" disabled={start.running} onClick={() => void run(false)}>
          Start
        </button>
        <button type="button" disabled={start.running} onClick={() => void run(true)}>
          <Icon name="plan" />
          Dry run
        </button>
      </div>
    </Panel>
  );
}

export function FullPage({ id }: { readonly id: string }) {
  useProgress();
  const answer = useLiveQuery({ query: FullQuery, variables: { id }, topics });
  const full = answer.data?.node?.__typename === 'FullSynchronization' ? answer.data.node : null;
  return (
    <Page
      title="Full synchronization"
      subtitle={
        full && (
          <>
            {full.connectionSetup.name}, {modeWords(full.mode).toLowerCase()}
            {full.dryRun && ', a dry run: nothing is written, each mapping has its plan'}, started{' '}
            <Moment at={full.startedAt} />
          </>
        )
      }
      actions={full && <Badge status={full.status} />}
    >
      <Answer of={answer}>
        {() =>
          full === null ? (
            <Empty title="There is no such full synchronization">
              Old ones are deleted after a while. <Link href="/full">See those that are there</Link>.
            </Empty>
          ) : (
            <DependencyGraph lines={full.lines} />
          )
        }
      </Answer>
    </Page>
  );
}
