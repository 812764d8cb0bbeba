import type { SynchJobCounts } from './run-fields';

export type Counters = Pick<
  SynchJobCounts,
  'inserted' | 'modified' | 'deleted' | 'coupled' | 'uncoupled' | 'unchanged' | 'skipped' | 'failed' | 'conflicts'
>;

// What needs somebody stands first: where there is no room for all, the end is cut.
const kinds = [
  ['failed', 'failed', 'bad'],
  ['conflicts', 'in conflict', 'warn'],
  ['inserted', 'inserted', 'plain'],
  ['modified', 'modified', 'plain'],
  ['deleted', 'deleted', 'plain'],
  ['coupled', 'coupled', 'plain'],
  ['uncoupled', 'uncoupled', 'plain'],
  ['skipped', 'skipped', 'faint'],
] as const;

/** What was done, in words; only what is not nothing. */
export function Counts({ of, none = 'nothing to do' }: { readonly of: readonly Counters[]; readonly none?: string }) {
  const sums = kinds
    .map(([field, words, tone]) => ({ words, tone, count: of.reduce((sum, job) => sum + job[field], 0) }))
    .filter(({ count }) => count > 0);
  if (sums.length === 0) return <span className="faint">{none}</span>;
  return (
    <span className="counts" title={sums.map(({ words, count }) => `${count.toLocaleString()} ${words}`).join(', ')}>
      {sums.map(({ words, tone, count }) => (
        <span key={words} className={`count-${tone}`}>
          <b>{count.toLocaleString()}</b> {words}
        </span>
      ))}
    </span>
  );
}
