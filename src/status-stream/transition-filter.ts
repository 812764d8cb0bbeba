import type { JobQueueEntryStatus, JobStatusTransition } from '../job-queue/job-queue-entry.js';

/** Which transitions are wanted: given lists limit, absent ones do not, and an empty list matches nothing. */
export interface TransitionFilter {
  readonly entryIds?: readonly string[];
  readonly codes?: readonly string[];
  readonly mappingNames?: readonly string[];
  readonly to?: readonly JobQueueEntryStatus[];
  readonly connectionSetupId?: string;
}

/** True when the transition is one of those wanted. */
export function matchesFilter(transition: JobStatusTransition, filter: TransitionFilter): boolean {
  return (
    isAmong(transition.entryId, filter.entryIds) &&
    isAmong(transition.code, filter.codes) &&
    isAmong(transition.mappingName, filter.mappingNames) &&
    isAmong(transition.to, filter.to) &&
    (filter.connectionSetupId === undefined || transition.connectionSetupId === filter.connectionSetupId)
  );
}

const isAmong = (value: string | null, wanted: readonly string[] | undefined): boolean =>
  wanted === undefined || (value !== null && wanted.includes(value));
