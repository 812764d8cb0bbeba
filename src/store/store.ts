import type { EntitySchema } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/mongodb';
import { type ClientSession, type Db, MongoClient, type MongoClientOptions } from 'mongodb';
import type { Logger } from 'pino';
import { StoreAddressError, StoreError } from './errors.js';
import { checkServer, hostsOf } from './server-check.js';

/** What `openStore` needs. */
export interface StoreOptions {
  /** Address of a replica set. A database named in it is used unless `database` is given. */
  readonly uri: string;
  /** Name of the database; default: the one in `uri`, else `tandem`. */
  readonly database?: string;
  /** Entities of the slices' configuration, for MikroORM. Hot paths use `db`. */
  readonly entities: EntitySchema[];
  /** Takes one readable line a step, for the person who starts the program. */
  readonly report: (line: string) => void;
  readonly logger: Logger;
}

/** The open connection to MongoDB, shared by all slices of one process. */
export interface Store {
  readonly client: MongoClient;
  readonly db: Db;
  /** Uses `client` too. Fork its `em` for each unit of work. */
  readonly orm: MikroORM;
  /** The primary's present time, in whole milliseconds: the only clock that leases and schedules may be compared with. */
  now(): Promise<Date>;
  /** Closes the connection. May be called more than once. */
  close(): Promise<void>;
}

const DEFAULT_DATABASE = 'tandem';

// What the address may set otherwise, as in `...&serverSelectionTimeoutMS=30000`.
const defaultOptions: MongoClientOptions = {
  // A replica set elects a new primary within 12 seconds at worst with default settings, usually in 2 to 5. Shorter would
  // turn ordinary elections into errors, longer would keep a person waiting for an address that is wrong.
  serverSelectionTimeoutMS: 10_000,
  connectTimeoutMS: 10_000,
  // The longest silence of a healthy connection is one bulk write or one look of a change stream, both far below it.
  // Without a limit, a server that vanished without closing its connections would hold its callers for ever.
  socketTimeoutMS: 60_000,
  // Connections for the concurrent runs of one process, the subscribers' reader, Agenda and the API's requests.
  maxPoolSize: 50,
  appName: 'tandem',
};

// What the product's promises rest on: no address may weaken it.
const requiredOptions: MongoClientOptions = {
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  retryWrites: true,
  retryReads: true,
  // A value that is not set must not become a null that a unique index then counts.
  ignoreUndefined: true,
};

// A transaction here is a handful of documents. The server itself ends one after 60 seconds; ours give up before.
const TRANSACTION_MS = 30_000;

/**
 * Connects to MongoDB and makes sure that it can carry the product: a replica set (transactions, change streams and
 * majority writes need one) of version 6.0 or later.
 *
 * @throws StoreAddressError when `uri` cannot be read as an address
 * @throws StoreUnreachableError when no server answers within 10 seconds, or it refuses the credentials
 * @throws StandaloneServerError, UninitiatedReplicaSetError when the server is no working member of a replica set
 * @throws UnsuitableServerError when it is too old, or the router of a sharded cluster
 */
export async function openStore({ uri, database, entities, report, logger }: StoreOptions): Promise<Store> {
  const client = createClient(uri);
  try {
    const server = await checkServer(client);
    const db = client.db(database ?? databaseNamedIn(uri) ?? DEFAULT_DATABASE);
    const orm = await openOrm(client, db.databaseName, entities);
    report(
      `MongoDB ${server.version}: replica set ${server.setName} on ${hostsOf(client)}, database ${db.databaseName}`,
    );
    logChangesOfPrimary(client, logger);
    return { client, db, orm, now: () => databaseTime(client), close: () => closeQuietly(client) };
  } catch (error) {
    await client.close();
    throw error;
  }
}

/**
 * Runs `fn` in one transaction: it reads a snapshot of what a majority holds and its writes are kept by a majority, or
 * none of them happens. The driver repeats `fn` after a transient error and the commit after an unknown outcome, so `fn`
 * must do nothing outside the database, hand `session` to every operation, and let errors of operations pass.
 *
 * @throws what `fn` throws; a MongoDB error when the transaction does not succeed within 30 seconds
 */
export async function withTransaction<T>(
  store: Pick<Store, 'client'>,
  fn: (session: ClientSession) => Promise<T>,
): Promise<T> {
  return store.client.withSession((session) =>
    session.withTransaction(() => fn(session), {
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
      timeoutMS: TRANSACTION_MS,
    }),
  );
}

function createClient(uri: string): MongoClient {
  try {
    return new MongoClient(uri, { ...unlessIn(uri, defaultOptions), ...requiredOptions });
  } catch (error) {
    // The driver may quote the address, and with it a password, so its words are passed on only where there is none.
    const quotable = error instanceof Error && !uri.includes('@');
    throw new StoreAddressError(quotable ? error.message : 'what came cannot be read as one');
  }
}

// The driver lets options given in code win over those of the address.
function unlessIn(uri: string, options: MongoClientOptions): MongoClientOptions {
  const named = new Set([...uri.matchAll(/[?&]([^=&]+)=/g)].map(([, option]) => option?.toLowerCase()));
  return Object.fromEntries(Object.entries(options).filter(([option]) => !named.has(option.toLowerCase())));
}

// `driverOptions` may be a client: MikroORM then opens no connection of its own, and sessions work across both.
async function openOrm(client: MongoClient, databaseName: string, entities: EntitySchema[]): Promise<MikroORM> {
  return MikroORM.init({
    driverOptions: client,
    dbName: databaseName,
    entities,
    discovery: { warnWhenNoEntities: false },
    ensureIndexes: false,
  });
}

// The server's `hello` tells the clock that `$$NOW` reads, up to the few milliseconds by which MongoDB's cached clock may
// be behind. It is asked of the primary, which also evaluates `$$NOW` in our updates, and needs no collection.
async function databaseTime(client: MongoClient): Promise<Date> {
  const { localTime } = await client.db('admin').command({ hello: 1 }, { readPreference: 'primary' });
  if (!(localTime instanceof Date)) throw new StoreError('MongoDB answered hello without its local time');
  return localTime;
}

function databaseNamedIn(uri: string): string | undefined {
  const path = /^mongodb(?:\+srv)?:\/\/[^/?]*\/([^?]+)/.exec(uri)?.[1];
  return path === undefined ? undefined : decodeURIComponent(path);
}

// Operators see in the log when the store had no primary, and how long; the driver itself says nothing of it.
function logChangesOfPrimary(client: MongoClient, logger: Logger): void {
  let primary = true;
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    const found = [...newDescription.servers.values()].some((server) => server.type === 'RSPrimary');
    if (found !== primary) {
      primary = found;
      if (found) logger.info('MongoDB has a primary again');
      else logger.warn('MongoDB has no primary; operations wait for one');
    }
  });
}

// Closing forgets the servers too, which is no trouble worth a line in the log.
async function closeQuietly(client: MongoClient): Promise<void> {
  client.removeAllListeners('topologyDescriptionChanged');
  await client.close();
}
