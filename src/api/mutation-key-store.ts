import { randomUUID } from 'node:crypto';
import { type Db, type Document, MongoServerError } from 'mongodb';
import type { IndexSpec } from '../store/indexes.js';

const KEYS = 'mutationKeys';

/** A key of a client stands for one outcome this long. */
const KEPT_MS = 24 * 60 * 60_000;
// A process that is at work says so this often; without a word for so long it counts as gone.
const HEARTBEAT_MS = 5_000;
const SILENCE_MS = 30_000;

/** One use of a key: what is compared with other uses of it. */
export interface KeyUse {
  /** Who, which mutation and which key. */
  readonly id: string;
  /** Stands for the whole input. */
  readonly inputHash: string;
}

/** What became of a key's first use. */
export type FirstUse =
  | { readonly state: 'SETTLED'; readonly inputHash: string; readonly outcome: Document }
  /** Its process is at work, or (when not alive) ended before it told the outcome. */
  | { readonly state: 'OPEN'; readonly inputHash: string; readonly alive: boolean };

/** A key that was free: now ours. */
export interface TakenKey {
  /** Keeps the outcome for those who repeat. */
  settle(outcome: Document): Promise<void>;
  /** Frees the key: nothing came of it. */
  release(): Promise<void>;
}

/** Keys of clients that make a repeated mutation harmless, shared by all processes. */
export interface MutationKeyStore {
  /** Takes the key, or tells of its first use; exactly one of several callers takes it. Times are the database's. */
  take(use: KeyUse): Promise<TakenKey | FirstUse>;
}

interface KeyDocument {
  readonly _id: string;
  readonly owner: string;
  readonly inputHash: string;
  readonly aliveUntil: Date;
  readonly expiresAt: Date;
  readonly outcome: Document | null;
}

export const mutationKeyIndexes: readonly IndexSpec[] = [
  { collection: KEYS, keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
];

export function mutationKeyStore(db: Db): MutationKeyStore {
  const keys = db.collection<KeyDocument>(KEYS);

  async function takeOrRead({ id, inputHash }: KeyUse, owner: string): Promise<KeyDocument & { alive: boolean }> {
    const fields: Readonly<Record<string, Document>> = {
      owner: { $literal: owner },
      inputHash: { $literal: inputHash },
      outcome: { $literal: null },
      aliveUntil: inMs(SILENCE_MS),
      expiresAt: inMs(KEPT_MS),
    };
    const unlessHeld = Object.entries(fields).map(
      ([name, value]) => [name, { $cond: ['$free', value, `$${name}`] }] as const,
    );
    const found = await keys.findOneAndUpdate(
      { _id: id },
      [
        { $set: { free: { $lte: [{ $ifNull: ['$expiresAt', new Date(0)] }, '$$NOW'] } } },
        { $set: Object.fromEntries(unlessHeld) },
        { $set: { alive: { $gt: ['$aliveUntil', '$$NOW'] } } },
        { $unset: 'free' },
      ],
      { upsert: true, returnDocument: 'after' },
    );
    if (found === null) throw new Error('a key that was just written is not there');
    return found as KeyDocument & { alive: boolean };
  }

  return {
    async take(use) {
      const owner = randomUUID();
      const found = await retryingDuplicate(() => takeOrRead(use, owner));
      if (found.owner === owner) return taken(use.id, owner);
      const { inputHash, outcome, alive } = found;
      return outcome === null ? { state: 'OPEN', inputHash, alive } : { state: 'SETTLED', inputHash, outcome };
    },
  };

  function taken(id: string, owner: string): TakenKey {
    const mine = { _id: id, owner };
    const heartbeat = setInterval(() => {
      void keys.updateOne(mine, [{ $set: { aliveUntil: inMs(SILENCE_MS) } }]).catch(() => undefined);
    }, HEARTBEAT_MS).unref();
    return {
      async settle(outcome) {
        clearInterval(heartbeat);
        await keys.updateOne(mine, { $set: { outcome } });
      },
      async release() {
        clearInterval(heartbeat);
        await keys.deleteOne(mine);
      },
    };
  }
}

const inMs = (milliseconds: number): Document => ({ $add: ['$$NOW', milliseconds] });

const DUPLICATE_KEY = 11_000;

// Two upserts of one id at the same moment: one of them may be refused, and finds the other's document at the second look.
async function retryingDuplicate<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
    return write();
  }
}
