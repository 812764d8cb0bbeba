import { Link } from 'wouter';
import { Badge } from '../design/badge';
import { Direction } from '../design/direction';
import { Counts } from '../runs/counts';
import type { SynchJobCounts } from '../runs/run-fields';

/** A synch job in one line: which way, how it stands, what it did. */
export function JobLine({ job }: { readonly job: SynchJobCounts }) {
  return (
    <li data-row>
      <Link href={`/synch-jobs/${job.id}`}>
        <Direction of={job.direction} />
      </Link>
      <Badge status={job.status} />
      <span>
        <b>{job.read.toLocaleString()}</b> read
      </span>
      <Counts of={[job]} />
      <span className="faint">{job.unchanged.toLocaleString()} unchanged</span>
    </li>
  );
}
