/** A value as both systems keep it. Instants are text in ISO form, numbers are doubles. */
export type Scalar = string | number | boolean | null;
export type Values = Readonly<Record<string, Scalar>>;

/** The two sides of the world. Each has its own clock, version counter and users. */
export const sides = ['BUSINESS', 'SALES'] as const;
export type Side = (typeof sides)[number];

/** One record of either system. A row is never changed in place: a write puts a new one in its stead. */
export interface Row {
  readonly id: string;
  /** Grows with every write of its side; what etags are made of. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  readonly createdBy: string;
  readonly modifiedBy: string;
  readonly values: Values;
}

/** What is left of a deleted row: enough for a change reader. */
export interface Tombstone {
  readonly id: string;
  readonly version: number;
  readonly deletedAtMs: number;
  /** Key of the row in its table's own order, where it has one. */
  readonly key?: string;
}

/** A small fact beside the tables, such as the last number of a number series. */
export type Fact = string | number | boolean | null | readonly Fact[] | { readonly [name: string]: Fact };
