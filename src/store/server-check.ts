import { type Document, MongoClient, MongoServerError } from 'mongodb';
import {
  StandaloneServerError,
  StoreError,
  StoreUnreachableError,
  UninitiatedReplicaSetError,
  UnsuitableServerError,
} from './errors.js';

// 6.0 is the first version whose partial indexes may name several values of a field; 5.0 is out of maintenance.
const OLDEST_MAJOR_VERSION = 6;

// A server that answers at all answers a greeting at once.
const PROBE_MS = 2_000;

/** What a suitable server says about itself. */
export interface SuitableServer {
  readonly setName: string;
  readonly version: string;
}

/**
 * Greets the server and tells whether the product can run on it.
 *
 * @throws StoreUnreachableError, StandaloneServerError, UninitiatedReplicaSetError, UnsuitableServerError
 */
export async function checkServer(client: MongoClient): Promise<SuitableServer> {
  const hosts = hostsOf(client);
  const admin = client.db('admin');
  try {
    // `nearest` greets any member: what kind of server it is can be told before there is a primary.
    const hello = await admin.command({ hello: 1 }, { readPreference: 'nearest' });
    refuseUnsuitable(hello, hosts);
    await admin.command({ ping: 1 });
    const { version } = await admin.command({ buildInfo: 1 });
    refuseOldVersion(String(version), hosts);
    return { setName: String(hello.setName), version: String(version) };
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw (await diagnose(client)) ?? new StoreUnreachableError(hosts, reasonOf(error));
  }
}

/** The servers that `client` was told, without credentials: for messages and logs. */
export function hostsOf(client: MongoClient): string {
  return client.options.srvHost ?? client.options.hosts.map(String).join(',');
}

function refuseUnsuitable(hello: Document, hosts: string): void {
  if (hello.msg === 'isdbgrid') {
    throw new UnsuitableServerError(
      `MongoDB on ${hosts} is the router of a sharded cluster (mongos), but a plain replica set is required. ` +
        'Point MONGODB_URI to a replica set; one of a single member is enough.',
    );
  }
  if (hello.isreplicaset === true) throw new UninitiatedReplicaSetError(hosts);
  if (hello.setName === undefined) throw new StandaloneServerError(hosts);
}

function refuseOldVersion(version: string, hosts: string): void {
  if (Number.parseInt(version, 10) >= OLDEST_MAJOR_VERSION) return;
  throw new UnsuitableServerError(
    `MongoDB on ${hosts} has version ${version}, but ${OLDEST_MAJOR_VERSION}.0 or later is required. Upgrade it.`,
  );
}

// With `replicaSet` in the address, or before rs.initiate(), the driver reports only that it found no server to choose. A
// greeting to each host directly tells what is really there. It needs no credentials.
async function diagnose(client: MongoClient): Promise<StoreError | undefined> {
  for (const host of client.options.hosts) {
    const probe = new MongoClient(`mongodb://${host.toString()}/?directConnection=true`, {
      tls: client.options.tls,
      serverSelectionTimeoutMS: PROBE_MS,
      connectTimeoutMS: PROBE_MS,
      socketTimeoutMS: PROBE_MS,
    });
    try {
      const hello = await probe.db('admin').command({ hello: 1 });
      refuseUnsuitable(hello, host.toString());
      const expected = client.options.replicaSet;
      if (expected && expected !== hello.setName) {
        const hint = `it is a member of the replica set "${hello.setName}", but MONGODB_URI names "${expected}"`;
        return new StoreUnreachableError(host.toString(), hint);
      }
    } catch (error) {
      if (error instanceof StoreError) return error;
    } finally {
      await probe.close();
    }
  }
  return undefined;
}

function reasonOf(error: unknown): string {
  if (error instanceof MongoServerError && error.codeName === 'AuthenticationFailed') {
    return 'it refuses the user name or password of MONGODB_URI';
  }
  return error instanceof Error ? error.message : String(error);
}
