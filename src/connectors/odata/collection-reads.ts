import type { FieldValue, TableMetadata } from '../../mapping/field-value.js';
import { type FilterDialect, pushFilters } from '../../mapping/filter/push-filter.js';
import type { FindRequest, ReadMatchingRequest, RowVersion, SourceRow } from '../connector.js';
import { firstAgreeing } from './find.js';
import type { JsonReader } from './gathered-reads.js';
import type { JsonObject } from './json.js';
import { matchingPages } from './matching.js';
import { rowsOf } from './odata-client.js';
import { pagesOf } from './pages.js';

/** A collection of records, with all in which reading it differs from system to system. */
export interface Collection {
  /** Where it is, below the base address. */
  readonly path: string;
  readonly metadata: TableMetadata;
  /** What has to be selected so that id and version of a row can be told. */
  readonly idFields: string;
  readonly dialect: FilterDialect;
  selectOf(fields: readonly string[]): string;
  rowReader(fields: readonly string[]): (row: JsonObject) => SourceRow;
  versionOf(row: JsonObject): RowVersion;
  /** The condition that a field has a value; null for what is better compared afterwards. */
  equalTo(field: string, value: FieldValue): string | null;
  /** The condition that a record was changed since then; null where records do not tell. */
  changedSince(instant: Date): string | null;
  /** Headers of a read by pages of this size. */
  pageHeaders(size: number): Readonly<Record<string, string>>;
}

/** The address of a read of some columns, of the rows that meet the condition. */
const addressOf = (path: string, select: string, condition: string | null): string =>
  `${path}?$select=${select}${condition === null ? '' : `&$filter=${encodeURIComponent(condition)}`}`;

/** The first rows that agree in all given values; see `Connector.find`. */
export function findIn(
  client: JsonReader,
  collection: Collection,
  { fields, equal, modifiedSince, atMost }: FindRequest,
  pageSize: number,
  signal: AbortSignal,
): Promise<SourceRow[]> {
  const { path, metadata } = collection;
  const allFields = [...new Set([...fields, ...Object.keys(equal)])];
  const conditions = Object.entries(equal).flatMap(([field, value]) => collection.equalTo(field, value) ?? []);
  const since = modifiedSince === undefined ? null : collection.changedSince(modifiedSince);
  if (since !== null) conditions.push(since);
  const address = addressOf(
    path,
    collection.selectOf(allFields),
    conditions.length === 0 ? null : conditions.join(' and '),
  );
  const pages = pagesOf(client, address, collection.pageHeaders(pageSize), signal);
  return firstAgreeing(pages, collection.rowReader(allFields), { fields, equal, metadata, atMost });
}

/** The rows that match all filters, page by page; see `Connector.readMatching`. */
export async function* readMatchingIn(
  client: JsonReader,
  collection: Collection,
  request: ReadMatchingRequest,
  pageSize: number,
  signal: AbortSignal,
): AsyncGenerator<readonly SourceRow[], void, undefined> {
  const { path, metadata, dialect } = collection;
  const { text } = pushFilters(request.filter, metadata, dialect);
  const headers = collection.pageHeaders(Math.min(request.pageSize ?? pageSize, pageSize));
  yield* matchingPages(request, metadata, (fields) => ({
    pages: pagesOf(client, addressOf(path, collection.selectOf(fields), text), headers, signal),
    readRow: collection.rowReader(fields),
  }));
}

/** Id and version of all rows, page by page. */
export async function* sweepOf(
  client: JsonReader,
  collection: Collection,
  pageSize: number,
  signal: AbortSignal,
): AsyncGenerator<readonly RowVersion[], void, undefined> {
  const address = addressOf(collection.path, collection.idFields, null);
  for await (const { body } of pagesOf(client, address, collection.pageHeaders(pageSize), signal))
    yield rowsOf(body).map((row) => collection.versionOf(row));
}
