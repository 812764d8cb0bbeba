import type { Row, Scalar } from '../world/row.js';
import type { CompanyContext } from './context.js';

/** Types of properties, as tables of Business Central have them. */
export type PropertyKind = 'code' | 'text' | 'guid' | 'enum' | 'boolean' | 'decimal' | 'integer' | 'date' | 'instant';

/** Columns that a payload sets, by name of the column. */
export type Columns = Record<string, Scalar>;

/** A table whose rows are named by their code or number. */
export interface Relation {
  readonly table: string;
  /** How Business Central calls that table. */
  readonly caption: string;
  /** Column that names a row; `code` where nothing is said. */
  readonly key?: string;
}

/** Something that is worked out once for a request and then asked for each row. */
export type ForRows<T> = (context: CompanyContext) => (row: Row) => T;

export interface PropertyDefinition {
  readonly name: string;
  readonly kind: PropertyKind;
  readonly length?: number;
  /** Captions of an enum; a single blank is its blank member. */
  readonly members?: readonly string[];
  /** Column of the table; by default the property's own name. */
  readonly column: string;
  /** How the field is called in messages. */
  readonly field: string;
  readonly readOnly?: boolean;
  /** Kept in the row, but computed from other tables: its changes move neither etag nor time of change. */
  readonly calculated?: boolean;
  /** The value is the moment or the day of the last change. */
  readonly tellsChange?: boolean;
  /** The value is the code of a row of that table. */
  readonly codeOf?: Relation;
  /** The value is the id of the row whose code is in `column`. */
  readonly idOf?: Relation;
  /** A blank code is shown as the code of the local currency, and stored blank when that code is written. */
  readonly blankIsLocalCurrency?: boolean;
  /** The value is worked out when it is read. Such a property is read-only, unless it has `write` too. */
  readonly read?: ForRows<Scalar>;
  /** The columns that a value given for a worked out property means. */
  readonly write?: (context: CompanyContext, value: unknown) => Columns;
}

/** A property that leads to one row of another set, or to the rows of another set that belong to this one. */
export interface NavigationDefinition {
  readonly name: string;
  readonly entitySet: string;
  /** Property that holds the id: of the own type when one row is meant, of the other when many are. */
  readonly property: string;
  readonly isCollection?: boolean;
}

/** Where new rows of a table take their numbers from. */
export interface NumberSeries {
  readonly code: string;
  /** The number before the first. */
  readonly start: string;
  /** The set-up page and field that name the series. */
  readonly setup: string;
  readonly field: string;
}

/** A row that is about to be written. */
export interface Writing {
  readonly context: CompanyContext;
  readonly set: EntitySetDefinition;
  readonly id: string;
  readonly given: Readonly<Columns>;
  /** All columns as they will be stored; a rule fills in what the table's code computes. */
  readonly values: Columns;
  /** Undefined for a new row. */
  readonly before: Row | undefined;
}

/** What the code of a table does beyond storing fields. Every part refuses by throwing a `BusinessError`. */
export interface SetRules {
  readonly beforeWrite?: (writing: Writing) => void;
  readonly afterWrite?: (context: CompanyContext, row: Row, before: Row | undefined) => void;
  readonly beforeDelete?: (context: CompanyContext, row: Row) => void;
}

export interface EntitySetDefinition {
  readonly entitySet: string;
  readonly entityType: string;
  readonly table: string;
  /** How Business Central calls the table in messages. */
  readonly caption: string;
  readonly properties: readonly PropertyDefinition[];
  readonly navigation: readonly NavigationDefinition[];
  readonly readOnly?: boolean;
  /** The column that names a row for people, such as `number` or `code`. */
  readonly key?: string;
  readonly numberSeries?: NumberSeries;
  /** Rows without a `displayName` are refused. */
  readonly nameRequired?: boolean;
  /** The rows of the table that the set shows; all where nothing is said. */
  readonly holds?: ForRows<boolean>;
  /** Lists need a filter on this property, or the address of the row that they belong to. */
  readonly listedBy?: string;
  /** References in columns that no property shows. */
  readonly hidden?: readonly { readonly column: string; readonly codeOf: Relation }[];
  readonly rules?: SetRules;
}

type More = Partial<Omit<PropertyDefinition, 'name' | 'kind'>>;

const property = (name: string, kind: PropertyKind, field: string, more: More = {}): PropertyDefinition => ({
  name,
  kind,
  field,
  column: name,
  ...more,
});

export const code = (name: string, length: number, field: string, more: More = {}): PropertyDefinition =>
  property(name, 'code', field, { length, ...more });
export const text = (name: string, length: number, field: string, more: More = {}): PropertyDefinition =>
  property(name, 'text', field, { length, ...more });
export const decimal = (name: string, field: string, more: More = {}): PropertyDefinition =>
  property(name, 'decimal', field, more);
export const whole = (name: string, field: string, more: More = {}): PropertyDefinition =>
  property(name, 'integer', field, more);
export const yesNo = (name: string, field: string, more: More = {}): PropertyDefinition =>
  property(name, 'boolean', field, more);
export const date = (name: string, field: string, more: More = {}): PropertyDefinition =>
  property(name, 'date', field, more);
export const option = (name: string, members: readonly string[], field: string, more: More = {}): PropertyDefinition =>
  property(name, 'enum', field, { members, ...more });
export const guid = (name: string, field: string, more: More = {}): PropertyDefinition =>
  property(name, 'guid', field, more);

/** The id of the row whose code is in `column`. */
export const idOf = (name: string, column: string, relation: Relation): PropertyDefinition =>
  property(name, 'guid', `${relation.caption} Id`, { column, idOf: relation });

export const id: PropertyDefinition = property('id', 'guid', 'Id', { readOnly: true });
export const lastModified: PropertyDefinition = property('lastModifiedDateTime', 'instant', 'Last Modified Date Time', {
  readOnly: true,
  tellsChange: true,
});

/** Whether clients may only read a property. */
export const isReadOnly = (one: PropertyDefinition): boolean =>
  one.readOnly === true || (one.read !== undefined && one.write === undefined);
