import { Link } from 'wouter';
import { useNow } from '../design/clock';
import { Panel } from '../design/panel';
import { duration } from '../design/time';
import { useProgress } from '../live/use-progress';
import { Counts } from '../runs/counts';
import type { RunLine } from '../runs/run-fields';
import { StillList } from './still-list';

/** What runs at this moment, how far it is and how fast it goes. */
export function RunningNow({ runs }: { readonly runs: readonly RunLine[] }) {
  useProgress();
  return (
    <Panel title="Runs now">
      <StillList label="Runs now" items={runs} itemKey={({ id }) => id} empty="Nothing runs at this moment." rows={4}>
        {(run) => (
          <div className="running-line">
            <Link href={`/runs/${run.id}`}>{run.code}</Link>
            <Running since={run.startedAt} />
            <Progress jobs={run.synchJobs} />
            <span className="clip">
              <Counts of={run.synchJobs} none="just begun" />
            </span>
          </div>
        )}
      </StillList>
    </Panel>
  );
}

function Running({ since }: { readonly since: string }) {
  const now = useNow();
  return <span className="soft">{duration(Math.max(0, now - Date.parse(since)))}</span>;
}

/** How much of the source was read where its size is known, and the rate in any case. */
function Progress({ jobs }: { readonly jobs: RunLine['synchJobs'] }) {
  const read = jobs.reduce((sum, job) => sum + job.read, 0);
  const total = jobs.reduce<number | null>(
    (sum, job) => (sum === null || job.total === null ? null : sum + job.total),
    0,
  );
  const rate = jobs.reduce((sum, job) => sum + (job.recordsPerMinute ?? 0), 0);
  return (
    <span className="soft progress">
      {total !== null && total > 0 && <progress max={total} value={read} aria-label="Records read" />}
      <span>
        {read.toLocaleString()}
        {total !== null && total > 0 && ` of ${total.toLocaleString()}`} read, {Math.round(rate).toLocaleString()} a
        minute
      </span>
    </span>
  );
}
