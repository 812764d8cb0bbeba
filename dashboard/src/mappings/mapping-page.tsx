import { Link, useLocation } from 'wouter';
import { Badge } from '../design/badge';
import { Confirm } from '../design/confirm';
import { Direction } from '../design/direction';
import { Facts } from '../design/facts';
import { useNotify } from '../design/notices';
import { Answer, Empty, Page } from '../design/page';
import { Panel } from '../design/panel';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { Counts } from '../runs/counts';
import { useMay } from '../session/session-context';
import { CouplePanel } from './couple-panel';
import { MappingEditor } from './mapping-editor';
import { mappingDetails, mappingFields } from './mapping-fields';
import { DeleteMapping } from './mapping-mutations';
import { RunMapping } from './run-mapping';

const MappingQuery = graphql(
  `
    query Mapping($id: ID!) {
      node(id: $id) {
        __typename
        ... on IntegrationTableMapping {
          ...MappingFields
          ...MappingDetails
          connectionSetup { id name }
        }
      }
    }
  `,
  [mappingFields, mappingDetails],
);

export type Mapping = Extract<
  NonNullable<ResultOf<typeof MappingQuery>['node']>,
  { __typename: 'IntegrationTableMapping' }
>;

const topics: readonly Topic[] = ['mappings'];

export function MappingPage({ id }: { readonly id: string }) {
  const answer = useLiveQuery({ query: MappingQuery, variables: { id }, topics });
  const mapping = answer.data?.node?.__typename === 'IntegrationTableMapping' ? answer.data.node : null;
  return (
    <Page
      title={mapping?.name ?? 'Mapping'}
      subtitle={
        mapping && (
          <>
            <span className="business">{mapping.table}</span> ·{' '}
            <span className="sales">{mapping.integrationTable}</span> {mapping.description}
          </>
        )
      }
      actions={
        mapping && (
          <>
            <RunMapping mapping={mapping} />
            <DeleteMappingButton mapping={mapping} />
          </>
        )
      }
    >
      <Answer of={answer}>
        {() =>
          mapping === null ? (
            <Empty title="There is no such mapping">
              It may have been deleted. <Link href="/mappings">See those that are there</Link>.
            </Empty>
          ) : (
            <>
              <Standing mapping={mapping} />
              <CouplePanel mapping={mapping} />
              <MappingEditor mapping={mapping} onSaved={answer.reload} />
            </>
          )
        }
      </Answer>
    </Page>
  );
}

function Standing({ mapping }: { readonly mapping: Mapping }) {
  const { lastSynchJob, jobQueueEntry } = mapping;
  return (
    <Panel
      title="Standing"
      aside={
        <Link
          href={`/couplings?${new URLSearchParams({ mapping: mapping.name, connection: mapping.connectionSetup.id })}`}
        >
          Its couplings
        </Link>
      }
    >
      <Facts
        of={[
          ['Direction', <Direction key="d" of={mapping.direction} />],
          [
            'Job',
            jobQueueEntry ? (
              <Link key="j" href={`/entries/${jobQueueEntry.id}`}>
                <Badge status={jobQueueEntry.status} />
              </Link>
            ) : (
              'none'
            ),
          ],
          [
            'Last synch job',
            lastSynchJob ? (
              <Link key="l" href={`/synch-jobs/${lastSynchJob.id}`}>
                <Badge status={lastSynchJob.status} />
              </Link>
            ) : (
              'never ran'
            ),
          ],
          ['It did', lastSynchJob ? <Counts key="c" of={[lastSynchJob]} /> : '–'],
          ['Runs after', mapping.dependsOn.join(', ') || 'nothing'],
          [
            'Connection',
            <Link key="s" href={`/connections/${mapping.connectionSetup.id}`}>
              {mapping.connectionSetup.name}
            </Link>,
          ],
        ]}
      />
    </Panel>
  );
}

function DeleteMappingButton({ mapping: { id, name, revision } }: { readonly mapping: Mapping }) {
  const may = useMay('ADMIN');
  const remove = useAction(DeleteMapping);
  const notify = useNotify();
  const [, go] = useLocation();
  if (!may) return null;
  const confirmed = async (): Promise<void> => {
    if ((await remove.run({ input: { id, expectedRevision: revision } })) === null) return;
    notify({ tone: 'good', text: `${name} was deleted.` });
    go('/mappings');
  };
  return (
    <Confirm
      danger
      label="Delete"
      yes="Delete"
      disabled={remove.running}
      question={`Delete the mapping ${name}? Its pairs have to be uncoupled first; no record is touched.`}
      onYes={confirmed}
    />
  );
}
