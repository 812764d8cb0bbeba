import { setTimeout as delay } from 'node:timers/promises';
import { type CreateIndexesOptions, type Db, MongoServerError } from 'mongodb';
import { IndexConflictError } from './errors.js';

/** One index that a slice needs, declared as data beside the slice's store access. */
export interface IndexSpec {
  readonly collection: string;
  /** Fields and directions in the order of the index, as in `{ connectionId: 1, number: -1 }`. */
  readonly keys: Readonly<Record<string, 1 | -1>>;
  /** `unique`, `partialFilterExpression`, `expireAfterSeconds` and so on; `name` only where the usual one is too long. */
  readonly options?: Readonly<CreateIndexesOptions>;
}

// Codes of MongoDB's error table (documented as "error codes" of the server).
const INDEX_OPTIONS_CONFLICT = 85;
const INDEX_KEY_SPECS_CONFLICT = 86;
const CANNOT_CREATE_INDEX = 67;
const DUPLICATE_KEY = 11_000;
const NAMESPACE_EXISTS = 48;
const CONFLICTING_OPERATION_IN_PROGRESS = 117;
const INDEX_BUILD_ABORTED = 276;

const NAMESPACE_NOT_FOUND = 26;
const INDEX_NOT_FOUND = 27;
const GONE = new Set([NAMESPACE_NOT_FOUND, INDEX_NOT_FOUND]);

// Two processes that start at the same moment create the same collections and indexes. The server settles that itself,
// but may answer one of them with an error that is gone at the second look.
const PASSING = new Set([NAMESPACE_EXISTS, CONFLICTING_OPERATION_IN_PROGRESS, INDEX_BUILD_ABORTED]);
const ATTEMPTS = 5;
const PAUSE_MS = 200;

/**
 * Creates the indexes that are missing; does nothing for those that exist. Safe with several processes at once.
 *
 * @throws IndexConflictError naming collection and index, when one exists with other keys or options, when documents that
 *   are stored violate a unique one, or when MongoDB refuses the definition
 */
export async function ensureIndexes(db: Db, specs: readonly IndexSpec[]): Promise<void> {
  for (const spec of specs) await ensureIndex(db, spec);
}

async function ensureIndex(db: Db, spec: IndexSpec): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await db.collection(spec.collection).createIndex(spec.keys, { ...spec.options });
      return;
    } catch (error) {
      if (!isPassing(error) || attempt === ATTEMPTS) throw explained(error, spec);
      await delay(PAUSE_MS);
    }
  }
}

/** An index of an earlier version by which nothing is read any more. */
export interface RetiredIndex {
  readonly collection: string;
  readonly name: string;
}

/** Drops indexes of earlier versions: each costs every write as much as one that is used. Safe with several processes at once. */
export async function dropRetiredIndexes(db: Db, retired: readonly RetiredIndex[]): Promise<void> {
  for (const [collection, indexes] of Map.groupBy(retired, (index) => index.collection)) {
    const present = new Set((await presentIndexes(db, collection)).map(({ name }) => name));
    for (const { name } of indexes) if (present.has(name)) await dropIndex(db, collection, name);
  }
}

async function presentIndexes(db: Db, collection: string): Promise<readonly { readonly name: string }[]> {
  try {
    return (await db.collection(collection).indexes()) as unknown as readonly { readonly name: string }[];
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** Another process that starts at the same moment may have dropped it. */
async function dropIndex(db: Db, collection: string, name: string): Promise<void> {
  try {
    await db.collection(collection).dropIndex(name);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

const isGone = (error: unknown): boolean => error instanceof MongoServerError && GONE.has(Number(error.code));

function isPassing(error: unknown): boolean {
  return error instanceof MongoServerError && PASSING.has(Number(error.code));
}

// MongoDB's own text for a duplicate key holds the values of the documents; it is not passed on.
function explained(error: unknown, spec: IndexSpec): unknown {
  if (!(error instanceof MongoServerError)) return error;
  const name = nameOf(spec);
  switch (error.code) {
    case INDEX_OPTIONS_CONFLICT:
    case INDEX_KEY_SPECS_CONFLICT:
      return new IndexConflictError(
        spec.collection,
        name,
        `it exists with other keys or options than ${JSON.stringify({ keys: spec.keys, ...spec.options })}. ` +
          `Drop it with db.${spec.collection}.dropIndex(...) in mongosh, and start again: ${error.message}`,
      );
    case DUPLICATE_KEY:
      return new IndexConflictError(
        spec.collection,
        name,
        `it has to be unique over ${Object.keys(spec.keys).join(', ')}, but stored documents share the same values. ` +
          'Remove or change the duplicates, and start again.',
      );
    case CANNOT_CREATE_INDEX:
      return new IndexConflictError(spec.collection, name, `MongoDB refuses its definition: ${error.message}`);
    default:
      return error;
  }
}

function nameOf(spec: IndexSpec): string {
  return (
    spec.options?.name ??
    Object.entries(spec.keys)
      .map(([field, direction]) => `${field}_${direction}`)
      .join('_')
  );
}
