import type { ChangePage, Connector, PeekedChanges, ReadChangesRequest } from './connector.js';
import { asConnectorError } from './odata/odata-client.js';

/** How many rows a look at the changes of a table shows at most. */
export const PEEKED_ROWS = 100;

/**
 * The first changes of several tables, in as few requests as the connector knows to make; one that has no way to ask for
 * several at once is asked for each by itself. Outcome i belongs to request i. Rejects only when aborted.
 */
export function peekChanges(
  connector: Connector,
  requests: readonly ReadChangesRequest[],
  signal: AbortSignal,
): Promise<PeekedChanges[]> {
  if (connector.peekChanges !== undefined) return connector.peekChanges(requests, signal);
  return firstPages(
    requests.map((request) => connector.readChanges(request, signal)),
    signal,
  );
}

/** The first page of each read, all begun at the same time; of a read that fails its error. Rejects only when aborted. */
export async function firstPages(
  reads: readonly AsyncIterable<ChangePage>[],
  signal: AbortSignal,
): Promise<PeekedChanges[]> {
  const pages = await Promise.all(reads.map(firstPage));
  signal.throwIfAborted();
  return pages;
}

async function firstPage(pages: AsyncIterable<ChangePage>): Promise<PeekedChanges> {
  try {
    for await (const { rows, deletedIds, cursor } of pages) return { rows, deletedIds, isWhole: cursor !== null };
    return { rows: [], deletedIds: [], isWhole: true };
  } catch (error) {
    return asConnectorError(error);
  }
}
