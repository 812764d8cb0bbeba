import { useState } from 'react';
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';
import { useNotify } from '../design/notices';

/** What every mutation answers. */
export interface Payload {
  readonly userErrors: readonly UserError[];
}

export interface UserError {
  readonly code: string;
  readonly message: string;
  readonly field?: readonly string[] | null;
}

export interface Action<Data, Variables> {
  /** The data when it was done; null when it was refused, which the person has then been told. */
  readonly run: (variables: Variables) => Promise<Data | null>;
  readonly running: boolean;
  /** What the service would not accept, with the path of each value. */
  readonly userErrors: readonly UserError[];
  /** The same, when these are the variables that it would not accept. */
  readonly refusalOf: (variables: Variables) => readonly UserError[];
}

export interface ActionOptions {
  /** The form shows what was refused beside its fields; no notice then. */
  readonly errorsInForm?: boolean;
}

/** A mutation as a button or a form uses it: one at a time, refusals told in the service's own words. */
export function useAction<Data extends Readonly<Record<string, unknown>>, Variables extends AnyVariables>(
  mutation: TypedDocumentNode<Data, Variables>,
  { errorsInForm = false }: ActionOptions = {},
): Action<Data, Variables> {
  const client = useClient();
  const notify = useNotify();
  const [running, setRunning] = useState(false);
  const [{ userErrors, of }, setRefusal] = useState<Refusal>({ userErrors: [], of: '' });

  const run = async (variables: Variables): Promise<Data | null> => {
    setRunning(true);
    const { data, error } = await client.mutation(mutation, variables).toPromise();
    setRunning(false);
    if (error || !data) {
      notify({
        tone: 'bad',
        text:
          error?.graphQLErrors[0]?.message ?? 'The service does not answer. Nothing was changed, as far as is known.',
      });
      return null;
    }
    const refused = Object.values(data).flatMap((payload) => [...((payload as Payload | null)?.userErrors ?? [])]);
    setRefusal({ userErrors: refused, of: JSON.stringify(variables) });
    if (refused.length > 0 && !errorsInForm)
      notify({ tone: 'bad', text: refused.map(({ message }) => message).join(' ') });
    return refused.length > 0 ? null : data;
  };
  const refusalOf = (variables: Variables) => (of === JSON.stringify(variables) ? userErrors : []);
  return { run, running, userErrors, refusalOf };
}

interface Refusal {
  readonly userErrors: readonly UserError[];
  /** The variables as JSON. */
  readonly of: string;
}
