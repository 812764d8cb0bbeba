import type { Row } from '../world/row.js';
import { salesTable } from '../world/world.js';
import { rowsOf, type SalesContext } from './context.js';
import { DataverseError } from './errors.js';
import { rulesOf } from './rules/rules.js';
import { type ColumnDefinition, type OnDelete, type TableDefinition, targetColumn } from './table-definition.js';
import { tables } from './tables.js';

interface Found {
  readonly table: TableDefinition;
  readonly row: Row;
}

/** A row whose lookup points to one that is about to go. */
interface Reference extends Found {
  readonly column: ColumnDefinition;
  readonly onDelete: OnDelete;
}

/**
 * Deletes a row with all that belongs to it, and clears other lookups to them. Throws when a row that stays needs one of
 * them: then nothing is deleted.
 */
export function deleteWithDependants(context: SalesContext, table: TableDefinition, row: Row): void {
  const doomed = new Map<string, Found>();
  const references = collect(context, { table, row }, doomed).filter((one) => !doomed.has(one.row.id));
  if (references.some(({ onDelete }) => onDelete === 'restrict'))
    throw new DataverseError(
      400,
      '0x80040227',
      'The object you tried to delete is associated with another object and cannot be deleted.',
    );
  for (const one of doomed.values()) rulesOf(one.table).beforeDelete?.(context, one.row);
  for (const one of doomed.values()) context.world.remove(salesTable(one.table.logicalName), one.row.id);
  for (const reference of references) clear(context, reference);
}

/** Fills `doomed` with the row and what goes with it, and answers with every lookup to any of them. */
function collect(context: SalesContext, found: Found, doomed: Map<string, Found>): readonly Reference[] {
  if (doomed.has(found.row.id)) return [];
  doomed.set(found.row.id, found);
  const direct = referencesTo(context, found);
  const belonging = direct.filter(({ onDelete }) => onDelete === 'cascade');
  return [...direct, ...belonging.flatMap((one) => collect(context, one, doomed))];
}

function referencesTo(context: SalesContext, found: Found): readonly Reference[] {
  return tables.flatMap((table) =>
    table.columns.flatMap((column) => {
      const target = column.targets?.find((one) => one.table === found.table.logicalName);
      if (target === undefined || column.readOnly === true) return [];
      const onDelete = target.onDelete ?? 'clear';
      return rowsOf(context, table.logicalName)
        .having(column.name, found.row.id)
        .map((row) => ({ table, row, column, onDelete }));
    }),
  );
}

function clear(context: SalesContext, { table, row, column }: Reference): void {
  // Another lookup of the same row may have been cleared a moment ago.
  const now = rowsOf(context, table.logicalName).get(row.id) ?? row;
  const type = (column.targets?.length ?? 0) > 1 ? { [targetColumn(column)]: null } : {};
  context.world.put({
    table: salesTable(table.logicalName),
    id: row.id,
    values: { ...now.values, [column.name]: null, ...type },
    by: context.userId,
  });
}
