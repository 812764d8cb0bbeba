import { ConnectorError, type SourceRow, type WriteOutcome, type WriteRequest } from '../connector.js';
import { RequestError } from '../odata/classify.js';
import { asConnectorError, jsonAnswer, type ODataClient } from '../odata/odata-client.js';
import { chunksOf } from '../odata/parallel.js';
import { mayBeApplied } from '../odata/repetition.js';
import type { Table } from './metadata.js';
import type { PreparedWrite } from './write.js';

/** From so many on, one call for all is worth the read that it needs afterwards. */
const CREATES_FOR_A_CALL = 10;

/** 100 to 1,000 are usual; a call takes one transaction, which should stay short. */
const ROWS_PER_CALL = 250;

const isCreate = ({ operation }: PreparedWrite): boolean => operation.kind === 'CREATE';

/** The creates that go in calls of their own, and what goes in batches. */
export function planBulk(
  prepared: readonly PreparedWrite[],
  isSupported: boolean,
): { readonly calls: readonly (readonly PreparedWrite[])[]; readonly others: readonly PreparedWrite[] } {
  const creates = prepared.filter(isCreate);
  if (!isSupported || creates.length < CREATES_FOR_A_CALL) return { calls: [], others: prepared };
  return { calls: chunksOf(creates, ROWS_PER_CALL), others: prepared.filter((write) => !isCreate(write)) };
}

/** What became of a call. The rows of a refused one are to be created one by one: the call does not tell which was at fault. */
export type CallResult =
  | { readonly kind: 'SETTLED'; readonly outcomes: readonly WriteOutcome[] }
  | { readonly kind: 'REFUSED'; readonly isUnsupported: boolean };

/** A table without this action answers like an address that does not exist. */
const unsupported: ReadonlySet<number | null> = new Set([404, 405, 501]);

/**
 * Creates the rows with our ids in one call, all or none, and reads them afterwards, since the answer tells nothing but ids.
 * A call whose answer is lost is UNKNOWN for each row.
 */
export async function createMultiple(
  client: ODataClient,
  table: Table,
  writes: readonly PreparedWrite[],
  {
    assertHeld,
    read,
  }: Pick<WriteRequest, 'assertHeld'> & { readonly read: (ids: readonly string[]) => Promise<SourceRow[]> },
  signal: AbortSignal,
): Promise<CallResult> {
  try {
    await client.send(
      {
        method: 'POST',
        kind: 'BATCH',
        path: `${table.entitySet}/Microsoft.Dynamics.CRM.CreateMultiple`,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ Targets: writes.map((write) => targetOf(table, write)) }),
        assertHeld,
      },
      jsonAnswer,
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ConnectorError)) throw error;
    const failure = error;
    const situation = error instanceof RequestError ? error.situation : 'REFUSED';
    // All or none: a deadlock or a time-out of the database took everything back.
    if (situation !== 'ROLLED_BACK' && mayBeApplied(situation, 'BATCH'))
      return { kind: 'SETTLED', outcomes: writes.map(() => ({ kind: 'UNKNOWN', error: failure })) };
    return { kind: 'REFUSED', isUnsupported: unsupported.has(failure.httpStatus) };
  }
  return { kind: 'SETTLED', outcomes: await outcomesOf(writes, read, signal) };
}

function targetOf(table: Table, { operation, properties }: PreparedWrite): Readonly<Record<string, unknown>> {
  return {
    '@odata.type': `Microsoft.Dynamics.CRM.${table.logicalName}`,
    [table.primaryId]: operation.id,
    ...properties,
  };
}

async function outcomesOf(
  writes: readonly PreparedWrite[],
  read: (ids: readonly string[]) => Promise<SourceRow[]>,
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  const ids = writes.map(({ operation }) => operation.id ?? '');
  try {
    const rows = new Map((await read(ids)).map((row) => [row.id, row]));
    return ids.map((id) => {
      const row = rows.get(id.toLowerCase());
      return row === undefined ? { kind: 'GONE' } : { kind: 'WRITTEN', row };
    });
  } catch (error) {
    signal.throwIfAborted();
    // They were created, but the versions they have are not known: the caller has to look.
    return writes.map(() => ({ kind: 'UNKNOWN', error: asConnectorError(error) }));
  }
}
