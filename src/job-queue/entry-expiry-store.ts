import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongodb';
import type { SynchError } from '../synch/synch-error.js';
import { changeStatus } from './entry-store.js';
import type { EntryDocument, JobQueueStore } from './job-queue-store.js';
import { acceptedRun, closeRun, STARTED_BY_SCHEDULE } from './run-ledger-store.js';
import { nextStatus, statusAfter } from './transitions.js';

/** Ends an entry that expired as FINISHED, unless it went elsewhere meanwhile. */
export async function expireEntry(store: JobQueueStore, entryId: string, causedBy: string): Promise<void> {
  const now = await store.now();
  await store.inTransaction(async (session) => {
    const entry = await store.entries.findOne({ _id: entryId, expiresAt: { $lt: now } }, { session });
    if (entry !== null && statusAfter(entry.status, 'expire') !== null)
      await expireWithin(store, session, entry, { at: now, causedBy });
  });
}

/** The same as part of a transaction. Throws EntryMovedError when it went elsewhere. */
export async function expireWithin(
  store: JobQueueStore,
  session: ClientSession,
  entry: EntryDocument,
  cause: { readonly at: Date; readonly causedBy: string },
): Promise<void> {
  const statusReason = `It expired at ${entry.expiresAt?.toISOString() ?? 'an earlier time'}.`;
  await finishBeforeRun(store, session, entry, { ...cause, statusReason });
}

/**
 * Ends an entry as FINISHED that has no time left to run. Its log tells so; nothing changes while a run of it goes on. Throws
 * EntryMovedError when it went elsewhere.
 */
export async function finishBeforeRun(
  store: JobQueueStore,
  session: ClientSession,
  entry: EntryDocument,
  { at, causedBy, statusReason }: { readonly at: Date; readonly causedBy: string; readonly statusReason: string },
): Promise<void> {
  const runId = entry.currentRunId ?? randomUUID();
  const end = { status: 'CANCELLED', endedAt: at } as const;
  if (entry.currentRunId === null) {
    // The log tells of every end of an entry, also of one before its run.
    const row = acceptedRun(entry, { runId, attempt: entry.attempt + 1, startedBy: STARTED_BY_SCHEDULE, at });
    await store.runs.insertOne({ ...row, ...end, error: expired(`No run began. ${statusReason}`) }, { session });
  } else {
    const run = await store.runs.findOne({ _id: runId, status: 'IN_PROCESS' }, { session });
    // A person set the entry READY again while its run goes on: it expires after the end of that, which has to find it.
    if (run !== null && run.leaseToken !== null) return;
    // A run that was accepted and will never begin has to end, too: somebody may wait for it.
    const error = expired(`The run was accepted and never began. ${statusReason}`);
    await closeRun(store, session, runId, { ...end, error });
  }
  const fields = {
    status: nextStatus(entry.status, 'expire'),
    statusReason,
    nextRunAt: null,
    currentRunId: null,
    // The row of one that never began is no run.
    lastRunId: entry.currentRunId ?? entry.lastRunId,
  };
  await changeStatus(store, session, entry, fields, { at, runId, causedBy });
}

const expired = (message: string): SynchError => ({
  class: 'CONFIGURATION',
  code: 'EXPIRED',
  message,
  side: null,
  field: null,
  retryable: false,
});
