import { Link } from 'wouter';
import { statusWords, toneOf } from '../design/badge';
import { Moment } from '../design/moment';
import { useMay } from '../session/session-context';
import type { Standing } from './standing-query';

type Drift = Standing['connectionSetups']['edges'][number]['node']['drift'];

const states = [
  ['COUPLED', 'inStep'],
  ['PENDING', 'pending'],
  ['WAITING', 'waiting'],
  ['CONFLICT', 'conflicts'],
  ['FAILED', 'failed'],
  ['SKIPPED', 'skipped'],
  ['BROKEN', 'broken'],
] as const;

/** How many pairs are in step of all, what keeps the others from it, and how old the oldest change is that has not arrived. */
export function AgreementPanel({ of: { connectionSetups } }: { readonly of: Standing }) {
  const mayRead = useMay('VIEWER');
  const drifts = connectionSetups.edges.map(({ node }) => node.drift);
  const counts = states.map(([state, name]) => ({ state, count: sum(drifts, name) }));
  const all = sum(drifts, 'couplings');
  const inStep = (
    <>
      <b className="big-number">{sum(drifts, 'inStep').toLocaleString()}</b>
      <span className="of"> of {all.toLocaleString()} pairs in step</span>
    </>
  );
  return (
    <section className="panel agreement" aria-label="Agreement of both systems">
      <div className="agreement-head">
        {mayRead ? <Link href="/couplings">{inStep}</Link> : <span>{inStep}</span>}
        <ul className="agreement-states">
          {counts.slice(1).map(({ state, count }) => (
            <li key={state}>
              <StateNumber state={state} count={count} link={mayRead} />
            </li>
          ))}
        </ul>
      </div>
      <AgreementBar counts={counts} all={all} />
      <p className="soft agreement-foot">
        {oldest(drifts) === null ? (
          'Every change that was noticed is on the other side.'
        ) : (
          <>
            Oldest change not yet on the other side: <Moment at={oldest(drifts)} relative />
          </>
        )}
        <span className="faint">
          {' '}
          · last compared as a whole: <Moment at={audited(drifts)} relative none="never (an AUDIT entry does it)" />
        </span>
      </p>
    </section>
  );
}

function StateNumber({
  state,
  count,
  link,
}: {
  readonly state: string;
  readonly count: number;
  readonly link: boolean;
}) {
  const className = `state-number ${count === 0 ? 'zero' : `text-${toneOf(state)}`}`;
  const words = (
    <>
      <b>{count.toLocaleString()}</b> {state === 'CONFLICT' ? 'in conflict' : statusWords(state).toLowerCase()}
    </>
  );
  if (!link) return <span className={className}>{words}</span>;
  return (
    <Link href={`/couplings?state=${state}`} className={className}>
      {words}
    </Link>
  );
}

const sum = (
  drifts: readonly Drift[],
  name: Exclude<keyof Drift, 'oldestPendingAt' | 'auditedAt' | '__typename'>,
): number => drifts.reduce((total, drift) => total + drift[name], 0);

const oldest = (drifts: readonly Drift[]): string | null =>
  drifts.flatMap(({ oldestPendingAt }) => oldestPendingAt ?? []).sort()[0] ?? null;

/** Of several connections the one that was compared longest ago counts; one that never was, most. */
const audited = (drifts: readonly Drift[]): string | null =>
  drifts.some(({ auditedAt }) => auditedAt === null)
    ? null
    : (drifts.flatMap(({ auditedAt }) => auditedAt ?? []).sort()[0] ?? null);

interface AgreementBarProps {
  readonly counts: readonly { readonly state: string; readonly count: number }[];
  readonly all: number;
}

function AgreementBar({ counts, all }: AgreementBarProps) {
  let from = 0;
  return (
    <svg className="agreement-bar" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
      {counts
        .filter(({ count }) => count > 0)
        .map(({ state, count }) => {
          const width = (count / all) * 1_000;
          const x = from;
          from += width;
          return (
            <rect
              key={state}
              className={`fill-${state.toLowerCase()}`}
              x={x}
              y="0"
              width={Math.max(width, 2)}
              height="8"
            />
          );
        })}
    </svg>
  );
}
