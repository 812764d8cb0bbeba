import type { Db, Document, Filter } from 'mongodb';
import type { SynchAction } from '../coupling/coupling.js';
import { searchQuery } from '../coupling/coupling-queries.js';
import type { PlannedChoice } from '../job-queue/job-queue-entry.js';
import type { IndexSpec } from '../store/indexes.js';
import {
  type Count,
  countMatches,
  type ListOrder,
  type Page,
  type PageRequest,
  readPage,
} from '../store/keyset-page.js';
import { LongTextsStore } from '../store/long-texts-store.js';
import { fromStoredChange, type StoredChange } from './stored-change.js';
import type { Side } from './synch-error.js';
import { actionsDone, type RecordChange, type RecordChangeOutcome } from './synch-job.js';

const COLLECTION = 'recordChanges';

/** Which changes of a record or of a synch job are wanted; absent limits nothing, an empty list matches nothing. */
export interface RecordChangeFilter {
  readonly couplingId?: string | undefined;
  readonly synchJobIds?: readonly string[] | undefined;
  readonly action?: readonly SynchAction[] | undefined;
  readonly side?: Side | undefined;
  readonly outcome?: readonly RecordChangeOutcome[] | undefined;
  /** Every word begins a word of the title, or is one of the two ids. */
  readonly search?: string | undefined;
}

/** The read side of the history of records and of what dry runs planned. */
export interface RecordChangeQueries {
  /** Those that exist, in any order. */
  byIds(ids: readonly string[]): Promise<RecordChange[]>;
  /** Newest first. Throws InvalidPlaceError for a cursor of another list. */
  page(filter: RecordChangeFilter, request: PageRequest): Promise<Page<RecordChange>>;
  count(filter: RecordChangeFilter): Promise<Count>;
  /** Changes that a dry run planned and somebody chose, in order of their ids, after the given one: those of one pair in a row. */
  planned(choice: PlannedChoice, afterId: string | null, limit: number): Promise<RecordChange[]>;
  /** Changes that these jobs made, in order of their ids, after the given one. */
  made(synchJobIds: readonly string[], afterId: string | null, limit: number): Promise<RecordChange[]>;
  /** How many changes of each side `planned` has, without those that only tell why nothing would be done. */
  countPlanned(choice: PlannedChoice): Promise<ChangesOfSides>;
  /** How many changes of each side `made` has. */
  countMade(synchJobIds: readonly string[]): Promise<ChangesOfSides>;
}

export type ChangesOfSides = Readonly<Record<Side, number>>;

/** The indexes that the lists of changes need. */
export const recordChangeIndexes: readonly IndexSpec[] = [
  { collection: COLLECTION, keys: { couplingId: 1, at: -1, _id: -1 } },
  { collection: COLLECTION, keys: { synchJobId: 1, at: -1, _id: -1 } },
  { collection: COLLECTION, keys: { synchJobId: 1, action: 1, at: -1, _id: -1 } },
  { collection: COLLECTION, keys: { synchJobId: 1, side: 1, at: -1, _id: -1 } },
  { collection: COLLECTION, keys: { synchJobId: 1, outcome: 1, at: -1, _id: -1 } },
  { collection: COLLECTION, keys: { synchJobId: 1, titleWords: 1 } },
  { collection: COLLECTION, keys: { synchJobId: 1, businessId: 1 } },
  { collection: COLLECTION, keys: { synchJobId: 1, salesId: 1 } },
  { collection: COLLECTION, keys: { synchJobId: 1, _id: 1 } },
  { collection: COLLECTION, keys: { outcome: 1, at: 1 } },
];

const NEWEST_FIRST: ListOrder = { field: 'at', direction: 'DESC' };

/** Reads the changes of records in a database. */
export function recordChangeQueries(db: Db): RecordChangeQueries {
  const changes = db.collection<StoredChange>(COLLECTION);
  const texts = new LongTextsStore(db);
  const whole = async (stored: StoredChange): Promise<RecordChange> => {
    const change = fromStoredChange(stored);
    return { ...change, fields: await texts.whole(change.connectionSetupId, change.fields) };
  };
  const allWhole = async (stored: Promise<StoredChange[]>): Promise<RecordChange[]> =>
    Promise.all((await stored).map(whole));
  const countOfSides = async (query: Filter<StoredChange>): Promise<ChangesOfSides> => {
    const groups = await changes
      .aggregate<{ _id: Side; count: number }>([{ $match: query }, { $group: { _id: '$side', count: { $sum: 1 } } }])
      .toArray();
    return { BUSINESS: 0, SALES: 0, ...Object.fromEntries(groups.map(({ _id, count }) => [_id, count])) };
  };
  return {
    countPlanned: (choice) => countOfSides({ $and: [plannedQuery(choice), { action: { $in: [...actionsDone] } }] }),
    countMade: (synchJobIds) => countOfSides(madeQuery(synchJobIds)),
    byIds: (ids) => allWhole(changes.find({ _id: { $in: [...ids] } }).toArray()),
    page: async (filter, request) => {
      const page = await readPage(changes, recordChangeQuery(filter), NEWEST_FIRST, request);
      return {
        ...page,
        items: await Promise.all(page.items.map(async (item) => ({ ...item, item: await whole(item.item) }))),
      };
    },
    count: (filter) => countMatches(changes, recordChangeQuery(filter), false),
    planned: (choice, afterId, limit) =>
      allWhole(
        changes
          .find({ $and: [plannedQuery(choice), ...after(afterId)] })
          .sort({ _id: 1 })
          .limit(limit)
          .toArray(),
      ),
    made: (synchJobIds, afterId, limit) =>
      allWhole(
        changes
          .find({ $and: [madeQuery(synchJobIds), ...after(afterId)] })
          .sort({ _id: 1 })
          .limit(limit)
          .toArray(),
      ),
  };
}

const after = (id: string | null): Filter<StoredChange>[] => (id === null ? [] : [{ _id: { $gt: id } }]);

const madeQuery = (synchJobIds: readonly string[]): Filter<StoredChange> => ({
  synchJobId: { $in: [...synchJobIds] },
  outcome: 'APPLIED',
});

function plannedQuery({ synchJobs, changeIds, filter, exceptChangeIds }: PlannedChoice): Filter<StoredChange> {
  const asked = recordChangeQuery({ ...filter, synchJobIds: synchJobs.map(({ id }) => id), outcome: ['PLANNED'] });
  const ids = changeIds === null ? {} : { _id: { $in: [...changeIds] } };
  return { $and: [asked, ids, { _id: { $nin: [...exceptChangeIds] } }] };
}

/** The filter as the database takes it. */
export function recordChangeQuery(filter: RecordChangeFilter): Filter<StoredChange> {
  const query: Document = {};
  if (filter.couplingId !== undefined) query['couplingId'] = filter.couplingId;
  if (filter.side !== undefined) query['side'] = filter.side;
  const lists = { synchJobId: filter.synchJobIds, action: filter.action, outcome: filter.outcome };
  for (const [field, wanted] of Object.entries(lists)) if (wanted !== undefined) query[field] = { $in: [...wanted] };
  const search = searchQuery(filter.search ?? '');
  if (search !== null) query['$and'] = search;
  return query;
}
