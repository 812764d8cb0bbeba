import type { Db, Document, Filter } from 'mongodb';
import type { JobStatusTransition } from '../job-queue/job-queue-entry.js';
import { type Count, countMatches, type Page, type PageRequest } from '../store/keyset-page.js';
import { numberOfCursor, streamCursorOf } from './stream-cursor.js';
import type { TransitionFilter } from './transition-filter.js';
import { transitionSource } from './transition-source-store.js';

/** The read side of the transitions: the stream as pages, with the stream's own cursors. */
export interface TransitionQueries {
  /** Those that exist, in any order. */
  byIds(ids: readonly string[]): Promise<JobStatusTransition[]>;
  /** Oldest first. Throws InvalidCursorError for a text that is no cursor of the stream. */
  page(filter: TransitionFilter, request: PageRequest): Promise<Page<JobStatusTransition>>;
  count(filter: TransitionFilter): Promise<Count>;
}

/** Reads the transitions of a database. */
export function transitionQueries(db: Db): TransitionQueries {
  const collection = db.collection<JobStatusTransition>('jobStatusTransitions');
  const source = transitionSource(db);

  async function read(
    filter: TransitionFilter,
    { after, before, limit, fromEnd = false }: PageRequest,
  ): Promise<JobStatusTransition[]> {
    const above = after === undefined ? 0 : numberOfCursor(after);
    const below = before === undefined ? Number.MAX_SAFE_INTEGER : numberOfCursor(before);
    // One more than asked tells whether there is more.
    const found = fromEnd
      ? await source.readBefore(below, limit + 1, filter)
      : await source.readAfter(above, limit + 1, filter);
    return found.filter(({ number }) => number > above && number < below);
  }

  return {
    byIds: (ids) => collection.find({ _id: { $in: [...ids] } }).toArray(),
    page: async (filter, request) => {
      const found = await read(filter, request);
      const kept = found.slice(0, request.limit);
      if (request.fromEnd === true) kept.reverse();
      return {
        items: kept.map((item) => ({ item, place: streamCursorOf(item.number) })),
        hasMore: found.length > request.limit,
      };
    },
    count: (filter) =>
      countMatches(
        collection,
        asQuery(filter),
        Object.values(filter).every((value) => value === undefined),
      ),
  };
}

function asQuery({
  entryIds,
  codes,
  mappingNames,
  to,
  connectionSetupId,
}: TransitionFilter): Filter<JobStatusTransition> {
  const query: Document = {};
  const lists = { entryId: entryIds, code: codes, mappingName: mappingNames, to };
  for (const [field, values] of Object.entries(lists)) if (values !== undefined) query[field] = { $in: [...values] };
  if (connectionSetupId !== undefined) query.connectionSetupId = connectionSetupId;
  return query;
}
