import { Link, useLocation } from 'wouter';
import { Badge } from '../design/badge';
import { Confirm } from '../design/confirm';
import { Facts } from '../design/facts';
import { Icon } from '../design/icon';
import { Moment } from '../design/moment';
import { useNotify } from '../design/notices';
import { Answer, Empty, Page } from '../design/page';
import { Panel } from '../design/panel';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';
import { ComparisonPanel } from './comparison-panel';
import { couplingFields } from './coupling-fields';
import { RestoreCouplings, SynchronizeCouplings, UncoupleRecords } from './coupling-mutations';
import { HistoryPanel } from './history-panel';
import { ResolvePanel } from './resolve-panel';
import { whyInWords } from './why-in-words';

const CouplingQuery = graphql(
  `
    query Coupling($id: ID!) {
      node(id: $id) {
        __typename
        ... on Coupling {
          ...CouplingFields
          businessUrl
          salesUrl
          lastSynchJob { id }
          conflicts { field integrationField direction businessValue salesValue lastAgreedValue equal conflict winner }
          waitingFor { field mappingName side recordId coupling { id title state } }
        }
      }
    }
  `,
  [couplingFields],
);

export type Pair = Extract<NonNullable<ResultOf<typeof CouplingQuery>['node']>, { __typename: 'Coupling' }>;

const topics: readonly Topic[] = ['couplings'];

export function CouplingPage({ id }: { readonly id: string }) {
  const answer = useLiveQuery({ query: CouplingQuery, variables: { id }, topics });
  const pair = answer.data?.node?.__typename === 'Coupling' ? answer.data.node : null;
  return (
    <Page title={pair?.title ?? 'Pair'} subtitle={pair?.mapping.name} actions={pair && <PairActions pair={pair} />}>
      <Answer of={answer}>
        {() =>
          pair === null ? (
            <Empty title="There is no such pair">
              It may have been uncoupled. <Link href="/couplings">See those that are there</Link>.
            </Empty>
          ) : (
            <>
              <StatePanel pair={pair} />
              {pair.state === 'CONFLICT' && pair.conflicts.length > 0 && (
                <ResolvePanel key={pair.revision} pair={pair} />
              )}
              <ComparisonPanel id={pair.id} />
              <HistoryPanel id={pair.id} />
            </>
          )
        }
      </Answer>
    </Page>
  );
}

function StatePanel({ pair }: { readonly pair: Pair }) {
  return (
    <Panel title="State" aside={<Badge status={pair.state} />}>
      <p className="why">{whyInWords(pair)}</p>
      {pair.waitingFor.length > 0 && (
        <ul className="lines">
          {pair.waitingFor.map(({ field, mappingName, recordId, coupling }) => (
            <li key={`${field} ${recordId}`} data-row>
              <code>{field}</code>
              <span className="soft">waits for a record of {mappingName}</span>
              {coupling ? <Link href={`/couplings/${coupling.id}`}>{coupling.title}</Link> : <code>{recordId}</code>}
              {coupling && <Badge status={coupling.state} />}
            </li>
          ))}
        </ul>
      )}
      <Facts
        of={[
          ['Since', <Moment key="s" at={pair.stateSince} />],
          ['Last synchronized', <Moment key="l" at={pair.lastSynchedAt} none="never" />],
          ['Tries in a row', String(pair.attempts)],
          ['Next try', <Moment key="n" at={pair.nextAttemptAt} />],
          ['Business record', <RecordId key="b" id={pair.businessId} url={pair.businessUrl} />],
          ['Dataverse record', <RecordId key="d" id={pair.salesId} url={pair.salesUrl} />],
          [
            'Last synch job',
            pair.lastSynchJob ? (
              <Link key="j" href={`/synch-jobs/${pair.lastSynchJob.id}`}>
                open
              </Link>
            ) : (
              '–'
            ),
          ],
        ]}
      />
    </Panel>
  );
}

function RecordId({ id, url }: { readonly id: string | null; readonly url: string | null }) {
  if (id === null) return <span className="faint">not there yet</span>;
  if (url === null) return <code>{id}</code>;
  return (
    <a href={url} rel="noreferrer" target="_blank">
      <code>{id}</code>
    </a>
  );
}

function PairActions({ pair }: { readonly pair: Pair }) {
  const may = useMay('OPERATOR');
  const notify = useNotify();
  const synchronize = useAction(SynchronizeCouplings);
  const restore = useAction(RestoreCouplings);
  const uncouple = useAction(UncoupleRecords);
  const [, go] = useLocation();
  if (!may) return null;
  const input = { ids: [pair.id] };
  const start = async (): Promise<void> => {
    const done = await synchronize.run({ input });
    if (done) notify({ tone: 'good', text: `${done.synchronizeCouplings.run?.code ?? 'The run'} was started.` });
  };
  const plan = async (): Promise<void> => {
    const done = await synchronize.run({ input: { ...input, dryRun: true } });
    const run = done?.synchronizeCouplings.run;
    if (run) go(`/runs/${run.id}`);
  };
  const putBack = async (): Promise<void> => {
    if (await restore.run({ input })) notify({ tone: 'good', text: 'The next run tries it again.' });
  };
  const forget = async (): Promise<void> => {
    if (await uncouple.run({ input })) notify({ tone: 'good', text: 'The pair is forgotten; both records stay.' });
  };
  const canRestore = pair.state === 'SKIPPED' || pair.state === 'FAILED' || pair.state === 'BROKEN';
  return (
    <>
      <button type="button" disabled={synchronize.running} onClick={() => void start()}>
        Synchronize
      </button>
      <button type="button" disabled={synchronize.running} onClick={() => void plan()}>
        <Icon name="plan" />
        Dry run
      </button>
      {canRestore && (
        <button type="button" disabled={restore.running} onClick={() => void putBack()}>
          Try again
        </button>
      )}
      <Confirm
        danger
        label="Uncouple"
        yes="Uncouple"
        disabled={uncouple.running}
        question={`Forget that these two records of “${pair.title}” belong together? Both records stay as they are.`}
        onYes={forget}
      />
    </>
  );
}
