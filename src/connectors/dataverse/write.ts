import { randomUUID } from 'node:crypto';
import { ConnectorError, type WriteOperation, type WriteOutcome, type WriteRequest } from '../connector.js';
import { notReached, type PartVerdict, settled, verdictOnError } from '../odata/batch-writes.js';
import { classifyAnswer, looseBody, RequestError } from '../odata/classify.js';
import type { HttpAnswer } from '../odata/http-client.js';
import { isJsonObject, type JsonObject } from '../odata/json.js';
import { asConnectorError, type ODataClient } from '../odata/odata-client.js';
import { dataverseCodes, dataverseErrors } from './error-codes.js';
import type { Table } from './metadata.js';
import { type BatchOperation, type BatchPart, isMultipart, readBatch, writeBatch } from './multipart.js';
import { lookupTablesPreference, rowReader, selectOf, writeValues } from './values.js';

/** An operation in the form in which it is sent. */
export interface PreparedWrite {
  readonly operation: WriteOperation;
  /** The properties that it sends; none for a deletion. */
  readonly properties: JsonObject;
  /** What it is as a part of a batch. */
  readonly part: () => BatchOperation;
}

/**
 * Brings an operation into its wire form, or tells why it cannot be sent. `versions` holds the present versions of the rows
 * of a table that does not check versions itself; null for all other tables.
 */
export function prepareWrite(
  base: URL,
  table: Table,
  fields: readonly string[],
  operation: WriteOperation,
  versions: ReadonlyMap<string, string> | null,
): PreparedWrite | WriteOutcome {
  if (versions !== null && operation.kind !== 'CREATE') {
    const version = versions.get(operation.id);
    if (version === undefined) return { kind: 'GONE' };
    if (version !== operation.version) return { kind: 'CHANGED' };
  }
  try {
    const id = requiredId(table, operation);
    const properties = operation.kind === 'DELETE' ? {} : writeValues(table, operation.values);
    return { operation, properties, part: () => partOf(base, table, fields, { id, operation, properties }) };
  } catch (error) {
    return { kind: 'REFUSED', error: asConnectorError(error) };
  }
}

function requiredId({ entitySet }: Table, { id }: WriteOperation): string {
  if (id !== null) return id;
  throw new ConnectorError(
    `a row of ${entitySet} is created in Dataverse with an id of ours; expected a GUID, got none`,
    {
      errorClass: 'INTERNAL',
      code: 'ID_REQUIRED',
    },
  );
}

function partOf(
  base: URL,
  table: Table,
  fields: readonly string[],
  { id, operation, properties }: Pick<PreparedWrite, 'operation' | 'properties'> & { readonly id: string },
): BatchOperation {
  const path = `${base.pathname}${table.entitySet}(${id})`;
  const condition = conditionOf(table, operation);
  if (operation.kind === 'DELETE') return { method: 'DELETE', path, headers: condition };
  return {
    method: 'PATCH',
    path: `${path}?$select=${selectOf(table, fields)}`,
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json; charset=utf-8',
      Prefer: `return=representation,${lookupTablesPreference}`,
      ...condition,
    },
    body: JSON.stringify(properties),
  };
}

/** Never none: a bare PATCH would make a deleted row anew, with nothing but the columns that it sends. */
function conditionOf(table: Table, operation: WriteOperation): Readonly<Record<string, string>> {
  if (operation.kind === 'CREATE') return { 'If-None-Match': '*' };
  return { 'If-Match': table.checksVersions ? operation.version : '*' };
}

/** Sends the operations in one request; each is answered for itself. Throws for an answer to the request as a whole. */
export async function sendBatch(
  client: ODataClient,
  table: Table,
  request: Pick<WriteRequest, 'fields' | 'assertHeld'>,
  writes: readonly PreparedWrite[],
  signal: AbortSignal,
): Promise<readonly PartVerdict[]> {
  const boundary = `batch_${randomUUID()}`;
  const readRow = rowReader(table, request.fields);
  return client.send(
    {
      method: 'POST',
      kind: 'BATCH',
      path: '$batch',
      headers: { 'content-type': `multipart/mixed; boundary="${boundary}"`, prefer: 'odata.continue-on-error' },
      body: writeBatch(
        boundary,
        writes.map(({ part }) => part()),
      ),
      assertHeld: request.assertHeld,
    },
    (answer) => verdictsOn(answer, writes, readRow),
    signal,
    isBatchAnswer,
  );
}

/** A server that stops at the first error answers with its status, and with the parts up to there all the same. */
const isBatchAnswer = ({ status, headers }: HttpAnswer): boolean =>
  status < 300 || isMultipart(headers['content-type']);

type ReadRow = ReturnType<typeof rowReader>;

function verdictsOn(answer: HttpAnswer, writes: readonly PreparedWrite[], readRow: ReadRow): PartVerdict[] {
  const parts = readBatch(answer.text, answer.headers['content-type']);
  const stoppedEarly = answer.status >= 400 && parts.length > 0;
  return writes.map(({ operation }, index) => {
    const part = parts[index];
    if (part !== undefined) return verdictOn(part, operation, readRow);
    return stoppedEarly ? notReached() : unanswered();
  });
}

const unanswered = (): PartVerdict =>
  settled({
    kind: 'UNKNOWN',
    error: new RequestError('the answer to the batch ends before this operation', {
      errorClass: 'TRANSIENT',
      code: 'NO_ANSWER',
      situation: 'LOST',
    }),
  });

function verdictOn(part: BatchPart, operation: WriteOperation, readRow: ReadRow): PartVerdict {
  const body = looseBody(part.text);
  if (part.status >= 200 && part.status < 300) return settled(writtenOutcome(body, operation, readRow));
  const error = classifyAnswer({ status: part.status, headers: part.headers, body }, dataverseErrors);
  const outcome = refusedOutcome(error, operation);
  return outcome === null ? verdictOnError(error) : settled(outcome);
}

function writtenOutcome(body: unknown, operation: WriteOperation, readRow: ReadRow): WriteOutcome {
  if (operation.kind === 'DELETE') return { kind: 'WRITTEN', row: null };
  try {
    return { kind: 'WRITTEN', row: readRow(isJsonObject(body) ? body : {}) };
  } catch (error) {
    // It was applied, but the version it has now is not known: the caller has to look.
    return { kind: 'UNKNOWN', error: asConnectorError(error) };
  }
}

const PRECONDITION_FAILED = 412;
const NOT_FOUND = 404;

/** The outcome where the refusal has a meaning of its own for the engine; null for all others. */
function refusedOutcome(error: RequestError, operation: WriteOperation): WriteOutcome | null {
  switch (error.code) {
    case dataverseCodes.versionMismatch:
      return { kind: 'CHANGED' };
    case dataverseCodes.duplicateRecord:
    case dataverseCodes.duplicateEntityKey:
      return { kind: 'KEY_EXISTS', error };
    case dataverseCodes.objectDoesNotExist:
      return goneOutcome(error, operation);
    default:
      break;
  }
  const isUncoded = error.code.startsWith('HTTP_');
  if (isUncoded && error.httpStatus === PRECONDITION_FAILED)
    return operation.kind === 'CREATE' ? { kind: 'KEY_EXISTS', error } : { kind: 'CHANGED' };
  if (isUncoded && error.httpStatus === NOT_FOUND && operation.kind !== 'CREATE') return { kind: 'GONE' };
  return null;
}

const anyGuid = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gi;

/** "Does not exist" is also said of a row that a lookup shall point to: only the id in the text tells which one is meant. */
function goneOutcome(error: RequestError, operation: WriteOperation): WriteOutcome {
  const named = (error.message.match(anyGuid) ?? []).map((id) => id.toLowerCase());
  const isOther = named.length > 0 && (operation.id === null || !named.includes(operation.id.toLowerCase()));
  if (operation.kind !== 'CREATE' && !isOther) return { kind: 'GONE' };
  const { message, code, httpStatus } = error;
  return {
    kind: 'REFUSED',
    error: new ConnectorError(message, { errorClass: 'DEPENDENCY', code, httpStatus }, { cause: error }),
  };
}
