import { createHash } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { deleteInBatches } from './delete-in-batches.js';
import type { IndexSpec } from './indexes.js';

const COLLECTION = 'longTexts';

/** A document of MongoDB holds 16 MB. One whose long texts come to more than half of that keeps them apart. */
const MOST_BYTES = 8 * 1_024 * 1_024;

/** Shorter texts stay where they are: a record has not enough fields to be too large by them. */
const LONG_CHARACTERS = 1_000;

// No system keeps control characters in its texts.
const MARK = '\u0001';
const HASH_CHARACTERS = 43;

export const longTextIndexes: readonly IndexSpec[] = [
  { collection: COLLECTION, keys: { owner: 1 } },
  { collection: COLLECTION, keys: { usedAt: 1 } },
];

interface LongText {
  readonly _id: string;
  /** The connection or the run whose documents refer to it: it goes with it. */
  readonly owner: string;
  readonly text: string;
  /** When a document that refers to it was stored last, by the database's clock. */
  readonly usedAt: Date;
}

/**
 * Keeps the long texts of documents that would not fit into one document of MongoDB in documents of their own, one a text;
 * equal texts of one owner are kept once.
 */
export class LongTextsStore {
  private readonly texts: Collection<LongText>;

  constructor(db: Db) {
    this.texts = db.collection<LongText>(COLLECTION);
  }

  /** The value as it can be stored: the same, or with a mark in place of each long text, which is kept apart first. */
  async apart<T>(owner: string, value: T): Promise<T> {
    if (!isTooLarge(value)) return value;
    const kept = new Map<string, string>();
    const marked = withTexts(value, (text) => {
      if (text.length <= LONG_CHARACTERS) return text;
      const hash = createHash('sha256').update(text).digest('base64url');
      kept.set(hash, text);
      return `${MARK}${hash}`;
    });
    // One after the other: together they are too large for anything.
    for (const [hash, text] of kept)
      await this.texts.updateOne(
        { _id: `${owner}:${hash}` },
        { $setOnInsert: { owner, text }, $currentDate: { usedAt: true } },
        { upsert: true },
      );
    return marked;
  }

  /** The value as it was before its long texts were kept apart. */
  async whole<T>(owner: string, value: T): Promise<T> {
    const marks = marksIn(value);
    if (marks.size === 0) return value;
    const ids = [...marks].map((mark) => `${owner}:${mark.slice(1)}`);
    const found = await this.texts.find({ _id: { $in: ids } }).toArray();
    const texts = new Map(found.map(({ _id, text }) => [`${MARK}${_id.slice(owner.length + 1)}`, text]));
    return withTexts(value, (text) => texts.get(text) ?? text);
  }

  /** Deletes what no document was stored with since then: those that referred to it are gone by now. */
  async deleteUnused(before: Date, signal: AbortSignal): Promise<void> {
    await deleteInBatches({ collection: this.texts, filter: { usedAt: { $lt: before } }, sort: { usedAt: 1 } }, signal);
  }

  /** Forgets what documents of an owner referred to. */
  async forget(owner: string): Promise<void> {
    await this.texts.deleteMany({ owner });
  }
}

/** True for a value whose long texts come to more than a document should hold. Pure. */
export function isTooLarge(value: unknown): boolean {
  let bytes = 0;
  visitTexts(value, (text) => {
    if (text.length > LONG_CHARACTERS) bytes += Buffer.byteLength(text);
  });
  return bytes > MOST_BYTES;
}

function marksIn(value: unknown): ReadonlySet<string> {
  const marks = new Set<string>();
  visitTexts(value, (text) => {
    if (text.length === HASH_CHARACTERS + 1 && text.startsWith(MARK)) marks.add(text);
  });
  return marks;
}

function visitTexts(value: unknown, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value);
  else if (Array.isArray(value)) for (const one of value) visitTexts(one, visit);
  else if (isPlain(value)) for (const one of Object.values(value)) visitTexts(one, visit);
}

/** The value with each of its texts replaced; what is neither text, list nor plain object stays as it is. */
function withTexts<T>(value: T, replace: (text: string) => string): T {
  const replaced = (one: unknown): unknown => {
    if (typeof one === 'string') return replace(one);
    if (Array.isArray(one)) return one.map(replaced);
    if (!isPlain(one)) return one;
    return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, replaced(inner)]));
  };
  return replaced(value) as T;
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
