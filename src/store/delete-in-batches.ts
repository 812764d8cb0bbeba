import type { Collection, Document, Filter, Sort } from 'mongodb';

/** What is to be deleted of a collection, and in which order: an index has to give both. */
export interface OldDocuments<T extends Document & { _id: string }> {
  readonly collection: Collection<T>;
  readonly filter: Filter<T>;
  readonly sort: Sort;
  /** Deletes first what belongs to these documents. */
  readonly before?: (ids: string[]) => Promise<void>;
}

const BATCH = 500;

/**
 * Deletes documents a few at a time, so that no lock and no oplog entry is long, and stopping loses nothing: what is left is
 * found again.
 *
 * @returns how many are gone
 * @throws the signal's reason, between two batches
 */
export async function deleteInBatches<T extends Document & { _id: string }>(
  { collection, filter, sort, before }: OldDocuments<T>,
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  for (;;) {
    signal.throwIfAborted();
    const old = await collection.find(filter).project<{ _id: string }>({ _id: 1 }).sort(sort).limit(BATCH).toArray();
    if (old.length === 0) return deleted;
    const ids = old.map(({ _id }) => _id);
    await before?.(ids);
    // The filter again: what was taken up meanwhile is not old any more.
    const gone = await collection.deleteMany({ ...filter, _id: { $in: ids } });
    deleted += gone.deletedCount;
    if (old.length < BATCH) return deleted;
  }
}
