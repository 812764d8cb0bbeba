import type { CouplingQueries } from '../coupling/coupling-queries.js';
import type { EntryFilter } from '../job-queue/entry-list-store.js';
import type { JobQueue } from '../job-queue/job-queue.js';
import { type JobQueueEntry, type JobQueueEntryStatus, jobQueueEntryStatuses } from '../job-queue/job-queue-entry.js';
import type { IntegrationTableMapping } from './integration-table-mapping.js';
import type { MappingStore } from './mapping-store.js';

export interface DeletingMapping {
  readonly mappings: Pick<MappingStore, 'list'>;
  readonly couplings: Pick<CouplingQueries, 'count'>;
  readonly jobQueue: Pick<JobQueue, 'pageOfEntries'>;
}

/** What still needs a mapping, in words; null when nothing does. One-off entries that have ended, well or not, need nothing. */
export async function neededBy(mapping: IntegrationTableMapping, parts: DeletingMapping): Promise<string | null> {
  const { id, connectionSetupId, name } = mapping;
  const { count } = await parts.couplings.count({ mappingId: id });
  if (count > 0) return `it has ${count} couplings: uncouple them first`;
  const entry = (await firstEntry(parts, { mappingId: id })) ?? (await firstEntry(parts, unended(id)));
  if (entry !== null) return `the job queue entry ${entry.code} runs it: delete the entry first`;
  const others = (await parts.mappings.list({ connectionSetupId })).filter((other) => other.id !== id);
  const user = others.find(
    ({ fields, dependsOn }) => dependsOn.includes(name) || fields.some(({ lookup }) => lookup === name),
  );
  return user === undefined ? null : `the mapping ${user.name} refers to it: remove it there first`;
}

const hasEnded: ReadonlySet<JobQueueEntryStatus> = new Set(['FINISHED', 'ERROR']);

const unended = (mappingId: string): EntryFilter => ({
  mappingId,
  oneOff: true,
  status: jobQueueEntryStatuses.filter((status) => !hasEnded.has(status)),
});

async function firstEntry({ jobQueue }: DeletingMapping, filter: EntryFilter): Promise<JobQueueEntry | null> {
  const { items } = await jobQueue.pageOfEntries(filter, undefined, { limit: 1 });
  return items[0]?.item ?? null;
}
