import type { JobQueueEntry, JobQueueLogEntry } from '../job-queue/job-queue-entry.js';
import type { FullSynchLineRun } from './full-synchronization-plan.js';

/** How the run of a line ended. */
export interface LineEnd {
  readonly mappingId: string;
  readonly status: 'SUCCESS' | 'ERROR' | 'CANCELLED';
  readonly reason: string | null;
  readonly run: FullSynchLineRun;
}

/** Tells from the one-off entry of a line, which rests, and its last run what became of the line. */
export function endOfLine(
  mappingId: string,
  entry: Pick<JobQueueEntry, '_id' | 'code' | 'status' | 'statusReason'>,
  runId: string,
  run: Pick<JobQueueLogEntry, 'status' | 'error'> | null,
): LineEnd {
  const end = { mappingId, run: { entryId: entry._id, runId } };
  if (entry.status === 'ON_HOLD')
    return { ...end, status: 'CANCELLED', reason: `Its run ${entry.code} was put On Hold by a person.` };
  if (entry.status === 'ERROR')
    return { ...end, status: 'ERROR', reason: `Its run ${entry.code} stopped${causeOf(run)}.` };
  if (run?.status === 'SUCCESS') return { ...end, status: 'SUCCESS', reason: null };
  return { ...end, status: 'CANCELLED', reason: entry.statusReason ?? `Its run ${entry.code} was cancelled.` };
}

// The message of an error may quote a record; its class and code do not, and the run tells the rest to those who may see it.
const causeOf = (run: Pick<JobQueueLogEntry, 'error'> | null): string =>
  run?.error ? `: ${run.error.class} ${run.error.code}` : '';
