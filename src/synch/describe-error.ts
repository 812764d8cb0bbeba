import { ConnectorError } from '../connectors/connector.js';
import { MappingError } from './compiled-field.js';
import { ValueError } from './convert-value.js';
import { isRetriedWithoutEnd, type Side, type SynchError, type SynchErrorClass } from './synch-error.js';

/** Classes that can pass without anybody changing the record or the setup. */
const passingClasses: ReadonlySet<SynchErrorClass> = new Set(['TRANSIENT', 'THROTTLED', 'DEPENDENCY', 'INTERNAL']);

export const makeError = (
  errorClass: SynchErrorClass,
  code: string,
  message: string,
  where: { readonly side?: Side | null; readonly field?: string | null } = {},
): SynchError => ({
  class: errorClass,
  code,
  message,
  side: where.side ?? null,
  field: where.field ?? null,
  retryable: isRetriedWithoutEnd(errorClass) || passingClasses.has(errorClass),
});

/** An error that stops a run before its end, with what the log row and the synch jobs shall tell. */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';
  constructor(
    readonly error: SynchError,
    options?: ErrorOptions,
  ) {
    super(error.message, options);
  }
}

/** What the run was asked for cannot be done any more: trying again would change nothing. */
export class RunRefusedError extends RunFailedError {}

/** What is stored and shown of an error; text of unexpected ones stays inside. */
export function describeError(error: unknown, side: Side | null = null): SynchError {
  if (error instanceof RunFailedError) return error.error;
  if (error instanceof ConnectorError)
    return makeError(error.errorClass, error.code, error.message, { side: side ?? error.side, field: error.field });
  if (error instanceof ValueError)
    return makeError('VALIDATION', error.code, error.message, { side, field: error.field });
  if (error instanceof MappingError) return makeError('CONFIGURATION', error.code, error.message, { side });
  return makeError('INTERNAL', 'UNEXPECTED', 'an unexpected error stopped it; the log of the service has the details', {
    side,
  });
}
