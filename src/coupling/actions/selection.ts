import { pagesOfDocuments } from '../../synch/pages-of.js';
import type { Coupling } from '../coupling.js';
import type { CouplingFilter, CouplingSelection } from '../coupling-filter.js';
import type { CouplingSelectionStore } from '../coupling-selection-store.js';
import { type Refusal, refuseCoupling } from './coupling-refused-error.js';

/** Couplings that somebody chose: ids or a filter, not both. */
export interface SelectionRequest {
  readonly ids: readonly string[] | null;
  readonly filter: CouplingFilter | null;
  /** How many the caller saw; another number is refused. */
  readonly expectedCount: number | null;
}

/** What became of the chosen couplings. */
export interface ChangedCouplings {
  readonly changedCount: number;
  /** The first 1,000. */
  readonly changedIds: readonly string[];
  /** At most 100. */
  readonly refusals: readonly Refusal[];
}

export const MOST_IDS = 1_000;
const MOST_MATCHES = 100_000;
const MOST_REFUSALS = 100;
const PAGE = 500;

/** Reads what was chosen. Throws CouplingRefusedError when that is nothing definite, too much, or another number than expected. */
export async function checkSelection(
  selections: Pick<CouplingSelectionStore, 'count'>,
  { ids, filter, expectedCount }: SelectionRequest,
  mostMatches = MOST_MATCHES,
): Promise<CouplingSelection> {
  if ((ids === null) === (filter === null))
    refuseCoupling('INVALID', 'ids, filter: expected one of them; choose couplings by their ids or by a filter', [
      'ids',
    ]);
  if (ids !== null) {
    if (ids.length > MOST_IDS)
      refuseCoupling('LIMIT_EXCEEDED', `ids: expected at most ${MOST_IDS}, got ${ids.length}; use a filter`, ['ids']);
    const distinct = [...new Set(ids)];
    requireCount(expectedCount, distinct.length);
    return { ids: distinct };
  }
  const given = withoutAbsent(filter ?? {});
  if (Object.keys(given).length === 0)
    refuseCoupling('INVALID', 'filter: expected at least one condition; an empty filter would choose everything', [
      'filter',
    ]);
  const limit = Number.isFinite(mostMatches) ? { limit: mostMatches + 1 } : { limit: Number.MAX_SAFE_INTEGER };
  const count = await selections.count(given, limit.limit);
  if (count > mostMatches)
    refuseCoupling('LIMIT_EXCEEDED', `filter: more than ${mostMatches} couplings match; choose fewer at once`, [
      'filter',
    ]);
  requireCount(expectedCount, count);
  return { filter: given };
}

function requireCount(expected: number | null, count: number): void {
  if (expected === null || expected === count) return;
  refuseCoupling(
    'STALE_REVISION',
    `expectedCount: ${count} couplings match, expected were ${expected}; look at them again, then repeat`,
    ['expectedCount'],
  );
}

// MongoDB would keep what is absent as null, and a repeated call would be another one. A search for nothing limits nothing.
const withoutAbsent = ({ search, ...filter }: CouplingFilter): CouplingFilter => ({
  ...Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)),
  ...(search !== undefined && search.trim() !== '' && { search }),
});

/** Does something to all chosen couplings, page by page, and gathers what became of them. */
export async function changeSelected(
  selections: Pick<CouplingSelectionStore, 'page'>,
  selection: CouplingSelection,
  change: (
    page: readonly Coupling[],
  ) => Promise<{ readonly changed: ReadonlySet<string>; readonly refusals: readonly Refusal[] }>,
): Promise<ChangedCouplings> {
  const changedIds: string[] = [];
  const refusals: Refusal[] = [];
  const seen = new Set<string>();
  let changedCount = 0;
  for await (const page of pagesOfDocuments((afterId) => selections.page(null, selection, afterId, PAGE))) {
    if ('ids' in selection) for (const { _id } of page) seen.add(_id);
    const result = await change(page);
    changedCount += result.changed.size;
    changedIds.push(...[...result.changed].slice(0, MOST_IDS - changedIds.length));
    refusals.push(...result.refusals.slice(0, MOST_REFUSALS - refusals.length));
  }
  if ('ids' in selection) refusals.push(...missing(selection.ids, seen).slice(0, MOST_REFUSALS - refusals.length));
  return { changedCount, changedIds, refusals };
}

const missing = (ids: readonly string[], seen: ReadonlySet<string>): Refusal[] =>
  ids.flatMap((id, index) =>
    seen.has(id)
      ? []
      : [
          {
            code: 'NOT_FOUND' as const,
            message: `ids.${index}: there is no such coupling; it may have been uncoupled meanwhile`,
            field: ['ids', String(index)],
            couplingId: id,
          },
        ],
  );
