import { canonicalCode } from '../odata/canonical.js';
import type { JsonObject } from '../odata/json.js';
import { type ODataClient, rowsOf, textOf } from '../odata/odata-client.js';
import { pagesOf } from '../odata/pages.js';
import { pageHeaders } from './read.js';
import type { LocatedService } from './service.js';

/** What the table Integration Record tells of one table since an instant. */
export interface ChangedRecords {
  readonly changed: ReadonlySet<string>;
  readonly deleted: ReadonlySet<string>;
  /** The server's clock when the first question was answered. */
  readonly date: Date | null;
}

/** Whether changes of this service can be read there: it names records by their key, which is told apart for one field only. */
export const tellsChangesOf = ({ integrationRecords, table, key }: LocatedService): boolean =>
  integrationRecords !== null && table !== null && key.length === 1;

/** Ids of the records that were changed or deleted since. Two questions: a filter takes no "or" over two fields. */
export async function changedRecords(
  client: ODataClient,
  { integrationRecords, table }: LocatedService,
  since: string,
  { pageSize }: { readonly pageSize: number },
  signal: AbortSignal,
): Promise<ChangedRecords> {
  let date: Date | null = null;
  const idsSince = async (field: 'Modified_On' | 'Deleted_On'): Promise<Set<string>> => {
    const filter = `Table_ID eq ${table?.tableNumber ?? 0} and ${field} ge ${since}`;
    const select = 'Integration_ID,Record_ID,Modified_On,Deleted_On';
    const path = `${integrationRecords ?? ''}?$select=${select}&$filter=${encodeURIComponent(filter)}`;
    const ids = new Set<string>();
    for await (const answer of pagesOf(client, path, pageHeaders(pageSize), signal)) {
      date ??= answer.date;
      for (const row of rowsOf(answer.body)) ids.add(idIn(row));
    }
    ids.delete('');
    return ids;
  };
  const changed = await idsSince('Modified_On');
  const deleted = await idsSince('Deleted_On');
  return { changed, deleted, date };
}

/** "Customer: 10000": the table's name, and the key as people read it. */
const idIn = (row: JsonObject): string => canonicalCode(textOf(row, 'Record_ID').replace(/^[^:]*:/, '')) ?? '';
