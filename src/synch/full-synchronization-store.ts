import type { ClientSession, Collection, Db, Filter } from 'mongodb';
import type { FullSynchMode } from '../job-queue/job-queue-entry.js';
import type { IndexSpec } from '../store/indexes.js';
import {
  type Count,
  countMatches,
  type ListOrder,
  type Page,
  type PageRequest,
  readPage,
} from '../store/keyset-page.js';
import type { FullSynchLine, FullSynchStatus } from './full-synchronization-plan.js';

const COLLECTION = 'fullSynchronizations';

/** One full synchronization of a connection. The document is the truth: a run that was interrupted goes on from it. */
export interface FullSynchronization {
  readonly _id: string;
  readonly connectionSetupId: string;
  readonly mode: FullSynchMode;
  readonly dryRun: boolean;
  /** Its one-off entry of the job queue. */
  readonly entryId: string;
  /** Its own entry and those of all its lines, to be found by each of them. */
  readonly entryIds: readonly string[];
  readonly status: FullSynchStatus;
  /** From acceptance. */
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  /** In the order in which they run. */
  readonly lines: readonly FullSynchLine[];
  /** Of the run that drives it: a run that was taken over writes nothing any more. */
  readonly leaseToken: number;
}

/** What changes of a full synchronization. */
export type FullSynchronizationState = Pick<FullSynchronization, 'status' | 'finishedAt' | 'lines'>;

/** Which full synchronizations are wanted; an absent part limits nothing. */
export interface FullSynchronizationFilter {
  readonly connectionSetupId?: string | undefined;
}

/** A full synchronization was ended, or taken over by another run, since it was read. */
export class FullSynchronizationMovedError extends Error {
  override readonly name = 'FullSynchronizationMovedError';
  constructor(readonly fullSynchronizationId: string) {
    super(`the full synchronization ${fullSynchronizationId} is ended or driven by another run; this one stops`);
  }
}

/** The indexes of full synchronizations. */
export const fullSynchronizationIndexes: readonly IndexSpec[] = [
  // One of a connection at a time.
  {
    collection: COLLECTION,
    keys: { connectionSetupId: 1 },
    options: { unique: true, partialFilterExpression: { finishedAt: { $type: 'null' } }, name: 'openOfConnection' },
  },
  { collection: COLLECTION, keys: { entryIds: 1 } },
  { collection: COLLECTION, keys: { startedAt: -1, _id: -1 } },
  { collection: COLLECTION, keys: { connectionSetupId: 1, startedAt: -1, _id: -1 } },
];

const NEWEST_FIRST: ListOrder = { field: 'startedAt', direction: 'DESC' };

/** Reads and writes full synchronizations. */
export class FullSynchronizationStore {
  private readonly collection: Collection<FullSynchronization>;

  constructor(db: Db) {
    this.collection = db.collection<FullSynchronization>(COLLECTION);
  }

  /** Adds one within a transaction; a duplicate key means that the connection has an open one. */
  async insert(session: ClientSession, document: FullSynchronization): Promise<void> {
    await this.collection.insertOne(document, { session });
  }

  /** Makes a run the one that drives it; null when it has ended, or a later run drives it. */
  async take(entryId: string, leaseToken: number): Promise<FullSynchronization | null> {
    return this.collection.findOneAndUpdate(
      { entryId, finishedAt: null, leaseToken: { $lt: leaseToken } },
      { $set: { leaseToken, status: 'IN_PROCESS' } },
      { returnDocument: 'after' },
    );
  }

  /**
   * Saves what became of an open one as it was read.
   *
   * @throws FullSynchronizationMovedError when it was ended or taken over since
   */
  async save(read: FullSynchronization, state: FullSynchronizationState): Promise<FullSynchronization> {
    const { _id, leaseToken } = read;
    const entryIds = [
      ...new Set([read.entryId, ...state.lines.flatMap(({ runs }) => runs.map(({ entryId }) => entryId))]),
    ];
    const saved = await this.collection.findOneAndUpdate(
      { _id, leaseToken, finishedAt: null },
      { $set: { ...state, entryIds } },
      { returnDocument: 'after' },
    );
    if (saved === null) throw new FullSynchronizationMovedError(_id);
    return saved;
  }

  /** The one that this entry is the entry of. */
  async ofOwnEntry(entryId: string): Promise<FullSynchronization | null> {
    return this.collection.findOne({ entryIds: entryId, entryId });
  }

  /** The one of a connection that has not ended. */
  async openOf(connectionSetupId: string): Promise<FullSynchronization | null> {
    return this.collection.findOne({ connectionSetupId, finishedAt: null });
  }

  /** In no order; ids without one are left out. */
  async byIds(ids: readonly string[]): Promise<FullSynchronization[]> {
    return this.collection.find({ _id: { $in: [...ids] } }).toArray();
  }

  /** Those that any of these entries belongs to, in no order. */
  async ofEntries(entryIds: readonly string[]): Promise<FullSynchronization[]> {
    return this.collection.find({ entryIds: { $in: [...entryIds] } }).toArray();
  }

  /** Newest first. @throws InvalidPlaceError */
  async page(filter: FullSynchronizationFilter, request: PageRequest): Promise<Page<FullSynchronization>> {
    return readPage(this.collection, asQuery(filter), NEWEST_FIRST, request);
  }

  async count(filter: FullSynchronizationFilter): Promise<Count> {
    return countMatches(this.collection, asQuery(filter), true);
  }
}

const asQuery = ({ connectionSetupId }: FullSynchronizationFilter): Filter<FullSynchronization> =>
  connectionSetupId === undefined ? {} : { connectionSetupId };
