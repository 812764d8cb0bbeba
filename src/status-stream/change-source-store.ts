import { type ChangeStream, type ChangeStreamDocument, type Db, MongoServerError, Timestamp } from 'mongodb';
import type { CouplingState } from '../coupling/coupling.js';
import type { CounterDocument } from '../job-queue/job-queue-store.js';
import { transitionCounterId } from '../job-queue/transition-log-store.js';
import { type GoneObject, goneObject } from '../store/gone-objects.js';
import { collectionOf, type LiveChangeKind, type LiveSubject, type StoredChange, subjectRules } from './live-change.js';
import { CursorExpiredError } from './stream-cursor.js';

/** The connections that share the budget of this name. */
export type ConnectionsOfSystem = (name: string) => Promise<readonly string[]>;

/** Where the writes of the database are read from, in its own order. */
export interface ChangeSource {
  /** The newest transition and the newest write that everyone can read; everything read afterwards holds both. */
  position(): Promise<{ readonly number: number; readonly time: bigint }>;
  /** The writes after a time; `next` waits so long for one. Throws CursorExpiredError when the database no longer has them all. */
  open(after: bigint, options?: { readonly awaitMs?: number }): OpenChanges;
  /** Where an object belonged that is gone; null when that is not known. */
  gone(subject: LiveSubject, id: string): Promise<GoneObject | null>;
}

/** An open reading of writes. */
export interface OpenChanges {
  /** The next write, or null when there is none for now. */
  next(): Promise<StoredChange | null>;
  /** All writes up to this time have been given by `next`, when it answered null. */
  readTo(): bigint;
  close(): Promise<void>;
}

interface AuditDocument {
  readonly _id: string;
  readonly connectionSetupId: string;
}

const HISTORY_LOST = 286;
const AWAIT_CHANGE_MS = 500;

const kinds: Readonly<Record<string, LiveChangeKind>> = {
  insert: 'CREATED',
  update: 'CHANGED',
  replace: 'CHANGED',
  delete: 'DELETED',
};

const SYSTEM_USES = 'systemUses';
const AUDITS = 'audits';
// Their documents are no objects of the API; connections and mappings have fields that are read from them.
const summaryCollections = ['couplingCounts', AUDITS, SYSTEM_USES];

const pipeline = [
  {
    $match: {
      'ns.coll': { $in: [...Object.keys(subjectRules), ...summaryCollections] },
      operationType: { $in: Object.keys(kinds) },
    },
  },
  {
    $project: {
      operationType: 1,
      ns: 1,
      documentKey: 1,
      clusterTime: 1,
      wallTime: 1,
      updateDescription: 1,
      'fullDocument.state': 1,
      'fullDocument.leftState': 1,
    },
  },
];

export function changeSource(db: Db, connectionsOfSystem: ConnectionsOfSystem = async () => []): ChangeSource {
  const changesOf = async (change: StoredChange): Promise<readonly StoredChange[]> => {
    if (change.collection === AUDITS) return changesOfAudit(change);
    if (change.collection !== SYSTEM_USES) return changesOfSummary(change);
    return (await connectionsOfSystem(change.id)).map((id) => changeOfSummary(change, 'connectionSetups', id));
  };
  // An audit is kept under its mapping's id; its connection tells the newest of its mappings' ones.
  const changesOfAudit = async (change: StoredChange): Promise<readonly StoredChange[]> => {
    const ofMapping = changeOfSummary(change, 'integrationTableMappings', change.id);
    const audit = await db.collection<AuditDocument>(AUDITS).findOne({ _id: change.id });
    if (audit === null) return [ofMapping];
    return [ofMapping, changeOfSummary(change, 'connectionSetups', audit.connectionSetupId)];
  };
  return {
    async position() {
      const answer = await db.command({
        find: 'counters',
        filter: { _id: transitionCounterId } satisfies Pick<CounterDocument, '_id'>,
        limit: 1,
        singleBatch: true,
        readConcern: { level: 'majority' },
      });
      const time: unknown = answer.operationTime;
      if (!(time instanceof Timestamp)) throw new Error('MongoDB told no time of operation');
      const [counter] = answer.cursor.firstBatch as CounterDocument[];
      return { number: counter?.value ?? 0, time: time.toBigInt() };
    },
    gone: (subject, id) => goneObject(db, collectionOf(subject), id),
    open(after, { awaitMs = AWAIT_CHANGE_MS } = {}) {
      // The first time that is not read any more is the one after which everything is.
      const stream = db.watch(pipeline, {
        startAtOperationTime: new Timestamp(after + 1n),
        maxAwaitTimeMS: awaitMs,
      });
      let readTo = after;
      // What one write is for several objects is given one after the other.
      const ready: StoredChange[] = [];
      return {
        async next() {
          while (ready.length === 0) {
            const change = await explainingLoss(() => stream.tryNext());
            if (change === null) break;
            ready.push(...(await changesOf(storedChange(change))));
          }
          const next = ready.shift();
          if (next !== undefined) return next;
          readTo = timeOfToken(stream) ?? readTo;
          return null;
        },
        readTo: () => readTo,
        close: () => stream.close().catch(() => undefined),
      };
    },
  };
}

/** A write of a summary is a change of the objects that show it. The id of a mapping's counts names both of them. */
function changesOfSummary(change: StoredChange): readonly StoredChange[] {
  if (change.collection !== 'couplingCounts') return [change];
  const [connectionSetupId, mappingId] = change.id.split(':');
  if (!connectionSetupId || !mappingId || change.kind === 'DELETED') return [];
  return [
    changeOfSummary(change, 'integrationTableMappings', mappingId),
    changeOfSummary(change, 'connectionSetups', connectionSetupId),
  ];
}

const changeOfSummary = ({ time, at }: StoredChange, collection: string, id: string): StoredChange => ({
  collection,
  id,
  kind: 'CHANGED',
  fields: null,
  states: null,
  time,
  at,
});

function storedChange(change: ChangeStreamDocument): StoredChange {
  if (!('ns' in change) || !('documentKey' in change) || !('coll' in change.ns)) {
    throw new Error(`a change of the kind ${change.operationType} was not asked for`);
  }
  return {
    collection: change.ns.coll,
    id: String(change.documentKey._id),
    kind: kinds[change.operationType] ?? 'CHANGED',
    fields: 'updateDescription' in change ? changedFields(change.updateDescription) : null,
    states: change.ns.coll === 'couplings' ? statesOfPair(change) : null,
    time: change.clusterTime?.toBigInt() ?? 0n,
    at: 'wallTime' in change && change.wallTime instanceof Date ? change.wallTime : new Date(),
  };
}

/** Every change of a state stores the one that is left, too. One that does not is of an earlier version, and may have left any. */
function statesOfPair(change: ChangeStreamDocument): StoredChange['states'] {
  if (change.operationType === 'update') {
    const { state, leftState }: StatesOfPair = change.updateDescription.updatedFields ?? {};
    if (state === undefined) return [];
    return leftState === undefined ? null : [state, leftState];
  }
  // The state that it leaves by being deleted is remembered with where it belonged.
  if (change.operationType !== 'insert' && change.operationType !== 'replace') return [];
  const { state, leftState }: StatesOfPair = change.fullDocument ?? {};
  return [state, leftState].filter((known) => known !== undefined);
}

interface StatesOfPair {
  readonly state?: CouplingState;
  readonly leftState?: CouplingState;
}

const changedFields = ({
  updatedFields = {},
  removedFields = [],
  truncatedArrays = [],
}: {
  readonly updatedFields?: object;
  readonly removedFields?: readonly string[];
  readonly truncatedArrays?: readonly { readonly field: string }[];
}): ReadonlySet<string> =>
  new Set(
    [...Object.keys(updatedFields), ...removedFields, ...truncatedArrays.map(({ field }) => field)].map(
      (path) => path.split('.', 1)[0] ?? path,
    ),
  );

// A resume token begins with the type of a timestamp (82), then its seconds and its number within the second, in hexadecimal.
const TOKEN = /^82([\dA-F]{16})/i;

function timeOfToken(stream: ChangeStream): bigint | null {
  const token = stream.resumeToken as { readonly _data?: unknown } | null | undefined;
  const hex = typeof token?._data === 'string' ? TOKEN.exec(token._data)?.[1] : undefined;
  return hex === undefined ? null : BigInt(`0x${hex}`);
}

async function explainingLoss<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof MongoServerError && error.code === HISTORY_LOST) {
      throw new CursorExpiredError('changes after it are no longer kept');
    }
    throw error;
  }
}
