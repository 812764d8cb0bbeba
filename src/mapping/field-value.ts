/**
 * The canonical value of a field, the same for both systems: what is compared, stored and shown.
 *
 * | type | form |
 * |---|---|
 * | TEXT, CODE | text without trailing blanks, line ends as LF; CODE in upper case and trimmed; never "" |
 * | INTEGER | number |
 * | DECIMAL | text without exponent and without trailing zeros, e.g. "12.5", so that no digit is lost |
 * | BOOLEAN | boolean |
 * | DATE, TIME | "2026-01-31", "08:00:00" |
 * | DATE_TIME | UTC with milliseconds, "2026-01-31T10:00:00.000Z" |
 * | GUID, REFERENCE | lower case |
 * | OPTION | the stable id of the option as text: the number of a Dataverse choice, the member name of a Business Central enum (unescaped) |
 *
 * Blank in any form that a system has for it (empty text, blank option member, 0001-01-01, zero GUID) is null.
 */
export type FieldValue = string | number | boolean | null;

export type FieldValues = Readonly<Record<string, FieldValue>>;

export const fieldTypes = [
  'TEXT',
  'CODE',
  'INTEGER',
  'DECIMAL',
  'BOOLEAN',
  'DATE',
  'TIME',
  'DATE_TIME',
  'GUID',
  'OPTION',
  'REFERENCE',
  'BINARY',
  'OTHER',
] as const;
export type FieldType = (typeof fieldTypes)[number];

export interface OptionMetadata {
  /** The canonical value, see {@link FieldValue}. */
  readonly value: string;
  readonly label: string;
  /** The number that the system counts it by, where that is not its value. */
  readonly number?: number;
}

/** What a system tells of one field. */
export interface FieldMetadata {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  /** The system's own name of the type. */
  readonly nativeType: string;
  /** Characters that a text or code holds; null when not limited or not told. */
  readonly maxLength: number | null;
  /** Decimals that a DECIMAL keeps; null when not told. */
  readonly scale: number | null;
  readonly nullable: boolean;
  /** True when it can be written neither on create nor on update. */
  readonly readOnly: boolean;
  /** Entity set that a REFERENCE points to. */
  readonly target: string | null;
  readonly options: readonly OptionMetadata[];
}

/** What a system tells of one entity set. */
export interface TableMetadata {
  readonly name: string;
  readonly label: string;
  /** Name of the key field, e.g. id, accountid. */
  readonly keyField: string;
  /**
   * Name of the entity set of Business Central's API that has the same records, where tables are published under names of
   * the administrator's choice (NAV). Absent where the name itself tells.
   */
  readonly standsFor?: string;
  readonly fields: ReadonlyMap<string, FieldMetadata>;
}
