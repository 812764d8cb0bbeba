import { businessTable } from '../world/world.js';
import { type CompanyContext, rowsOf } from './context.js';
import { companionApi } from './entity-sets.js';

/** Columns that refer to rows of a table by their code, as table and column. */
function referringColumns(table: string): readonly (readonly [table: string, column: string])[] {
  const found = new Map<string, readonly [string, string]>();
  for (const set of companionApi.sets)
    for (const { column, relation } of [
      ...set.properties.map((one) => ({ column: one.column, relation: one.codeOf ?? one.idOf })),
      ...(set.hidden ?? []).map((one) => ({ column: one.column, relation: one.codeOf })),
    ])
      if (relation?.table === table) found.set(`${set.table}.${column}`, [set.table, column]);
  return [...found.values()];
}

/** Gives every row that refers to a renamed one its new code, as the platform does with a rename. */
export function renameReferences(context: CompanyContext, renamed: string, from: string, to: string): void {
  if (from === '') return;
  for (const [table, column] of referringColumns(renamed))
    for (const row of rowsOf(context, table).having(column, from))
      context.world.put({
        table: businessTable(context.companyId, table),
        id: row.id,
        values: { ...row.values, [column]: to },
        by: context.user,
      });
}
