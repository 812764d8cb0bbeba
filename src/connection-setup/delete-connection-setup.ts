import { StaleRevisionError } from '../store/stale-revision-error.js';
import type { ConnectionDataStore } from './connection-data-store.js';
import type { ConnectionSetup } from './connection-setup.js';
import type { ConnectionSetupStore } from './connection-setup-store.js';
import { InvalidConnectionSetupError } from './create-connection-setup.js';
import { ConnectionSetupNotFoundError } from './enable-connection-setup.js';
import { requireRevision } from './update-connection-setup.js';

export interface DeletingDeps {
  readonly connectionSetups: Pick<ConnectionSetupStore, 'byId'>;
  readonly data: ConnectionDataStore;
}

/** How a connection is to be deleted. */
export interface Deletion {
  /** Also its couplings and logs. */
  readonly removeData: boolean;
  readonly expectedRevision?: number | undefined;
}

/**
 * Deletes a connection with its mappings and entries; the logs of its runs stay unless `removeData` is set. The records of
 * both systems stay as they are. What is many goes first, so that a call that was cut short can be repeated.
 *
 * @throws ConnectionSetupNotFoundError, StaleRevisionError
 * @throws InvalidConnectionSetupError IN_USE while it is enabled, a run is in process, or couplings are to be kept
 */
export async function deleteConnectionSetup(
  id: string,
  { removeData, expectedRevision }: Deletion,
  { connectionSetups, data }: DeletingDeps,
): Promise<void> {
  const setup = await connectionSetups.byId(id);
  if (setup === null) throw new ConnectionSetupNotFoundError(id);
  requireRevision(setup, expectedRevision);
  await requireUnused(setup, removeData, data);
  if (removeData) await data.forgetRecords(id);
  if (await data.remove(setup)) return;
  const present = await connectionSetups.byId(id);
  if (present !== null)
    throw new StaleRevisionError(`connection ${present.name}`, id, setup.revision, present.revision);
}

async function requireUnused(setup: ConnectionSetup, removeData: boolean, data: ConnectionDataStore): Promise<void> {
  if (setup.enabled) throw inUse(`the connection ${setup.name} is enabled: disable it first`);
  if (await data.hasRunInProcess(setup.id))
    throw inUse(`a run of the connection ${setup.name} is still in process: wait for its end, or cancel it`);
  if (!removeData && (await data.hasCouplings(setup.id)))
    throw inUse(
      `the connection ${setup.name} has couplings: delete it with removeData to forget them too, or uncouple them first`,
    );
}

const inUse = (message: string): InvalidConnectionSetupError =>
  new InvalidConnectionSetupError([{ code: 'IN_USE', path: ['id'], message }]);
