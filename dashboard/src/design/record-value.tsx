import type { RecordValue } from '../graphql/graphql';

/** A value of a record; nothing is told apart from an empty text. */
export function Value({ of }: { readonly of: RecordValue | undefined }) {
  if (of === null || of === undefined) return <span className="faint">nothing</span>;
  if (of === '') return <span className="faint">empty</span>;
  if (typeof of === 'boolean') return <span>{of ? 'yes' : 'no'}</span>;
  return <span className="value">{String(of)}</span>;
}
