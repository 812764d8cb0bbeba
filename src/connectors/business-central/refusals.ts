import type { WriteOperation, WriteOutcome } from '../connector.js';
import type { RequestError } from '../odata/classify.js';
import { businessCentralCodes } from './error-codes.js';

/** The outcome where the refusal has a meaning of its own for the engine; null for all others. */
export function refusedOutcome(error: RequestError, operation: WriteOperation): WriteOutcome | null {
  if (error.code === businessCentralCodes.sameKeyExists) return { kind: 'KEY_EXISTS', error };
  if (operation.kind === 'CREATE' || error.situation !== 'REFUSED') return null;
  const codes = businessCentralCodes;
  const { code, httpStatus } = error;
  if (code === codes.recordNotFound || code === codes.dataNotFound || saysNoRecord(error)) return { kind: 'GONE' };
  const isStale =
    code === codes.entityChanged || ((httpStatus === 409 || httpStatus === 412) && code !== codes.invalidToken);
  return isStale ? { kind: 'CHANGED' } : null;
}

/** The server says that there is no such record: not that there is no such service, and not somebody else in its place. */
export const saysNoRecord = ({ httpStatus, isExplained, code }: RequestError): boolean =>
  httpStatus === 404 && isExplained && code !== businessCentralCodes.resourceNotFound;
