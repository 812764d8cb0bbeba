import type { SourceRow } from '../connector.js';
import type { JsonReader } from './gathered-reads.js';
import type { JsonObject } from './json.js';
import { pathOfLink } from './links.js';
import { type JsonAnswer, rowsOf } from './odata-client.js';

/** The pages of a collection; the next one is asked for only when the iterator is. The same headers go with each. */
export async function* pagesOf(
  client: JsonReader,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): AsyncGenerator<JsonAnswer, void, undefined> {
  let next: string | null = path;
  while (next !== null) {
    const answer: JsonAnswer = await client.getJson(next, signal, headers);
    yield answer;
    next = linkIn(client.base, answer, '@odata.nextLink');
  }
}

/** The rows of all pages; for reads that are known to be small, however small the pages of a server are. */
export async function rowsIn(
  pages: AsyncIterable<JsonAnswer>,
  readRow: (row: JsonObject) => SourceRow,
): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const { body } of pages) rows.push(...rowsOf(body).map(readRow));
  return rows;
}

/** The path of a link in an answer; null when it has none. Throws ConnectorError FOREIGN_LINK. */
export function linkIn(base: URL, { body }: JsonAnswer, name: '@odata.nextLink' | '@odata.deltaLink'): string | null {
  const link = body[name];
  return typeof link === 'string' && link !== '' ? pathOfLink(base, link) : null;
}
