import { RefusedError, refuse, userError } from '../api/user-error.js';
import { StaleRevisionError } from '../store/stale-revision-error.js';
import { DuplicateConnectionNameError } from './connection-setup-store.js';
import { type ConnectionSetupFault, InvalidConnectionSetupError } from './create-connection-setup.js';
import { ConnectionSetupNotFoundError } from './enable-connection-setup.js';
import { SystemUnreadableError } from './system-metadata.js';
import { ConnectionFailedError } from './verify-connection.js';

/** Answers what a person can mend of a connection as a userError with its path; any other error passes. */
export async function refusingConnection<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof InvalidConnectionSetupError) refuseFaults(error.faults);
    if (error instanceof ConnectionSetupNotFoundError) refuse('NOT_FOUND', `id: ${error.message}`, ['id']);
    if (error instanceof DuplicateConnectionNameError) refuse('DUPLICATE', `name: ${error.message}`, ['name']);
    if (error instanceof StaleRevisionError)
      refuse('STALE_REVISION', `expectedRevision: ${error.message}`, ['expectedRevision']);
    if (error instanceof ConnectionFailedError || error instanceof SystemUnreadableError)
      refuse('CONNECTION_FAILED', `id: ${error.message}`, ['id']);
    throw error;
  }
}

/** Refuses a mutation with everything that is wrong; goes on when nothing is. */
export function refuseFaults(faults: readonly ConnectionSetupFault[]): void {
  if (faults.length === 0) return;
  throw new RefusedError(
    faults.map(({ code = 'INVALID', path, message }) => userError(code, `${path.join('.')}: ${message}`, path)),
  );
}
