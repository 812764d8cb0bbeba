import { useState } from 'react';
import { useLocation } from 'wouter';
import { Icon } from '../design/icon';
import { graphql } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useMay } from '../session/session-context';

const SynchronizeMapping = graphql(`
  mutation SynchronizeMapping($input: SynchronizeMappingInput!) {
    synchronizeMapping(input: $input) { run { id code } userErrors { code message field } }
  }
`);

/** Runs a mapping now: what changed since the last run, or all records; or only plans what that would do. */
export function RunMapping({ mapping: { id } }: { readonly mapping: { readonly id: string } }) {
  const may = useMay('OPERATOR');
  const [full, setFull] = useState(false);
  const synchronize = useAction(SynchronizeMapping);
  const [, go] = useLocation();
  if (!may) return null;
  const run = async (dryRun: boolean): Promise<void> => {
    const done = await synchronize.run({ input: { id, full, dryRun } });
    const started = done?.synchronizeMapping.run;
    if (started) go(`/runs/${started.id}`);
  };
  return (
    <>
      <label className="check">
        <input type="checkbox" checked={full} onChange={(event) => setFull(event.target.checked)} />
        all records
      </label>
      <button type="button" disabled={synchronize.running} onClick={() => void run(true)}>
        <Icon name="plan" />
        Dry run
      </button>
      <button type="button" className="primary" disabled={synchronize.running} onClick={() => void run(false)}>
        Run now
      </button>
    </>
  );
}
