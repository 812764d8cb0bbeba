import { useState } from 'react';
import { Link } from 'wouter';
import { Confirm } from '../design/confirm';
import { Icon } from '../design/icon';
import { useNotify } from '../design/notices';
import { useAction } from '../graphql/use-action';
import { useMay } from '../session/session-context';
import type { CouplingFilter } from './coupling-filter';
import { RestoreCouplings, SynchronizeCouplings } from './coupling-mutations';

export interface BulkActionsProps {
  readonly filter: CouplingFilter;
  readonly total: number | null;
  readonly isExact: boolean;
}

/** What can be done to all pairs that match the filter, not only to those on screen. Offered once the filter limits something. */
export function BulkActions({ filter, total, isExact }: BulkActionsProps) {
  const may = useMay('OPERATOR');
  const notify = useNotify();
  const restore = useAction(RestoreCouplings);
  const synchronize = useAction(SynchronizeCouplings);
  const [run, setRun] = useState<{ readonly id: string; readonly code: string } | null>(null);
  if (!may || total === null || total === 0 || Object.keys(filter).length === 0) return null;

  // Whoever confirmed 40 pairs does not want 400 of them done: the service compares.
  const selection = isExact ? { filter, expectedCount: total } : { filter };
  const pairs = `${total.toLocaleString()} ${total === 1 ? 'pair' : 'pairs'}`;
  const retry = async (): Promise<void> => {
    const done = await restore.run({ input: selection });
    if (done)
      notify({
        tone: 'good',
        text: `${done.restoreCouplings.changedCount} put back: their next run tries them again.`,
      });
  };
  const start = async (dryRun: boolean): Promise<void> => {
    const done = await synchronize.run({ input: { ...selection, dryRun } });
    if (done?.synchronizeCouplings.run) setRun(done.synchronizeCouplings.run);
  };
  return (
    <div className="bulk" role="group" aria-label="All matches">
      <span className="soft">All {pairs} that match:</span>
      <Confirm
        label="Try again"
        question={`Put ${pairs} back? Failed and skipped ones are tried again in the next run.`}
        yes="Try again"
        disabled={restore.running}
        onYes={retry}
      />
      <Confirm
        label="Synchronize now"
        question={`Synchronize ${pairs} now, by the rules of their mappings?`}
        yes="Synchronize"
        disabled={synchronize.running}
        onYes={() => start(false)}
      />
      <button type="button" disabled={synchronize.running} onClick={() => void start(true)}>
        <Icon name="plan" />
        Dry run
      </button>
      {run && (
        <span className="soft">
          Started as <Link href={`/runs/${run.id}`}>{run.code}</Link>
        </span>
      )}
    </div>
  );
}
