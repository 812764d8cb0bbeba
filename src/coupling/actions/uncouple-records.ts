import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { coupleChange } from '../../synch/couple-change.js';
import { wakeEntriesOf } from '../../synch/wake-mappings.js';
import { referenceKey } from '../coupling.js';
import type { CouplingActionsDeps } from './action-deps.js';
import type { Refusal } from './coupling-refused-error.js';
import { type ChangedCouplings, changeSelected, checkSelection, type SelectionRequest } from './selection.js';

/** A run of the schedule is over in a moment; who uncouples waits for it so long. */
const PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 200;

/** Forgets pairs; the records stay. What a run holds is refused with IN_USE. */
export async function uncoupleRecords(
  { selections, couplings, history, jobQueue, now }: CouplingActionsDeps,
  request: SelectionRequest,
  actor: string,
): Promise<ChangedCouplings> {
  const selection = await checkSelection(selections, request);
  const held = await stillHeld(jobQueue, await selections.mappingIds(selection));
  return changeSelected(selections, selection, async (page) => {
    const free = page.filter(({ mappingId, intents }) => !held.has(mappingId) && intents.length === 0);
    const removed = await selections.remove(free);
    const gone = page.filter(({ _id }) => removed.has(_id));
    const at = await now();
    await history.addChanges(
      gone.map((coupling) =>
        coupleChange(coupling, { id: randomUUID(), action: 'UNCOUPLE', reason: 'uncoupled by a person', actor, at }),
      ),
    );
    // References that were written through a pair stay as they are until their field has to be written again.
    for (const connectionSetupId of new Set(gone.map((coupling) => coupling.connectionSetupId))) {
      const keys = gone.flatMap(({ mappingName, businessId, salesId }) => [
        ...(businessId === null ? [] : [referenceKey(mappingName, 'BUSINESS', businessId)]),
        ...(salesId === null ? [] : [referenceKey(mappingName, 'SALES', salesId)]),
      ]);
      // Also what was refused because one of the records had a counterpart goes on at once.
      await wakeEntriesOf(jobQueue, await couplings.wakeHolders(connectionSetupId, keys, at), 'an uncoupled record');
    }
    return {
      changed: removed,
      refusals: page
        .filter(({ _id }) => !removed.has(_id))
        .map(
          ({ _id, title }): Refusal => ({
            code: 'IN_USE',
            message: `${title}: a run holds the pair or its mapping; wait for its end, or cancel it`,
            field: 'ids' in selection ? ['ids'] : ['filter'],
            couplingId: _id,
          }),
        ),
    };
  });
}

/** The mappings that a run holds, after waiting a moment for the ends of short ones. */
async function stillHeld(
  jobQueue: CouplingActionsDeps['jobQueue'],
  mappingIds: readonly string[],
): Promise<ReadonlySet<string>> {
  for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
    const held = await jobQueue.mappingsInRun(mappingIds);
    if (held.length === 0 || waitedMs >= PATIENCE_MS) return new Set(held);
    await delay(LOOK_AGAIN_MS);
  }
}
