import type { AnyBulkWriteOperation, ClientSession } from 'mongodb';
import { asEntryQuery, type EntryFilter } from './entry-list-store.js';
import { EntryMovedError, fieldsSetByPerson, type ReadyLimit, type StatusFields, timeOfChange } from './entry-store.js';
import type { JobQueueEntry, JobQueueEntryStatus } from './job-queue-entry.js';
import { ConnectionDisabledError, OtherCountError, TooManyEntriesError } from './job-queue-errors.js';
import type { EntryDocument, JobQueueStore } from './job-queue-store.js';
import { recordTransitions } from './transition-log-store.js';
import { IllegalTransitionError } from './transitions.js';

/** A status for all entries that match. */
export interface StatusOfManyRequest extends ReadyLimit {
  readonly filter: EntryFilter;
  readonly status: JobQueueEntryStatus;
  readonly actor: string;
  /** How many the caller expects to match; absent: however many do. */
  readonly expectedCount?: number | undefined;
}

export interface StatusOfMany {
  /** Those that changed; one that was there already counts as none. */
  readonly changed: readonly JobQueueEntry[];
  /** Those that cannot go there, with the reason. */
  readonly refused: readonly {
    readonly entryId: string;
    readonly error: IllegalTransitionError | ConnectionDisabledError;
  }[];
}

const MOST_ENTRIES = 10_000;
// Small enough that no transaction holds the counter of the transitions for long.
const ENTRIES_IN_A_TRANSACTION = 100;

/**
 * Sets the status of all entries that match. Those that cannot go there are left and told; the others go. Entries are
 * changed a hundred at a time, each hundred all or none.
 *
 * @throws TooManyEntriesError, OtherCountError: nothing was changed then
 */
export async function setStatusOfMany(store: JobQueueStore, request: StatusOfManyRequest): Promise<StatusOfMany> {
  const ids = await idsOf(store, request);
  const changed: JobQueueEntry[] = [];
  const refused: StatusOfMany['refused'][number][] = [];
  for (let start = 0; start < ids.length; start += ENTRIES_IN_A_TRANSACTION) {
    const some = await setStatusOf(store, ids.slice(start, start + ENTRIES_IN_A_TRANSACTION), request);
    changed.push(...some.changed);
    refused.push(...some.refused);
  }
  return { changed, refused };
}

async function idsOf(store: JobQueueStore, { filter, expectedCount }: StatusOfManyRequest): Promise<string[]> {
  const found = await store.entries
    .find(asEntryQuery(filter))
    .sort({ code: 1, _id: 1 })
    .limit(MOST_ENTRIES + 1)
    .project<Pick<EntryDocument, '_id'>>({ _id: 1 })
    .toArray();
  if (found.length > MOST_ENTRIES) throw new TooManyEntriesError(MOST_ENTRIES);
  if (expectedCount !== undefined && expectedCount !== found.length)
    throw new OtherCountError(expectedCount, found.length);
  return found.map(({ _id }) => _id);
}

async function setStatusOf(
  store: JobQueueStore,
  ids: readonly string[],
  request: StatusOfManyRequest,
): Promise<StatusOfMany> {
  const now = await store.now();
  // Workers can begin or end runs between our reading and our writing; then all is read again.
  for (;;) {
    try {
      return await store.inTransaction((session) => setInOneTransaction(store, session, ids, { ...request, now }));
    } catch (error) {
      if (!(error instanceof EntryMovedError)) throw error;
    }
  }
}

async function setInOneTransaction(
  store: JobQueueStore,
  session: ClientSession,
  ids: readonly string[],
  { status, actor, now, enabledConnections }: StatusOfManyRequest & { readonly now: Date },
): Promise<StatusOfMany> {
  const query = store.entries.find({ _id: { $in: [...ids] } }, { session }).sort({ code: 1, _id: 1 });
  const entries = await query.toArray();
  const refused: StatusOfMany['refused'][number][] = [];
  const moves: { readonly entry: EntryDocument; readonly fields: StatusFields }[] = [];
  for (const entry of entries) {
    if (entry.status === status) continue;
    try {
      moves.push({ entry, fields: fieldsSetByPerson(entry, status, { now, enabledConnections }) });
    } catch (error) {
      if (!(error instanceof IllegalTransitionError || error instanceof ConnectionDisabledError)) throw error;
      refused.push({ entryId: entry._id, error });
    }
  }
  if (moves.length === 0) return { changed: [], refused };
  const updates = moves.map(
    ({ entry, fields }): AnyBulkWriteOperation<EntryDocument> => ({
      updateOne: {
        filter: { _id: entry._id, status: entry.status },
        update: { $set: { ...fields, updatedAt: timeOfChange(entry, now) } },
      },
    }),
  );
  const { matchedCount } = await store.entries.bulkWrite(updates, { session });
  if (matchedCount !== moves.length) throw new EntryMovedError(ids.join(', '), status);
  await recordTransitions(
    store,
    session,
    moves.map(({ entry, fields }) => ({
      entry,
      from: entry.status,
      to: fields.status,
      at: timeOfChange(entry, now),
      reason: fields.statusReason ?? null,
      runId: null,
      causedBy: actor,
    })),
  );
  return {
    changed: moves.map(({ entry, fields }) => ({ ...entry, ...fields, updatedAt: timeOfChange(entry, now) })),
    refused,
  };
}
