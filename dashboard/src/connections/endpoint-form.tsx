import { type FormEvent, useState } from 'react';
import { SelectField, TextField } from '../design/form-fields';
import { problemAt } from '../design/form-problems';
import { graphql, type VariablesOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { type Endpoint, endpointFields } from './endpoint-fields';

const UpdateConnection = graphql(
  `
    mutation UpdateConnection($input: UpdateConnectionSetupInput!) {
      updateConnectionSetup(input: $input) {
        connectionSetup { id revision business { ...EndpointFields } sales { ...EndpointFields } }
        userErrors { code message field }
      }
    }
  `,
  [endpointFields],
);

type EndpointInput = NonNullable<VariablesOf<typeof UpdateConnection>['input']['business']>;

export interface EndpointFormProps {
  readonly connection: {
    readonly id: string;
    readonly revision: number;
    readonly business: Endpoint;
    readonly sales: Endpoint;
  };
  readonly side: 'BUSINESS' | 'SALES';
  readonly onDone: () => void;
}

const texts = [
  ['baseUrl', 'Address'],
  ['webUrl', 'Address for people'],
  ['company', 'Company'],
  ['userName', 'User name'],
  ['tenantId', 'Tenant'],
  ['clientId', 'Client'],
] as const;

/** Where a system is and how to sign in there. A secret that is left empty stays as it is stored. */
export function EndpointForm({ connection, side, onDone }: EndpointFormProps) {
  const key = side === 'BUSINESS' ? 'business' : 'sales';
  const [values, setValues] = useState<Endpoint>(connection[key]);
  const [secret, setSecret] = useState('');
  const update = useAction(UpdateConnection, { errorsInForm: true });
  const others = update.userErrors.filter(({ field }) => field?.[0] !== key || field.length < 2);

  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const { kind, baseUrl, webUrl, company, authentication, userName, tenantId, clientId } = values;
    const endpoint: EndpointInput = {
      kind,
      baseUrl,
      webUrl,
      company,
      authentication,
      userName,
      tenantId,
      clientId,
      ...(secret === '' ? {} : { secret }),
    };
    if (await update.run({ input: { id: connection.id, expectedRevision: connection.revision, [key]: endpoint } }))
      onDone();
  };
  const change = (part: Partial<Endpoint>): void => setValues({ ...values, ...part });
  return (
    <form className="form" onSubmit={(event) => void save(event)} noValidate>
      <h3 className={side.toLowerCase()}>{side === 'BUSINESS' ? 'Business system' : 'Dataverse'}</h3>
      {texts.map(([name, label]) => (
        <TextField
          key={name}
          label={label}
          value={values[name]}
          problem={problemAt(update.userErrors, key, name)}
          onChange={(value) => change({ [name]: name === 'baseUrl' ? (value ?? '') : value })}
        />
      ))}
      <SelectField
        label="Signs in by"
        words={authentications}
        value={values.authentication}
        problem={problemAt(update.userErrors, key, 'authentication')}
        onChange={(authentication) => change({ authentication })}
      />
      <TextField
        label={values.hasSecret ? 'Secret (stored; type to replace)' : 'Secret'}
        type="password"
        value={secret}
        problem={problemAt(update.userErrors, key, 'secret')}
        onChange={(value) => setSecret(value ?? '')}
      />
      <p role="alert" className="problem">
        {others.map(({ message }) => message).join(' ')}
      </p>
      <div className="actions">
        <button type="submit" className="primary" disabled={update.running}>
          Save
        </button>
        <button type="button" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  );
}

const authentications = {
  NONE: 'nothing',
  BASIC: 'user name and key',
  OAUTH2_CLIENT_CREDENTIALS: 'OAuth 2 client',
} as const;
