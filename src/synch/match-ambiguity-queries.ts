import type { Db } from 'mongodb';
import type { IndexSpec } from '../store/indexes.js';
import {
  type Count,
  countMatches,
  type ListOrder,
  type Page,
  type PageRequest,
  readPage,
} from '../store/keyset-page.js';
import type { MatchAmbiguity } from './match-ambiguity.js';

const COLLECTION = 'matchAmbiguities';

/** The index of the list of ambiguities of a job. */
export const matchAmbiguityIndexes: readonly IndexSpec[] = [
  { collection: COLLECTION, keys: { synchJobId: 1, title: 1, _id: 1 } },
];

const BY_TITLE: ListOrder = { field: 'title', direction: 'ASC' };

/** The read side of what matching could not decide. */
export interface MatchAmbiguityQueries {
  byIds(ids: readonly string[]): Promise<MatchAmbiguity[]>;
  /** Those of a job, by the title of the record. */
  ofJob(synchJobId: string, request: PageRequest): Promise<Page<MatchAmbiguity>>;
  countOfJob(synchJobId: string): Promise<Count>;
}

/** Reads the ambiguities of a database. */
export function matchAmbiguityQueries(db: Db): MatchAmbiguityQueries {
  const collection = db.collection<MatchAmbiguity>(COLLECTION);
  return {
    byIds: (ids) => collection.find({ _id: { $in: [...ids] } }).toArray(),
    ofJob: (synchJobId, request) => readPage(collection, { synchJobId }, BY_TITLE, request),
    countOfJob: (synchJobId) => countMatches(collection, { synchJobId }, false),
  };
}
