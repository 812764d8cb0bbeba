import { useId } from 'react';
import { Icon } from '../design/icon';
import { graphql } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';

const FieldsOfTable = graphql(`
  query FieldsOfTable($connectionSetupId: ID!, $side: Side!, $names: [String!]) {
    tables(connectionSetupId: $connectionSetupId, side: $side, names: $names) { name fields { name label type } }
  }
`);

interface FieldFilter {
  readonly field: string;
  readonly expression: string;
}

export interface FilterEditorProps {
  readonly side: 'BUSINESS' | 'SALES';
  readonly connectionSetupId: string;
  readonly table: string;
  readonly filters: readonly FieldFilter[];
  readonly problems: readonly string[];
  readonly editable: boolean;
  readonly onChange: (filters: FieldFilter[]) => void;
}

const topics: readonly Topic[] = [];

/** Filters in the NAV filter syntax, with the fields that the system's metadata offers. */
export function FilterEditor(props: FilterEditorProps) {
  const { side, connectionSetupId, table, filters, problems, editable, onChange } = props;
  const id = useId();
  const mayRead = useMay('VIEWER');
  const { data } = useLiveQuery({
    query: FieldsOfTable,
    variables: { connectionSetupId, side, names: [table] },
    topics,
    pause: !mayRead,
  });
  const fields = data?.tables?.[0]?.fields ?? [];
  const replace = (index: number, part: Partial<FieldFilter>): void =>
    onChange(filters.map((one, at) => (at === index ? { ...one, ...part } : one)));
  return (
    <fieldset className="filter-editor" disabled={!editable} aria-describedby={`${id}-problems`}>
      <legend className={side.toLowerCase()}>Filter on {table}</legend>
      <datalist id={`${id}-fields`}>
        {fields.map(({ name, label }) => (
          <option key={name} value={name} label={label} />
        ))}
      </datalist>
      {filters.length === 0 && <p className="faint">All records.</p>}
      {filters.map(({ field, expression }, index) => (
        // Filters have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className="filter-line">
          <input
            aria-label={`Field ${index + 1} on ${table}`}
            list={`${id}-fields`}
            value={field}
            onChange={(event) => replace(index, { field: event.target.value })}
          />
          <input
            aria-label={`Filter ${index + 1} on ${table}`}
            value={expression}
            onChange={(event) => replace(index, { expression: event.target.value })}
          />
          {editable && (
            <button
              type="button"
              className="quiet"
              aria-label={`Take filter ${index + 1} on ${table} away`}
              onClick={() => onChange(filters.filter((_, at) => at !== index))}
            >
              <Icon name="bad" />
            </button>
          )}
        </div>
      ))}
      <p id={`${id}-problems`} className="problem">
        {problems.join(' ')}
      </p>
      {editable && (
        <button type="button" onClick={() => onChange([...filters, { field: '', expression: '' }])}>
          <Icon name="plus" />
          Filter
        </button>
      )}
    </fieldset>
  );
}
