/** Types of properties, as tables of Business Central have them. */
export type PropertyKind = 'code' | 'text' | 'guid' | 'enum' | 'boolean' | 'decimal' | 'integer' | 'date' | 'instant';

/** A table whose rows are named by their code. */
export interface Relation {
  readonly table: string;
  /** How Business Central calls that table. */
  readonly caption: string;
}

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
  /** Computed from other tables: its changes move neither etag nor time of change. */
  readonly calculated?: boolean;
  /** The value is the code of a row of that table. */
  readonly codeOf?: Relation;
  /** The value is the id of the row whose code is in `column`. */
  readonly idOf?: Relation;
  /** A blank code is shown as the code of the local currency, and stored blank when that code is written. */
  readonly blankIsLocalCurrency?: boolean;
}

/** A property that leads to one row of another set. */
export interface NavigationDefinition {
  readonly name: string;
  readonly entitySet: string;
  /** Column with the code of that row. */
  readonly column: string;
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
  /** The property that names a row for people, such as `number` or `code`. */
  readonly key?: string;
  /** Rows without a number take the next of the series. */
  readonly numberSeries?: boolean;
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
export const yesNo = (name: string, field: string, more: More = {}): PropertyDefinition =>
  property(name, 'boolean', field, more);
export const date = (name: string, field: string, more: More = {}): PropertyDefinition =>
  property(name, 'date', field, more);
export const option = (name: string, members: readonly string[], field: string): PropertyDefinition =>
  property(name, 'enum', field, { members });

/** The id of the row whose code is in `column`. */
export const idOf = (name: string, column: string, table: string, caption: string): PropertyDefinition =>
  property(name, 'guid', `${caption} Id`, { column, idOf: { table, caption } });

export const id: PropertyDefinition = property('id', 'guid', 'Id', { readOnly: true });
export const lastModified: PropertyDefinition = property('lastModifiedDateTime', 'instant', 'Last Modified Date Time', {
  readOnly: true,
});
