import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { TextField } from '../design/form-fields';
import { problemAt } from '../design/form-problems';
import { useNotify } from '../design/notices';
import { NotForRole, Page } from '../design/page';
import { Panel } from '../design/panel';
import { useAction } from '../graphql/use-action';
import { withRefusal } from '../graphql/use-preview';
import { useMay } from '../session/session-context';
import { CreateConnection } from './connection-mutations';
import { useConnectionProblems, withoutSecret } from './connection-preview';
import { EndpointFieldsForm, type EndpointInput, sentEndpoint } from './endpoint-fields-form';

const emptyBusiness: EndpointInput = {
  kind: 'BUSINESS_CENTRAL',
  baseUrl: '',
  authentication: 'OAUTH2_CLIENT_CREDENTIALS',
};
const emptySales: EndpointInput = { kind: 'DATAVERSE', baseUrl: '', authentication: 'OAUTH2_CLIENT_CREDENTIALS' };

/** The first of the steps to two systems in step: where they are. The test and enabling come on the connection's page. */
export function NewConnectionPage() {
  const may = useMay('ADMIN');
  return (
    <Page title="New connection" subtitle="1. Where the two systems are. Then they are tested, and then it is enabled.">
      {may ? <NewConnection /> : <NotForRole />}
    </Page>
  );
}

function NewConnection() {
  const [name, setName] = useState<string | null>(null);
  const [business, setBusiness] = useState(emptyBusiness);
  const [sales, setSales] = useState(emptySales);
  const create = useAction(CreateConnection, { errorsInForm: true });
  const notify = useNotify();
  const [, go] = useLocation();
  const [tried, setTried] = useState(false);
  const input = { name: name ?? '', business: sentEndpoint(business), sales: sentEndpoint(sales) };
  const preview = useConnectionProblems({
    create: { ...input, business: withoutSecret(input.business), sales: withoutSecret(input.sales) },
  });
  const given = { name, business, sales };
  const userErrors = withRefusal(preview, create.refusalOf({ input })).filter(
    ({ field }) => tried || isFilledIn(given, field ?? []),
  );
  const others = userErrors.filter(
    ({ field }) => field?.[0] !== 'name' && !(['business', 'sales'].includes(field?.[0] ?? '') && field?.[1]),
  );
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    const made = (await create.run({ input }))?.createConnectionSetup.connectionSetup;
    if (!made) return;
    notify({ tone: 'good', text: `${made.name} was made. Test it next.` });
    go(`/connections/${made.id}`);
  };
  return (
    <form onSubmit={(event) => void save(event)} noValidate>
      <Panel title="The two systems">
        <div className="editor">
          <TextField label="Name" value={name} problem={problemAt(userErrors, 'name')} onChange={setName} />
        </div>
        <div className="columns">
          <EndpointFieldsForm
            side="business"
            value={business}
            hasSecret={false}
            userErrors={userErrors}
            onChange={(part) => setBusiness({ ...business, ...part })}
          />
          <EndpointFieldsForm
            side="sales"
            value={sales}
            hasSecret={false}
            userErrors={userErrors}
            onChange={(part) => setSales({ ...sales, ...part })}
          />
        </div>
        <p role="alert" className="problem">
          {others.map(({ message }) => message).join(' ')}
        </p>
        <div className="actions">
          <button type="submit" className="primary" disabled={create.running}>
            Make the connection
          </button>
          <button type="button" onClick={() => go('/connections')}>
            Cancel
          </button>
        </div>
      </Panel>
    </form>
  );
}

/** What nobody has filled in yet is not wrong yet. */
const isFilledIn = (given: object, path: readonly string[]): boolean =>
  Boolean(path.reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], given));
