import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { SelectField, TextField } from '../design/form-fields';
import { problemAt } from '../design/form-problems';
import { useNotify } from '../design/notices';
import { Answer, Empty, NotForRole, Page } from '../design/page';
import { Panel } from '../design/panel';
import { graphql } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';
import { DraftEditor } from './draft-editor';
import { emptyDraft } from './mapping-draft';
import { CreateMapping } from './mapping-mutations';
import { useMappingPreview } from './use-mapping-preview';
import { useTablesOfSystem } from './use-metadata';

const ConnectionNames = graphql(`
  query ConnectionNames { connectionSetups(first: 50) { edges { node { id name } } } }
`);

const topics: readonly Topic[] = ['connections'];

/** A new mapping: which two tables, then what a stored mapping is edited by. */
export function NewMappingPage() {
  const may = useMay('ADMIN');
  const answer = useLiveQuery({ query: ConnectionNames, variables: {}, topics, pause: !may });
  return (
    <Page title="New mapping" subtitle="Two tables whose records are the same">
      {may ? (
        <Answer of={answer}>
          {({ connectionSetups: { edges } }) =>
            edges.length === 0 ? (
              <Empty title="There is no connection yet">
                A mapping belongs to a connection: <Link href="/connections/new">make that first</Link>.
              </Empty>
            ) : (
              <NewMapping connections={edges.map(({ node }) => node)} />
            )
          }
        </Answer>
      ) : (
        <NotForRole />
      )}
    </Page>
  );
}

function NewMapping({
  connections,
}: {
  readonly connections: readonly { readonly id: string; readonly name: string }[];
}) {
  const [connectionSetupId, setConnection] = useState(connections[0]?.id ?? '');
  const [name, setName] = useState('');
  const [table, setTable] = useState('');
  const [integrationTable, setIntegrationTable] = useState('');
  const [draft, setDraft] = useState(emptyDraft);
  const businessTables = useTablesOfSystem(connectionSetupId, 'BUSINESS');
  const salesTables = useTablesOfSystem(connectionSetupId, 'SALES');
  const create = useAction(CreateMapping, { errorsInForm: true });
  const notify = useNotify();
  const [, go] = useLocation();
  const bothKnown = businessTables.includes(table) && salesTables.includes(integrationTable);
  const target = {
    connectionSetupId,
    mappingId: null,
    table: bothKnown ? table : '',
    integrationTable: bothKnown ? integrationTable : '',
  };
  const preview = useMappingPreview(target, draft);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const input = { ...(structuredClone(draft) as object), connectionSetupId, name, table, integrationTable };
    const done = await create.run({ input: input as Parameters<typeof create.run>[0]['input'] });
    const made = done?.createIntegrationTableMapping.integrationTableMapping;
    if (!made) return;
    notify({ tone: 'good', text: `${made.name} was made.` });
    go(`/mappings/${made.id}`);
  };
  const problems = create.userErrors;
  return (
    <form onSubmit={(event) => void save(event)} noValidate>
      <Panel title="The tables">
        <div className="editor">
          <SelectField
            label="Connection"
            words={Object.fromEntries(connections.map((one) => [one.id, one.name]))}
            value={connectionSetupId}
            problem={problemAt(problems, 'connectionSetupId')}
            onChange={setConnection}
          />
          <TextField
            label="Name"
            value={name}
            problem={problemAt(problems, 'name')}
            onChange={(value) => setName(value ?? '')}
          />
          <TextField
            label="Business table"
            suggestions={businessTables}
            value={table}
            problem={problemAt(problems, 'table')}
            onChange={(value) => setTable(value ?? '')}
          />
          <TextField
            label="Dataverse table"
            suggestions={salesTables}
            value={integrationTable}
            problem={problemAt(problems, 'integrationTable')}
            onChange={(value) => setIntegrationTable(value ?? '')}
          />
        </div>
      </Panel>
      {bothKnown && (
        <DraftEditor
          target={target}
          draft={draft}
          preview={preview}
          userErrors={problems.filter(
            ({ field }) => !['connectionSetupId', 'name', 'table', 'integrationTable'].includes(field?.[0] ?? ''),
          )}
          editable
          onChange={(part) => setDraft((before) => ({ ...before, ...part }))}
        />
      )}
      <div className="save-bar" role="group" aria-label="The new mapping">
        <button type="submit" className="primary" disabled={create.running}>
          Make the mapping
        </button>
        <button type="button" onClick={() => go('/mappings')}>
          Cancel
        </button>
        {problems.length > 0 && (
          <span role="alert" className="bad-text">
            Not made: {problems.map(({ message }) => message).join(' ')}
          </span>
        )}
      </div>
    </form>
  );
}
