import type { FieldValues } from '../../src/mapping/field-value.js';
import type { Side } from '../../src/synch/synch-error.js';
import type { InMemoryDatabase } from './in-memory-stores.js';
import type { PersonAct } from './scenario.js';
import { companiesOn, type Terrain } from './terrain.js';
import type { PresentRows, Witness } from './witness.js';

/** What an act of a person comes to among the records that there are. */
export type Deed =
  | { readonly kind: 'CREATE'; readonly values: FieldValues }
  | { readonly kind: 'EDIT'; readonly id: string; readonly values: FieldValues }
  | { readonly kind: 'DELETE'; readonly id: string };

/** Null where there is no record to do it to. Pure. */
export function deedOf(terrain: Terrain, act: PersonAct, system: PresentRows): Deed | null {
  const { side, table } = act;
  if (act.kind === 'CREATE') {
    const { number, name } = act;
    const refersTo = table === 'contacts' ? referred(side, act.refersTo, system) : null;
    return { kind: 'CREATE', values: terrain.newRecord(side, table, { number, name, refersTo }) };
  }
  const rows = inOrder(system, table);
  const row = rows[act.record % Math.max(1, rows.length)];
  if (row === undefined) return null;
  if (act.kind === 'DELETE') return { kind: 'DELETE', id: row.id };
  const value = 'value' in act.value ? act.value.value : referred(side, act.value.refersTo, system);
  return { kind: 'EDIT', id: row.id, values: { [act.field]: terrain.valueOf(act.field, value) } };
}

function referred(side: Side, place: number | null, system: PresentRows): string | null {
  if (place === null) return null;
  const rows = inOrder(system, companiesOn(side));
  return rows[place % Math.max(1, rows.length)]?.id ?? null;
}

const inOrder = (system: PresentRows, table: string) => system.rows(table).toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** Nobody can tell a record whose create was not answered once a person has given it another name. */
export function isInLimbo(
  witness: Witness,
  database: Pick<InMemoryDatabase, 'couplings'>,
  side: Side,
  { id, values }: Extract<Deed, { readonly kind: 'EDIT' }>,
): boolean {
  const names = ['displayName', 'surname'];
  if (side !== 'BUSINESS' || !Object.keys(values).some((field) => names.includes(field))) return false;
  const isCoupled = [...database.couplings.values()].some(({ businessId }) => businessId === id);
  return !isCoupled && witness.writes.some(({ after, intent }) => intent.kind === 'CREATE' && after?.id === id);
}
