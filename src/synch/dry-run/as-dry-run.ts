import type { Coupling, SynchAction } from '../../coupling/coupling.js';
import { type Side, sides } from '../synch-error.js';
import type { RecordChange } from '../synch-job.js';
import type { SynchJobStore } from '../synch-job-store.js';
import { changeOf, jobInto, type SynchRun, type SynchStores } from '../synch-run.js';
import { asPlanned, plannedChange } from './plan-changes.js';
import { type CouplingPlan, PlannedCouplings } from './planned-couplings.js';
import { planningConnector } from './planning-connector.js';

/**
 * The same run without a write: both systems are only read, couplings and cursors stay, and what would be done is stored as
 * the plan of its synch jobs.
 */
export function asDryRun(run: SynchRun, planned: SynchStores['planned']): SynchRun {
  const { connectors, stores, newId } = run;
  const jobs = planningJobs(run);
  const tell = async (plans: readonly CouplingPlan[]): Promise<void> => {
    const rows = plans.flatMap((plan) => plannedChange(plan, (...told) => leftRow(run, ...told)) ?? []);
    await stores.jobs.addChanges(rows);
  };
  return {
    ...run,
    connectors: {
      BUSINESS: planningConnector(connectors.BUSINESS, newId),
      SALES: planningConnector(connectors.SALES, newId),
    },
    stores: {
      ...stores,
      couplings: new PlannedCouplings(stores.couplings, planned, run, tell),
      cursors: { get: (mappingId, source) => stores.cursors.get(mappingId, source), move: async () => true },
      deletions: {
        countSince: (mappingId, since) => stores.deletions.countSince(mappingId, since),
        note: async () => undefined,
      },
      jobs,
    },
    wakeMappings: async () => undefined,
  };
}

const planningJobs = ({ stores: { jobs } }: SynchRun): Pick<SynchJobStore, keyof SynchJobStore> => ({
  open: (opened, mappingId, now) => jobs.open(opened, mappingId, now),
  saveCounters: (jobId, progress) => jobs.saveCounters(jobId, progress),
  close: (jobId, end) => jobs.close(jobId, end),
  addErrors: (errors) => jobs.addErrors(errors),
  addChanges: (changes) => jobs.addChanges(changes.map(asPlanned)),
  addAmbiguities: (ambiguities) => jobs.addAmbiguities(ambiguities),
});

/** The row of what would be left as it is, or only be coupled. A later one of the same pair replaces nothing: the first reason stands. */
function leftRow(run: SynchRun, coupling: Coupling, action: SynchAction, reason: string): RecordChange {
  const into = coupling.error?.side ?? sideOf(run);
  const { job } = jobInto(run, into);
  const change = { side: into, action, reason, before: {}, after: {} };
  return {
    ...asPlanned(changeOf(run, coupling, change, run.runId, 0)),
    _id: `${run.runId}:${coupling._id}:${action}`,
    synchJobId: job._id,
  };
}

const sideOf = ({ options: { writes } }: SynchRun): Side => sides.findLast((side) => writes[side]) ?? 'SALES';
