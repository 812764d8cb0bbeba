import { Link } from 'wouter';
import { Badge } from '../design/badge';
import { Moment } from '../design/moment';
import type { EntryLine } from './entry-fields';

/** When it runs next; asleep and held entries say so themselves. */
export function NextRun({ entry }: { readonly entry: EntryLine }) {
  if (entry.status === 'IN_PROCESS') return <span className="run-text">running</span>;
  if (entry.status === 'ON_HOLD' || entry.status === 'ERROR') return <span className="faint">–</span>;
  return <Moment at={entry.nextRunAt} relative />;
}

export function LastResult({ entry: { lastRun } }: { readonly entry: EntryLine }) {
  if (lastRun === null) return <span className="faint">never ran</span>;
  return (
    <span className="last-result">
      <Link href={`/runs/${lastRun.id}`} aria-label={`Last run: ${lastRun.status}`}>
        <Badge status={lastRun.status} title={lastRun.error?.message} />
      </Link>
      <Moment at={lastRun.endedAt ?? lastRun.startedAt} relative />
    </span>
  );
}
