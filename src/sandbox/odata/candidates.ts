import type { Scalar } from '../world/row.js';
import type { Candidates } from '../world/table.js';
import type { Call, Filter, Literal, Operand } from './filter-syntax.js';

/** What a column says about where its row is found: as one of the table's own, or as a column whose values may be indexed. */
export type ColumnRole = 'id' | 'key' | 'changed' | { readonly column: string } | undefined;

export interface CandidateDialect {
  role(segments: readonly string[]): ColumnRole;
  /** The column and the values of a function that means "is one of". */
  membership?(call: Call): { readonly segments: readonly string[]; readonly items: readonly Literal[] } | undefined;
}

/** Times are shown rounded by a few milliseconds. */
const ROUNDING_MS = 10;

/** What a filter says of ids, keys, times of change and values: rows outside of that cannot match. Undefined: any row may. */
export function candidatesOf(filter: Filter, dialect: CandidateDialect): Candidates | undefined {
  switch (filter.kind) {
    case 'and': {
      const [left, right] = [candidatesOf(filter.left, dialect), candidatesOf(filter.right, dialect)];
      if (left === undefined || right === undefined) return left ?? right;
      if (isNamed(left) || isNamed(right)) return isNamed(left) ? left : right;
      return {
        changedFromMs: Math.max(left.changedFromMs ?? 0, right.changedFromMs ?? 0),
        equal: left.equal ?? right.equal,
      };
    }
    case 'or': {
      const [left, right] = [candidatesOf(filter.left, dialect), candidatesOf(filter.right, dialect)];
      if (left === undefined || right === undefined || isNamed(left) !== isNamed(right)) return undefined;
      if (!isNamed(left)) return { changedFromMs: Math.min(left.changedFromMs ?? 0, right.changedFromMs ?? 0) };
      return {
        ids: [...(left.ids ?? []), ...(right.ids ?? [])],
        keys: [...(left.keys ?? []), ...(right.keys ?? [])],
      };
    }
    case 'compare':
      return compared(filter.operator, filter.left, filter.right, dialect);
    case 'in':
      return amongst(filter.left, filter.items, dialect);
    case 'call': {
      const meant = dialect.membership?.(filter);
      return meant && amongst({ kind: 'path', segments: meant.segments }, meant.items, dialect);
    }
    default:
      return undefined;
  }
}

const isNamed = ({ ids, keys }: Candidates): boolean => ids !== undefined || keys !== undefined;

function compared(operator: string, left: Operand, right: Operand, dialect: CandidateDialect): Candidates | undefined {
  if (left.kind !== 'path' || right.kind !== 'literal') return undefined;
  if (operator === 'eq') return amongst(left, [right], dialect);
  if ((operator !== 'ge' && operator !== 'gt') || dialect.role(left.segments) !== 'changed') return undefined;
  const from = Date.parse(String(right.value));
  return Number.isNaN(from) ? undefined : { changedFromMs: from - ROUNDING_MS };
}

function amongst(left: Operand, items: readonly Literal[], dialect: CandidateDialect): Candidates | undefined {
  const role = left.kind === 'path' ? dialect.role(left.segments) : undefined;
  const texts = items.map(({ value }) => value);
  if (role === 'id') return { ids: texts.map((text) => String(text).toLowerCase()) };
  if (!texts.every(isPlain)) return undefined;
  if (role === 'key') return { keys: texts };
  const [value, ...others] = texts;
  const isOne = typeof role === 'object' && value !== undefined && others.length === 0;
  return isOne ? { equal: { column: role.column, value } } : undefined;
}

/** A text that compares with no other text than itself. */
const isPlain = (value: Scalar): value is string =>
  typeof value === 'string' && value !== '' && !value.includes('_x') && value === value.trim();
