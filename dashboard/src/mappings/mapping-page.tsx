import { Link } from 'wouter';
import { Badge } from '../design/badge';
import { Direction } from '../design/direction';
import { Facts } from '../design/facts';
import { Answer, Empty, Page } from '../design/page';
import { Panel } from '../design/panel';
import { Value } from '../design/record-value';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { Counts } from '../runs/counts';
import { MappingEditor } from './mapping-editor';
import { mappingFields } from './mapping-fields';
import { RunMapping } from './run-mapping';

const MappingQuery = graphql(
  `
    query Mapping($id: ID!) {
      node(id: $id) {
        __typename
        ... on IntegrationTableMapping {
          ...MappingFields
          revision
          updateConflictResolution
          deletionConflictResolution
          wakeOnChange
          dependsOn
          connectionSetup { id name }
          warnings { severity code message path }
          templates { side priority filter { field expression } values { field value } }
          fields {
            field
            integrationField
            direction
            constantValue
            transformations
            clearValueOnFailedSynch
            notNull
            lookup
            optionMap { value integrationValue }
            conflictRule
            enabled
            useForMatchBasedCoupling
            caseSensitiveMatching
            matchPriority
          }
        }
      }
    }
  `,
  [mappingFields],
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
      actions={mapping && <RunMapping mapping={mapping} />}
    >
      <Answer of={answer}>
        {() =>
          mapping === null ? (
            <Empty title="There is no such mapping" />
          ) : (
            <>
              <Standing mapping={mapping} />
              <Warnings mapping={mapping} />
              <MappingEditor key={mapping.revision} mapping={mapping} onSaved={answer.reload} />
              <FieldsPanel mapping={mapping} />
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
    <Panel title="Standing" aside={<Link href={`/couplings?mapping=${mapping.name}`}>Its couplings</Link>}>
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

// More than these are folded away.
const MOST_OPEN = 3;

function Warnings({ mapping: { warnings } }: { readonly mapping: Mapping }) {
  if (warnings.length === 0) return null;
  return (
    <Panel title="Warnings" className="warnings">
      <details open={warnings.length <= MOST_OPEN}>
        <summary>
          {warnings.length} {warnings.length === 1 ? 'thing is' : 'things are'} legal but will surprise
        </summary>
        <ul className="lines">
          {warnings.map(({ message, path }) => (
            <li key={`${path.join('.')} ${message}`}>{message}</li>
          ))}
        </ul>
      </details>
    </Panel>
  );
}

const ruleWords = {
  INHERIT: 'as the mapping',
  BUSINESS_WINS: 'business wins',
  SALES_WINS: 'Dataverse wins',
  NEWEST_WINS: 'newest wins',
  ASK: 'a person decides',
} as const;

function FieldsPanel({ mapping: { fields } }: { readonly mapping: Mapping }) {
  return (
    <Panel title="Fields">
      <div className="scroll-x">
        <table className="values">
          <thead>
            <tr>
              <th scope="col" className="business">
                Field
              </th>
              <th scope="col" className="sales">
                Integration field
              </th>
              <th scope="col">Direction</th>
              <th scope="col">On the way</th>
              <th scope="col">On a conflict</th>
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <tr key={`${field.field} ${field.integrationField}`} className={field.enabled ? '' : 'faint'}>
                <th scope="row">
                  <code>{field.field || '–'}</code>
                </th>
                <td>
                  <code>{field.integrationField || '–'}</code>
                </td>
                <td>
                  <Direction of={field.direction} />
                </td>
                <td className="soft">
                  {field.constantValue !== null && (
                    <>
                      always <Value of={field.constantValue} />{' '}
                    </>
                  )}
                  {[
                    ...field.transformations,
                    field.lookup === null ? '' : `reference through ${field.lookup}`,
                    field.optionMap.length === 0 ? '' : `${field.optionMap.length} options`,
                    field.useForMatchBasedCoupling ? `matches (${field.matchPriority})` : '',
                    field.enabled ? '' : 'switched off',
                  ]
                    .filter((part) => part !== '')
                    .join(', ')}
                </td>
                <td className="soft">{ruleWords[field.conflictRule]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
