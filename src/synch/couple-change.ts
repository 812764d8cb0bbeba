import type { Coupling } from '../coupling/coupling.js';
import type { RecordChange } from './synch-job.js';
import { jobInto, type SynchRun } from './synch-run.js';

/** Why a run couples two records. */
export const THEY_MATCH = 'the records match, and no other record does';

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
  number: 0,
  versions: { BUSINESS: coupling.business.version, SALES: coupling.sales.version },
});

/** The history of pairs that a run coupled. */
export const recordCoupled = (run: SynchRun, couplings: readonly Coupling[], reason: string): Promise<void> =>
  run.stores.jobs.addChanges(
    couplings.map((coupling) =>
      coupleChange(coupling, {
        id: `${run.runId}:${coupling._id}:COUPLE`,
        action: 'COUPLE',
        reason,
        actor: run.causedBy,
        at: run.now(),
        run: { runId: run.runId, synchJobId: jobInto(run, 'SALES').job._id },
      }),
    ),
  );
