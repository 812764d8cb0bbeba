import type { JobQueue } from '../../job-queue/job-queue.js';
import type { IntegrationTableMapping } from '../../mapping/integration-table-mapping.js';
import type { LivePairs } from '../../synch/live-pairs.js';
import type { SynchJobStore } from '../../synch/synch-job-store.js';
import { wakeEntriesOf } from '../../synch/wake-mappings.js';
import type { Coupling } from '../coupling.js';
import type { CouplingSelectionStore } from '../coupling-selection-store.js';
import type { CouplingStore } from '../coupling-store.js';
import { refuseCoupling } from './coupling-refused-error.js';

/** What the actions are built from. */
export interface CouplingActionsDeps {
  readonly couplings: CouplingStore;
  readonly selections: CouplingSelectionStore;
  readonly history: Pick<SynchJobStore, 'addChanges'>;
  readonly pairs: LivePairs;
  readonly mapping: (id: string) => Promise<IntegrationTableMapping | null>;
  readonly isConnectionEnabled: (connectionSetupId: string) => Promise<boolean>;
  readonly jobQueue: JobQueue;
  /** Told after an action that may have changed how couplings stand. */
  readonly couplingsChanged: () => Promise<void>;
  readonly now: () => Promise<Date>;
}

/** The mapping, able to run now. */
export async function requireRunnable(
  { mapping: find, isConnectionEnabled }: Pick<CouplingActionsDeps, 'mapping' | 'isConnectionEnabled'>,
  mappingId: string | null,
  field: string,
): Promise<IntegrationTableMapping> {
  const mapping = mappingId === null ? null : await find(mappingId);
  if (mapping === null) return refuseCoupling('NOT_FOUND', `${field}: there is no mapping with this id`, [field]);
  const { name, kind, enabled, connectionSetupId } = mapping;
  if (kind === 'OPTION')
    refuseCoupling('INVALID', `${field}: ${name} couples options, which have no records on the sales side`, [field]);
  if (!enabled) refuseCoupling('INVALID', `${field}: the mapping ${name} is disabled; enable it first`, [field]);
  if (!(await isConnectionEnabled(connectionSetupId)))
    refuseCoupling('INVALID', `${field}: the connection of ${name} is disabled; enable it first`, [field]);
  return mapping;
}

/** What waits for these records goes on: their holders are due, and the mappings with something to do run soon. */
export async function tellHolders(
  { couplings, jobQueue, now }: Pick<CouplingActionsDeps, 'couplings' | 'jobQueue' | 'now'>,
  { connectionSetupId, mappingId }: Pick<Coupling, 'connectionSetupId' | 'mappingId'>,
  keys: readonly string[],
): Promise<void> {
  const holders = await couplings.wakeHolders(connectionSetupId, keys, await now());
  await wakeEntriesOf(jobQueue, [...new Set([mappingId, ...holders])], 'a coupling made by a person');
}
