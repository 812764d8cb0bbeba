import type { StoredRow } from '../../src/connectors/in-memory/in-memory-system.js';
import { tableOn } from '../../src/mapping/integration-table-mapping.js';
import type { Side } from '../../src/synch/synch-error.js';
import type { InMemoryDatabase } from './in-memory-stores.js';
import type { WatchedSystem } from './watched-system.js';
import { short, type Witness } from './witness.js';

/** A side that a run has read. */
interface SettledSide {
  readonly mappingId: string;
  readonly side: Side;
  readonly runId: string;
}

/** I7: everything before a cursor that moves is settled: written, unchanged, or on the list of records still to do. */
export function checkSettled(
  witness: Witness,
  database: InMemoryDatabase,
  system: WatchedSystem,
  { mappingId, side, cursor, runId }: SettledSide & { readonly cursor: string },
): void {
  const table = tableOn(witness.compiledOf(mappingId).mapping, side);
  const { changeNumber, since } = JSON.parse(cursor) as { readonly changeNumber: number; readonly since: string };
  const isBefore = (row: StoredRow): boolean =>
    side === 'SALES' ? row.changeNumber <= changeNumber : row.modifiedAt.toISOString() < since;
  checkRowsSettled(witness, database, system.rows(table).filter(isBefore), { mappingId, side, runId });
  const couplings = [...database.couplings.values()].filter((coupling) => coupling.mappingId === mappingId);
  if (side === 'BUSINESS') return;
  const deleted = new Set(system.deletedSince(table, 0));
  const still = new Set(system.deletedSince(table, changeNumber));
  for (const coupling of couplings) {
    const id = coupling.salesId;
    if (id === null || !deleted.has(id) || still.has(id)) continue;
    if (coupling.state !== 'COUPLED' || coupling.nextAttemptAt !== null || coupling.intents.length > 0) continue;
    witness.violate('I7', `the cursor of ${side} ${table} passes the deletion of ${short(id)}, which is not settled`);
  }
}

/** Each of these rows, which a cursor passes, is settled. */
export function checkRowsSettled(
  witness: Witness,
  database: Pick<InMemoryDatabase, 'couplings'>,
  rows: readonly StoredRow[],
  { mappingId, side, runId }: SettledSide,
): void {
  // Under another mapping than that of the run, the next one reads everything anew.
  const compiled = witness.compiledIn(runId, mappingId);
  const table = tableOn(compiled.mapping, side);
  const couplings = [...database.couplings.values()].filter((coupling) => coupling.mappingId === mappingId);
  const idOf = side === 'BUSINESS' ? 'businessId' : 'salesId';
  for (const row of rows) {
    const coupling = couplings.find((one) => one[idOf] === row.id);
    if (coupling === undefined) {
      if (witness.isUncoupled(mappingId, side, row) || !compiled.inFilter[side](row.values)) continue;
      if (witness.isOfAmbiguousCreate(side, row.id, couplings)) continue;
      witness.violate('I7', `the cursor of ${side} ${table} passes ${short(row.id)}, which is in no coupling`);
      continue;
    }
    const { version } = side === 'BUSINESS' ? coupling.business : coupling.sales;
    if (version === row.version || coupling.nextAttemptAt !== null || coupling.intents.length > 0) continue;
    // A pair that lost a record is listed until a person asks for it, whatever becomes of the other record.
    if (coupling.state === 'BROKEN') continue;
    witness.violate(
      'I7',
      `the cursor of ${side} ${table} passes a change of ${short(row.id)} that is not settled (${coupling.state})`,
    );
  }
}
