import { Icon } from '../design/icon';
import { useNotify } from '../design/notices';
import { graphql } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useMay } from '../session/session-context';
import { type EntryLine, entryFields } from './entry-fields';
import { StopRun } from './stop-run';

const SetStatus = graphql(
  `
    mutation SetEntryStatus($input: SetJobQueueEntryStatusInput!) {
      setJobQueueEntryStatus(input: $input) { jobQueueEntry { ...EntryFields } userErrors { code message field } }
    }
  `,
  [entryFields],
);

const RunOnce = graphql(`
  mutation RunEntryOnce($input: JobQueueEntryIdInput!) {
    runJobQueueEntryOnce(input: $input) { run { id code status } userErrors { code message field } }
  }
`);

/** Ready, On hold, run once, stop: what an operator does with an entry. */
export function EntryActions({ entry, compact = false }: { readonly entry: EntryLine; readonly compact?: boolean }) {
  const may = useMay('OPERATOR');
  const notify = useNotify();
  const setStatus = useAction(SetStatus);
  const runOnce = useAction(RunOnce);
  if (!may) return null;

  const { id, code, status } = entry;
  const runs = status === 'IN_PROCESS';
  const once = async (): Promise<void> => {
    const done = await runOnce.run({ input: { id } });
    if (done) notify({ tone: 'good', text: `${done.runJobQueueEntryOnce.run?.code ?? code} was started.` });
  };
  const label = (words: string): string => `${words} ${code}`;
  return (
    <div className={compact ? 'row-actions entry-actions' : 'actions'}>
      {status !== 'READY' && !runs && !entry.oneOff && (
        <button
          type="button"
          data-key="r"
          disabled={setStatus.running}
          aria-label={label('Set Ready:')}
          onClick={() => void setStatus.run({ input: { id, status: 'READY' } })}
        >
          <Icon name="ready" />
          Ready
        </button>
      )}
      {status !== 'ON_HOLD' && !runs && status !== 'FINISHED' && (
        <button
          type="button"
          data-key="h"
          disabled={setStatus.running}
          aria-label={label('Put on hold:')}
          onClick={() => void setStatus.run({ input: { id, status: 'ON_HOLD' } })}
        >
          <Icon name="hold" />
          Hold
        </button>
      )}
      {runs && <StopRun entry={entry} />}
      {!entry.oneOff && (
        <button
          type="button"
          data-key="o"
          disabled={runOnce.running}
          aria-label={label('Run once:')}
          onClick={() => void once()}
        >
          <Icon name="once" />
          {compact ? 'Once' : 'Run once'}
        </button>
      )}
    </div>
  );
}
