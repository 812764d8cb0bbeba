import { useLocation } from 'wouter';
import { Confirm } from '../design/confirm';
import { graphql } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useMay } from '../session/session-context';

const UndoJobs = graphql(`
  mutation UndoSynchJobs($input: UndoSynchJobInput!) {
    undoSynchJob(input: $input) { run { id code } userErrors { code message field } }
  }
`);

export interface UndoneJob {
  readonly id: string;
  readonly status: string;
  readonly dryRun: boolean;
  readonly inserted: number;
  readonly modified: number;
  readonly deleted: number;
  readonly coupled: number;
}

/** True for a synch job that has ended and wrote something. */
export const canBeUndone = ({ status, dryRun, inserted, modified, deleted, coupled }: UndoneJob): boolean =>
  status !== 'IN_PROCESS' && !dryRun && inserted + modified + deleted + coupled > 0;

/** Puts back what synch jobs wrote, at once or as a plan that is looked at first. */
export function UndoActions({ jobs, planned = false }: UndoActionsProps) {
  const may = useMay('OPERATOR');
  const undo = useAction(UndoJobs);
  const [, go] = useLocation();
  if (!may || jobs.length === 0) return null;
  const start = async (dryRun: boolean): Promise<void> => {
    const done = await undo.run({ input: { synchJobIds: jobs.map(({ id }) => id), dryRun } });
    const run = done?.undoSynchJob.run;
    if (run) go(`/runs/${run.id}`);
  };
  return (
    <>
      {!planned && (
        <button type="button" disabled={undo.running} onClick={() => void start(true)}>
          Plan the undo
        </button>
      )}
      <Confirm
        danger
        label={planned ? 'Undo as planned' : 'Undo'}
        yes="Undo"
        disabled={undo.running}
        question="Put back what was overwritten, and delete what was created? Records that changed since are left as they are, and listed."
        onYes={() => start(false)}
      />
    </>
  );
}

export interface UndoActionsProps {
  readonly jobs: readonly { readonly id: string }[];
  /** The plan of the undo is on screen already. */
  readonly planned?: boolean;
}
