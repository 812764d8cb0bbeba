import { Link } from 'wouter';
import { useNow } from '../design/clock';
import { Panel } from '../design/panel';
import { duration } from '../design/time';
import { useProgress } from '../live/use-progress';
import { Counts } from '../runs/counts';
import type { RunLine } from '../runs/run-fields';

export function RunningNow({ runs }: { readonly runs: readonly RunLine[] }) {
  useProgress();
  return (
    <Panel title="Runs now">
      {runs.length === 0 ? (
        <p className="faint quiet-space">Nothing runs at this moment.</p>
      ) : (
        <ul className="lines">
          {runs.map((run) => (
            <li key={run.id} data-row>
              <Link href={`/runs/${run.id}`}>{run.code}</Link>
              <Running since={run.startedAt} />
              <Counts of={run.synchJobs} none="just begun" />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Running({ since }: { readonly since: string }) {
  const now = useNow();
  return <span className="soft">for {duration(Math.max(0, now - Date.parse(since)))}</span>;
}
