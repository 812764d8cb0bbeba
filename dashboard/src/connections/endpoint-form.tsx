import { type FormEvent, useState } from 'react';
import { useAction } from '../graphql/use-action';
import { withRefusal } from '../graphql/use-preview';
import { UpdateConnection } from './connection-mutations';
import { useConnectionProblems, withoutSecret } from './connection-preview';
import type { Endpoint } from './endpoint-fields';
import { EndpointFieldsForm, type EndpointInput, sentEndpoint } from './endpoint-fields-form';

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

/** Changes one of the two end points. A secret that is left empty stays as it is stored. */
export function EndpointForm({ connection, side, onDone }: EndpointFormProps) {
  const key = side === 'BUSINESS' ? 'business' : 'sales';
  const [value, setValue] = useState(inputOf(connection[key]));
  const update = useAction(UpdateConnection, { errorsInForm: true });
  const { id, revision } = connection;
  const sent = sentEndpoint(value);
  const input = { id, expectedRevision: revision, [key]: sent };
  const preview = useConnectionProblems({ update: { ...input, [key]: withoutSecret(sent) } });
  const problems = withRefusal(preview, update.refusalOf({ input }));
  const others = problems.filter(({ field }) => field?.[0] !== key || field.length < 2);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await update.run({ input })) onDone();
  };
  return (
    <form onSubmit={(event) => void save(event)} noValidate>
      <EndpointFieldsForm
        side={key}
        value={value}
        hasSecret={connection[key].hasSecret}
        userErrors={problems}
        onChange={(part) => setValue({ ...value, ...part })}
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

function inputOf(endpoint: Endpoint): EndpointInput {
  const { kind, baseUrl, webUrl, company, authentication, userName, tenantId, clientId } = endpoint;
  return { kind, baseUrl, webUrl, company, authentication, userName, tenantId, clientId };
}
