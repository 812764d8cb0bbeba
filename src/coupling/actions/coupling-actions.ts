import type { OneOffRun } from '../../job-queue/one-off-store.js';
import type { CouplingActionsDeps } from './action-deps.js';
import { type CoupledRecords, type CoupleRequest, coupleRecords } from './couple-records.js';
import { type ConflictResolution, type ResolvedConflict, resolveConflict } from './resolve-conflict.js';
import { restoreCouplings } from './restore-couplings.js';
import type { ChangedCouplings, SelectionRequest } from './selection.js';
import { type SynchronizeRequest, synchronizeSelection } from './synchronize-selection.js';
import { uncoupleRecords } from './uncouple-records.js';

/** What a person does with pairs. All throw CouplingRefusedError, and have done nothing then. */
export interface CouplingActions {
  /** See coupleRecords. */
  couple(request: CoupleRequest, actor: string): Promise<CoupledRecords>;
  /** Forgets pairs; the records stay. */
  uncouple(request: SelectionRequest, actor: string): Promise<ChangedCouplings>;
  /** Puts parked and failed pairs back into the next run. */
  restore(request: SelectionRequest): Promise<ChangedCouplings>;
  /** Accepts a run that synchronizes the chosen pairs. */
  synchronize(request: SynchronizeRequest, actor: string): Promise<OneOffRun>;
  /** Decides the fields in conflict of a pair; resolves when both systems have the values, or after half a minute. */
  resolve(resolution: ConflictResolution, actor: string): Promise<ResolvedConflict>;
}

/** Puts together what people do with pairs. */
export const couplingActions = (deps: CouplingActionsDeps): CouplingActions => ({
  couple: (request, actor) => counting(deps, coupleRecords(deps, request, actor)),
  uncouple: (request, actor) => counting(deps, uncoupleRecords(deps, request, actor)),
  restore: (request) => counting(deps, restoreCouplings(deps, request)),
  synchronize: (request, actor) => synchronizeSelection(deps, request, actor),
  resolve: (resolution, actor) => resolveConflict(deps, resolution, actor),
});

/** Who is told of an action may ask at once how couplings stand now. */
async function counting<T>({ couplingsChanged }: CouplingActionsDeps, action: Promise<T>): Promise<T> {
  const done = await action;
  await couplingsChanged();
  return done;
}
