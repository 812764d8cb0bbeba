import type { FieldValue, FieldValues, TableMetadata } from '../../src/mapping/field-value.js';
import type { IntegrationTableMapping } from '../../src/mapping/integration-table-mapping.js';
import type { Side } from '../../src/synch/synch-error.js';

/** How the mappings of a history differ. */
export interface MappingChoices {
  readonly updateConflictResolution: IntegrationTableMapping['updateConflictResolution'];
  readonly deletionConflictResolution: IntegrationTableMapping['deletionConflictResolution'];
  readonly phoneRule: 'INHERIT' | 'BUSINESS_WINS' | 'SALES_WINS' | 'NEWEST_WINS';
  /** Records are matched before they are created. */
  readonly matches: boolean;
  /** A blank is written while the customer of a contact is not coupled; else the contact waits. */
  readonly clearsReference: boolean;
  /** The town of a customer takes no part. */
  readonly withoutTown?: boolean;
  /** Blocked customers take part, too. */
  readonly includesBlocked?: boolean;
}

export type ValueKind = 'NAME' | 'TEXT' | 'CODE' | 'AMOUNT' | 'FLAG' | 'REFERENCE';

/** Fields that people edit, by side and table, with the kind of value that they hold. */
export type EditableFields = Readonly<
  Record<Side, Readonly<Record<string, readonly (readonly [string, ValueKind])[]>>>
>;

/** What people enter of a new record. */
export interface Entered {
  readonly number: string;
  readonly name: string;
  /** The customer of a contact. */
  readonly refersTo: string | null;
}

/** The two systems that a history takes place in: customers and contacts, accounts and contacts. */
export interface Terrain {
  readonly tables: Readonly<Record<Side, readonly TableMetadata[]>>;
  readonly editable: EditableFields;
  mappingsOf(choices: MappingChoices): readonly IntegrationTableMapping[];
  /** The values of a new record as its system takes them. */
  newRecord(side: Side, table: string, entered: Entered): FieldValues;
  /** A value as the field's system takes it. */
  valueOf(field: string, value: FieldValue): FieldValue;
}

export const connectionSetupId = 'connection-1';

/** The table of customers of a side. */
export const companiesOn = (side: Side): string => (side === 'BUSINESS' ? 'customers' : 'accounts');
