import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongodb';
import type { JobQueueEntry, JobQueueEntryStatus, JobStatusTransition } from './job-queue-entry.js';
import type { JobQueueStore } from './job-queue-store.js';

/** Counter of the transitions' numbers: its value is the number of the newest one. */
export const transitionCounterId = 'jobStatusTransitions';

/** A change of status that is about to be recorded. */
export interface StatusChange {
  readonly entry: Pick<JobQueueEntry, '_id' | 'connectionSetupId' | 'code' | 'mappingName'>;
  readonly from: JobQueueEntryStatus | null;
  readonly to: JobQueueEntryStatus;
  readonly at: Date;
  readonly reason: string | null;
  readonly runId: string | null;
  readonly causedBy: string;
}

/**
 * Records changes of status, in their order. Has to be the last thing that a transaction does: from its first statement on
 * no other transaction can take a number, so numbers have no gaps and follow the order in which transactions commit.
 */
export async function recordTransitions(
  store: JobQueueStore,
  session: ClientSession,
  changes: readonly StatusChange[],
): Promise<JobStatusTransition[]> {
  if (changes.length === 0) return [];
  const counter = await store.counters.findOneAndUpdate(
    { _id: transitionCounterId },
    { $inc: { value: changes.length } },
    { session, upsert: true, returnDocument: 'after' },
  );
  if (counter === null) throw new Error('the counter of transitions gave no number');
  const first = counter.value - changes.length + 1;
  const recorded = changes.map((change, index) => asTransition(change, first + index));
  await store.transitions.insertMany(recorded, { session });
  return recorded;
}

/** Makes the counter once, outside of any transaction: two first transactions at once would both want to make it. */
export async function prepareTransitionLog(store: JobQueueStore): Promise<void> {
  await store.counters.updateOne({ _id: transitionCounterId }, { $setOnInsert: { value: 0 } }, { upsert: true });
}

const asTransition = ({ entry, ...change }: StatusChange, number: number): JobStatusTransition => ({
  _id: randomUUID(),
  number,
  entryId: entry._id,
  connectionSetupId: entry.connectionSetupId,
  code: entry.code,
  mappingName: entry.mappingName,
  ...change,
});
