import { type FormEvent, useState } from 'react';
import { Confirm } from '../design/confirm';
import { MomentField, SelectField, TextField } from '../design/form-fields';
import { otherProblems, problemAt } from '../design/form-problems';
import { Moment } from '../design/moment';
import { useNotify } from '../design/notices';
import { Answer, Empty, Page } from '../design/page';
import { Panel } from '../design/panel';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import type { Role } from '../session/session';

const TokensQuery = graphql(`
  query ApiTokens {
    apiTokens(first: 100) { edges { node { id name role hint createdAt createdBy expiresAt lastUsedAt } } }
  }
`);

const CreateToken = graphql(`
  mutation CreateApiToken($input: CreateApiTokenInput!) {
    createApiToken(input: $input) { apiToken { id name } secret userErrors { code message field } }
  }
`);

const RevokeToken = graphql(`
  mutation RevokeApiToken($input: DeleteInput!) {
    revokeApiToken(input: $input) { deletedId userErrors { code message field } }
  }
`);

type Token = ResultOf<typeof TokensQuery>['apiTokens']['edges'][number]['node'];

const topics: readonly Topic[] = [];
const roles: Readonly<Record<Role, string>> = {
  MONITOR: 'Monitor: statuses and counters, no contents of records',
  VIEWER: 'Viewer: also records, changes and errors',
  OPERATOR: 'Operator: also runs, holds, couples and settles',
  ADMIN: 'Administrator: also changes connections, mappings, entries and tokens',
};

/** Who may use the API; a token's secret is seen once, when it is made. */
export function TokensPage() {
  const answer = useLiveQuery({ query: TokensQuery, variables: {}, topics });
  return (
    <Page title="API tokens" subtitle="Who may use this dashboard and the API behind it">
      <NewToken onMade={answer.reload} />
      <Answer of={answer}>
        {({ apiTokens: { edges } }) =>
          edges.length === 0 ? (
            <Empty title="There is no token besides the administrator's">
              Make one for each person and each program, so that histories tell who did what.
            </Empty>
          ) : (
            <Panel title="Tokens">
              <ul className="lines">
                {edges.map(({ node }) => (
                  <TokenLine key={node.id} token={node} onRevoked={answer.reload} />
                ))}
              </ul>
            </Panel>
          )
        }
      </Answer>
    </Page>
  );
}

function NewToken({ onMade }: { readonly onMade: () => void }) {
  const [name, setName] = useState<string | null>(null);
  const [role, setRole] = useState<Role>('VIEWER');
  const [expiresAt, setExpiresAt] = useState<string | null>(null);
  const [made, setMade] = useState<{ readonly name: string; readonly secret: string } | null>(null);
  const create = useAction(CreateToken, { errorsInForm: true });
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setMade(null);
    const done = await create.run({ input: { name: name ?? '', role, expiresAt } });
    const { apiToken, secret } = done?.createApiToken ?? {};
    if (!apiToken || !secret) return;
    setMade({ name: apiToken.name, secret });
    setName(null);
    onMade();
  };
  return (
    <Panel title="New token">
      <form onSubmit={(event) => void save(event)} noValidate>
        <div className="editor">
          <TextField label="Name" value={name} problem={problemAt(create.userErrors, 'name')} onChange={setName} />
          <SelectField
            label="Role"
            words={roles}
            value={role}
            problem={problemAt(create.userErrors, 'role')}
            onChange={setRole}
          />
          <MomentField
            label="Expires (never when empty)"
            value={expiresAt}
            problem={problemAt(create.userErrors, 'expiresAt')}
            onChange={setExpiresAt}
          />
        </div>
        <p role="alert" className="problem">
          {otherProblems(create.userErrors, ['name', 'role', 'expiresAt'])}
        </p>
        <button type="submit" className="primary" disabled={create.running}>
          Make the token
        </button>
      </form>
      {made && <MadeToken name={made.name} secret={made.secret} onClose={() => setMade(null)} />}
    </Panel>
  );
}

interface MadeTokenProps {
  readonly name: string;
  readonly secret: string;
  readonly onClose: () => void;
}

function MadeToken({ name, secret, onClose }: MadeTokenProps) {
  const notify = useNotify();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(secret);
      notify({ tone: 'good', text: 'The token is in the clipboard.' });
    } catch {
      notify({ tone: 'bad', text: 'The browser does not let this page write to the clipboard: copy it by hand.' });
    }
  };
  return (
    <div className="made-token" role="status">
      <p>
        The token <b>{name}</b> is shown this once, and kept nowhere:
      </p>
      <code>{secret}</code>
      <div className="actions">
        <button type="button" onClick={() => void copy()}>
          Copy
        </button>
        <button type="button" onClick={onClose}>
          I have it
        </button>
      </div>
    </div>
  );
}

function TokenLine({ token, onRevoked }: { readonly token: Token; readonly onRevoked: () => void }) {
  const { id, name, role, hint, createdAt, createdBy, expiresAt, lastUsedAt } = token;
  const revoke = useAction(RevokeToken);
  const notify = useNotify();
  const confirmed = async (): Promise<void> => {
    if ((await revoke.run({ input: { id } })) === null) return;
    notify({ tone: 'good', text: `${name} no longer opens anything.` });
    onRevoked();
  };
  return (
    <li data-row>
      <b data-row-focus tabIndex={-1}>
        {name}
      </b>
      <span className="soft">{role.toLowerCase()}</span>
      <code className="faint">{hint}…</code>
      <span className="faint">
        made <Moment at={createdAt} /> by {createdBy}, last used <Moment at={lastUsedAt} none="never" />, expires{' '}
        <Moment at={expiresAt} none="never" />
      </span>
      <span className="row-actions">
        <Confirm
          danger
          label="Revoke"
          name={`Revoke ${name}`}
          yes="Revoke"
          disabled={revoke.running}
          question={`Revoke ${name}? Whoever uses it is locked out at once.`}
          onYes={confirmed}
        />
      </span>
    </li>
  );
}
