import type { JobQueue } from '../job-queue/job-queue.js';

/** More recurring entries than a mapping has by far. */
const ENTRIES_OF_MAPPING = 100;

/** There is something to do for these mappings: their sleeping entries wake, their ready ones run sooner. */
export async function wakeEntriesOf(
  jobQueue: Pick<JobQueue, 'pageOfEntries' | 'wake'>,
  mappingIds: readonly string[],
  causedBy: string,
): Promise<void> {
  for (const mappingId of mappingIds) {
    const { items } = await jobQueue.pageOfEntries({ mappingId }, undefined, { limit: ENTRIES_OF_MAPPING });
    await jobQueue.wake(
      items.map(({ item }) => item._id),
      causedBy,
    );
  }
}
