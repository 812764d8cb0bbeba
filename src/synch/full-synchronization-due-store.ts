import type { Db } from 'mongodb';
import type { Coupling, CouplingState } from '../coupling/coupling.js';

const COLLECTION = 'couplings';

// A pair that waited for a reference, or whose reference was written blank, is due as soon as the reference is coupled.
// Failed and parked pairs have an attempt ahead, too, but nothing that this full synchronization did brought it nearer.
const STATES: readonly CouplingState[] = ['WAITING', 'COUPLED'];

// MongoDB uses the partial index only for a query that names its condition.
const until = (now: Date) => ({ $type: 'date' as const, $lte: now });

/** Ids of the mappings of a connection that have pairs which became due through a coupling, not through a failure. */
export const mappingsWithDuePairs =
  (db: Db, now: () => Date | Promise<Date>) =>
  async (connectionSetupId: string): Promise<string[]> =>
    db
      .collection<Coupling>(COLLECTION)
      .distinct('mappingId', { connectionSetupId, state: { $in: [...STATES] }, nextAttemptAt: until(await now()) });
