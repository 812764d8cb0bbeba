import type { Coupling } from '../coupling/coupling.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { wordsOf } from './record-title.js';
import type { SynchRun } from './synch-run.js';

/** A coupling of the run's mapping that is not stored yet, PENDING and due. */
export const newCoupling = (run: SynchRun, record: CoupledRecord): Coupling =>
  couplingOf(run.compiled.mapping, record, { id: run.newId(), now: run.now() });

type CoupledRecord = Pick<Coupling, 'businessId' | 'salesId' | 'title'>;

/** A coupling of a mapping that is not stored yet, PENDING and due. */
export function couplingOf(
  mapping: Pick<IntegrationTableMapping, 'id' | 'connectionSetupId' | 'name'>,
  record: CoupledRecord,
  { id, now }: { readonly id: string; readonly now: Date },
): Coupling {
  return {
    _id: id,
    connectionSetupId: mapping.connectionSetupId,
    mappingId: mapping.id,
    mappingName: mapping.name,
    ...record,
    titleWords: wordsOf(record.title),
    state: 'PENDING',
    stateSince: now,
    business: { version: null, clean: false },
    sales: { version: null, clean: false },
    bases: [],
    intents: [],
    late: [],
    conflicts: [],
    waitingFor: [],
    waitingKeys: [],
    related: {},
    openSteps: [],
    error: null,
    mappingHash: null,
    attempts: 0,
    nextAttemptAt: now,
    lastSynchedAt: null,
    lastResult: null,
    lastSynchJobId: null,
    revision: 1,
    createdAt: now,
  };
}
