import type { Document } from 'mongodb';
import {
  type Count,
  countMatches,
  type ListOrder,
  type Page,
  type PageRequest,
  readPage,
} from '../store/keyset-page.js';
import { searchWordsOf } from '../store/search-words.js';
import type { JobQueueEntry, JobQueueEntryStatus, JobTask } from './job-queue-entry.js';
import type { JobQueueStore } from './job-queue-store.js';

/** Which entries are wanted: given parts are ANDed, values of one list ORed; absent limits nothing, an empty list matches nothing. */
export interface EntryFilter {
  /** false (also when absent): none made for one run; true: only those; null: both. */
  readonly oneOff?: boolean | null | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly status?: readonly JobQueueEntryStatus[] | undefined;
  readonly task?: readonly JobTask[] | undefined;
  readonly mappingNames?: readonly string[] | undefined;
  readonly mappingId?: string | undefined;
  readonly code?: string | undefined;
  /** Every word begins a word of the code or the description. */
  readonly search?: string | undefined;
  readonly categoryCode?: readonly string[] | undefined;
  readonly connectionSetupId?: string | undefined;
}

export interface EntryOrder {
  readonly field: 'CODE' | 'NEXT_RUN_AT' | 'CREATED_AT';
  readonly direction: 'ASC' | 'DESC';
}

const fieldOf = { CODE: 'code', NEXT_RUN_AT: 'nextRunAt', CREATED_AT: 'createdAt' } as const satisfies Record<
  EntryOrder['field'],
  keyof JobQueueEntry
>;

/** A page of entries; by code unless an order is given. */
export function pageOfEntries(
  store: JobQueueStore,
  filter: EntryFilter,
  order: EntryOrder | undefined,
  page: PageRequest,
): Promise<Page<JobQueueEntry>> {
  const listOrder: ListOrder = {
    field: fieldOf[order?.field ?? 'CODE'],
    direction: order?.direction ?? 'ASC',
    nullable: order?.field === 'NEXT_RUN_AT',
  };
  return readPage(store.entries, asEntryQuery(filter), listOrder, page);
}

/** How many entries match; exactly where nothing limits them but whether they recur. */
export function countEntries(store: JobQueueStore, filter: EntryFilter): Promise<Count> {
  const query = asEntryQuery(filter);
  return countMatches(
    store.entries,
    query,
    Object.keys(query).every((part) => part === 'oneOff'),
  );
}

/** How many entries have each status; statuses with none are left out. */
export async function countEntriesByStatus(
  store: JobQueueStore,
  filter: EntryFilter,
): Promise<{ status: JobQueueEntryStatus; count: number }[]> {
  const groups = await store.entries
    .aggregate<{ _id: JobQueueEntryStatus; count: number }>([
      { $match: asEntryQuery(filter) },
      { $group: { _id: '$status', count: { $sum: 1 } } },
      { $sort: { _id: 1 } },
    ])
    .toArray();
  return groups.map(({ _id, count }) => ({ status: _id, count }));
}

/** The filter as MongoDB takes it. */
export function asEntryQuery(filter: EntryFilter): Document {
  const query: Document = {};
  if (filter.oneOff !== null) query.oneOff = filter.oneOff ?? false;
  if (filter.connectionSetupId !== undefined) query.connectionSetupId = filter.connectionSetupId;
  if (filter.mappingId !== undefined) query.mappingId = filter.mappingId;
  if (filter.code !== undefined) query.code = filter.code;
  const lists = {
    _id: filter.ids,
    status: filter.status,
    task: filter.task,
    mappingName: filter.mappingNames,
    categoryCode: filter.categoryCode,
  };
  for (const [field, values] of Object.entries(lists)) if (values !== undefined) query[field] = { $in: [...values] };
  const words = searchWordsOf(filter.search ?? '');
  // Words hold letters and digits only, so none of them can be taken for a pattern.
  if (words.length > 0) query.$and = words.map((word) => ({ searchWords: { $regex: `^${word}` } }));
  return query;
}
