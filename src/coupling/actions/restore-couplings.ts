import { mayExistAlready } from '../../synch/synch-error.js';
import { wakeEntriesOf } from '../../synch/wake-mappings.js';
import type { Coupling, CouplingState } from '../coupling.js';
import type { CouplingActionsDeps } from './action-deps.js';
import type { Refusal } from './coupling-refused-error.js';
import { type ChangedCouplings, changeSelected, checkSelection, type SelectionRequest } from './selection.js';

const restorable: ReadonlySet<CouplingState> = new Set(['SKIPPED', 'FAILED', 'BROKEN']);

/**
 * Puts parked and failed pairs back into the next run, as if nothing had failed before. Of couplings named by their ids,
 * those that cannot be restored are told; of those that a filter matches, they are left out.
 */
export async function restoreCouplings(
  { selections, couplings, jobQueue, now }: CouplingActionsDeps,
  request: SelectionRequest,
): Promise<ChangedCouplings> {
  const selection = await checkSelection(selections, request);
  const mappingIds = new Set<string>();
  const changed = await changeSelected(selections, selection, async (page) => {
    const at = await now();
    const refusals = page.flatMap((coupling) => refusalOf(coupling) ?? []);
    const refused = new Set(refusals.map(({ couplingId }) => couplingId));
    const restored = page.filter(({ _id }) => !refused.has(_id));
    for (const { mappingId } of restored) mappingIds.add(mappingId);
    return {
      changed: await couplings.change(
        restored.map(({ _id, revision }) => ({
          _id,
          revision,
          set: { state: 'PENDING', stateSince: at, error: null, attempts: 0, nextAttemptAt: at },
        })),
      ),
      refusals: 'ids' in selection ? refusals : [],
    };
  });
  if (changed.changedCount > 0) await wakeEntriesOf(jobQueue, [...mappingIds], 'restored couplings');
  return changed;
}

function refusalOf({ _id, title, state, error, intents, businessId, salesId }: Coupling): Refusal | null {
  const refused = (code: Refusal['code'], message: string): Refusal => ({
    code,
    message,
    field: ['ids'],
    couplingId: _id,
  });
  if (intents.length > 0) return refused('IN_USE', `${title}: a run is writing it; wait for its end`);
  if (!restorable.has(state))
    return refused(
      'ILLEGAL_TRANSITION',
      `${title} is ${state}: only what is SKIPPED, FAILED or BROKEN can be restored`,
    );
  // Without its error it would be created although it may exist already.
  if (mayExistAlready(error) && (businessId === null || salesId === null))
    return refused(
      'ILLEGAL_TRANSITION',
      `${title} may have its counterpart already: couple the right one with coupleRecords`,
    );
  return null;
}
