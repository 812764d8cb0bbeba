import { useId, useMemo, useState } from 'react';
import { useSettled } from '../design/use-settled';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import type { Side } from './use-metadata';

const FindRecords = graphql(`
  query FindRecords($id: ID!, $side: Side!, $search: String, $uncoupledOnly: Boolean!) {
    node(id: $id) {
      __typename
      ... on IntegrationTableMapping {
        id
        findRecords(side: $side, search: $search, uncoupledOnly: $uncoupledOnly, first: 20) {
          side
          recordId
          title
          coupling { id businessId salesId }
        }
      }
    }
  }
`);

type MappingNode = Extract<
  NonNullable<ResultOf<typeof FindRecords>['node']>,
  { __typename: 'IntegrationTableMapping' }
>;
export type FoundRecord = NonNullable<MappingNode['findRecords']>[number];

export interface RecordPickerProps {
  readonly mappingId: string;
  readonly side: Side;
  readonly label: string;
  readonly uncoupledOnly?: boolean;
  readonly chosen: FoundRecord | null;
  readonly onChoose: (record: FoundRecord | null) => void;
}

const topics: readonly Topic[] = [];

/** Looks for a record in one of the systems as it is now, by words of its title or its key. */
export function RecordPicker(props: RecordPickerProps) {
  const { mappingId, side, label, uncoupledOnly = false, chosen, onChoose } = props;
  const id = useId();
  const [text, setText] = useState('');
  const search = useSettled(text.trim());
  const variables = useMemo(
    () => ({ id: mappingId, side, search: search === '' ? null : search, uncoupledOnly }),
    [mappingId, side, search, uncoupledOnly],
  );
  const { data, error } = useLiveQuery({ query: FindRecords, variables, topics });
  const found = data?.node?.__typename === 'IntegrationTableMapping' ? data.node.findRecords : null;
  return (
    <fieldset className="record-picker">
      <legend className={side.toLowerCase()}>{label}</legend>
      <input
        type="search"
        aria-label={`Search: ${label}`}
        placeholder="Words of the title, or the key"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <ul className="found-records" aria-live="polite">
        {(found ?? []).map((record) => (
          <li key={record.recordId}>
            <label className="check">
              <input
                type="radio"
                name={id}
                checked={chosen?.recordId === record.recordId}
                onChange={() => onChoose(record)}
              />
              <span>
                {record.title} <code className="faint">{record.recordId}</code>
                {record.coupling?.businessId && record.coupling.salesId && <span className="faint"> coupled</span>}
              </span>
            </label>
          </li>
        ))}
        {found?.length === 0 && <li className="faint">No such record.</li>}
        {data && found === null && <li className="bad-text">The system does not answer.</li>}
        {!data && <li className="faint">{error?.graphQLErrors[0]?.message ?? 'Looking …'}</li>}
      </ul>
    </fieldset>
  );
}
