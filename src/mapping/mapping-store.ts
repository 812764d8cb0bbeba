import type { MikroORM } from '@mikro-orm/mongodb';
import type { Db, Filter } from 'mongodb';
import { rememberGone } from '../store/gone-objects.js';
import type { IndexSpec } from '../store/indexes.js';
import {
  type Count,
  countMatches,
  type ListOrder,
  type Page,
  type PageRequest,
  readPage,
} from '../store/keyset-page.js';
import { searchWordsOf } from '../store/search-words.js';
import { StaleRevisionError } from '../store/stale-revision-error.js';
import type { IntegrationTableMapping, MappingKind } from './integration-table-mapping.js';
import { fromDocument, IntegrationTableMappingEntity, type MappingDocument, toDocument } from './mapping-entity.js';

const COLLECTION = 'integrationTableMappings';

/** The indexes of the mappings. */
export const mappingIndexes: readonly IndexSpec[] = [
  { collection: COLLECTION, keys: { connectionSetupId: 1, name: 1 }, options: { unique: true } },
  { collection: COLLECTION, keys: { name: 1, _id: 1 } },
  { collection: COLLECTION, keys: { kind: 1, name: 1, _id: 1 } },
  { collection: COLLECTION, keys: { enabled: 1, name: 1, _id: 1 } },
  { collection: COLLECTION, keys: { nameWords: 1 } },
  { collection: COLLECTION, keys: { descriptionWords: 1 } },
];

/** Which mappings are wanted; absent parts limit nothing. */
export interface MappingFilter {
  readonly connectionSetupId?: string | undefined;
  readonly name?: string | undefined;
  readonly kind?: MappingKind | undefined;
  readonly enabled?: boolean | undefined;
  /** Every word begins a word of the name or the description. */
  readonly search?: string | undefined;
}

/** What may be changed of a mapping that exists. */
export type MappingChange = Partial<
  Omit<
    IntegrationTableMapping,
    'id' | 'connectionSetupId' | 'name' | 'kind' | 'table' | 'integrationTable' | 'revision' | 'createdAt' | 'updatedAt'
  >
>;

/** A mapping of this name exists in the connection. */
export class DuplicateMappingNameError extends Error {
  override readonly name = 'DuplicateMappingNameError';
  constructor(
    readonly mappingName: string,
    options?: ErrorOptions,
  ) {
    super(`the connection has a mapping with the name ${mappingName}; choose another one`, options);
  }
}

/** Reads and saves integration table mappings. */
export interface MappingStore {
  byId(id: string): Promise<IntegrationTableMapping | null>;
  /** Those that exist, in any order. */
  byIds(ids: readonly string[]): Promise<IntegrationTableMapping[]>;
  byName(connectionSetupId: string, name: string): Promise<IntegrationTableMapping | null>;
  /** All that match, by name: for what is bounded, such as the mappings of one connection. */
  list(filter: MappingFilter): Promise<IntegrationTableMapping[]>;
  page(filter: MappingFilter, request: PageRequest): Promise<Page<IntegrationTableMapping>>;
  count(filter: MappingFilter): Promise<Count>;
  /** Throws {@link DuplicateMappingNameError}. */
  insert(mapping: IntegrationTableMapping): Promise<void>;
  /**
   * Saves a change made by a person to the mapping as it was read, and raises its revision. Answers null when the mapping is
   * gone. Throws {@link StaleRevisionError} when it has another revision by now.
   */
  update(
    id: string,
    expectedRevision: number,
    change: MappingChange,
    at: Date,
  ): Promise<IntegrationTableMapping | null>;
  /** Deletes the mapping as it was read, with what it remembers of its reads. False when it was changed or deleted since. */
  remove(mapping: Pick<IntegrationTableMapping, 'id' | 'revision'>): Promise<boolean>;
}

const BY_NAME: ListOrder = { field: 'name', direction: 'ASC' };

/** The mappings of a database. */
export function mappingStore({ db, orm }: { readonly db: Db; readonly orm: MikroORM }): MappingStore {
  const collection = db.collection<MappingDocument>(COLLECTION);
  const entities = (): MikroORM['em'] => orm.em.fork();
  const byId = async (id: string): Promise<IntegrationTableMapping | null> => {
    const found = await entities().findOne(IntegrationTableMappingEntity, { _id: id });
    return found && fromDocument(found);
  };
  return {
    byId,
    byIds: async (ids) =>
      (await entities().find(IntegrationTableMappingEntity, { _id: { $in: [...ids] } })).map(fromDocument),
    byName: async (connectionSetupId, name) => {
      const found = await entities().findOne(IntegrationTableMappingEntity, { connectionSetupId, name });
      return found && fromDocument(found);
    },
    list: async (filter) =>
      (await collection.find(asQuery(filter)).sort({ name: 1, _id: 1 }).toArray()).map(fromDocument),
    page: async (filter, request) => {
      const page = await readPage(collection, asQuery(filter), BY_NAME, request);
      return { ...page, items: page.items.map(({ item, place }) => ({ place, item: fromDocument(item) })) };
    },
    count: (filter) => countMatches(collection, asQuery(filter), true),
    insert: async (mapping) => {
      try {
        await entities().insert(IntegrationTableMappingEntity, toDocument(mapping));
      } catch (error) {
        if (isDuplicateKey(error)) throw new DuplicateMappingNameError(mapping.name, { cause: error });
        throw error;
      }
    },
    update: async (id, expectedRevision, change, at) => {
      const saved = await entities().nativeUpdate(
        IntegrationTableMappingEntity,
        { _id: id, revision: expectedRevision },
        {
          ...change,
          ...(change.description !== undefined && { descriptionWords: searchWordsOf(change.description) }),
          revision: expectedRevision + 1,
          updatedAt: at,
        },
      );
      const present = await byId(id);
      if (saved === 0 && present !== null) {
        throw new StaleRevisionError(
          `integration table mapping ${present.name}`,
          id,
          expectedRevision,
          present.revision,
        );
      }
      return present;
    },
    remove: async ({ id, revision }) => {
      await rememberGone(db, COLLECTION, { _id: id });
      const { deletedCount } = await collection.deleteOne({ _id: id, revision });
      if (deletedCount === 0) return false;
      await db.collection('synchCursors').deleteMany({ mappingId: id });
      return true;
    },
  };
}

function asQuery({ connectionSetupId, name, kind, enabled, search }: MappingFilter): Filter<MappingDocument> {
  const words = searchWordsOf(search ?? '');
  return {
    ...(connectionSetupId !== undefined && { connectionSetupId }),
    ...(name !== undefined && { name }),
    ...(kind !== undefined && { kind }),
    ...(enabled !== undefined && { enabled }),
    ...(words.length > 0 && { $and: words.map(beginsWord) }),
  };
}

// Words hold letters and digits only, so none of them can be taken for a pattern.
const beginsWord = (word: string): Filter<MappingDocument> => {
  const beginning = { $regex: `^${word}` };
  const inText = { $regex: `(^|[^\\p{L}\\p{N}])${word}`, $options: 'i' };
  return {
    $or: [
      { nameWords: beginning },
      { descriptionWords: beginning },
      // Saved before words were.
      { nameWords: null, $or: [{ name: inText }, { description: inText }] },
    ],
  };
};

const DUPLICATE_KEY = 11_000;

const isDuplicateKey = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY;
