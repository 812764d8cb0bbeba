import type { ClientSession } from 'mongodb';
import { isDuplicateKey } from './entry-store.js';
import type { JobQueueStore, LeaseDocument } from './job-queue-store.js';

/** A lease that a run took: its name and the token that fences what is written under it. */
export interface HeldLease {
  readonly leaseId: string;
  readonly token: number;
}

export const entryLeaseId = (entryId: string): string => `entry:${entryId}`;
export const mappingLeaseId = (mappingId: string): string => `mapping:${mappingId}`;
/** One run at a time of all entries of a category of a connection. */
export const categoryLeaseId = (connectionSetupId: string | null, categoryCode: string): string =>
  `category:${connectionSetupId ?? ''}:${categoryCode}`;

/** Thrown inside a claim when a lease that it needs is held by another run: the claim's transaction is given up. */
export class LeaseBusyError extends Error {
  override readonly name = 'LeaseBusyError';
  constructor(readonly leaseId: string) {
    super(`${leaseId} is held by another run`);
  }
}

/**
 * Takes a free lease for a run, until `leaseMs` from now by the database's clock. A lease past its end is not free: only the
 * sweep may take it away, since it alone knows whether the holder could have been heard.
 *
 * @throws LeaseBusyError when another run holds it
 */
export async function takeLease(
  store: JobQueueStore,
  session: ClientSession,
  leaseId: string,
  holder: { readonly runId: string; readonly workerId: string; readonly leaseMs: number },
): Promise<HeldLease> {
  const taken = await store.leases
    .findOneAndUpdate(
      // A lease that is held does not match: making it anew then meets the one that is there.
      { _id: leaseId, runId: null },
      [
        {
          $set: {
            token: { $add: [{ $ifNull: ['$token', 0] }, 1] },
            runId: holder.runId,
            workerId: holder.workerId,
            endsAt: { $add: ['$$NOW', holder.leaseMs] },
          },
        },
      ],
      { session, upsert: true, returnDocument: 'after' },
    )
    .catch((error: unknown) => {
      throw isDuplicateKey(error) ? new LeaseBusyError(leaseId) : error;
    });
  if (taken === null) throw new Error(`${leaseId} could not be taken`);
  return { leaseId, token: taken.token };
}

/**
 * Moves the end of a run's leases to `leaseMs` from now, also of one that is past its end but that nobody took.
 *
 * @returns false when one of them is no longer the run's: it has to stop
 */
export async function extendLeases(
  store: JobQueueStore,
  held: readonly HeldLease[],
  runId: string,
  leaseMs: number,
  timeoutMS: number,
): Promise<boolean> {
  const extended = await store.leases.updateMany(
    { runId, $or: held.map(({ leaseId, token }) => ({ _id: leaseId, token })) },
    [{ $set: { endsAt: { $add: ['$$NOW', leaseMs] } } }],
    { timeoutMS },
  );
  return extended.matchedCount === held.length;
}

/** Frees the leases of a run; false when not all of them are still held under their tokens: then nothing may be written. */
export async function releaseLeases(
  store: JobQueueStore,
  session: ClientSession,
  held: readonly HeldLease[],
  runId: string,
): Promise<boolean> {
  const own = { runId, $or: held.map(({ leaseId, token }) => ({ _id: leaseId, token })) };
  const released = await store.leases.updateMany(own, { $set: free }, { session });
  return released.matchedCount === held.length;
}

/** Frees whatever a run holds, whatever the tokens. */
export async function releaseAllOf(store: JobQueueStore, session: ClientSession, runId: string): Promise<void> {
  await store.leases.updateMany({ runId }, { $set: free }, { session });
}

/** Runs that hold a lease past its end, oldest first. */
export async function runsPastTheirLease(store: JobQueueStore): Promise<string[]> {
  const ended = await store.leases
    .find({ endsAt: { $type: 'date' }, $expr: { $lt: ['$endsAt', '$$NOW'] } })
    .sort({ endsAt: 1 })
    .limit(100)
    .toArray();
  return [...new Set(ended.flatMap(({ runId }) => (runId === null ? [] : [runId])))];
}

/** True when the lease of a run is past its end, read inside the transaction that takes it away. */
export async function isPastItsEnd(store: JobQueueStore, session: ClientSession, runId: string): Promise<boolean> {
  const ended = await store.leases.findOne(
    { runId, endsAt: { $type: 'date' }, $expr: { $lt: ['$endsAt', '$$NOW'] } },
    { session },
  );
  return ended !== null;
}

const free: Pick<LeaseDocument, 'runId' | 'workerId' | 'endsAt'> = { runId: null, workerId: null, endsAt: null };

/** Those of the mappings that a run holds now. */
export async function mappingsInRun(store: JobQueueStore, mappingIds: readonly string[]): Promise<string[]> {
  const held = await store.leases
    .find({ _id: { $in: mappingIds.map(mappingLeaseId) }, runId: { $ne: null } }, { projection: { _id: 1 } })
    .toArray();
  const heldIds = new Set(held.map(({ _id }) => _id));
  return mappingIds.filter((id) => heldIds.has(mappingLeaseId(id)));
}
