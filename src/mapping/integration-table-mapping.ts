import type { Side } from '../synch/synch-error.js';

export const synchDirections = ['BIDIRECTIONAL', 'TO_INTEGRATION_TABLE', 'FROM_INTEGRATION_TABLE'] as const;
/** Seen from the business system: To writes Dataverse, From writes the business system. */
export type SynchDirection = (typeof synchDirections)[number];
export type OneWayDirection = Exclude<SynchDirection, 'BIDIRECTIONAL'>;

export const mappingKinds = ['TABLE', 'OPTION'] as const;
export type MappingKind = (typeof mappingKinds)[number];

export const updateConflictResolutions = [
  'NONE',
  'SEND_TO_INTEGRATION',
  'GET_FROM_INTEGRATION',
  'MERGE_FIELDS',
] as const;
export type UpdateConflictResolution = (typeof updateConflictResolutions)[number];

export const deletionConflictResolutions = [
  'NONE',
  'REMOVE_COUPLING',
  'RESTORE_RECORDS',
  'DELETE_COUNTERPART',
] as const;
export type DeletionConflictResolution = (typeof deletionConflictResolutions)[number];

export const fieldConflictRules = ['INHERIT', 'BUSINESS_WINS', 'SALES_WINS', 'NEWEST_WINS', 'ASK'] as const;
export type FieldConflictRule = (typeof fieldConflictRules)[number];

/** A filter on one field in the NAV filter syntax. */
export interface FieldFilter {
  readonly field: string;
  readonly expression: string;
}

/** One pair of fields; the side without a field (a constant) is "". */
export interface IntegrationFieldMapping {
  readonly field: string;
  readonly integrationField: string;
  readonly direction: SynchDirection;
  readonly constantValue: string | null;
  readonly transformations: readonly string[];
  readonly clearValueOnFailedSynch: boolean;
  readonly notNull: boolean;
  readonly lookup: string | null;
  readonly optionMap: readonly { readonly value: string; readonly integrationValue: string }[];
  readonly conflictRule: FieldConflictRule;
  readonly enabled: boolean;
  readonly useForMatchBasedCoupling: boolean;
  readonly caseSensitiveMatching: boolean;
  readonly matchPriority: number;
}

/** Values given to a new record before the mapped fields. */
export interface RecordTemplate {
  readonly side: Side;
  readonly priority: number;
  readonly filter: readonly FieldFilter[];
  readonly values: readonly { readonly field: string; readonly value: string }[];
}

/** Which records of a table and an integration table are kept in step, and how. */
export interface IntegrationTableMapping {
  readonly id: string;
  readonly connectionSetupId: string;
  /** Unique in its connection, e.g. CUSTOMER. */
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly kind: MappingKind;
  /** Entity set of the business system. */
  readonly table: string;
  /** Entity set of Dataverse. */
  readonly integrationTable: string;
  readonly direction: SynchDirection;
  readonly synchOnlyCoupledRecords: boolean;
  readonly tableFilter: readonly FieldFilter[];
  readonly integrationTableFilter: readonly FieldFilter[];
  readonly fields: readonly IntegrationFieldMapping[];
  readonly templates: readonly RecordTemplate[];
  readonly updateConflictResolution: UpdateConflictResolution;
  readonly deletionConflictResolution: DeletionConflictResolution;
  readonly wakeOnChange: boolean;
  readonly dependsOn: readonly string[];
  /** Counts edits by people. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const allowsDirection = (allowed: SynchDirection, direction: OneWayDirection): boolean =>
  allowed === 'BIDIRECTIONAL' || allowed === direction;

/** The one-way directions of a mapping, To first as a run reports them. */
export const directionsOf = (direction: SynchDirection): readonly OneWayDirection[] =>
  direction === 'BIDIRECTIONAL' ? ['TO_INTEGRATION_TABLE', 'FROM_INTEGRATION_TABLE'] : [direction];

/** The direction that writes a side. */
export const directionInto = (side: Side): OneWayDirection =>
  side === 'SALES' ? 'TO_INTEGRATION_TABLE' : 'FROM_INTEGRATION_TABLE';

/** Name of the mapped field on a side; "" for the side of a constant that has none. */
export const fieldOn = (field: Pick<IntegrationFieldMapping, 'field' | 'integrationField'>, side: Side): string =>
  side === 'BUSINESS' ? field.field : field.integrationField;

export const tableOn = (mapping: IntegrationTableMapping, side: Side): string =>
  side === 'BUSINESS' ? mapping.table : mapping.integrationTable;

export const filterOn = (
  mapping: Pick<IntegrationTableMapping, 'tableFilter' | 'integrationTableFilter'>,
  side: Side,
): readonly FieldFilter[] => (side === 'BUSINESS' ? mapping.tableFilter : mapping.integrationTableFilter);
