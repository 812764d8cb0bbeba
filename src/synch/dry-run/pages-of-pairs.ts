import { pagesOfDocuments } from '../pages-of.js';
import type { ChangesOfSides } from '../record-change-queries.js';
import type { RecordChange } from '../synch-job.js';

/** Changes that are taken up together. */
const PAGE = 500;

/**
 * Pages of changes in their order, read as they are asked for. All changes of a pair are on one page, as they are made
 * together: a pair that a page may have cut is left to the next one.
 */
export const pagesOfPairs = (
  read: (afterId: string | null, limit: number) => Promise<readonly RecordChange[]>,
): AsyncGenerator<readonly RecordChange[]> =>
  pagesOfDocuments(async (afterId) => wholePairs(await read(afterId, PAGE)));

/** How many of the changes are of each side. */
export const ofSides = (changes: readonly RecordChange[]): ChangesOfSides => {
  const sales = changes.filter(({ side }) => side === 'SALES').length;
  return { BUSINESS: changes.length - sales, SALES: sales };
};

function wholePairs(page: readonly RecordChange[]): readonly RecordChange[] {
  if (page.length < PAGE) return page;
  const last = page.at(-1)?.couplingId;
  const whole = page.filter(({ couplingId }) => couplingId !== last);
  return whole.length === 0 ? page : whole;
}
