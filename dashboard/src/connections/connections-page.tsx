import { Link } from 'wouter';
import { Icon } from '../design/icon';
import { Moment } from '../design/moment';
import { Answer, Empty, Page } from '../design/page';
import { Panel } from '../design/panel';
import { graphql } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';
import { EndpointCard } from './endpoint-card';
import { endpointFields } from './endpoint-fields';

const ConnectionsQuery = graphql(
  `
    query Connections {
      connectionSetups(first: 50) {
        edges { node { id name enabled updatedAt business { ...EndpointFields } sales { ...EndpointFields } } }
      }
      workers(first: 50) { edges { node { id host processId version startedAt heartbeatAt alive runs { id code } } } }
    }
  `,
  [endpointFields],
);

const topics: readonly Topic[] = ['connections', 'workers'];

export function ConnectionsPage() {
  const answer = useLiveQuery({ query: ConnectionsQuery, variables: {}, topics });
  const may = useMay('ADMIN');
  return (
    <Page
      title="Connections"
      subtitle="Which systems are kept in step, and the workers that do it"
      actions={
        may && (
          <Link href="/connections/new" className="button">
            <Icon name="plus" />
            New connection
          </Link>
        )
      }
    >
      <Answer of={answer}>
        {({ connectionSetups: { edges }, workers }) => (
          <>
            {edges.length === 0 && (
              <Empty title="There is no connection yet">
                {may ? <Link href="/connections/new">Make one</Link> : 'An administrator makes one'}, or start the
                service with its sandbox.
              </Empty>
            )}
            {edges.map(({ node }) => (
              <Panel
                key={node.id}
                title={node.name}
                aside={
                  <span className="actions">
                    <span className={node.enabled ? 'text-good' : 'faint'}>
                      {node.enabled ? 'enabled' : 'not enabled'}
                    </span>
                    <Link href={`/connections/${node.id}`}>Set up</Link>
                  </span>
                }
              >
                <div className="columns">
                  <EndpointCard side="BUSINESS" endpoint={node.business} />
                  <EndpointCard side="SALES" endpoint={node.sales} />
                </div>
              </Panel>
            ))}
            <Panel title="Workers">
              <ul className="lines">
                {workers.edges.map(({ node }) => (
                  <li key={node.id}>
                    <b>
                      {node.host}:{node.processId}
                    </b>
                    <span className={node.alive ? 'text-good' : 'bad-text'}>
                      {node.alive ? 'alive' : 'not heard of'}
                    </span>
                    <span className="soft">
                      {node.version}, since <Moment at={node.startedAt} />
                    </span>
                    {node.runs.map(({ id, code }) => (
                      <Link key={id} href={`/runs/${id}`}>
                        {code}
                      </Link>
                    ))}
                    {node.runs.length === 0 && <span className="faint">idle</span>}
                  </li>
                ))}
                {workers.edges.length === 0 && (
                  <li className="faint">No worker runs: nothing will be synchronized until one is started.</li>
                )}
              </ul>
            </Panel>
          </>
        )}
      </Answer>
    </Page>
  );
}
