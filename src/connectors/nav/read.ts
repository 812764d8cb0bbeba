import { saysNoRecord } from '../business-central/refusals.js';
import type { ReadByIdsRequest, SourceRow } from '../connector.js';
import { RequestError } from '../odata/classify.js';
import { equalTo } from '../odata/find.js';
import type { ODataClient } from '../odata/odata-client.js';
import { pagesOf, rowsIn } from '../odata/pages.js';
import { chunksOf, inParallel } from '../odata/parallel.js';
import { keyInAddress, partsOfId } from './keys.js';
import type { LocatedService } from './service.js';
import { rowReader, selectOf } from './values.js';

/** Headers of a read by pages; some servers keep to their own size whatever is asked. */
export const pageHeaders = (pageSize: number): Readonly<Record<string, string>> => ({
  prefer: `odata.maxpagesize=${pageSize}`,
});

/** Keys in one filter: about 40 characters each, so that the address stays below 4 KB. */
const KEYS_PER_REQUEST = 50;

/**
 * The records of these ids. Keys of one field are asked for together, since a filter takes "or" over one field; keys of
 * several fields, and codes with characters that a filter takes for operators, are asked for one by one.
 */
export async function readRecords(
  client: ODataClient,
  service: LocatedService,
  { fields, ids }: Pick<ReadByIdsRequest, 'fields' | 'ids'>,
  pageSize: number,
  signal: AbortSignal,
): Promise<SourceRow[]> {
  const [keyField, ...otherFields] = service.key;
  const together: string[] = [];
  const apart: string[] = [];
  for (const id of new Set(ids)) {
    if (partsOfId(service, id) === null) continue;
    const filter = keyField === undefined || otherFields.length > 0 || id === '' ? null : equalTo(keyField, id);
    (filter === null ? apart : together).push(id);
  }
  const readRow = rowReader(service, fields);
  const select = selectOf(service, fields);
  const some = (chunk: readonly string[]) => async (either: AbortSignal) => {
    const filter = chunk.map((id) => `${keyField?.name} eq '${id}'`).join(' or ');
    const path = `${service.path}?$select=${select}&$filter=${encodeURIComponent(filter)}`;
    const wanted = new Set(chunk);
    const found = await rowsIn(pagesOf(client, path, pageHeaders(pageSize), either), readRow);
    return found.filter(({ id }) => wanted.has(id));
  };
  const one = (id: string) => async (either: AbortSignal) => {
    const row = await readRecord(client, service, id, select, either);
    return row === null ? [] : [readRow(row)];
  };
  const tasks = [...chunksOf(together, KEYS_PER_REQUEST).map(some), ...apart.map(one)];
  return (await inParallel(tasks, signal)).flat();
}

/** One record as it was answered; null when there is none. */
export async function readRecord(
  client: ODataClient,
  service: LocatedService,
  id: string,
  select: string,
  signal: AbortSignal,
) {
  const parts = partsOfId(service, id);
  if (parts === null) return null;
  try {
    const { body } = await client.getJson(`${service.path}(${keyInAddress(service, parts)})?$select=${select}`, signal);
    return body;
  } catch (error) {
    if (error instanceof RequestError && saysNoRecord(error)) return null;
    throw error;
  }
}
