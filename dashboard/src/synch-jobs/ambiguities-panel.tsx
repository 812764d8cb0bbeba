import { useState } from 'react';
import { Link } from 'wouter';
import { useNotify } from '../design/notices';
import { Failure } from '../design/page';
import { Panel } from '../design/panel';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';

const AmbiguitiesQuery = graphql(`
  query Ambiguities($id: ID!, $first: Int!) {
    node(id: $id) {
      __typename
      ... on SynchJob {
        id
        mapping { id }
        ambiguities(first: $first) {
          totalCount
          edges {
            node {
              id
              matchedOn
              candidateCount
              record { side recordId title coupling { id businessId salesId } }
              candidates { side recordId title coupling { id businessId salesId } }
            }
          }
        }
      }
    }
  }
`);

const CoupleCandidate = graphql(`
  mutation CoupleCandidate($input: CoupleRecordsInput!) {
    coupleRecords(input: $input) { coupling { id title } userErrors { code message field } }
  }
`);

type JobNode = Extract<NonNullable<ResultOf<typeof AmbiguitiesQuery>['node']>, { __typename: 'SynchJob' }>;
type Ambiguity = JobNode['ambiguities']['edges'][number]['node'];

const topics: readonly Topic[] = ['synchJobs', 'couplings'];
const FEW = 20;
const MOST = 100;

/** Records for which matching found several counterparts: nothing was coupled, a person picks. */
export function AmbiguitiesPanel({ jobId }: { readonly jobId: string }) {
  const [first, setFirst] = useState(FEW);
  const answer = useLiveQuery({
    query: AmbiguitiesQuery,
    variables: { id: jobId, first },
    topics,
  });
  const job = answer.data?.node?.__typename === 'SynchJob' ? answer.data.node : null;
  if (job === null || job.ambiguities.totalCount === 0)
    return answer.error ? <Failure error={answer.error} onRetry={answer.reload} /> : null;
  const { edges, totalCount } = job.ambiguities;
  return (
    <Panel title="Several could be meant">
      <ul className="ambiguities">
        {edges.map(({ node }) => (
          <AmbiguityLine key={node.id} of={node} mappingId={job.mapping?.id ?? null} onCoupled={answer.reload} />
        ))}
      </ul>
      {totalCount > edges.length && first < MOST && (
        <button type="button" onClick={() => setFirst(MOST)}>
          Show more of {totalCount.toLocaleString()}
        </button>
      )}
    </Panel>
  );
}

interface AmbiguityLineProps {
  readonly of: Ambiguity;
  readonly mappingId: string | null;
  readonly onCoupled: () => void;
}

function AmbiguityLine({ of, mappingId, onCoupled }: AmbiguityLineProps) {
  const { record, candidates, matchedOn, candidateCount } = of;
  const may = useMay('OPERATOR');
  const notify = useNotify();
  const couple = useAction(CoupleCandidate);
  const pick = async (candidate: Ambiguity['candidates'][number]): Promise<void> => {
    if (mappingId === null) return;
    const [business, sales] = record.side === 'BUSINESS' ? [record, candidate] : [candidate, record];
    const done = await couple.run({
      input: { mappingId, businessId: business.recordId, salesId: sales.recordId },
    });
    if (done === null) return;
    notify({ tone: 'good', text: `${done.coupleRecords.coupling?.title ?? record.title} is coupled.` });
    onCoupled();
  };
  return (
    <li data-row>
      <p>
        <b data-row-focus tabIndex={-1}>
          {record.title}
        </b>{' '}
        <span className="faint">
          agrees in {matchedOn.join(', ')} with {candidateCount.toLocaleString()}
        </span>{' '}
        {isCoupled(record) && <Link href={`/couplings/${record.coupling?.id}`}>coupled by now</Link>}
      </p>
      <ul className="candidates">
        {candidates.map((candidate) => (
          <li key={candidate.recordId}>
            {candidate.title} <code className="faint">{candidate.recordId}</code>
            {isCoupled(candidate) && <span className="faint">coupled</span>}
            {may && !isCoupled(record) && !isCoupled(candidate) && mappingId !== null && (
              <button
                type="button"
                disabled={couple.running}
                aria-label={`Couple with ${candidate.title} ${candidate.recordId}`}
                onClick={() => void pick(candidate)}
              >
                Couple
              </button>
            )}
          </li>
        ))}
      </ul>
    </li>
  );
}

/** A record that only waits for its counterpart is listed too: it is coupled once both are there. */
const isCoupled = ({ coupling }: Ambiguity['record']): boolean =>
  coupling !== null && coupling.businessId !== null && coupling.salesId !== null;
