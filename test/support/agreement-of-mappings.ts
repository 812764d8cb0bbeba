import type { MappedTable } from './mapped-fields.js';
import type { Person, System } from './person.js';
import type { Row, Tandem } from './tandem.js';
import { Translation } from './translation.js';

/** What was found when both systems were compared through their own APIs. */
export interface Comparison {
  readonly compared: number;
  /** Fields of coupled pairs that differ, couplings that lie, records that stand on no list. Empty when all is well. */
  readonly differences: readonly string[];
  /** Pairs that are not in step, with the reason that the product gives, by mapping, state and code. */
  readonly listed: Readonly<Record<string, number>>;
}

/** Compares every pair of these mappings field by field through both systems' own APIs. */
export async function compareAll(tandem: Tandem, person: Person, tables: readonly MappedTable[]): Promise<Comparison> {
  const translation = await Translation.read(tandem, person);
  const differences: string[] = [];
  const listed: Record<string, number> = {};
  const keptBySystem = await fieldsKeptBySystem(tandem);
  let compared = 0;
  for (const table of tables) {
    const rows = await rowsOf(person, table);
    const couplings = await tandem.all(
      'couplings',
      'businessId salesId title state error { class code field message } conflicts { field }',
      `filter: { mapping: [${JSON.stringify(table.name)}] }`,
    );
    for (const side of ['businessId', 'salesId']) {
      const ids = couplings.flatMap((coupling) => coupling[side] ?? []);
      if (new Set(ids).size < ids.length) differences.push(`${table.name}: a ${side} stands in two couplings`);
    }
    for (const { businessId, salesId, title, state, error, conflicts } of couplings) {
      if (state !== 'COUPLED') {
        const reason = `${table.name} ${state} ${error?.code ?? ''}`;
        listed[reason] = (listed[reason] ?? 0) + 1;
        if (error === null) differences.push(`${table.name} ${title}: ${state} without a reason`);
        // In conflict are the fields that are listed, with all that is made of them; the others agree.
        if (state !== 'CONFLICT' || error?.code === 'DELETED_AND_CHANGED') continue;
      }
      const inConflict = new Set((conflicts as { field: string }[]).map(({ field }) => field));
      const business = rows.BUSINESS.get(businessId);
      const sales = rows.SALES.get(salesId);
      if (business === undefined || sales === undefined) {
        const side = business === undefined ? 'business system' : 'Dataverse';
        differences.push(`${table.name} ${title}: ${state}, and not in the ${side}`);
        continue;
      }
      compared += 1;
      for (const field of table.fields) {
        if (inConflict.has(field.field)) continue;
        const difference = translation.difference(field, business, sales);
        if (difference === null) continue;
        if (keptBySystem.has(`${salesId} ${field.integrationField}`) || keptBySystem.has(`${salesId} ${field.field}`)) {
          const reason = `${table.name} ALTERED_BY_SYSTEM`;
          listed[reason] = (listed[reason] ?? 0) + 1;
        } else differences.push(`${table.name} ${title}: ${difference}`);
      }
    }
  }
  return { compared, differences, listed };
}

/** Fields whose value a system does not take, as the product lists them: id in Dataverse and field. */
async function fieldsKeptBySystem(tandem: Tandem): Promise<ReadonlySet<string>> {
  const errors = await tandem.all(
    'synchJobErrors',
    'salesId error { field }',
    'filter: { code: ["ALTERED_BY_SYSTEM"] }',
  );
  return new Set(errors.map(({ salesId, error }) => `${salesId} ${error.field}`));
}

/** Rows of both sides of a mapping by id, as a person sees them. */
export async function rowsOf(
  person: Person,
  { table, key }: MappedTable,
): Promise<Readonly<Record<System, ReadonlyMap<string, Row>>>> {
  const read = async (system: System) =>
    new Map((await person.rows(system, table[system])).map((row) => [String(row[key[system]]), row]));
  return { BUSINESS: await read('BUSINESS'), SALES: await read('SALES') };
}
