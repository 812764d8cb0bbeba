import type { ClientSession, Document } from 'mongodb';
import { rememberGone } from '../store/gone-objects.js';
import { LongTextsStore } from '../store/long-texts-store.js';
import { type Store, withTransaction } from '../store/store.js';
import type { ConnectionSetup } from './connection-setup.js';

/** What belongs to a connection, for the questions and the end of its life. */
export interface ConnectionDataStore {
  hasCouplings(connectionSetupId: string): Promise<boolean>;
  hasRunInProcess(connectionSetupId: string): Promise<boolean>;
  /** Forgets couplings, cursors, synch jobs with their errors and changes, and logs. May be repeated. */
  forgetRecords(connectionSetupId: string): Promise<void>;
  /**
   * Deletes the connection with its mappings and entries, all or nothing. False when somebody changed or enabled it since it
   * was read: then nothing is deleted.
   */
  remove(setup: Pick<ConnectionSetup, 'id' | 'revision'>): Promise<boolean>;
}

/** Collections whose documents name their connection, and which hold nothing without it. */
const recordsOfConnection = [
  'couplings',
  'couplingCounts',
  'synchJobErrors',
  'matchAmbiguities',
  'recordChanges',
  'synchJobs',
  'fullSynchronizations',
  'jobQueueLogEntries',
] as const;

/** Those of them whose objects people follow. */
const followedRecords: ReadonlySet<string> = new Set<(typeof recordsOfConnection)[number]>([
  'couplings',
  'synchJobs',
  'fullSynchronizations',
  'jobQueueLogEntries',
]);

/** What goes with the connection itself. */
const partsOfConnection = ['jobQueueEntries', 'integrationTableMappings'] as const;

/** The data of the connections of a database. */
export function connectionDataStore(store: Pick<Store, 'client' | 'db'>): ConnectionDataStore {
  const { db } = store;
  const exists = async (collection: string, filter: Document): Promise<boolean> =>
    (await db.collection(collection).findOne(filter, { projection: { _id: 1 } })) !== null;
  const mappingIds = async (connectionSetupId: string): Promise<readonly string[]> =>
    (
      await db
        .collection<{ readonly _id: string; readonly connectionSetupId: string }>('integrationTableMappings')
        .find({ connectionSetupId }, { projection: { _id: 1 } })
        .toArray()
    ).map(({ _id }) => _id);

  return {
    hasCouplings: (connectionSetupId) => exists('couplings', { connectionSetupId }),
    hasRunInProcess: (connectionSetupId) =>
      exists('jobQueueEntries', { connectionSetupId, currentRunId: { $ne: null } }),
    forgetRecords: async (connectionSetupId) => {
      const mappings = await mappingIds(connectionSetupId);
      await db.collection('synchCursors').deleteMany({ mappingId: { $in: [...mappings] } });
      await new LongTextsStore(db).forget(connectionSetupId);
      for (const collection of recordsOfConnection) {
        if (followedRecords.has(collection)) await rememberGone(db, collection, { connectionSetupId });
        await db.collection(collection).deleteMany({ connectionSetupId });
      }
    },
    remove: async ({ id, revision }) => {
      for (const collection of partsOfConnection) await rememberGone(db, collection, { connectionSetupId: id });
      return withTransaction(store, (session) => removeWithSetup(db, id, revision, session));
    },
  };
}

async function removeWithSetup(
  db: Store['db'],
  id: string,
  revision: number,
  session: ClientSession,
): Promise<boolean> {
  const { deletedCount } = await db
    .collection<{ readonly _id: string }>('connectionSetups')
    .deleteOne({ _id: id, revision, enabled: false }, { session });
  if (deletedCount === 0) return false;
  for (const collection of partsOfConnection)
    await db.collection(collection).deleteMany({ connectionSetupId: id }, { session });
  return true;
}
