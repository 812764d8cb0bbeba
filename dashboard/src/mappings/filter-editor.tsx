import { useId } from 'react';
import { Icon } from '../design/icon';
import { type FilterDraft, replaced, without } from './mapping-draft';
import { ProblemLines } from './problem-lines';
import type { MappingProblem, Matches } from './use-mapping-preview';
import type { FieldOfTable, Side } from './use-metadata';

export interface FilterEditorProps {
  readonly side: Side;
  readonly table: string;
  readonly fields: readonly FieldOfTable[];
  readonly filters: readonly FilterDraft[];
  readonly problems: readonly MappingProblem[];
  /** Undefined where it is not asked or not answered yet; null where the service cannot tell. */
  readonly matches?: Matches | undefined;
  readonly editable: boolean;
  readonly onChange: (filters: FilterDraft[]) => void;
}

/** Filters in the NAV filter syntax, with the fields that the system's metadata offers, and how many records they match. */
export function FilterEditor(props: FilterEditorProps) {
  const { side, table, fields, filters, problems, matches, editable, onChange } = props;
  const id = useId();
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
            onChange={(event) => onChange(replaced(filters, index, { field: event.target.value, expression }))}
          />
          <input
            aria-label={`Filter ${index + 1} on ${table}`}
            value={expression}
            onChange={(event) => onChange(replaced(filters, index, { field, expression: event.target.value }))}
          />
          {editable && (
            <button
              type="button"
              className="quiet"
              aria-label={`Take filter ${index + 1} on ${table} away`}
              onClick={() => onChange(without(filters, index))}
            >
              <Icon name="bad" />
            </button>
          )}
        </div>
      ))}
      {/* One place for the service's word, so that nothing moves while somebody types. */}
      <div className="word-on-filter" aria-live="polite">
        <ProblemLines id={`${id}-problems`} of={problems} />
        {problems.every(({ severity }) => severity !== 'ERROR') && <p className="matches">{matchesInWords(matches)}</p>}
      </div>
      {editable && (
        <button type="button" onClick={() => onChange([...filters, { field: '', expression: '' }])}>
          <Icon name="plus" />
          Filter
        </button>
      )}
    </fieldset>
  );
}

function matchesInWords(matches: Matches | undefined) {
  if (matches === undefined) return null;
  if (matches === null) return <span className="faint">How many match cannot be told at the moment.</span>;
  return (
    <>
      <b>
        {matches.precision === 'AT_LEAST' ? 'at least ' : ''}
        {matches.count.toLocaleString()}
      </b>{' '}
      {matches.count === 1 ? 'record matches' : 'records match'} now
    </>
  );
}
