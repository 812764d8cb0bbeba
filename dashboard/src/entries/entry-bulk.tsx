import { Confirm } from '../design/confirm';
import { useNotify } from '../design/notices';
import { graphql, type VariablesOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useMay } from '../session/session-context';
import { entryFields } from './entry-fields';

const SetStatuses = graphql(
  `
    mutation SetEntriesStatus($input: SetJobQueueEntriesStatusInput!) {
      setJobQueueEntriesStatus(input: $input) { changedCount jobQueueEntries { ...EntryFields } userErrors { code message field } }
    }
  `,
  [entryFields],
);

type EntryFilter = VariablesOf<typeof SetStatuses>['input']['filter'];

export interface EntryBulkProps {
  readonly filter: EntryFilter;
  readonly total: number | null;
  /** Something is filtered: all entries at once are not offered. */
  readonly isFiltered: boolean;
}

/** Ready or On hold for all entries that match the filter, also those not on screen. */
export function EntryBulk({ filter, total, isFiltered }: EntryBulkProps) {
  const may = useMay('OPERATOR');
  const notify = useNotify();
  const set = useAction(SetStatuses);
  if (!may || !isFiltered || total === null || total === 0) return null;
  const entries = `${total} ${total === 1 ? 'entry' : 'entries'}`;
  const to = async (status: 'READY' | 'ON_HOLD'): Promise<void> => {
    const done = await set.run({ input: { filter, status, expectedCount: total } });
    if (done) notify({ tone: 'good', text: `${done.setJobQueueEntriesStatus.changedCount} changed.` });
  };
  return (
    <div className="bulk" role="group" aria-label="All matches">
      <span className="soft">All {entries} that match:</span>
      <Confirm
        label="Set Ready"
        yes="Set Ready"
        disabled={set.running}
        question={`Set ${entries} Ready? Those due run at once.`}
        onYes={() => to('READY')}
      />
      <Confirm
        label="Put on hold"
        yes="Put on hold"
        disabled={set.running}
        question={`Put ${entries} on hold?`}
        onYes={() => to('ON_HOLD')}
      />
    </div>
  );
}
