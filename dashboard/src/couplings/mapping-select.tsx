import type { Filter } from '../design/use-filter';

export interface MappingSelectProps {
  readonly filter: Filter;
  readonly mappings: readonly {
    readonly id: string;
    readonly name: string;
    readonly connectionSetup: { readonly id: string; readonly name: string };
  }[];
}

/** One mapping of one connection: another connection may have a mapping of the same name. */
export function MappingSelect({ filter, mappings }: MappingSelectProps) {
  const name = filter.one('mapping');
  const connection = filter.one('connection');
  const chosen = mappings.find(
    (one) => one.name === name && (connection === '' || one.connectionSetup.id === connection),
  );
  const hasSeveral = new Set(mappings.map(({ connectionSetup }) => connectionSetup.id)).size > 1;
  const choose = (id: string): void => {
    const mapping = mappings.find((one) => one.id === id);
    filter.setAll({ mapping: mapping?.name ?? '', connection: mapping?.connectionSetup.id ?? '' });
  };
  return (
    <label className="filter-select">
      <span className="unseen">Mapping</span>
      <select value={chosen?.id ?? ''} onChange={(event) => choose(event.target.value)}>
        <option value="">{name === '' || chosen ? 'All mappings' : name}</option>
        {mappings.map((one) => (
          <option key={one.id} value={one.id}>
            {hasSeveral ? `${one.name} (${one.connectionSetup.name})` : one.name}
          </option>
        ))}
      </select>
    </label>
  );
}
