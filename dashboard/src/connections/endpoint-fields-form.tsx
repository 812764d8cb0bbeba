import { SelectField, TextField } from '../design/form-fields';
import { problemAt } from '../design/form-problems';
import type { VariablesOf } from '../graphql/graphql';
import type { UserError } from '../graphql/use-action';
import type { UpdateConnection } from './connection-mutations';

export type EndpointInput = NonNullable<VariablesOf<typeof UpdateConnection>['input']['business']>;
export type EndpointSide = 'business' | 'sales';

const texts = [
  ['baseUrl', 'Address'],
  ['webUrl', 'Address for people'],
  ['company', 'Company'],
  ['userName', 'User name'],
  ['tenantId', 'Tenant'],
  ['clientId', 'Client'],
] as const;

const authentications = {
  NONE: 'nothing',
  BASIC: 'user name and key',
  OAUTH2_CLIENT_CREDENTIALS: 'OAuth 2 client',
} as const;

const kinds = { BUSINESS_CENTRAL: 'Business Central', NAV_ODATA: 'Dynamics NAV' } as const;

// What a way of signing in does not use is not asked for.
const usedBy: Readonly<Record<EndpointInput['authentication'], readonly string[]>> = {
  NONE: [],
  BASIC: ['userName'],
  OAUTH2_CLIENT_CREDENTIALS: ['tenantId', 'clientId'],
};

export interface EndpointFieldsFormProps {
  readonly side: EndpointSide;
  readonly value: EndpointInput;
  readonly hasSecret: boolean;
  readonly userErrors: readonly UserError[];
  readonly onChange: (part: Partial<EndpointInput>) => void;
}

/** Where a system is and how the service signs in there. */
export function EndpointFieldsForm({ side, value, hasSecret, userErrors, onChange }: EndpointFieldsFormProps) {
  const isAsked = (name: (typeof texts)[number][0]): boolean => {
    if (name === 'company') return side === 'business';
    if (name === 'userName' || name === 'tenantId' || name === 'clientId')
      return usedBy[value.authentication].includes(name);
    return true;
  };
  return (
    <fieldset className="form">
      <legend className={side}>{side === 'business' ? 'Business system' : 'Dataverse'}</legend>
      {side === 'business' && (
        <SelectField
          label="Which system"
          words={kinds}
          value={value.kind === 'NAV_ODATA' ? 'NAV_ODATA' : 'BUSINESS_CENTRAL'}
          problem={problemAt(userErrors, side, 'kind')}
          onChange={(kind) => onChange({ kind })}
        />
      )}
      <SelectField
        label="Signs in by"
        words={authentications}
        value={value.authentication}
        problem={problemAt(userErrors, side, 'authentication')}
        onChange={(authentication) => onChange({ authentication })}
      />
      {texts
        .filter(([name]) => isAsked(name))
        .map(([name, label]) => (
          <TextField
            key={name}
            label={label}
            value={value[name] ?? null}
            problem={problemAt(userErrors, side, name)}
            onChange={(text) => onChange({ [name]: name === 'baseUrl' ? (text ?? '') : text })}
          />
        ))}
      {value.authentication !== 'NONE' && (
        <TextField
          label={hasSecret ? 'Secret (stored; type to replace)' : 'Secret'}
          type="password"
          value={value.secret ?? null}
          problem={problemAt(userErrors, side, 'secret')}
          onChange={(secret) => onChange({ secret })}
        />
      )}
    </fieldset>
  );
}

/** What of an end point is sent: an empty secret leaves the stored one as it is. */
export function sentEndpoint(value: EndpointInput): EndpointInput {
  const { secret, ...rest } = value;
  const used = usedBy[value.authentication];
  return {
    ...rest,
    userName: used.includes('userName') ? rest.userName : null,
    tenantId: used.includes('tenantId') ? rest.tenantId : null,
    clientId: used.includes('clientId') ? rest.clientId : null,
    ...(secret ? { secret } : {}),
  };
}
