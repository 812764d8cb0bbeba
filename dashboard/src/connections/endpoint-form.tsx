import { type FormEvent, type ReactNode, useId, useState } from 'react';
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
  const id = useId();
  const key = side === 'BUSINESS' ? 'business' : 'sales';
  const [values, setValues] = useState<Endpoint>(connection[key]);
  const [secret, setSecret] = useState('');
  const update = useAction(UpdateConnection, { errorsInForm: true });
  const problemOf = (name: string): string | undefined =>
    update.userErrors.find(({ field }) => field?.[0] === key && field[1] === name)?.message;
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
  return (
    <form className="form" onSubmit={(event) => void save(event)} noValidate>
      <h3 className={side.toLowerCase()}>{side === 'BUSINESS' ? 'Business system' : 'Dataverse'}</h3>
      {texts.map(([name, label]) => (
        <Field key={name} id={`${id}-${name}`} label={label} problem={problemOf(name)}>
          <input
            id={`${id}-${name}`}
            value={values[name] ?? ''}
            aria-invalid={problemOf(name) !== undefined}
            aria-describedby={`${id}-${name}-problem`}
            onChange={(event) =>
              setValues({
                ...values,
                [name]: event.target.value === '' && name !== 'baseUrl' ? null : event.target.value,
              })
            }
          />
        </Field>
      ))}
      <Field id={`${id}-authentication`} label="Signs in by" problem={problemOf('authentication')}>
        <select
          id={`${id}-authentication`}
          value={values.authentication}
          onChange={(event) =>
            setValues({ ...values, authentication: event.target.value as Endpoint['authentication'] })
          }
        >
          <option value="NONE">nothing</option>
          <option value="BASIC">user name and key</option>
          <option value="OAUTH2_CLIENT_CREDENTIALS">OAuth 2 client</option>
        </select>
      </Field>
      <Field
        id={`${id}-secret`}
        label={values.hasSecret ? 'Secret (stored; type to replace)' : 'Secret'}
        problem={problemOf('secret')}
      >
        <input
          id={`${id}-secret`}
          type="password"
          autoComplete="off"
          value={secret}
          onChange={(event) => setSecret(event.target.value)}
        />
      </Field>
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

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly problem: string | undefined;
  readonly children: ReactNode;
}

function Field({ id, label, problem, children }: FieldProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      <p id={`${id}-problem`} className="problem">
        {problem}
      </p>
    </div>
  );
}
