import type { SynchAction } from '../coupling/coupling.js';
import type { FieldValue } from '../mapping/field-value.js';
import type { OneWayDirection } from '../mapping/integration-table-mapping.js';
import type { Side, SynchError } from './synch-error.js';

export const synchJobKinds = ['SYNCHRONIZATION', 'COUPLING', 'UNCOUPLING', 'AUDIT', 'APPLY', 'UNDO'] as const;
export type SynchJobKind = (typeof synchJobKinds)[number];

export const synchJobStatuses = ['IN_PROCESS', 'SUCCESS', 'PARTIAL', 'ERROR', 'CANCELLED', 'INTERRUPTED'] as const;
export type SynchJobStatus = (typeof synchJobStatuses)[number];

/** Counters of a synch job, in records. */
export interface SynchCounters {
  readonly inserted: number;
  readonly modified: number;
  readonly deleted: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly failed: number;
  readonly coupled: number;
  readonly uncoupled: number;
  /** Conflicts that no rule decided. */
  readonly conflicts: number;
  /** Source records read. */
  readonly read: number;
}

/** What one run did for one mapping in one direction. */
export interface SynchJob extends SynchCounters {
  readonly _id: string;
  readonly connectionSetupId: string;
  readonly kind: SynchJobKind;
  readonly mappingId: string;
  readonly mappingName: string;
  readonly direction: OneWayDirection;
  readonly runId: string;
  readonly status: SynchJobStatus;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly message: string | null;
  /** Why it stopped before its end. */
  readonly error: SynchError | null;
  readonly dryRun: boolean;
  /** The dry run that this one applied, or the job that it undid. */
  readonly basedOnId: string | null;
  /** How many source records there are, where that is known before they are read. */
  readonly total: number | null;
  /** How long the oldest change that it carried over had waited; null when it carried none, absent in a job that has not begun to. */
  readonly maximumLagSeconds?: number | null;
}

/** An error of one record in one synch job. */
export interface SynchJobError {
  readonly _id: string;
  readonly connectionSetupId: string;
  readonly synchJobId: string;
  readonly mappingId: string;
  readonly mappingName: string;
  readonly couplingId: string | null;
  readonly title: string;
  readonly businessId: string | null;
  readonly salesId: string | null;
  readonly at: Date;
  readonly error: SynchError;
}

/** What changes records or pairs; the other actions only tell why nothing was done. */
export const actionsDone: readonly SynchAction[] = ['INSERT', 'MODIFY', 'DELETE', 'COUPLE', 'UNCOUPLE'];

export const recordChangeOutcomes = ['PLANNED', 'APPLIED', 'REFUSED'] as const;
/** PLANNED by a dry run and not made; REFUSED because the record had changed since. */
export type RecordChangeOutcome = (typeof recordChangeOutcomes)[number];

/** One write to one record. Its id is made from run, coupling, side and number, so that recording it again adds nothing. */
export interface RecordChange {
  readonly _id: string;
  readonly connectionSetupId: string;
  readonly mappingId: string;
  readonly couplingId: string;
  /** Null for what a person did without a run. */
  readonly synchJobId: string | null;
  readonly runId: string | null;
  readonly at: Date;
  readonly side: Side;
  readonly action: SynchAction;
  readonly outcome: RecordChangeOutcome;
  readonly reason: string;
  readonly title: string;
  /** Lower-case words of the title, for search by beginnings. */
  readonly titleWords: readonly string[];
  readonly businessId: string | null;
  readonly salesId: string | null;
  readonly causedBy: string;
  readonly fields: readonly FieldChange[];
  /** Number of the write among those of its record in its run, from 0. */
  readonly number: number;
  /** The versions of both records that it was planned from; null where one was not there. */
  readonly versions: Readonly<Record<Side, string | null>>;
}

/** One field of a write: what was there, and what was written. */
export interface FieldChange {
  readonly field: string;
  readonly integrationField: string;
  readonly before: FieldValue;
  readonly after: FieldValue;
}
