import { type CompanyContext, instantText } from '../business-central/context.js';
import { type EntitySetDefinition, guid, lastModified, text, whole } from '../business-central/entity-set.js';
import type { Row } from '../world/row.js';
import { Table } from '../world/table.js';
import { businessTable, textOf } from '../world/world.js';
import type { Page } from './page.js';
import { pages } from './pages.js';

const NEVER = '0001-01-01T00:00:00Z';

const definition: EntitySetDefinition = {
  entitySet: 'IntegrationRecords',
  entityType: 'IntegrationRecords',
  table: 'integrationRecords',
  caption: 'Integration Record',
  readOnly: true,
  properties: [
    guid('Integration_ID', 'Integration ID', { column: 'integrationId' }),
    whole('Table_ID', 'Table ID', { column: 'tableId' }),
    text('Record_ID', 250, 'Record ID', { column: 'recordId' }),
    { ...lastModified, name: 'Modified_On' },
    { ...lastModified, name: 'Deleted_On', read: () => (row) => row.values['deletedOn'] ?? NEVER, tellsChange: false },
  ],
  navigation: [],
};

/** The page of the table Integration Record: what was changed and deleted, of all tables that are integrated. */
export const integrationRecords: Page = {
  pageNumber: 50_151,
  tableNumber: 5_151,
  keys: ['Integration_ID'],
  set: definition,
};

/** The rows of that table as they follow from what was written and deleted. */
export function integrationRecordRows(context: CompanyContext): Table {
  const table = new Table((row) => textOf(row.values['integrationId']));
  for (const page of pages) {
    const rows = context.world.table(businessTable(context.companyId, page.set.table));
    table.addFollowing(rows, (row) =>
      recordOf(page, row.id, { key: rows.sortKeyOf(row).key, modifiedAtMs: row.modifiedAtMs, deletedAtMs: null }),
    );
    for (const { id, key, deletedAtMs } of rows.deletedSince(0))
      table.put(recordOf(page, id, { key: key ?? '', modifiedAtMs: 0, deletedAtMs }));
  }
  return table;
}

interface Told {
  readonly key: string;
  readonly modifiedAtMs: number;
  readonly deletedAtMs: number | null;
}

function recordOf(page: Page, id: string, { key, modifiedAtMs, deletedAtMs }: Told): Row {
  return {
    id,
    version: modifiedAtMs,
    createdAtMs: modifiedAtMs,
    modifiedAtMs,
    createdBy: '',
    modifiedBy: '',
    values: {
      integrationId: id,
      tableId: page.tableNumber,
      recordId: `${page.set.caption}: ${key}`,
      deletedOn: deletedAtMs === null ? NEVER : instantText(deletedAtMs, false),
    },
  };
}
