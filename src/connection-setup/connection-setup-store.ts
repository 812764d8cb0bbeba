import { type MikroORM, QueryOrder } from '@mikro-orm/mongodb';
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
import { StaleRevisionError } from '../store/stale-revision-error.js';
import type { Side } from '../synch/synch-error.js';
import { type ConnectionSetup, endpointPart, type LearnedOfEndpoint, type SystemEndpoint } from './connection-setup.js';
import {
  type ConnectionSetupDocument,
  ConnectionSetupEntity,
  fromDocument,
  toDocument,
} from './connection-setup-entity.js';

const COLLECTION = 'connectionSetups';

/** The indexes of the connections. */
export const connectionSetupIndexes: readonly IndexSpec[] = [
  { collection: COLLECTION, keys: { name: 1 }, options: { unique: true } },
  { collection: COLLECTION, keys: { name: 1, _id: 1 } },
];

/** A connection of this name exists. */
export class DuplicateConnectionNameError extends Error {
  override readonly name = 'DuplicateConnectionNameError';
  constructor(
    readonly connectionName: string,
    options?: ErrorOptions,
  ) {
    super(`there is a connection with the name ${connectionName}; choose another one`, options);
  }
}

/** What may be changed of a connection that exists. */
export type ConnectionSetupChange = Partial<Pick<ConnectionSetup, 'name' | 'enabled' | 'business' | 'sales'>>;

/** Reads and saves connections. */
export interface ConnectionSetupStore {
  byId(id: string): Promise<ConnectionSetup | null>;
  /** Those that exist, in any order. */
  byIds(ids: readonly string[]): Promise<ConnectionSetup[]>;
  byName(name: string): Promise<ConnectionSetup | null>;
  /** All, by name: an installation has a few. */
  list(): Promise<ConnectionSetup[]>;
  page(request: PageRequest): Promise<Page<ConnectionSetup>>;
  count(): Promise<Count>;
  /** Throws {@link DuplicateConnectionNameError}. */
  insert(setup: ConnectionSetup): Promise<void>;
  /**
   * Saves a change made by a person to the connection as it was read, and raises its revision. Answers null when it is gone.
   * Throws {@link StaleRevisionError} when it has another revision by now, {@link DuplicateConnectionNameError} for a name in use.
   */
  update(
    id: string,
    expectedRevision: number,
    change: ConnectionSetupChange,
    at: Date,
  ): Promise<ConnectionSetup | null>;
  /**
   * Keeps what was learned about the systems of a connection, unless somebody has edited it since it was read. No edit by a
   * person: revision and updatedAt stay.
   */
  remember(setup: Pick<ConnectionSetup, 'id' | 'revision'>, learned: LearnedOfSystems): Promise<void>;
  /** Company id and organisation id, see {@link remember}. */
  rememberIdentities(
    setup: Pick<ConnectionSetup, 'id' | 'revision'>,
    identities: Readonly<Record<Side, string>>,
  ): Promise<void>;
}

/** What was learned about the systems of a connection; absent parts stay as they are. */
export type LearnedOfSystems = Readonly<Partial<Record<Side, Partial<Pick<SystemEndpoint, LearnedOfEndpoint>>>>>;

const BY_NAME: ListOrder = { field: 'name', direction: 'ASC' };

/** The connections of a database. */
export function connectionSetupStore({ db, orm }: { readonly db: Db; readonly orm: MikroORM }): ConnectionSetupStore {
  const collection = db.collection<ConnectionSetupDocument>(COLLECTION);
  const entities = (): MikroORM['em'] => orm.em.fork();
  const byId = async (id: string): Promise<ConnectionSetup | null> => {
    const found = await entities().findOne(ConnectionSetupEntity, { _id: id });
    return found && fromDocument(found);
  };
  const remember: ConnectionSetupStore['remember'] = async ({ id, revision }, learned) => {
    const set = Object.fromEntries(
      Object.entries(learned).flatMap(([side, parts]) =>
        Object.entries(parts).map(([name, value]) => [`${endpointPart[side as Side]}.${name}`, value]),
      ),
    );
    if (Object.keys(set).length > 0) await collection.updateOne({ _id: id, revision }, { $set: set });
  };
  return {
    byId,
    byIds: async (ids) => (await entities().find(ConnectionSetupEntity, { _id: { $in: [...ids] } })).map(fromDocument),
    byName: async (name) => {
      const found = await entities().findOne(ConnectionSetupEntity, { name });
      return found && fromDocument(found);
    },
    list: async () =>
      (await entities().find(ConnectionSetupEntity, {}, { orderBy: { name: QueryOrder.ASC } })).map(fromDocument),
    page: async (request) => {
      const page = await readPage(collection, {}, BY_NAME, request);
      return { ...page, items: page.items.map(({ item, place }) => ({ place, item: fromDocument(item) })) };
    },
    count: () => countMatches(collection, {}, true),
    insert: (setup) =>
      naming(setup.name, async () => void (await entities().insert(ConnectionSetupEntity, toDocument(setup)))),
    update: async (id, expectedRevision, change, at) => {
      const saved = await naming(change.name ?? '', () =>
        entities().nativeUpdate(
          ConnectionSetupEntity,
          { _id: id, revision: expectedRevision },
          { ...change, revision: expectedRevision + 1, updatedAt: at },
        ),
      );
      const present = await byId(id);
      if (saved === 0 && present !== null)
        throw new StaleRevisionError(`connection ${present.name}`, id, expectedRevision, present.revision);
      return present;
    },
    remember,
    rememberIdentities: (setup, { BUSINESS, SALES }) =>
      remember(setup, { BUSINESS: { identity: BUSINESS }, SALES: { identity: SALES } }),
  };
}

const DUPLICATE_KEY = 11_000;

// The name is the only thing besides the id that is unique.
async function naming<T>(name: string, save: () => Promise<T>): Promise<T> {
  try {
    return await save();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY) {
      throw new DuplicateConnectionNameError(name, { cause: error });
    }
    throw error;
  }
}
