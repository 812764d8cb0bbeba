import type { Collection, Document } from 'mongodb';

// How long the server waits for a change before it answers that there is none; also the longest that closing has to wait.
const AWAIT_CHANGE_MS = 1_000;

/**
 * Yields once when it watches the collection, then whenever a document was inserted or deleted, until the signal ends it.
 * What changed does not matter: it only says that there is something to read. Throws when it cannot go on watching.
 */
export async function* watchCollection<T extends Document>(
  collection: Collection<T>,
  operationType: 'insert' | 'delete',
  signal: AbortSignal,
): AsyncGenerator<void> {
  const pipeline = [{ $match: { operationType } }, { $project: { _id: 1 } }];
  const stream = collection.watch(pipeline, { maxAwaitTimeMS: AWAIT_CHANGE_MS });
  const close = (): void => void stream.close().catch(() => undefined);
  signal.addEventListener('abort', close, { once: true });
  try {
    // The first look opens the stream on the server: from here on nothing is missed.
    await stream.tryNext();
    yield;
    while (!signal.aborted) if ((await stream.tryNext()) !== null) yield;
  } finally {
    signal.removeEventListener('abort', close);
    await stream.close().catch(() => undefined);
  }
}
