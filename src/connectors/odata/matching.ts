import type { TableMetadata } from '../../mapping/field-value.js';
import { compileFilters } from '../../mapping/filter/filter-predicate.js';
import type { ReadMatchingRequest, SourceRow } from '../connector.js';
import type { JsonObject } from './json.js';
import { type JsonAnswer, rowsOf } from './odata-client.js';

interface MatchingRead {
  readonly pages: AsyncIterable<JsonAnswer>;
  readonly readRow: (row: JsonObject) => SourceRow;
}

/** The rows of a read that really match, page by page, with the fields that were asked for. */
export async function* matchingPages(
  { fields, filter }: ReadMatchingRequest,
  metadata: TableMetadata,
  read: (fields: readonly string[]) => MatchingRead,
): AsyncGenerator<readonly SourceRow[], void, undefined> {
  const matches = compileFilters(filter, metadata);
  const { pages, readRow } = read([...new Set([...fields, ...filter.map(({ field }) => field)])]);
  for await (const { body } of pages) {
    yield rowsOf(body)
      .map(readRow)
      .filter(({ values }) => matches(values))
      .map((row) => ({
        ...row,
        values: Object.fromEntries(fields.map((field) => [field, row.values[field] ?? null])),
      }));
  }
}
