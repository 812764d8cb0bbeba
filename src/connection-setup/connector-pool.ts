import type { Connector } from '../connectors/connector.js';
import { makeError, RunFailedError } from '../synch/describe-error.js';
import { type Side, sides } from '../synch/synch-error.js';
import { type ConnectionSetup, endpointOn, reachedThrough } from './connection-setup.js';
import type { ConnectionSetupStore } from './connection-setup-store.js';
import { HostNotAllowedError } from './endpoint-access.js';
import { UnreadableSecretError } from './sealed-secret.js';

/** Both systems of a connection. */
export type ConnectorPair = Readonly<Record<Side, Connector>>;

/**
 * The open connectors of this process, one for each end point: runs of one connection share its tokens and its limits. A
 * connector is replaced when its end point was edited.
 */
export class ConnectorPool {
  private readonly opened = new Map<string, { readonly endpoint: string; readonly connector: Connector }>();

  constructor(
    private readonly setups: Pick<ConnectionSetupStore, 'byId' | 'rememberIdentities'>,
    /** Opens one end point; the secret is unsealed there. */
    private readonly open: (setup: ConnectionSetup, side: Side) => Connector,
  ) {}

  /**
   * Both connectors of a connection, once each system has said that it is the company or organisation that the connection
   * was set up for. Throws RunFailedError when it is disabled, gone, or means another one by now.
   */
  async connect(connectionSetupId: string, signal: AbortSignal): Promise<ConnectorPair> {
    const setup = await this.setups.byId(connectionSetupId);
    if (setup === null)
      throw new RunFailedError(
        makeError(
          'CONFIGURATION',
          'NO_CONNECTION',
          'the connection of this job does not exist any more: delete the entry',
        ),
      );
    if (!setup.enabled)
      throw new RunFailedError(
        makeError('CONFIGURATION', 'CONNECTION_DISABLED', `the connection ${setup.name} is disabled: enable it first`),
      );
    const pair = await this.pairOf(setup);
    await this.verifyIdentity(setup, pair, signal);
    return pair;
  }

  /**
   * The connector of one side for somebody who only looks: also while the connection is not enabled (yet), and while the other
   * side does not answer. Throws RunFailedError when the connection is gone or means another system by now.
   */
  async look(connectionSetupId: string, side: Side, signal: AbortSignal): Promise<Connector> {
    const setup = await this.setups.byId(connectionSetupId);
    if (setup === null)
      throw new RunFailedError(makeError('CONFIGURATION', 'NO_CONNECTION', 'the connection does not exist any more'));
    const connector = await this.connectorOf(setup, side);
    if (isReplaced(setup, side, await connector.identity(signal))) throw replacedSystem(setup, side);
    return connector;
  }

  /** Both connectors of an enabled connection, without asking the systems who they are; null when it is disabled or gone. */
  async reach(connectionSetupId: string): Promise<ConnectorPair | null> {
    const setup = await this.setups.byId(connectionSetupId);
    if (setup?.enabled !== true) return null;
    return this.pairOf(setup);
  }

  async close(): Promise<void> {
    await Promise.all([...this.opened.values()].map(({ connector }) => connector.close()));
    this.opened.clear();
  }

  private async pairOf(setup: ConnectionSetup): Promise<ConnectorPair> {
    return { BUSINESS: await this.connectorOf(setup, 'BUSINESS'), SALES: await this.connectorOf(setup, 'SALES') };
  }

  private async connectorOf(setup: ConnectionSetup, side: Side): Promise<Connector> {
    const key = `${setup.id}:${side}`;
    const endpoint = reachedThrough(endpointOn(setup, side));
    const known = this.opened.get(key);
    if (known?.endpoint === endpoint) return known.connector;
    const connector = this.openOne(setup, side);
    this.opened.set(key, { endpoint, connector });
    await known?.connector.close();
    return connector;
  }

  // What a person has to mend in the set-up is told as such, by whoever needs the system.
  private openOne(setup: ConnectionSetup, side: Side): Connector {
    try {
      return this.open(setup, side);
    } catch (error) {
      if (error instanceof UnreadableSecretError) throw notToBeOpened('SECRET_UNREADABLE', error, side);
      if (error instanceof HostNotAllowedError) throw notToBeOpened('HOST_NOT_ALLOWED', error, side);
      throw error;
    }
  }

  private async verifyIdentity(setup: ConnectionSetup, pair: ConnectorPair, signal: AbortSignal): Promise<void> {
    const identities = { BUSINESS: await pair.BUSINESS.identity(signal), SALES: await pair.SALES.identity(signal) };
    for (const side of sides) {
      if (isReplaced(setup, side, identities[side])) throw replacedSystem(setup, side);
    }
    if (sides.some((side) => endpointOn(setup, side).identity === null)) {
      await this.setups.rememberIdentities(setup, identities);
    }
  }
}

const notToBeOpened = (code: string, error: Error, side: Side): RunFailedError =>
  new RunFailedError(makeError('CONFIGURATION', code, error.message, { side }), { cause: error });

function isReplaced(setup: ConnectionSetup, side: Side, present: string): boolean {
  const { identity } = endpointOn(setup, side);
  return identity !== null && identity !== present;
}

function replacedSystem(setup: ConnectionSetup, side: Side): RunFailedError {
  const what = side === 'BUSINESS' ? 'company of the business system' : 'organisation of Dataverse';
  const message = `the ${what} behind connection ${setup.name} is another one than the couplings were made with; nothing was read. Point the connection back, or set up a new one`;
  return new RunFailedError(makeError('CONFIGURATION', 'SYSTEM_REPLACED', message, { side }));
}
