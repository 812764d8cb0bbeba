import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Confirm } from '../design/confirm';
import { Direction } from '../design/direction';
import { CheckField } from '../design/form-fields';
import { useNotify } from '../design/notices';
import { Answer, Empty, Page } from '../design/page';
import { Panel } from '../design/panel';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';
import { DeleteConnection, UseDefaultSetup } from './connection-mutations';
import { EndpointCard } from './endpoint-card';
import { endpointFields } from './endpoint-fields';
import { EndpointForm } from './endpoint-form';
import { SetupDocumentPanel } from './setup-document-panel';
import { TestSteps } from './test-steps';

const ConnectionQuery = graphql(
  `
    query ConnectionSetup($id: ID!) {
      node(id: $id) {
        __typename
        ... on ConnectionSetup {
          id
          name
          enabled
          revision
          business { ...EndpointFields }
          sales { ...EndpointFields }
          integrationTableMappings(first: 1) { totalCount }
          defaultSetup { mappingName table integrationTable direction jobCode action differences }
        }
      }
    }
  `,
  [endpointFields],
);

const TestConnection = graphql(`
  mutation TestConnection($input: TestConnectionInput!) {
    testConnection(input: $input) {
      business { ok at durationMs message systemVersion steps { step ok durationMs message } }
      sales { ok at durationMs message systemVersion steps { step ok durationMs message } }
      userErrors { code message field }
    }
  }
`);

const Enable = graphql(`
  mutation EnableConnection($input: ConnectionSetupIdInput!) {
    enableConnectionSetup(input: $input) { connectionSetup { id enabled revision } userErrors { code message field } }
  }
`);

const Disable = graphql(`
  mutation DisableConnection($input: ConnectionSetupIdInput!) {
    disableConnectionSetup(input: $input) { connectionSetup { id enabled revision } userErrors { code message field } }
  }
`);

type Connection = Extract<NonNullable<ResultOf<typeof ConnectionQuery>['node']>, { __typename: 'ConnectionSetup' }>;

const topics: readonly Topic[] = ['connections'];

/** From two addresses to two systems in step: where they are, whether they answer, and what enabling will make. */
export function ConnectionPage({ id }: { readonly id: string }) {
  const answer = useLiveQuery({ query: ConnectionQuery, variables: { id }, topics });
  const connection = answer.data?.node?.__typename === 'ConnectionSetup' ? answer.data.node : null;
  return (
    <Page
      title={connection?.name ?? 'Connection'}
      subtitle={
        connection && (connection.enabled ? 'Enabled: its jobs run by schedule' : 'Not enabled: nothing of it runs')
      }
      actions={connection && <DeleteConnectionButton connection={connection} />}
    >
      <Answer of={answer}>
        {() =>
          connection === null ? (
            <Empty title="There is no such connection">
              It may have been deleted. <Link href="/connections">See those that are there</Link>.
            </Empty>
          ) : (
            <Steps connection={connection} onChanged={answer.reload} />
          )
        }
      </Answer>
    </Page>
  );
}

function Steps({ connection, onChanged }: { readonly connection: Connection; readonly onChanged: () => void }) {
  const may = useMay('ADMIN');
  const [editing, setEditing] = useState<'BUSINESS' | 'SALES' | null>(null);
  const form = (side: 'BUSINESS' | 'SALES') => (
    <EndpointForm
      connection={connection}
      side={side}
      onDone={() => {
        setEditing(null);
        onChanged();
      }}
    />
  );
  const card = (side: 'BUSINESS' | 'SALES') => (
    <div>
      <EndpointCard side={side} endpoint={side === 'BUSINESS' ? connection.business : connection.sales} />
      {may && (
        <button
          type="button"
          className="below"
          aria-label={`Change the ${side === 'BUSINESS' ? 'business' : 'sales'} end point`}
          onClick={() => setEditing(side)}
        >
          Change
        </button>
      )}
    </div>
  );
  return (
    <>
      <Panel title="1. The two systems">
        <div className="columns">
          {editing === 'BUSINESS' ? form('BUSINESS') : card('BUSINESS')}
          {editing === 'SALES' ? form('SALES') : card('SALES')}
        </div>
      </Panel>
      {may && <TestPanel id={connection.id} onTested={onChanged} />}
      <EnablePanel connection={connection} may={may} onChanged={onChanged} />
      {may && <SetupDocumentPanel id={connection.id} onImported={onChanged} />}
    </>
  );
}

function TestPanel({ id, onTested }: { readonly id: string; readonly onTested: () => void }) {
  const test = useAction(TestConnection);
  const [result, setResult] = useState<ResultOf<typeof TestConnection>['testConnection'] | null>(null);
  const run = async (): Promise<void> => {
    const done = await test.run({ input: { id } });
    setResult(done?.testConnection ?? null);
    onTested();
  };
  return (
    <Panel title="2. Whether both answer">
      <button type="button" disabled={test.running} onClick={() => void run()}>
        {test.running ? 'Testing …' : 'Test both'}
      </button>
      <div className="columns" aria-live="polite">
        {result?.business && <TestResult title="Business" test={result.business} />}
        {result?.sales && <TestResult title="Dataverse" test={result.sales} />}
      </div>
    </Panel>
  );
}

function TestResult({
  title,
  test,
}: {
  readonly title: string;
  readonly test: NonNullable<ResultOf<typeof TestConnection>['testConnection']['business']>;
}) {
  return (
    <div className="endpoint">
      <h3>{title}</h3>
      <p className={test.ok ? 'text-good' : 'bad-text'}>{test.message}</p>
      <TestSteps test={test} />
    </div>
  );
}

type DefaultRow = Connection['defaultSetup'][number];

/** Enabling makes the default setup where a connection has no mapping yet, and changes no mapping later. */
function rowInWords({ action, differences }: DefaultRow, isFirst: boolean): string {
  if (isFirst) return action === 'CREATE' ? 'is made' : 'stays';
  if (action === 'CREATE') return 'is not there';
  if (action === 'KEEP') return differences.join('; ') || 'as it was made';
  return differences.join('; ') || 'changed since';
}

function EnablePanel({
  connection,
  may,
  onChanged,
}: {
  readonly connection: Connection;
  readonly may: boolean;
  readonly onChanged: () => void;
}) {
  const enable = useAction(Enable);
  const disable = useAction(Disable);
  const useDefault = useAction(UseDefaultSetup);
  const notify = useNotify();
  const { id, enabled, defaultSetup } = connection;
  const isFirst = !enabled && connection.integrationTableMappings.totalCount === 0;
  const made = isFirst ? defaultSetup.filter(({ action }) => action === 'CREATE').length : 0;
  const changed = defaultSetup.filter(({ action }) => action !== 'KEEP').length;
  const putBack = async (): Promise<void> => {
    if (await useDefault.run({ input: { id } }))
      notify({ tone: 'good', text: 'All is as the default setup makes it.' });
    onChanged();
  };
  const switchOn = async (): Promise<void> => {
    if (await enable.run({ input: { id } })) notify({ tone: 'good', text: 'Enabled: its jobs are Ready.' });
    onChanged();
  };
  const switchOff = async (): Promise<void> => {
    if (await disable.run({ input: { id } })) notify({ tone: 'good', text: 'Disabled: nothing of it runs any more.' });
    onChanged();
  };
  return (
    <Panel title={isFirst ? '3. What enabling makes' : '3. What it brought'}>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Default setup">
        <table className="values">
          <thead>
            <tr>
              <th scope="col">Mapping</th>
              <th scope="col" className="business">
                Table
              </th>
              <th scope="col" className="sales">
                Integration table
              </th>
              <th scope="col">Direction</th>
              <th scope="col">Job</th>
              <th scope="col">{isFirst ? 'On enabling' : 'Against the default setup'}</th>
            </tr>
          </thead>
          <tbody>
            {defaultSetup.map((row) => (
              <tr key={row.mappingName}>
                <th scope="row">{row.mappingName}</th>
                <td>{row.table}</td>
                <td>{row.integrationTable}</td>
                <td>
                  <Direction of={row.direction} />
                </td>
                <td>{row.jobCode ?? '–'}</td>
                <td className="soft">{rowInWords(row, isFirst)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {may && (
        <div className="actions below">
          {enabled && (
            <Confirm
              label="Use the default setup"
              yes="Put back"
              disabled={useDefault.running}
              question={`Make or put back the ${changed} mappings that differ from the default setup? What you changed of them is lost; couplings stay.`}
              onYes={putBack}
            />
          )}
          {enabled ? (
            <Confirm
              danger
              label="Disable"
              yes="Disable"
              disabled={disable.running}
              question="Stop all jobs of this connection? Couplings and settings stay."
              onYes={switchOff}
            />
          ) : (
            <Confirm
              label="Enable"
              yes="Enable"
              disabled={enable.running}
              question={
                made === 0
                  ? 'Enable the connection? Its jobs become Ready.'
                  : `Enable the connection? ${made} mappings are made, with their jobs in status Ready.`
              }
              onYes={switchOn}
            />
          )}
        </div>
      )}
    </Panel>
  );
}

function DeleteConnectionButton({ connection: { id, name, enabled, revision } }: { readonly connection: Connection }) {
  const may = useMay('ADMIN');
  const remove = useAction(DeleteConnection);
  const notify = useNotify();
  const [removeData, setRemoveData] = useState(false);
  const [, go] = useLocation();
  if (!may) return null;
  const confirmed = async (): Promise<void> => {
    if ((await remove.run({ input: { id, expectedRevision: revision, removeData } })) === null) return;
    notify({ tone: 'good', text: `${name} was deleted.` });
    go('/connections');
  };
  return (
    <Confirm
      danger
      label="Delete"
      yes="Delete"
      disabled={enabled || remove.running}
      question={
        enabled ? 'Disable it first.' : `Delete the connection ${name}? Nothing in either system is touched by that.`
      }
      onYes={confirmed}
    >
      <CheckField label="Its mappings, jobs and couplings too" value={removeData} onChange={setRemoveData} />
    </Confirm>
  );
}
