import type { Coupling } from '../coupling/coupling.js';
import { wordsOf } from './record-title.js';
import type { SynchRun } from './synch-run.js';

/** A coupling that is not stored yet, PENDING and due. */
export function newCoupling(run: SynchRun, record: Pick<Coupling, 'businessId' | 'salesId' | 'title'>): Coupling {
  const { mapping } = run.compiled;
  const now = run.now();
  return {
    _id: run.newId(),
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
