import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import type { Side, SynchError } from '../synch/synch-error.js';

export const couplingStates = ['COUPLED', 'PENDING', 'WAITING', 'CONFLICT', 'FAILED', 'SKIPPED', 'BROKEN'] as const;
export type CouplingState = (typeof couplingStates)[number];

/** States in which a pair may stay: of the others, nearly all pairs are COUPLED, and PENDING ones are about to be written. */
export const listedStates = couplingStates.filter((state) => state !== 'COUPLED' && state !== 'PENDING');

export const synchActions = [
  'INSERT',
  'MODIFY',
  'DELETE',
  'COUPLE',
  'UNCOUPLE',
  'UNCHANGED',
  'SKIP',
  'CONFLICT',
  'FAIL',
] as const;
export type SynchAction = (typeof synchActions)[number];

/** What both sides of one field pair last agreed on. The sides need not be equal (a cut text), so both are kept. */
export interface FieldBase {
  readonly field: string;
  readonly integrationField: string;
  readonly business: FieldValue;
  readonly sales: FieldValue;
  /** Hash of what gives the pair its meaning (transformations, lookup, option pairs, constant): another one means no base. */
  readonly meaning: string;
  /** The side on which blank was written because the reference could not be translated yet: it is written once it can be. */
  readonly cleared?: Side;
}

/** A reference to a record that is not coupled yet. */
export interface AwaitedReference {
  readonly field: string;
  /** Of the mapping whose coupling translates it. */
  readonly mappingName: string;
  /** The side of the record that is referred to. */
  readonly side: Side;
  readonly recordId: string;
}

/** What is known of one record of a pair. */
export interface SideState {
  readonly id: string;
  /** For If-Match; null until the record was seen. */
  readonly version: string | null;
  /** True when at this version every mapped field agreed with its base, so that the same version means nothing to do. */
  readonly clean: boolean;
}

/** A field in conflict, as it was when it was noticed. */
export interface FieldConflict {
  readonly field: string;
  readonly integrationField: string;
  readonly businessValue: FieldValue;
  readonly salesValue: FieldValue;
  readonly lastAgreedValue: FieldValue;
  /** The field goes in circles: it was written too often within an hour. */
  readonly loop?: true;
}

/** One field as it was written to one side, kept for an hour: by it a field that goes in circles is noticed. */
export interface FieldWrite {
  readonly field: string;
  readonly integrationField: string;
  readonly side: Side;
  /** In the form of a base. */
  readonly value: FieldValue;
  readonly at: Date;
}

/** One write that was begun and whose outcome is not stored yet. It is stored before the request is sent. */
export interface WriteIntent {
  readonly side: Side;
  readonly kind: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly runId: string;
  readonly leaseToken: number;
  /** The record to write; null for a create whose id the system gives. */
  readonly recordId: string | null;
  readonly version: string | null;
  /** Canonical values sent, by field of that side. */
  readonly values: FieldValues;
  /** Values before the write by field, for the history. */
  readonly before: FieldValues;
  /** The other side's value that each field's value was made from: with it the base, once the write is known to have landed. */
  readonly sources: FieldValues;
  /** Fields that are written blank because their reference cannot be translated yet. */
  readonly cleared: readonly string[];
  /** Number of the write of this record in its run: part of the id of its history row. */
  readonly number: number;
  readonly startedAt: Date;
}

/** Values that a system may still apply from a request whose outcome was unknown: showing them is no change by a person. */
export interface LateValues {
  readonly side: Side;
  readonly values: FieldValues;
  readonly until: Date;
  /** The write that they belong to, for the history of a record that shows them after all. */
  readonly write?: Pick<WriteIntent, 'runId' | 'number' | 'version' | 'before'>;
}

/** A pair of records that belong together, or a record that could not get its counterpart yet (one id null). */
export interface Coupling {
  readonly _id: string;
  readonly connectionSetupId: string;
  readonly mappingId: string;
  readonly mappingName: string;
  readonly businessId: string | null;
  readonly salesId: string | null;
  readonly title: string;
  /** Lower-case words of the title, for search by beginnings. */
  readonly titleWords: readonly string[];
  readonly state: CouplingState;
  readonly stateSince: Date;
  readonly business: Omit<SideState, 'id'>;
  readonly sales: Omit<SideState, 'id'>;
  readonly bases: readonly FieldBase[];
  readonly intents: readonly WriteIntent[];
  readonly late: readonly LateValues[];
  readonly conflicts: readonly FieldConflict[];
  /** What it waits for before anything is written. */
  readonly waitingFor: readonly AwaitedReference[];
  /** Keys (referenceKey) of all records whose coupling it has a use for: what it waits for, and references written blank. */
  readonly waitingKeys: readonly string[];
  /** Keys (referenceKey) of the records that its bases refer to: by them it is found when one of those is coupled anew. */
  readonly refs?: readonly string[];
  /** Those of them that were coupled anew since the pair was evaluated last. */
  readonly recoupled?: readonly string[];
  /**
   * Keys (referenceKey) of records besides its own two that decide about the pair: because of which it is refused, or that it
   * needs to stay in step. A change of one of them makes it due.
   */
  readonly hangsOn?: readonly string[];
  readonly recentWrites?: readonly FieldWrite[];
  /** Further records of Dataverse that came with the coupled one, by entity set: the base unit of a unit group. */
  readonly related: Readonly<Record<string, string>>;
  /** What has still to be done after its record was created, in order; names of after-create steps. */
  readonly openSteps: readonly string[];
  readonly error: SynchError | null;
  /** Hash of the mapping that the pair was evaluated with last: a parked pair is evaluated anew under another one. */
  readonly mappingHash: string | null;
  /** Hash of the rules about conflicts and deletions that left it in conflict: it is evaluated anew under other ones. */
  readonly rulesHash?: string;
  /** Errors in a row. */
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lastSynchedAt: Date | null;
  readonly lastResult: SynchAction | null;
  readonly lastSynchJobId: string | null;
  /** Of the last run that changed it; an earlier run that comes late changes it no more. */
  readonly leaseToken?: number;
  /** Grows with every change of this document; each change names the one it read. */
  readonly revision: number;
  readonly createdAt: Date;
}

/** Names a record of a mapping; what couplings that wait for it are found by. */
export const referenceKey = (mappingName: string, side: Side, recordId: string): string =>
  `${mappingName}:${side}:${recordId}`;
