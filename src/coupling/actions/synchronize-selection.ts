import type { OneOffRun } from '../../job-queue/one-off-store.js';
import {
  allowsDirection,
  type IntegrationTableMapping,
  type SynchDirection,
} from '../../mapping/integration-table-mapping.js';
import type { Side } from '../../synch/synch-error.js';
import { type CouplingActionsDeps, requireRunnable } from './action-deps.js';
import { refuseCoupling } from './coupling-refused-error.js';
import { checkSelection, type SelectionRequest } from './selection.js';

/** Pairs to synchronize now. */
export interface SynchronizeRequest extends SelectionRequest {
  /** Its source wins, also over a conflict; by the mapping's rules when null. */
  readonly direction: SynchDirection | null;
  readonly dryRun: boolean;
}

/** Accepts a run that synchronizes the chosen pairs of one mapping, however many they are. */
export async function synchronizeSelection(
  deps: CouplingActionsDeps,
  request: SynchronizeRequest,
  actor: string,
): Promise<OneOffRun> {
  const selection = await checkSelection(deps.selections, request, Number.POSITIVE_INFINITY);
  const place = 'ids' in selection ? 'ids' : 'filter';
  const mappingIds = await deps.selections.mappingIds(selection);
  const [mappingId] = mappingIds;
  if (mappingId === undefined) return refuseCoupling('NOT_FOUND', `${place}: no coupling matches`, [place]);
  if (mappingIds.length > 1)
    refuseCoupling(
      'INVALID',
      `${place}: expected couplings of one mapping, got couplings of ${mappingIds.length}; synchronize them mapping by mapping`,
      [place],
    );
  const mapping = await requireRunnable(deps, mappingId, place);
  checkDirection(mapping, request.direction, 'direction');
  return deps.jobQueue.createOneOff({
    connectionSetupId: mapping.connectionSetupId,
    task: 'SYNCH_COUPLINGS',
    mappingId: mapping.id,
    mappingName: mapping.name,
    parameters: {
      couplings: selection,
      ...directionParameters(request.direction),
      ...(request.dryRun && { dryRun: true }),
    },
    description: `Chosen couplings of ${mapping.name} synchronized`,
    actor,
  });
}

/** Refuses a direction that the mapping does not allow. */
export function checkDirection(
  { name, direction: allowed }: IntegrationTableMapping,
  direction: SynchDirection | null,
  field: string,
): void {
  const fits =
    direction === null ||
    allowed === direction ||
    (direction !== 'BIDIRECTIONAL' && allowsDirection(allowed, direction));
  if (!fits)
    refuseCoupling('INVALID', `${field}: expected a direction of the mapping ${name} (${allowed}), got ${direction}`, [
      field,
    ]);
}

/** One direction makes its source win; both directions go by the mapping's rules. */
export const directionParameters = (direction: SynchDirection | null) =>
  direction === null || direction === 'BIDIRECTIONAL' ? {} : { direction, decision: { source: sourceOf(direction) } };

const sourceOf = (direction: Exclude<SynchDirection, 'BIDIRECTIONAL'>): Side =>
  direction === 'TO_INTEGRATION_TABLE' ? 'BUSINESS' : 'SALES';
