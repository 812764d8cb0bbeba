import { type Db, MongoServerError } from 'mongodb';
import type { IndexSpec } from '../store/indexes.js';
import {
  type Count,
  countMatches,
  type ListOrder,
  type Page,
  type PageRequest,
  readPage,
} from '../store/keyset-page.js';
import { watchCollection } from '../store/watch-collection.js';
import type { ApiToken } from './api-token.js';

const TOKENS = 'apiTokens';
const BY_NAME: ListOrder = { field: 'name', direction: 'ASC' };
// How exact lastUsedAt is: a token that is used all the time costs one write a minute.
const USE_NOTED_MS = 60_000;
const DUPLICATE_KEY = 11_000;

/** The tokens of the API. */
export interface ApiTokenStore {
  /** Answers false when another token has the name. */
  insert(token: ApiToken): Promise<boolean>;
  /** Deletes it; answers whether there was one. From then on nobody is let in with it. */
  remove(id: string): Promise<boolean>;
  /** The token with this hash, unless it has expired by the database's clock. */
  valid(hash: string): Promise<ApiToken | null>;
  /** Notes that it was used just now. */
  noteUse(id: string): Promise<void>;
  byIds(ids: readonly string[]): Promise<ApiToken[]>;
  /** By name. */
  page(request: PageRequest): Promise<Page<ApiToken>>;
  count(): Promise<Count>;
  /** Yields once when it watches, then whenever a token was deleted. Throws when it cannot go on watching. */
  watchRemovals(signal: AbortSignal): AsyncIterable<void>;
}

export const apiTokenIndexes: readonly IndexSpec[] = [
  { collection: TOKENS, keys: { hash: 1 }, options: { unique: true } },
  { collection: TOKENS, keys: { name: 1 }, options: { unique: true } },
  { collection: TOKENS, keys: { name: 1, _id: 1 } },
];

export function apiTokenStore(db: Db): ApiTokenStore {
  const tokens = db.collection<ApiToken>(TOKENS);
  return {
    async insert(token) {
      try {
        await tokens.insertOne(token);
        return true;
      } catch (error) {
        if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
        throw error;
      }
    },
    async remove(id) {
      return (await tokens.deleteOne({ _id: id })).deletedCount === 1;
    },
    valid: (hash) =>
      tokens.findOne({
        hash,
        $or: [{ expiresAt: null }, { $expr: { $gt: ['$expiresAt', '$$NOW'] } }],
      }),
    async noteUse(id) {
      const longAgo = { $lte: [{ $ifNull: ['$lastUsedAt', new Date(0)] }, { $subtract: ['$$NOW', USE_NOTED_MS] }] };
      await tokens.updateOne({ _id: id, $expr: longAgo }, [{ $set: { lastUsedAt: '$$NOW' } }]);
    },
    byIds: (ids) => tokens.find({ _id: { $in: [...ids] } }).toArray(),
    page: (request) => readPage(tokens, {}, BY_NAME, request),
    count: () => countMatches(tokens, {}, true),
    watchRemovals: (signal) => watchCollection(tokens, 'delete', signal),
  };
}
