import type { Coupling } from '../coupling/coupling.js';
import type { RecordChange } from './synch-job.js';

/** The history row of a pair that was made or forgotten; no record was written. */
export const coupleChange = (
  coupling: Coupling,
  change: {
    readonly id: string;
    readonly action: 'COUPLE' | 'UNCOUPLE';
    readonly reason: string;
    readonly actor: string;
    readonly at: Date;
    readonly run?: { readonly runId: string; readonly synchJobId: string };
  },
): RecordChange => ({
  _id: change.id,
  connectionSetupId: coupling.connectionSetupId,
  mappingId: coupling.mappingId,
  couplingId: coupling._id,
  synchJobId: change.run?.synchJobId ?? null,
  runId: change.run?.runId ?? null,
  at: change.at,
  side: 'SALES',
  action: change.action,
  outcome: 'APPLIED',
  reason: change.reason,
  title: coupling.title,
  titleWords: coupling.titleWords,
  businessId: coupling.businessId,
  salesId: coupling.salesId,
  causedBy: change.actor,
  fields: [],
});
