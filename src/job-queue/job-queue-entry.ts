import type { SynchAction } from '../coupling/coupling.js';
import type { CouplingSelection, PairDecision } from '../coupling/coupling-filter.js';
import type { SynchDirection } from '../mapping/integration-table-mapping.js';
import type { Side, SynchError } from '../synch/synch-error.js';

export const jobQueueEntryStatuses = [
  'READY',
  'WAITING',
  'IN_PROCESS',
  'ERROR',
  'ON_HOLD',
  'ON_HOLD_WITH_INACTIVITY_TIMEOUT',
  'FINISHED',
] as const;
export type JobQueueEntryStatus = (typeof jobQueueEntryStatuses)[number];

export const jobTasks = [
  'INTEGRATION_SYNCH',
  'FULL_SYNCH',
  'MATCH_COUPLING',
  'UNCOUPLE',
  'AUDIT',
  'RETENTION',
  'SYNCH_COUPLINGS',
  'APPLY_DRY_RUN',
  'UNDO',
] as const;
export type JobTask = (typeof jobTasks)[number];

/** The tasks whose recurring entries sleep after a run that found nothing to do: a change of a record wakes them. */
export const tasksWokenByChanges: readonly JobTask[] = ['INTEGRATION_SYNCH'];

export const isWokenByChanges = ({ task }: { readonly task: JobTask }): boolean => tasksWokenByChanges.includes(task);

export const weekdays = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
export type Weekday = (typeof weekdays)[number];

export const jobPriorities = ['HIGH', 'NORMAL', 'LOW'] as const;
export type JobPriority = (typeof jobPriorities)[number];

/** When an entry runs; the fields of the contract that the pure schedule module reads. */
export interface JobSchedule {
  readonly runOn: readonly Weekday[];
  /** HH:MM:SS in the entry's time zone. */
  readonly startingTime: string | null;
  /** Inclusive; earlier than startingTime: the window passes midnight. */
  readonly endingTime: string | null;
  /** IANA name. */
  readonly timeZone: string;
  readonly minutesBetweenRuns: number;
  readonly cron: string | null;
  readonly earliestStartAt: Date | null;
  readonly expiresAt: Date | null;
  readonly recurrenceAnchor: 'END_OF_RUN' | 'SCHEDULED';
}

/** What runs when: the definition of a job, and its present state. One document, the truth of the job queue. */
export interface JobQueueEntry extends JobSchedule {
  readonly _id: string;
  readonly connectionSetupId: string | null;
  readonly code: string;
  readonly description: string;
  readonly task: JobTask;
  readonly mappingId: string | null;
  /** Name of the mapping, kept for filters of streams and logs. */
  readonly mappingName: string | null;
  /** What a one-off run was asked to do; understood by the executor of the task. */
  readonly parameters: JobParameters;
  readonly parameterString: string | null;
  readonly oneOff: boolean;
  readonly status: JobQueueEntryStatus;
  readonly statusReason: string | null;
  readonly inactivityTimeoutMinutes: number;
  readonly maximumRetries: number;
  readonly retriesMade: number;
  /** INTERRUPTED runs in a row; up to 3 are run again at once and use no retry. */
  readonly interruptionsInARow: number;
  readonly rerunDelaySeconds: number;
  readonly whenRetriesExhausted: 'STOP' | 'NEXT_SLOT';
  readonly categoryCode: string | null;
  readonly priority: JobPriority;
  readonly timeoutSeconds: number | null;
  readonly nextRunAt: Date | null;
  /** The run in process; null otherwise. */
  readonly currentRunId: string | null;
  readonly lastRunId: string | null;
  /** Where the trace stood in which a one-off entry was asked for; absent when nobody traced it. */
  readonly trace?: Readonly<Record<string, string>>;
  /** Counts edits by people; runs do not raise it. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** How uncoupled records are treated in a one-off run, over the mapping's synchOnlyCoupledRecords. */
export const fullSynchModes = ['COUPLED_ONLY', 'MATCH_THEN_CREATE', 'CREATE_MISSING'] as const;
export type FullSynchMode = (typeof fullSynchModes)[number];

/** A synch job, and which way it went. */
export interface JobOfDirection {
  readonly id: string;
  readonly direction: SynchDirection;
}

/** Changes that a dry run planned and that somebody chose: all of its jobs, or these, or what a filter matches. */
export interface PlannedChoice {
  readonly synchJobs: readonly JobOfDirection[];
  readonly changeIds: readonly string[] | null;
  readonly filter: {
    readonly action?: readonly SynchAction[];
    readonly side?: Side;
    readonly search?: string;
  } | null;
  readonly exceptChangeIds: readonly string[];
}

export interface JobParameters {
  /** Read all records instead of those modified since the last run. */
  readonly full?: boolean;
  /** One direction only; both by the mapping when absent. */
  readonly direction?: SynchDirection;
  readonly mode?: FullSynchMode;
  /** Nothing is written: what would be done is stored as a plan. */
  readonly dryRun?: boolean;
  /** How records are matched: MATCH_COUPLING. */
  readonly match?: { readonly createIfNoMatch: boolean; readonly synchronize: boolean };
  /** The planned changes to make: APPLY_DRY_RUN. */
  readonly apply?: PlannedChoice;
  /** The synch jobs to undo: UNDO. */
  readonly undo?: { readonly synchJobs: readonly JobOfDirection[] };
  /** The couplings to work on: SYNCH_COUPLINGS. */
  readonly couplings?: CouplingSelection;
  /** What a person decided for those couplings. */
  readonly decision?: PairDecision;
  /** The revision that the one coupling has to have still, with both of its records as they were then. */
  readonly expectedRevision?: number;
}

export const jobRunStatuses = ['IN_PROCESS', 'SUCCESS', 'ERROR', 'CANCELLED', 'INTERRUPTED'] as const;
export type JobRunStatus = (typeof jobRunStatuses)[number];

/** One run of one job queue entry (Job Queue Log Entry). */
export interface JobQueueLogEntry {
  readonly _id: string;
  readonly entryId: string;
  readonly connectionSetupId: string | null;
  readonly mappingId: string | null;
  readonly mappingName: string | null;
  readonly code: string;
  readonly description: string;
  readonly status: JobRunStatus;
  /** From 1; a retry is a run of its own. */
  readonly attempt: number;
  /** From acceptance. */
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** The run that holds the mapping, while this one waits for it. */
  readonly waitsForRunId: string | null;
  readonly workerId: string | null;
  readonly workerName: string | null;
  /** A token's name, or the schedule or change that started it. */
  readonly startedBy: string;
  readonly error: SynchError | null;
  /** Token of the entry's lease under which it runs; null until a worker takes it. */
  readonly leaseToken: number | null;
  /** Who asked to cancel it, from then on: while its status is IN_PROCESS it is still ending. Absent: nobody did. */
  readonly cancelledBy?: string;
  /** How many one-off runs it started as parts of its work. Counted so that starting one and cancelling it exclude each other. */
  readonly parts?: number;
}

/** An entry went from one status to another: appended once, never changed. `number` has no gaps and is the stream cursor. */
export interface JobStatusTransition {
  readonly _id: string;
  readonly number: number;
  readonly at: Date;
  readonly entryId: string;
  readonly connectionSetupId: string | null;
  readonly code: string;
  readonly mappingName: string | null;
  readonly from: JobQueueEntryStatus | null;
  readonly to: JobQueueEntryStatus;
  readonly reason: string | null;
  readonly runId: string | null;
  readonly causedBy: string;
}
