import type { Db, Filter } from 'mongodb';
import type { IndexSpec } from '../store/indexes.js';
import {
  type Count,
  countMatches,
  type ListOrder,
  type Page,
  type PageRequest,
  readPage,
} from '../store/keyset-page.js';
import type { AuditEntry, AuditFilter } from './audit-entry.js';

const ENTRIES = 'auditEntries';
const NEWEST_FIRST: ListOrder = { field: 'at', direction: 'DESC' };

/** What is known of a mutation once it has ended. */
export type AuditOutcome = Pick<AuditEntry, 'targetId' | 'summary' | 'refusedWith'>;

/** The log of mutations. Nobody changes an entry but the mutation that it tells of, which completes it once. */
export interface AuditStore {
  /** Notes that a mutation begins: one whose process dies is listed all the same. */
  begin(entry: AuditEntry): Promise<void>;
  complete(id: string, outcome: AuditOutcome): Promise<void>;
  byIds(ids: readonly string[]): Promise<AuditEntry[]>;
  /** Newest first. */
  page(filter: AuditFilter, request: PageRequest): Promise<Page<AuditEntry>>;
  count(filter: AuditFilter): Promise<Count>;
}

export const auditIndexes: readonly IndexSpec[] = [
  { collection: ENTRIES, keys: { at: -1, _id: -1 } },
  { collection: ENTRIES, keys: { actor: 1, at: -1, _id: -1 } },
  { collection: ENTRIES, keys: { mutation: 1, at: -1, _id: -1 } },
  { collection: ENTRIES, keys: { targetId: 1, at: -1, _id: -1 } },
];

export function auditStore(db: Db): AuditStore {
  const entries = db.collection<AuditEntry>(ENTRIES);
  return {
    begin: async (entry) => {
      await entries.insertOne(entry);
    },
    complete: async (id, outcome) => {
      await entries.updateOne({ _id: id }, { $set: outcome });
    },
    byIds: (ids) => entries.find({ _id: { $in: [...ids] } }).toArray(),
    page: (filter, request) => readPage(entries, asQuery(filter), NEWEST_FIRST, request),
    count: (filter) => {
      const query = asQuery(filter);
      return countMatches(entries, query, Object.keys(query).length === 0);
    },
  };
}

function asQuery({ actor, mutation, targetId, since, until }: AuditFilter): Filter<AuditEntry> {
  return {
    ...(actor && { actor: { $in: [...actor] } }),
    ...(mutation && { mutation: { $in: [...mutation] } }),
    ...(targetId !== undefined && { targetId }),
    ...((since ?? until) && { at: { ...(since && { $gte: since }), ...(until && { $lt: until }) } }),
  };
}
