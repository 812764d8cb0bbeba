import { businessCentralErrors } from '../business-central/error-codes.js';
import { refusedOutcome } from '../business-central/refusals.js';
import { ConnectorError, type WriteOperation, type WriteOutcome, type WriteRequest } from '../connector.js';
import { RequestError } from '../odata/classify.js';
import type { JsonObject } from '../odata/json.js';
import { asConnectorError, jsonAnswer, type ODataClient, type ODataRequest } from '../odata/odata-client.js';
import { mayBeApplied } from '../odata/repetition.js';
import { keyInAddress, partsOfId } from './keys.js';
import { readRecord } from './read.js';
import type { LocatedService } from './service.js';
import { rowReader, selectOf, writeValues } from './values.js';

/** Dynamics NAV tells errors with the same codes and texts. */
export const navErrors = { ...businessCentralErrors, system: 'Dynamics NAV' };

/** An operation in the form in which it is sent. */
export interface PreparedWrite {
  readonly operation: WriteOperation;
  readonly request: Pick<ODataRequest, 'method' | 'path' | 'headers' | 'body'>;
}

/** Brings an operation into its wire form, or tells why it cannot be sent. */
export function prepareWrite(service: LocatedService, operation: WriteOperation): PreparedWrite | WriteOutcome {
  try {
    return prepared(service, operation);
  } catch (error) {
    return { kind: 'REFUSED', error: asConnectorError(error) };
  }
}

const json = { 'content-type': 'application/json' } as const;

function prepared(service: LocatedService, operation: WriteOperation): PreparedWrite | WriteOutcome {
  if (operation.kind === 'CREATE') {
    if (operation.id !== null) throw ownId(service);
    const body = JSON.stringify(writeValues(service, operation.values));
    return { operation, request: { method: 'POST', path: service.path, headers: json, body } };
  }
  const body = operation.kind === 'UPDATE' ? JSON.stringify(writeValues(service, operation.values)) : null;
  const parts = partsOfId(service, operation.id);
  // No record has such a key.
  if (parts === null) return { kind: 'GONE' };
  const path = `${service.path}(${keyInAddress(service, parts)})`;
  const condition = { 'if-match': operation.version };
  return body === null
    ? { operation, request: { method: 'DELETE', path, headers: condition } }
    : { operation, request: { method: 'PATCH', path, headers: { ...condition, ...json }, body } };
}

const ownId = ({ metadata }: LocatedService): ConnectorError =>
  new ConnectorError(
    `a record of ${metadata.name} was to be created with an id of ours; Dynamics NAV names records by their key, expected none`,
    { errorClass: 'INTERNAL', code: 'ID_NOT_TAKEN' },
  );

/** Sends one operation until it has its outcome. Rejects only when aborted. */
export async function settleWrite(
  client: ODataClient,
  service: LocatedService,
  { operation, request }: PreparedWrite,
  { fields, assertHeld, requestMs }: Pick<WriteRequest, 'fields' | 'assertHeld'> & { readonly requestMs: number },
  signal: AbortSignal,
): Promise<WriteOutcome> {
  let written: JsonObject | null;
  try {
    written = await client.send(
      { ...request, kind: 'WRITE', requestMs, assertHeld },
      (answer) => (operation.kind === 'DELETE' || answer.text === '' ? null : jsonAnswer(answer).body),
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ConnectorError)) throw error;
    return failedOutcome(error, operation);
  }
  return operation.kind === 'DELETE'
    ? { kind: 'WRITTEN', row: null }
    : writtenOutcome(client, service, { operation, written, fields }, signal);
}

function failedOutcome(error: unknown, operation: WriteOperation): WriteOutcome {
  if (!(error instanceof RequestError)) {
    if (error instanceof ConnectorError) return { kind: 'REFUSED', error };
    throw error;
  }
  const outcome = refusedOutcome(error, operation);
  if (outcome !== null) return outcome;
  return mayBeApplied(error.situation, 'WRITE') ? { kind: 'UNKNOWN', error } : { kind: 'REFUSED', error };
}

interface Written {
  readonly operation: Exclude<WriteOperation, { kind: 'DELETE' }>;
  readonly written: JsonObject | null;
  readonly fields: readonly string[];
}

/** It was applied; where the answer does not tell the row, it is read. */
async function writtenOutcome(
  client: ODataClient,
  service: LocatedService,
  { operation, written, fields }: Written,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  try {
    const row =
      written ??
      (operation.kind === 'UPDATE'
        ? await readRecord(client, service, operation.id, selectOf(service, fields), signal)
        : null);
    return { kind: 'WRITTEN', row: rowReader(service, fields)(row ?? {}) };
  } catch (error) {
    signal.throwIfAborted();
    // Id or version are not known: the caller has to look.
    return { kind: 'UNKNOWN', error: asConnectorError(error) };
  }
}
