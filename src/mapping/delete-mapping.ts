import type { CouplingQueries } from '../coupling/coupling-queries.js';
import type { JobQueue } from '../job-queue/job-queue.js';
import type { IntegrationTableMapping } from './integration-table-mapping.js';
import type { MappingStore } from './mapping-store.js';

export interface DeletingMapping {
  readonly mappings: Pick<MappingStore, 'list'>;
  readonly couplings: Pick<CouplingQueries, 'count'>;
  readonly jobQueue: Pick<JobQueue, 'pageOfEntries'>;
}

/** What still needs a mapping, in words; null when nothing does. One-off entries that have ended need nothing. */
export async function neededBy(mapping: IntegrationTableMapping, parts: DeletingMapping): Promise<string | null> {
  const { id, connectionSetupId, name } = mapping;
  const { count } = await parts.couplings.count({ mappingId: id });
  if (count > 0) return `it has ${count} couplings: uncouple them first`;
  const entries = await parts.jobQueue.pageOfEntries({ mappingId: id, oneOff: null }, undefined, { limit: 100 });
  const entry = entries.items.find(({ item }) => !item.oneOff || item.status !== 'FINISHED')?.item;
  if (entry !== undefined) return `the job queue entry ${entry.code} runs it: delete the entry first`;
  const others = (await parts.mappings.list({ connectionSetupId })).filter((other) => other.id !== id);
  const user = others.find(
    ({ fields, dependsOn }) => dependsOn.includes(name) || fields.some(({ lookup }) => lookup === name),
  );
  return user === undefined ? null : `the mapping ${user.name} refers to it: remove it there first`;
}
