import { Link } from 'wouter';
import { statusWords, toneOf } from '../design/badge';
import { Answer } from '../design/page';
import { graphql } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';

const AgreementQuery = graphql(`
  query Agreement {
    COUPLED: couplings(first: 1, filter: { state: [COUPLED] }) { totalCount }
    PENDING: couplings(first: 1, filter: { state: [PENDING] }) { totalCount }
    WAITING: couplings(first: 1, filter: { state: [WAITING] }) { totalCount }
    CONFLICT: couplings(first: 1, filter: { state: [CONFLICT] }) { totalCount }
    FAILED: couplings(first: 1, filter: { state: [FAILED] }) { totalCount }
    SKIPPED: couplings(first: 1, filter: { state: [SKIPPED] }) { totalCount }
    BROKEN: couplings(first: 1, filter: { state: [BROKEN] }) { totalCount }
  }
`);

const topics: readonly Topic[] = ['couplings'];
const states = ['COUPLED', 'PENDING', 'WAITING', 'CONFLICT', 'FAILED', 'SKIPPED', 'BROKEN'] as const;

/** How many pairs are in step of all, and what keeps the others from it. */
export function AgreementPanel() {
  const answer = useLiveQuery({ query: AgreementQuery, variables: {}, topics });
  return (
    <section className="panel agreement" aria-label="Agreement of both systems">
      <Answer of={answer} lines={2}>
        {(data) => {
          const counts = states.map((state) => ({ state, count: data[state].totalCount }));
          const all = counts.reduce((sum, { count }) => sum + count, 0);
          const inStep = data.COUPLED.totalCount;
          return (
            <>
              <div className="agreement-head">
                <Link href="/couplings" className="big-number">
                  {inStep.toLocaleString()}
                  <span className="of"> of {all.toLocaleString()} pairs in step</span>
                </Link>
                <ul className="agreement-states">
                  {counts.slice(1).map(({ state, count }) => (
                    <li key={state}>
                      <Link
                        href={`/couplings?state=${state}`}
                        className={`state-number ${count === 0 ? 'zero' : `text-${toneOf(state)}`}`}
                      >
                        <b>{count.toLocaleString()}</b> {statusWords(state).toLowerCase()}
                      </Link>
                    </li>
                  ))}
                </ul>
              </div>
              <AgreementBar counts={counts} all={all} />
            </>
          );
        }}
      </Answer>
    </section>
  );
}

function AgreementBar({
  counts,
  all,
}: {
  readonly counts: readonly { readonly state: string; readonly count: number }[];
  readonly all: number;
}) {
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
