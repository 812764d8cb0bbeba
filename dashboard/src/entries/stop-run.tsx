import { Icon } from '../design/icon';
import { graphql } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useMay } from '../session/session-context';

const CancelRun = graphql(`
  mutation CancelRun($input: CancelJobQueueRunInput!) {
    cancelJobQueueRun(input: $input) { run { id status } userErrors { code message field } }
  }
`);

/** Ends what an entry runs at this moment; what was written until then stays. */
export function StopRun({ entry: { id, code } }: { readonly entry: { readonly id: string; readonly code: string } }) {
  const may = useMay('OPERATOR');
  const cancel = useAction(CancelRun);
  if (!may) return null;
  return (
    <button
      type="button"
      disabled={cancel.running}
      aria-label={`Stop the run of ${code}`}
      onClick={() => void cancel.run({ input: { id } })}
    >
      <Icon name="cancel" />
      Stop
    </button>
  );
}
