import { useMemo } from 'react';
import { Link } from 'wouter';
import { RestoreCouplings } from '../couplings/coupling-mutations';
import { Confirm } from '../design/confirm';
import { FilterSelect } from '../design/filter-parts';
import { Icon } from '../design/icon';
import { Moment } from '../design/moment';
import { useNotify } from '../design/notices';
import { Answer, Empty, Page } from '../design/page';
import { useFilter } from '../design/use-filter';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';

const ConnectionsQuery = graphql(`
  query ConnectionsWithErrors { connectionSetups(first: 50) { edges { node { id name } } } }
`);

const ErrorGroupsQuery = graphql(`
  query ErrorGroups($filter: SynchJobErrorFilter) {
    synchErrorGroups(filter: $filter) {
      mappingName
      class
      code
      side
      field
      count
      openCouplings
      firstAt
      lastAt
      example { id title error { message } coupling { id } }
    }
  }
`);

type ErrorGroup = ResultOf<typeof ErrorGroupsQuery>['synchErrorGroups'][number];
type Connection = ResultOf<typeof ConnectionsQuery>['connectionSetups']['edges'][number]['node'];

const topics: readonly Topic[] = ['synchJobs', 'couplings'];
const connectionTopics: readonly Topic[] = ['connections'];

const NoneFailed = () => <Empty title="No record failed">Nothing went wrong within seven days.</Empty>;

export function ErrorsPage() {
  const filter = useFilter();
  const answer = useLiveQuery({ query: ConnectionsQuery, variables: {}, topics: connectionTopics });
  const chosen = filter.one('connection');
  return (
    <Page
      title="Errors by cause"
      subtitle="Of the last seven days, those with records that still stand with them first"
    >
      <Answer of={answer}>
        {({ connectionSetups: { edges } }) => (
          <>
            {edges.length > 1 && (
              <div className="filters">
                <FilterSelect
                  filter={filter}
                  name="connection"
                  label="Connection"
                  all="All connections"
                  choices={edges.map(({ node }) => ({ value: node.id, label: node.name }))}
                />
              </div>
            )}
            {edges.length === 0 && <NoneFailed />}
            {edges
              .filter(({ node }) => chosen === '' || node.id === chosen)
              .map(({ node }) => (
                <ErrorsOfConnection key={node.id} connection={node} isOneOfSeveral={edges.length > 1} />
              ))}
          </>
        )}
      </Answer>
    </Page>
  );
}

interface ErrorsOfConnectionProps {
  readonly connection: Connection;
  readonly isOneOfSeveral: boolean;
}

/** Mappings of two connections may have one name, and still fail for reasons of their own. */
function ErrorsOfConnection({ connection: { id, name }, isOneOfSeveral }: ErrorsOfConnectionProps) {
  const variables = useMemo(() => ({ filter: { connectionSetupId: id } }), [id]);
  const answer = useLiveQuery({ query: ErrorGroupsQuery, variables, topics });
  return (
    <section aria-label={`Errors of ${name}`}>
      {isOneOfSeveral && <h2 className="section">{name}</h2>}
      <Answer of={answer}>
        {({ synchErrorGroups }) =>
          synchErrorGroups.length === 0 ? (
            <NoneFailed />
          ) : (
            <ul className="groups">
              {[...synchErrorGroups]
                .sort((one, other) => other.openCouplings - one.openCouplings)
                .map((group) => (
                  <Group
                    key={`${group.mappingName} ${group.class} ${group.code} ${group.side} ${group.field}`}
                    group={group}
                    connection={id}
                  />
                ))}
            </ul>
          )
        }
      </Answer>
    </section>
  );
}

interface GroupProps {
  readonly group: ErrorGroup;
  /** Id of the connection that it belongs to. */
  readonly connection: string;
}

function Group({ group, connection }: GroupProps) {
  const { mappingName, code, field, count, openCouplings, example } = group;
  const address = new URLSearchParams({
    mapping: mappingName,
    errorClass: group.class,
    errorCode: code,
    ...(field === null ? {} : { errorField: field }),
    connection,
  });
  return (
    <li className={`panel group${openCouplings === 0 ? ' settled' : ''}`} data-row>
      <div className="group-count">
        <b>{openCouplings.toLocaleString()}</b>
        <span className="faint">open</span>
      </div>
      <div className="group-body">
        <h2>
          <Link href={`/couplings?${address}`}>
            {mappingName} · {code}
          </Link>
          {field !== null && <code> {field}</code>}
        </h2>
        <p className="message">{example.error.message}</p>
        <p className="faint prose">
          {group.class.toLowerCase()}
          {group.side !== null && `, on the ${group.side === 'SALES' ? 'Dataverse' : 'business'} side`},{' '}
          {count.toLocaleString()} {count === 1 ? 'time' : 'times'}, last <Moment at={group.lastAt} relative />, for
          example{' '}
          {example.coupling ? <Link href={`/couplings/${example.coupling.id}`}>{example.title}</Link> : example.title}
        </p>
      </div>
      <Retry group={group} connection={connection} />
    </li>
  );
}

function Retry({ group: { mappingName, class: errorClass, code, field, openCouplings }, connection }: GroupProps) {
  const may = useMay('OPERATOR');
  const notify = useNotify();
  const restore = useAction(RestoreCouplings);
  if (!may || openCouplings === 0) return <Icon name="ok" />;
  const retry = async (): Promise<void> => {
    const filter = {
      mapping: [mappingName],
      errorClass: [errorClass],
      errorCode: [code],
      ...(field === null ? {} : { errorField: [field] }),
      connectionSetupId: connection,
    };
    const done = await restore.run({ input: { filter } });
    if (done)
      notify({ tone: 'good', text: `${done.restoreCouplings.changedCount} put back: the next run tries them again.` });
  };
  return (
    <Confirm
      label="Try again"
      yes="Try again"
      disabled={restore.running}
      question={`Try the ${openCouplings} records with ${code} again in the next run?`}
      onYes={retry}
    />
  );
}
