import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongodb';
import type { JobQueueEntry, JobQueueEntryStatus } from './job-queue-entry.js';
import type { JobQueueStore, PendingTransition } from './job-queue-store.js';

/** Counter of the transitions' numbers: its value is the number of the newest one. */
export const transitionCounterId = 'jobStatusTransitions';

/** A change of status that is about to be recorded. */
export interface StatusChange {
  readonly entry: Pick<JobQueueEntry, '_id' | 'connectionSetupId' | 'code' | 'mappingName'>;
  readonly from: JobQueueEntryStatus | null;
  readonly to: JobQueueEntryStatus;
  /** Later than the entry's transition before, see `timeOfChange`: transitions get their numbers in this order. */
  readonly at: Date;
  readonly reason: string | null;
  readonly runId: string | null;
  readonly causedBy: string;
}

/**
 * Records changes of status in the transaction that makes them. They get their numbers right after it, by
 * {@link numberTransitions}: with a counter inside each transaction no two of them could ever happen side by side.
 */
export async function recordTransitions(
  store: JobQueueStore,
  session: ClientSession,
  changes: readonly StatusChange[],
): Promise<void> {
  if (changes.length > 0) await store.pending.insertMany(changes.map(asPending), { session });
}

/** Makes the counter once, outside of any transaction: two first transactions at once would both want to make it. */
export async function prepareTransitionLog(store: Pick<JobQueueStore, 'counters'>): Promise<void> {
  await store.counters.updateOne({ _id: transitionCounterId }, { $setOnInsert: { value: 0 } }, { upsert: true });
}

/** More at once would make the transaction long. */
const NUMBERED_AT_ONCE = 500;

/**
 * Gives the recorded transitions their numbers: all that there are, in one transaction with the counter. So numbers have no
 * gaps, become visible in their order, and each transition gets one, whichever process does it and whichever dies.
 *
 * An entry's own transitions keep their order; of different ones the earlier comes first.
 *
 * @returns true when there may be more
 */
export async function numberTransitions(
  store: Pick<JobQueueStore, 'pending' | 'counters' | 'transitions'>,
  session: ClientSession,
): Promise<boolean> {
  const pending = await store.pending
    // In one batch: with the time limit of a transaction the driver can ask for no second one.
    .find({}, { session, batchSize: NUMBERED_AT_ONCE })
    .sort({ at: 1, order: 1 })
    .limit(NUMBERED_AT_ONCE)
    .toArray();
  if (pending.length === 0) return false;
  const counter = await store.counters.findOneAndUpdate(
    { _id: transitionCounterId },
    { $inc: { value: pending.length } },
    { session, upsert: true, returnDocument: 'after' },
  );
  if (counter === null) throw new Error('the counter of transitions gave no number');
  const first = counter.value - pending.length + 1;
  const numbered = pending.map(({ order: _order, ...transition }, index) => ({ ...transition, number: first + index }));
  await store.transitions.insertMany(numbered, { session });
  await store.pending.deleteMany({ _id: { $in: pending.map(({ _id }) => _id) } }, { session });
  return pending.length === NUMBERED_AT_ONCE;
}

const asPending = ({ entry, ...change }: StatusChange, order: number): PendingTransition => ({
  _id: randomUUID(),
  order,
  entryId: entry._id,
  connectionSetupId: entry.connectionSetupId,
  code: entry.code,
  mappingName: entry.mappingName,
  ...change,
});
