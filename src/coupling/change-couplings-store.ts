import { randomUUID } from 'node:crypto';
import { type Collection, type Document, MongoBulkWriteError, MongoNetworkError, MongoServerError } from 'mongodb';
import type { Coupling, CouplingState } from './coupling.js';
import type { Stored } from './stored-coupling.js';

const DUPLICATE_KEY = 11_000;

/** MongoDB takes a command of 16 MB; what belongs to it besides the changes is little. */
const LARGEST_COMMAND_BYTES = 12 * 1024 * 1024;

/** Of a value beside its text: type, lengths and ends. */
const OVERHEAD_BYTES = 16;

/** A change of one coupling that holds only if nobody changed it since it was read. */
export interface CouplingChange {
  readonly _id: string;
  /** The revision that was read. */
  readonly revision: number;
  readonly set: Partial<Omit<Coupling, '_id' | 'revision'>>;
  /** Of the run that changes it: nothing is changed that a run with a later lease has changed. */
  readonly leaseToken?: number;
}

/** A change as it is stored. */
type StoredChange = Omit<CouplingChange, 'set'> & { readonly set: Stored<CouplingChange['set']> };

/**
 * What is stored beside a coupling: the last change of it, so that of many changes those can be told that took effect, and the
 * state that it was in before the present one, so that those who follow what is in a state are told that it left it.
 */
export type MarkedCoupling = Coupling & { readonly changeId: string; readonly leftState?: CouplingState };

/** The stored coupling, as it stands in expressions of an update, with what is set in it and its marks. */
export const changedBy = (set: Document | string, state: unknown, changeId: string): Document => ({
  $mergeObjects: [
    '$$ROOT',
    set,
    {
      changeId,
      revision: { $add: ['$revision', 1] },
      leftState: { $cond: [{ $eq: [{ $ifNull: [state, '$state'] }, '$state'] }, '$leftState', '$state'] },
    },
  ],
});

/** The update that makes one change, whose condition stands in the filter. */
export const updateBy = (set: Document, changeId: string): Document[] => [
  { $replaceWith: changedBy({ $literal: set }, set.state ?? null, changeId) },
];

/** Applies changes; answers the ids of those that nobody had changed meanwhile. */
export async function changeCouplings<T extends Stored<MarkedCoupling>>(
  couplings: Collection<T>,
  changes: readonly StoredChange[],
): Promise<Set<string>> {
  const applied = new Set<string>();
  for (const piece of inPieces(changes)) for (const id of await changePiece(couplings, piece)) applied.add(id);
  return applied;
}

async function changePiece<T extends Stored<MarkedCoupling>>(
  couplings: Collection<T>,
  changes: readonly StoredChange[],
): Promise<readonly string[]> {
  const ids = changes.map(({ _id }) => _id);
  const changeId = randomUUID();
  const changed = await changeTogether(couplings, changes, changeId);
  if (changed === ids.length) return ids;
  if (changed === null) await changeOneByOne(couplings, changes, changeId);
  const marked = await couplings
    .find({ _id: { $in: ids }, changeId } as never, { projection: { _id: 1 } })
    .map(({ _id }) => _id)
    .toArray();
  return marked;
}

/**
 * One update of many documents costs MongoDB half of what as many updates of one document do: it is planned once. Answers how
 * many were changed; null when it stopped between two of them, for an index that refused one or a connection that broke.
 */
async function changeTogether<T extends Stored<MarkedCoupling>>(
  couplings: Collection<T>,
  changes: readonly StoredChange[],
  changeId: string,
): Promise<number | null> {
  const ids = changes.map(({ _id }) => _id);
  const which = { $indexOfArray: [{ $literal: ids }, '$_id'] };
  const change = { $arrayElemAt: [{ $literal: changes.map(written) }, which] };
  const isUnchanged = {
    $and: [{ $eq: ['$revision', '$$change.revision'] }, { $not: [{ $gt: ['$leaseToken', '$$change.notAfter'] }] }],
  };
  const after = changedBy('$$change.set', '$$change.set.state', changeId);
  // A document that is replaced by itself is not written, and not counted.
  const replacement = { $let: { vars: { change }, in: { $cond: [isUnchanged, after, '$$ROOT'] } } };
  try {
    const { modifiedCount } = await couplings.updateMany({ _id: { $in: ids } } as never, [
      { $replaceWith: replacement },
    ]);
    return modifiedCount;
  } catch (error) {
    if (isDuplicateKey(error) || isPassing(error)) return null;
    throw error;
  }
}

/** A coupling that no run has changed yet has no token, and one that no run changes is held back by none. */
const written = ({ revision, set, leaseToken }: StoredChange): Document => ({
  revision,
  notAfter: leaseToken ?? Number.POSITIVE_INFINITY,
  set: leaseToken === undefined ? set : { ...set, leaseToken },
});

/** What was changed already has another revision by now. The driver repeats these where the connection breaks. */
async function changeOneByOne<T extends Stored<MarkedCoupling>>(
  couplings: Collection<T>,
  changes: readonly StoredChange[],
  changeId: string,
): Promise<void> {
  const updates = changes.map(({ _id, revision, set, leaseToken }) => ({
    updateOne: {
      filter: { _id, revision, ...notAfter(leaseToken) } as never,
      update: updateBy({ ...set, ...(leaseToken === undefined ? {} : { leaseToken }) }, changeId) as never,
    },
  }));
  try {
    await couplings.bulkWrite(updates, { ordered: false });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}

/** The condition that no run with a later lease has changed a coupling. */
export const notAfter = (leaseToken: number | undefined) =>
  leaseToken === undefined ? {} : { leaseToken: { $not: { $gt: leaseToken } } };

function isDuplicateKey(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
  const failures = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return failures.length > 0 && failures.every(({ code }) => code === DUPLICATE_KEY);
}

/** Answers of a server that is no longer, or not yet again, the one to write to (its table of errors). */
const NOT_PRIMARY: ReadonlySet<unknown> = new Set([91, 189, 10_107, 11_600, 11_602, 13_435]);

const isPassing = (error: unknown): boolean =>
  error instanceof MongoNetworkError || (error instanceof MongoServerError && NOT_PRIMARY.has(error.code));

/** Two changes of one coupling are never in one piece, which looks each of them up by its id. */
function* inPieces(changes: readonly StoredChange[]): Generator<readonly StoredChange[]> {
  let piece = new Map<string, StoredChange>();
  let bytes = 0;
  for (const change of changes) {
    const size = atMostBytes(change.set);
    if (piece.size > 0 && (bytes + size > LARGEST_COMMAND_BYTES || piece.has(change._id))) {
      yield [...piece.values()];
      [piece, bytes] = [new Map(), 0];
    }
    piece.set(change._id, change);
    bytes += size;
  }
  if (piece.size > 0) yield [...piece.values()];
}

/** No less than a value takes as BSON; measuring it exactly would cost as much as writing it. */
function atMostBytes(value: unknown): number {
  if (typeof value === 'string') return 3 * value.length + OVERHEAD_BYTES;
  if (typeof value !== 'object' || value === null || value instanceof Date) return OVERHEAD_BYTES;
  let bytes = OVERHEAD_BYTES;
  for (const [name, member] of Object.entries(value)) bytes += 3 * name.length + atMostBytes(member);
  return bytes;
}
