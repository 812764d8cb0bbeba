import { useEffect, useId, useState } from 'react';
import { Icon } from './icon';
import type { Filter } from './use-filter';

const TYPED_MS = 250;

/** Words that limit a list, in its address a moment after they were typed. */
export function SearchBox({ filter, label }: { readonly filter: Filter; readonly label: string }) {
  const given = filter.one('search');
  const [text, setText] = useState(given);
  useEffect(() => setText(given), [given]);
  useEffect(() => {
    if (text === given) return undefined;
    const timer = setTimeout(() => filter.set('search', text, { replace: true }), TYPED_MS);
    return () => clearTimeout(timer);
  }, [text, given, filter]);
  return (
    <div className="search-box">
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  );
}

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly count?: number | undefined;
}

export interface ChipsProps {
  readonly filter: Filter;
  readonly name: string;
  readonly label: string;
  readonly choices: readonly Choice[];
}

/** Values that can be switched on together, each with how many there are. */
export function Chips({ filter, name, label, choices }: ChipsProps) {
  const chosen = filter.many(name);
  const toggle = (value: string): void =>
    filter.set(name, chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]);
  return (
    <fieldset className="chips" aria-label={label}>
      {choices.map(({ value, label: words, count }) => (
        <button
          key={value}
          type="button"
          className="chip"
          aria-pressed={chosen.includes(value)}
          onClick={() => toggle(value)}
        >
          {words}
          {count !== undefined && <span className="count">{count.toLocaleString()}</span>}
        </button>
      ))}
    </fieldset>
  );
}
export interface SelectProps {
  readonly filter: Filter;
  readonly name: string;
  readonly label: string;
  readonly choices: readonly Choice[];
  /** What stands there when nothing is chosen. */
  readonly all: string;
}

export function FilterSelect({ filter, name, label, choices, all }: SelectProps) {
  const id = useId();
  return (
    <label htmlFor={id} className="filter-select">
      <span className="unseen">{label}</span>
      <select id={id} value={filter.one(name)} onChange={(event) => filter.set(name, event.target.value)}>
        <option value="">{all}</option>
        {choices.map(({ value, label: words }) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
