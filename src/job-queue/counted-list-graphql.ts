import type { PagedList } from '../api/connection.js';
import { countedUpTo, type Page, type PageRequest } from '../store/keyset-page.js';

// Beyond this nobody reads a count as more than "many".
const COUNTED_AT_MOST = 10_000;

/** A list of the job queue, whose counts are asked for with a limit. */
export const countedList = <T>(
  page: (request: PageRequest) => Promise<Page<T>>,
  count: (limit: number) => Promise<number>,
): PagedList<T> => ({
  page,
  count: async () => countedUpTo(COUNTED_AT_MOST, await count(COUNTED_AT_MOST + 1)),
});
