import { Link } from 'wouter';
import { directionWords, type SynchDirection } from '../design/direction';
import { Moment } from '../design/moment';
import { Answer } from '../design/page';
import { Panel } from '../design/panel';
import { graphql } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';

const JobErrorsQuery = graphql(`
  query JobErrors($id: ID!) {
    node(id: $id) {
      __typename
      ... on SynchJob {
        id
        errors(first: 50) {
          totalCount
          edges { node { id title at error { class code message field side } coupling { id state } } }
        }
      }
    }
  }
`);

const topics: readonly Topic[] = ['synchJobs'];

/** The records that a synch job could not deal with, and why. */
export function JobErrors({ jobId, direction }: { readonly jobId: string; readonly direction: SynchDirection }) {
  const answer = useLiveQuery({ query: JobErrorsQuery, variables: { id: jobId }, topics });
  return (
    <Panel title={`Errors: ${directionWords(direction)}`}>
      <Answer of={answer} lines={3}>
        {({ node }) => {
          if (node?.__typename !== 'SynchJob') return null;
          const { edges, totalCount } = node.errors;
          if (totalCount === 0) return <p className="faint">No record failed.</p>;
          return (
            <>
              <ul className="error-lines">
                {edges.map(({ node: one }) => (
                  <li key={one.id} data-row>
                    {one.coupling ? (
                      <Link href={`/couplings/${one.coupling.id}`}>{one.title}</Link>
                    ) : (
                      <b>{one.title}</b>
                    )}
                    <code>{one.error.code}</code>
                    <span className="message">{one.error.message}</span>
                    <Moment at={one.at} />
                  </li>
                ))}
              </ul>
              {totalCount > edges.length && (
                <p className="faint">
                  The first {edges.length} of {totalCount.toLocaleString()}.
                </p>
              )}
            </>
          );
        }}
      </Answer>
    </Panel>
  );
}
