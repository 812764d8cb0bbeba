import { StaleRevisionError } from '../store/stale-revision-error.js';
import type { ConnectionSetup } from './connection-setup.js';
import type { ConnectionSetupStore } from './connection-setup-store.js';

/** There is no connection with this id. */
export class ConnectionSetupNotFoundError extends Error {
  override readonly name = 'ConnectionSetupNotFoundError';
  constructor(readonly connectionSetupId: string) {
    super('there is no connection with this id; it may have been deleted');
  }
}

/** What enabling does besides noting it. */
export interface EnablingDeps {
  readonly connectionSetups: ConnectionSetupStore;
  readonly now: () => Promise<Date>;
  /**
   * Refuses, by throwing, to enable a connection whose systems do not answer or do not go together. Absent for systems that
   * the caller has started itself.
   */
  readonly verify?: (setup: ConnectionSetup) => Promise<void>;
  /**
   * Makes the default mappings and jobs where the connection has no mapping yet; otherwise sets its recurring
   * synchronization entries READY. Repeating it does no harm.
   */
  readonly prepare: (setup: ConnectionSetup, actor: string) => Promise<void>;
}

/**
 * Enables a connection, then prepares what it runs. The flag comes first, since a run of a disabled connection is refused;
 * when preparing fails, enabling again goes on where it stopped. Nothing is enabled that was not verified.
 *
 * @throws ConnectionSetupNotFoundError, and what `verify` and `prepare` throw
 */
export async function enableConnectionSetup(
  id: string,
  actor: string,
  { verify, prepare, ...deps }: EnablingDeps,
): Promise<ConnectionSetup> {
  if (verify !== undefined) await verify(await existing(id, deps));
  const setup = await saveEnabled(id, true, deps);
  await prepare(setup, actor);
  return setup;
}

/**
 * Disables a connection: its schedules stay, their runs are refused until it is enabled again.
 *
 * @throws ConnectionSetupNotFoundError
 */
export const disableConnectionSetup = (
  id: string,
  deps: Omit<EnablingDeps, 'prepare' | 'verify'>,
): Promise<ConnectionSetup> => saveEnabled(id, false, deps);

async function existing(
  id: string,
  { connectionSetups }: Pick<EnablingDeps, 'connectionSetups'>,
): Promise<ConnectionSetup> {
  const setup = await connectionSetups.byId(id);
  if (setup === null) throw new ConnectionSetupNotFoundError(id);
  return setup;
}

// Somebody may save the connection between our look and our write; the wish to enable it stands all the same.
const ATTEMPTS = 5;

async function saveEnabled(
  id: string,
  enabled: boolean,
  { connectionSetups, now }: Omit<EnablingDeps, 'prepare' | 'verify'>,
): Promise<ConnectionSetup> {
  for (let attempt = 1; ; attempt += 1) {
    const setup = await existing(id, { connectionSetups });
    if (setup.enabled === enabled) return setup;
    try {
      const saved = await connectionSetups.update(id, setup.revision, { enabled }, await now());
      if (saved !== null) return saved;
    } catch (error) {
      if (!(error instanceof StaleRevisionError) || attempt === ATTEMPTS) throw error;
    }
  }
}
