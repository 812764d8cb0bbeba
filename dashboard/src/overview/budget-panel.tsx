import { Link } from 'wouter';
import { useNow } from '../design/clock';
import { Panel } from '../design/panel';
import { duration } from '../design/time';
import type { Standing } from './standing-query';

type Setup = Standing['connectionSetups']['edges'][number]['node'];
type Endpoint = Setup['business'];

const kinds = { BUSINESS_CENTRAL: 'Business Central', NAV_ODATA: 'Dynamics NAV', DATAVERSE: 'Dataverse' } as const;

/** How much of what both systems allow is used at this moment, and who does the work. */
export function BudgetPanel({ of: { connectionSetups, workers } }: { readonly of: Standing }) {
  return (
    <Panel title="Limits and workers" aside={<Link href="/connections">Connections</Link>}>
      <ul className="budgets">
        {connectionSetups.edges.flatMap(({ node }) => [
          <Budget key={`${node.id} business`} name={node.name} endpoint={node.business} />,
          <Budget key={`${node.id} sales`} name={node.name} endpoint={node.sales} />,
        ])}
      </ul>
      <ul className="worker-lines">
        {workers.edges.map(({ node }) => (
          <li key={node.id}>
            <b>
              {node.host}:{node.processId}
            </b>{' '}
            <span className={node.alive ? 'text-good' : 'bad-text'}>{node.alive ? 'alive' : 'not heard of'}</span>{' '}
            <span className="faint">
              {node.runs.length === 0 ? 'idle' : `${node.runs.length} ${node.runs.length === 1 ? 'run' : 'runs'}`}
            </span>
          </li>
        ))}
        {workers.edges.length === 0 && <li className="bad-text">No worker runs: nothing will be synchronized.</li>}
      </ul>
    </Panel>
  );
}

function Budget({ name, endpoint: { kind, budget } }: { readonly name: string; readonly endpoint: Endpoint }) {
  const now = useNow();
  const label = `${name}, ${kinds[kind]}`;
  if (budget === null)
    return (
      <li>
        <span className="budget-name">{label}</span>
        <span className="faint">not asked yet</span>
      </li>
    );
  const { used, limit, windowSeconds, concurrent, concurrentLimit, pausedUntil } = budget;
  const paused = pausedUntil === null ? 0 : Date.parse(pausedUntil) - now;
  return (
    <li>
      <span className="budget-name">{label}</span>
      {limit === 0 ? (
        <span className="soft">{used.toLocaleString()} requests, no limit set</span>
      ) : (
        <>
          <meter min={0} max={limit} high={limit * 0.8} value={used} aria-label={`Requests to ${label}`} />
          <span className="soft">
            {used.toLocaleString()} of {limit.toLocaleString()} requests in {duration(windowSeconds * 1_000)}
          </span>
        </>
      )}
      <span className="faint">
        {concurrent} of {concurrentLimit} at once
      </span>
      {paused > 0 && <span className="text-warn">paused for {duration(paused)}</span>}
    </li>
  );
}
