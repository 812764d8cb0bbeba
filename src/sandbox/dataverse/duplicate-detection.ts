import type { Headers } from '../http/operation.js';
import type { Row } from '../world/row.js';
import { rowWithSame } from './addressing.js';
import { rowsOf, type SalesContext } from './context.js';
import { DataverseError } from './errors.js';
import type { TableDefinition } from './table-definition.js';

const HEADER = 'mscrm.suppressduplicatedetection';

/** Refuses a row that a duplicate detection rule finds a second time. Rules are only asked when the client wants it. */
export function detectDuplicates(context: SalesContext, table: TableDefinition, row: Row, headers: Headers): void {
  if (headers.get(HEADER)?.toLowerCase() !== 'false') return;
  const { duplicateRules, duplicateStatus } = context.settings.SALES;
  for (const rule of duplicateRules) {
    const [logicalName, columns = ''] = rule.split(':');
    if (logicalName !== table.logicalName) continue;
    const rows = rowsOf(context, table.logicalName);
    if (rowWithSame(rows, columns.split('+'), row.values, row.id) !== undefined)
      throw new DataverseError(
        duplicateStatus,
        '0x80040333',
        'A record was not created or updated because a duplicate of the current record already exists.',
      );
  }
}
