import { type ChangeEvent, useState } from 'react';
import { useClient } from 'urql';
import { CheckField } from '../design/form-fields';
import { useNotify } from '../design/notices';
import { Panel } from '../design/panel';
import { graphql, type RecordValue, type ResultOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';

const SetupDocumentQuery = graphql(`
  query SetupDocument($id: ID!) { node(id: $id) { __typename ... on ConnectionSetup { id name setupDocument } } }
`);

const ImportSetup = graphql(`
  mutation ImportSetup($input: ImportSetupInput!) {
    importSetup(input: $input) { changes { kind name action differences } userErrors { code message field } }
  }
`);

type Change = ResultOf<typeof ImportSetup>['importSetup']['changes'][number];

interface Chosen {
  readonly fileName: string;
  /** As importSetup takes it; checked by the service. */
  readonly document: RecordValue;
  readonly deleteOthers: boolean;
  /** What the import would change; null when it was refused. */
  readonly changes: readonly Change[] | null;
}

const actionWords = { CREATE: 'is made', UPDATE: 'is changed', DELETE: 'is deleted', KEEP: 'stays' } as const;
const kindWords = {
  INTEGRATION_TABLE_MAPPING: 'mapping',
  JOB_QUEUE_ENTRY: 'job',
  TRANSFORMATION_RULE: 'rule',
} as const;

/** Carries mappings, rules and jobs from one connection to another as a file, for example from test to production. */
export function SetupDocumentPanel({ id, onImported }: { readonly id: string; readonly onImported: () => void }) {
  const client = useClient();
  const notify = useNotify();
  const importing = useAction(ImportSetup, { errorsInForm: true });
  const [chosen, setChosen] = useState<Chosen | null>(null);

  const exportSetup = async (): Promise<void> => {
    const { data, error } = await client
      .query(SetupDocumentQuery, { id }, { requestPolicy: 'network-only' })
      .toPromise();
    if (data?.node?.__typename !== 'ConnectionSetup')
      return notify({ tone: 'bad', text: error?.graphQLErrors[0]?.message ?? 'The service does not answer.' });
    download(`${data.node.name}-setup.json`, JSON.stringify(data.node.setupDocument, null, 2));
  };
  const plan = async (document: RecordValue, fileName: string, deleteOthers: boolean): Promise<void> => {
    const done = await importing.run({ input: { connectionSetupId: id, document, deleteOthers, dryRun: true } });
    setChosen({ fileName, document, deleteOthers, changes: done?.importSetup.changes ?? null });
  };
  const choose = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const file = event.target.files?.[0];
    event.target.value = '';
    if (!file) return;
    try {
      await plan(JSON.parse(await file.text()) as RecordValue, file.name, false);
    } catch {
      notify({ tone: 'bad', text: `${file.name} holds no JSON: choose a file that was exported here.` });
    }
  };
  const carryOut = async ({ document, deleteOthers }: Chosen): Promise<void> => {
    const done = await importing.run({ input: { connectionSetupId: id, document, deleteOthers, dryRun: false } });
    if (done === null) return;
    notify({ tone: 'good', text: 'Imported. New jobs are On hold until somebody sets them Ready.' });
    setChosen(null);
    onImported();
  };
  return (
    <Panel title="Export and import">
      <div className="actions">
        <button type="button" onClick={() => void exportSetup()}>
          Export mappings, rules and jobs
        </button>
        <label className="button">
          Import a file …
          <input
            type="file"
            className="unseen"
            accept="application/json,.json"
            onChange={(event) => void choose(event)}
          />
        </label>
      </div>
      {chosen && (
        <section className="import-plan" aria-label="What the import would change">
          <h3>{chosen.fileName}</h3>
          {importing.userErrors.map(({ message }) => (
            <p key={message} className="bad-text">
              {message}
            </p>
          ))}
          {chosen.changes && (
            <>
              <CheckField
                label="Also delete what the file lacks"
                value={chosen.deleteOthers}
                onChange={(deleteOthers) => void plan(chosen.document, chosen.fileName, deleteOthers)}
              />
              <Changes of={chosen.changes} />
              <div className="actions">
                <button
                  type="button"
                  className="primary"
                  disabled={importing.running}
                  onClick={() => void carryOut(chosen)}
                >
                  Import
                </button>
                <button type="button" onClick={() => setChosen(null)}>
                  Cancel
                </button>
              </div>
            </>
          )}
        </section>
      )}
    </Panel>
  );
}

function Changes({ of }: { readonly of: readonly Change[] }) {
  const changed = of.filter(({ action }) => action !== 'KEEP');
  return (
    <>
      <ul className="lines">
        {changed.map(({ kind, name, action, differences }) => (
          <li key={`${kind} ${name}`}>
            <b>{name}</b>
            <span className="faint">{kindWords[kind]}</span>
            <span className={action === 'DELETE' ? 'bad-text' : ''}>{actionWords[action]}</span>
            <span className="soft">{differences.join('; ')}</span>
          </li>
        ))}
      </ul>
      <p className="faint">
        {changed.length === 0 && 'Nothing differs. '}
        {of.length - changed.length} stay as they are.
      </p>
    </>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
