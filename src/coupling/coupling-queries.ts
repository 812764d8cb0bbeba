import type { Db, Document, Filter } from 'mongodb';
import type { IndexSpec, RetiredIndex } from '../store/indexes.js';
import {
  type Count,
  countMatches,
  type ListOrder,
  type Page,
  type PageRequest,
  readPage,
} from '../store/keyset-page.js';
import { type Coupling, listedStates } from './coupling.js';
import { CouplingCountsStore } from './coupling-counts-store.js';
import { type CouplingFilter, IS_DUE_SOMETIME } from './coupling-filter.js';
import { recordKey, recordOfKey } from './external-record.js';

const COLLECTION = 'couplings';

export interface CouplingOrder {
  readonly field: 'TITLE' | 'STATE_SINCE' | 'LAST_SYNCHED_AT';
  readonly direction: 'ASC' | 'DESC';
}

const orderFields = {
  TITLE: { field: 'title' },
  STATE_SINCE: { field: 'stateSince' },
  LAST_SYNCHED_AT: { field: 'lastSynchedAt', nullable: true },
} as const satisfies Record<CouplingOrder['field'], Omit<ListOrder, 'direction'>>;

/**
 * The indexes that the lists of couplings need. A filter that few match is answered from its own index and sorted; one that most
 * match, along the index of the order. Pairs in step, which nearly all are, stand in no index of states and
 * errors; PENDING ones in the one of those that are due.
 */
export const couplingListIndexes: readonly IndexSpec[] = [
  ...Object.values(orderFields).map(({ field }) => ({ collection: COLLECTION, keys: { [field]: 1, _id: 1 } as const })),
  { collection: COLLECTION, keys: { mappingName: 1, title: 1, _id: 1 } },
  { collection: COLLECTION, keys: { mappingId: 1, title: 1, _id: 1 } },
  { collection: COLLECTION, keys: { connectionSetupId: 1, title: 1, _id: 1 } },
  {
    collection: COLLECTION,
    keys: { state: 1, stateSince: 1, _id: 1 },
    options: { partialFilterExpression: { state: { $in: listedStates } } },
  },
  { collection: COLLECTION, keys: { titleWords: 1 } },
  { collection: COLLECTION, keys: { 'error.class': 1 }, options: { sparse: true } },
  { collection: COLLECTION, keys: { 'error.code': 1 }, options: { sparse: true } },
  { collection: COLLECTION, keys: { 'error.field': 1 }, options: { sparse: true } },
  { collection: COLLECTION, keys: { businessId: 1 } },
  { collection: COLLECTION, keys: { salesId: 1 } },
];

const retiredNames = [
  'mappingId_1_nextAttemptAt_1__id_1',
  'connectionSetupId_1_waitingKeys_1',
  'connectionSetupId_1_refs_1',
  'mappingName_1_state_1_title_1__id_1',
  'mappingId_1_state_1_title_1__id_1',
  'mappingName_1_state_1_stateSince_1__id_1',
  'mappingId_1_state_1_stateSince_1__id_1',
  'mappingName_1_state_1_lastSynchedAt_1__id_1',
  'mappingId_1_state_1_lastSynchedAt_1__id_1',
  'connectionSetupId_1_state_1_title_1__id_1',
  'state_1_title_1__id_1',
  'mappingId_1_state_1_error.code_1_stateSince_1',
  'connectionSetupId_1_state_1_error.code_1_stateSince_1',
  'mappingId_1_error.code_1_error.class_1',
  'connectionSetupId_1_state_1_nextAttemptAt_1',
];

/** Indexes of couplings that earlier versions had, with every pair in each of them. */
export const retiredCouplingIndexes: readonly RetiredIndex[] = retiredNames.map((name) => ({
  collection: COLLECTION,
  name,
}));

/** Where a record is listed in its mapping. */
export interface CouplingOfRecord {
  readonly key: string;
  readonly coupling: Coupling;
}

/** The read side of couplings: pages, counts and look-ups for people. */
export interface CouplingQueries {
  /** Those that exist, in any order. */
  byIds(ids: readonly string[]): Promise<Coupling[]>;
  /** Those of the records with these keys (see recordKey); a record without coupling is not in the answer. */
  ofRecords(keys: readonly string[]): Promise<CouplingOfRecord[]>;
  /** By title unless an order is given. Throws InvalidPlaceError for a cursor of another list. */
  page(filter: CouplingFilter, order: CouplingOrder | undefined, request: PageRequest): Promise<Page<Coupling>>;
  count(filter: CouplingFilter): Promise<Count>;
}

// What only runs read is left out: with the bases a coupling is ten times as large.
const RUN_STATE = ['bases', 'intents'] as const;
const withoutRunState = Object.fromEntries(RUN_STATE.map((field) => [field, 0]));

/** Reads the couplings of a database. */
export function couplingQueries(db: Db): CouplingQueries {
  const collection = db.collection<Coupling>(COLLECTION);
  const kept = new CouplingCountsStore(db);
  return {
    byIds: (ids) => collection.find({ _id: { $in: [...ids] } }, { projection: withoutRunState }).toArray(),
    ofRecords: async (keys) => {
      if (keys.length === 0) return [];
      const wanted = keys.map(recordOfKey).map(({ mappingId, side, recordId }) => ({
        mappingId,
        // The unique indexes hold texts only, and are used only by a query that says so too.
        [side === 'BUSINESS' ? 'businessId' : 'salesId']: { $eq: recordId, $type: 'string' },
      }));
      const found = await collection.find({ $or: wanted }, { projection: withoutRunState }).toArray();
      return found.flatMap((coupling) => keysOf(coupling).map((key) => ({ key, coupling })));
    },
    page: (filter, { field, direction } = { field: 'TITLE', direction: 'ASC' }, request) =>
      readPage(collection, couplingQuery(filter), { ...orderFields[field], direction, without: RUN_STATE }, request),
    count: async (filter) => {
      if (!isCountedExactly(filter)) return countMatches(collection, couplingQuery(filter), false);
      const counted = await kept.read({
        mappingIds: filter.mappingId === undefined ? undefined : [filter.mappingId],
        mappingNames: filter.mappingNames,
      });
      if (counted === null) return countMatches(collection, couplingQuery(filter), true);
      const wanted = counted
        .flatMap(({ counts }) => counts)
        .filter(({ state }) => filter.state === undefined || filter.state.includes(state));
      return { count: wanted.reduce((sum, { count }) => sum + count, 0), exact: true };
    },
  };
}

const keysOf = ({ mappingId, businessId, salesId }: Coupling): string[] => [
  ...(businessId === null ? [] : [recordKey({ mappingId, side: 'BUSINESS', recordId: businessId })]),
  ...(salesId === null ? [] : [recordKey({ mappingId, side: 'SALES', recordId: salesId })]),
];

// By mapping and state counters are kept.
const countedExactly: ReadonlySet<string> = new Set<keyof CouplingFilter>(['mappingNames', 'mappingId', 'state']);

const isCountedExactly = (filter: CouplingFilter): boolean =>
  Object.entries(filter).every(([part, value]) => value === undefined || countedExactly.has(part));

/** The filter as the database takes it. */
export function couplingQuery(filter: CouplingFilter): Filter<Coupling> {
  const query: Document = {};
  const values = {
    mappingId: filter.mappingId,
    businessId: filter.businessId,
    salesId: filter.salesId,
    connectionSetupId: filter.connectionSetupId,
  };
  for (const [field, value] of Object.entries(values)) if (value !== undefined) query[field] = value;
  const lists = {
    _id: filter.ids,
    mappingName: filter.mappingNames,
    'error.class': filter.errorClass,
    'error.code': filter.errorCode,
    'error.field': filter.errorField,
  };
  for (const [field, wanted] of Object.entries(lists)) if (wanted !== undefined) query[field] = { $in: [...wanted] };
  const parts = [...stateQuery(filter.state), ...(searchQuery(filter.search ?? '') ?? [])];
  if (parts.length > 0) query.$and = parts;
  return query;
}

/** In the form that the partial indexes of states are used for. */
function stateQuery(states: CouplingFilter['state']): Document[] {
  if (states === undefined) return [];
  const pending = { state: 'PENDING', ...IS_DUE_SOMETIME };
  const others = states.filter((state) => state !== 'PENDING');
  if (others.length === states.length) return [{ state: { $in: [...others] } }];
  return [others.length === 0 ? pending : { $or: [{ state: { $in: others } }, pending] }];
}

/** Every word begins a word of the title, or is one of the two ids; null for a search without words. */
export function searchQuery(search: string): Document[] | null {
  const asked = search.trim();
  if (asked === '') return null;
  // An id may hold hyphens, which separate words: each blank-separated part is tried as an id and as words.
  return asked.split(/\s+/).map((part) => {
    const words = part
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== '');
    const byTitle = words.map((word) => ({ titleWords: { $regex: `^${word}` } }));
    const byId = [
      { businessId: part },
      { salesId: part },
      { businessId: part.toLowerCase() },
      { salesId: part.toLowerCase() },
    ];
    return { $or: byTitle.length > 0 ? [{ $and: byTitle }, ...byId] : byId };
  });
}
