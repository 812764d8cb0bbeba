import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Document, MongoClient, MongoServerError } from 'mongodb';

/** Name of the replica set of every embedded MongoDB. */
export const REPLICA_SET = 'tandem';

/** What answers on a port, as far as it matters for joining. */
export interface ServerGreeting {
  readonly dbPath: string;
}

/** The part of a replica set's configuration that we change. */
interface ReplicaSetConfig {
  readonly version: number;
  readonly members: readonly Document[];
}

// On the same machine: what takes longer than this is busy recovering, and is asked again.
const ANSWER_MS = 3_000;

// A set of one member elects itself at once. After a change of port MongoDB first asks whoever has its old port now whether
// that is itself, and waits some seconds for a program that does not answer.
const PRIMARY_MS = 60_000;
const LOOK_MS = 50;

// Codes of MongoDB's error table.
const NOT_YET_INITIALIZED = 94;
const ALREADY_INITIALIZED = 23;
const INVALID_REPLICA_SET_CONFIG = 93;

/** Asks the server on a loopback port for its data folder. Undefined when nothing answers, or something else than mongod. */
export async function greetServer(port: number): Promise<ServerGreeting | undefined> {
  // The driver would look for a server again and again; a refused connection tells the same in a millisecond.
  if (!(await isListening(port))) return undefined;
  try {
    return await withDirectClient(port, async (client) => {
      const options = await client.db('admin').command({ getCmdLineOpts: 1 });
      const dbPath: unknown = options.parsed?.storage?.dbPath;
      return typeof dbPath === 'string' ? { dbPath } : undefined;
    });
  } catch {
    return undefined;
  }
}

/**
 * Makes the server the primary of its replica set: initiates the set when its data are new, and corrects the set's only
 * address when the server has moved to another port. Safe with several processes at once.
 *
 * @throws Error when it is no primary within 60 seconds
 */
export async function ensurePrimary(port: number): Promise<void> {
  const end = performance.now() + PRIMARY_MS;
  await withDirectClient(
    port,
    async (client) => {
      while (!(await isPrimary(client))) {
        if (performance.now() > end)
          throw new Error(`MongoDB on port ${port} did not become primary in ${PRIMARY_MS / 1000} s`);
        await configure(client, `127.0.0.1:${port}`);
        await delay(LOOK_MS);
      }
    },
    PRIMARY_MS,
  );
}

/** Asks the server to end cleanly. It answers by closing the connection. */
export async function shutDown(port: number): Promise<void> {
  // `force`: a set of one member has nobody to hand its role to and would wait for one.
  await withDirectClient(port, (client) => client.db('admin').command({ shutdown: 1, force: true })).catch(
    () => undefined,
  );
}

/** Makes the server go on in a new log file, after the present one has been renamed. */
export async function reopenLog(port: number): Promise<void> {
  await withDirectClient(port, (client) => client.db('admin').command({ logRotate: 'server' }));
}

async function isPrimary(client: MongoClient): Promise<boolean> {
  const hello = await client.db('admin').command({ hello: 1 });
  return hello.isWritablePrimary === true;
}

async function configure(client: MongoClient, host: string): Promise<void> {
  const problem = await problemOfSet(client);
  if (problem === NOT_YET_INITIALIZED) {
    await unlessAlready(() =>
      client.db('admin').command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } }),
    );
  } else if (problem === INVALID_REPLICA_SET_CONFIG) {
    await moveMember(client, host);
  }
}

async function problemOfSet(client: MongoClient): Promise<number | undefined> {
  try {
    await client.db('admin').command({ replSetGetStatus: 1 });
    return undefined;
  } catch (error) {
    if (error instanceof MongoServerError) return Number(error.code);
    throw error;
  }
}

async function moveMember(client: MongoClient, host: string): Promise<void> {
  const answer = await client.db('admin').command({ replSetGetConfig: 1 });
  const config: ReplicaSetConfig = answer.config;
  const members = config.members.slice(0, 1).map((member) => ({ ...member, host }));
  await client
    .db('admin')
    .command({ replSetReconfig: { ...config, version: config.version + 1, members }, force: true });
}

async function unlessAlready(initiate: () => Promise<unknown>): Promise<void> {
  try {
    await initiate();
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === ALREADY_INITIALIZED)) throw error;
  }
}

async function withDirectClient<T>(
  port: number,
  use: (client: MongoClient) => Promise<T>,
  answerMs: number = ANSWER_MS,
): Promise<T> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    appName: 'tandem-keeper',
    serverSelectionTimeoutMS: ANSWER_MS,
    connectTimeoutMS: ANSWER_MS,
    socketTimeoutMS: answerMs,
  });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** Whether anything accepts connections on this loopback port. */
export async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: ANSWER_MS });
    const answer = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}
