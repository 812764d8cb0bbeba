import type { SalesContext } from './context.js';
import { accessMissing, privilegeMissing } from './errors.js';
import type { TableDefinition } from './table-definition.js';

export type Verb = 'Read' | 'Create' | 'Write' | 'Delete';

/** Refuses what the role of the caller does not allow on a table: what the platform keeps to itself, and what the settings take away. */
export function checkPrivilege(context: SalesContext, table: TableDefinition, verb: Verb): void {
  if (context.isAdministrator) return;
  const keptByPlatform = table.readOnly === true && verb !== 'Read';
  if (keptByPlatform || context.settings.SALES.missingPrivileges.includes(`${verb} ${table.logicalName}`))
    throw privilegeMissing(context.userId, verb, table.logicalName, table.objectTypeCode);
}

/** Refuses a change of a row that is not shared with the caller. */
export function checkAccess(context: SalesContext, table: TableDefinition, id: string, verb: 'Write' | 'Delete'): void {
  if (context.isAdministrator || !context.settings.SALES.lockedRows.includes(id)) return;
  throw accessMissing(context.userId, `${verb}Access`, table.logicalName, id);
}
