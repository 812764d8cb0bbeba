import type { Coupling, FieldBase } from './coupling.js';

/** What has bases, or sets them. */
interface Based {
  readonly bases?: Coupling['bases'];
}

/** The same as it is stored: its bases are one text. */
export type Stored<T extends Based> = Omit<T, 'bases'> & { readonly bases?: string | Coupling['bases'] };

type Members = readonly [
  field: string,
  integrationField: string,
  business: FieldBase['business'],
  sales: FieldBase['sales'],
  meaning: string,
  cleared?: FieldBase['cleared'],
];

/**
 * Nobody asks the database for single bases. As documents, with the names of their members in each, they would be the larger part
 * of what a run writes; as one text they take half of the room, and a third of the time of this process.
 */
export const asStored = <T extends Based>(coupling: T): Stored<T> =>
  coupling.bases === undefined ? coupling : { ...coupling, bases: JSON.stringify(coupling.bases.map(membersOf)) };

/** The coupling as it was. One that was stored with its bases as documents has them already. */
export const fromStored = <T extends Based>(stored: Stored<T>): T =>
  (typeof stored.bases === 'string'
    ? { ...stored, bases: (JSON.parse(stored.bases) as readonly Members[]).map(fromMembers) }
    : stored) as T;

const membersOf = ({ field, integrationField, business, sales, meaning, cleared }: FieldBase): Members =>
  cleared === undefined
    ? [field, integrationField, business, sales, meaning]
    : [field, integrationField, business, sales, meaning, cleared];

const fromMembers = ([field, integrationField, business, sales, meaning, cleared]: Members): FieldBase => ({
  field,
  integrationField,
  business,
  sales,
  meaning,
  ...(cleared === undefined ? {} : { cleared }),
});
