import { ConnectorError, type WriteOperation, type WriteOutcome, type WriteRequest } from '../connector.js';
import { notReached, type PartVerdict, settled, verdictOnError } from '../odata/batch-writes.js';
import { classifyAnswer, RequestError } from '../odata/classify.js';
import { isJsonObject } from '../odata/json.js';
import { asConnectorError, jsonAnswer, type ODataClient } from '../odata/odata-client.js';
import { type BatchAnswer, type BatchRequest, readBatch, writeBatch } from './batch.js';
import { businessCentralErrors } from './error-codes.js';
import { refusedOutcome } from './refusals.js';
import type { LocatedSet } from './service.js';
import { rowReader, selectOf, writeValues } from './values.js';

/** An operation in the form in which it is sent. */
export interface PreparedWrite {
  readonly operation: WriteOperation;
  readonly request: BatchRequest;
}

/** Brings an operation into its wire form, or tells why it cannot be sent. */
export function prepareWrite(
  set: LocatedSet,
  fields: readonly string[],
  operation: WriteOperation,
): PreparedWrite | WriteOutcome {
  try {
    return { operation, request: requestOf(set, fields, operation) };
  } catch (error) {
    return { kind: 'REFUSED', error: asConnectorError(error) };
  }
}

function requestOf(set: LocatedSet, fields: readonly string[], operation: WriteOperation): BatchRequest {
  const select = `?$select=${selectOf(set, fields)}`;
  switch (operation.kind) {
    case 'CREATE':
      if (operation.id !== null) throw ownId(set);
      return { method: 'POST', url: `${set.path}${select}`, headers: {}, body: writeValues(set, operation.values) };
    case 'UPDATE':
      return {
        method: 'PATCH',
        url: `${set.path}(${operation.id})${select}`,
        headers: { 'If-Match': operation.version },
        body: writeValues(set, operation.values),
      };
    case 'DELETE':
      return { method: 'DELETE', url: `${set.path}(${operation.id})`, headers: { 'If-Match': operation.version } };
  }
}

const ownId = ({ metadata }: LocatedSet): ConnectorError =>
  new ConnectorError(
    `a row of ${metadata.name} was to be created with an id of ours; Business Central gives ids itself, expected none`,
    {
      errorClass: 'INTERNAL',
      code: 'ID_NOT_TAKEN',
    },
  );

/** Sends the operations in one request; each is answered for itself. Throws for an answer to the request as a whole. */
export async function sendBatch(
  client: ODataClient,
  set: LocatedSet,
  request: Pick<WriteRequest, 'fields' | 'assertHeld'>,
  writes: readonly PreparedWrite[],
  requestMs: number,
  signal: AbortSignal,
): Promise<readonly PartVerdict[]> {
  const readRow = rowReader(set, request.fields);
  return client.send(
    {
      method: 'POST',
      kind: 'BATCH',
      path: `${set.api}$batch`,
      headers: { 'content-type': 'application/json', prefer: 'odata.continue-on-error' },
      body: writeBatch(writes.map((write) => write.request)),
      requestMs,
      assertHeld: request.assertHeld,
    },
    (answer) => verdictsOn(readBatch(jsonAnswer(answer).body), writes, readRow),
    signal,
  );
}

type ReadRow = ReturnType<typeof rowReader>;

function verdictsOn(
  answers: readonly BatchAnswer[],
  writes: readonly PreparedWrite[],
  readRow: ReadRow,
): PartVerdict[] {
  const byId = new Map(answers.map((answer) => [answer.id, answer]));
  const last = answers.at(-1);
  // A server that does not go on after an error ends its list with it: what follows was not executed.
  const stoppedAt = last !== undefined && last.status >= 400 ? Number(last.id) : Number.POSITIVE_INFINITY;
  return writes.map(({ operation }, index) => {
    const answer = byId.get(String(index));
    if (answer !== undefined) return verdictOn(answer, operation, readRow);
    return index > stoppedAt ? notReached() : unanswered();
  });
}

const unanswered = (): PartVerdict =>
  settled({
    kind: 'UNKNOWN',
    error: new RequestError('the answer to the batch has no part for this operation', {
      errorClass: 'TRANSIENT',
      code: 'NO_ANSWER',
      situation: 'LOST',
    }),
  });

function verdictOn(answer: BatchAnswer, operation: WriteOperation, readRow: ReadRow): PartVerdict {
  if (answer.status >= 200 && answer.status < 300) return settled(writtenOutcome(answer.body, operation, readRow));
  const error = classifyAnswer(answer, businessCentralErrors);
  const outcome = refusedOutcome(error, operation);
  return outcome === null ? verdictOnError(error) : settled(outcome);
}

function writtenOutcome(body: unknown, operation: WriteOperation, readRow: ReadRow): WriteOutcome {
  if (operation.kind === 'DELETE') return { kind: 'WRITTEN', row: null };
  try {
    return { kind: 'WRITTEN', row: readRow(isJsonObject(body) ? body : {}) };
  } catch (error) {
    // It was applied, but id or version are not known: the caller has to look.
    return { kind: 'UNKNOWN', error: asConnectorError(error) };
  }
}
