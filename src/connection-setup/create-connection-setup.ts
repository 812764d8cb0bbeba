import { randomUUID } from 'node:crypto';
import type { Side } from '../synch/synch-error.js';
import type { ConnectionSetup, SystemEndpoint } from './connection-setup.js';
import type { ConnectionSetupStore } from './connection-setup-store.js';
import type { EndpointKeys } from './endpoint-access.js';
import { type EndpointDraft, endpointProblems } from './endpoint-rules.js';
import { sealSecret } from './sealed-secret.js';

/** A connection as a person enters it. */
export interface ConnectionSetupDraft {
  readonly name: string;
  readonly business: EndpointDraft;
  readonly sales: EndpointDraft;
}

/** What is wrong with a connection; `path` leads to the value below the draft. */
export interface ConnectionSetupFault {
  /** INVALID when absent. */
  readonly code?: 'INVALID' | 'SECRET_REQUIRED' | 'IN_USE';
  readonly message: string;
  readonly path: readonly string[];
}

/** The draft of a connection cannot be stored. */
export class InvalidConnectionSetupError extends Error {
  override readonly name = 'InvalidConnectionSetupError';
  constructor(readonly faults: readonly ConnectionSetupFault[]) {
    super(faults.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  }
}

const LONGEST_NAME = 50;

/** What is needed to create a connection. */
export interface CreateConnectionSetupDeps {
  readonly connectionSetups: Pick<ConnectionSetupStore, 'insert'>;
  readonly keys: EndpointKeys;
  readonly now: () => Promise<Date>;
}

/**
 * Stores a new connection, disabled, its secrets sealed.
 *
 * @throws InvalidConnectionSetupError with everything that is wrong
 * @throws DuplicateConnectionNameError when the name is in use
 */
export async function createConnectionSetup(
  draft: ConnectionSetupDraft,
  { connectionSetups, keys, now }: CreateConnectionSetupDeps,
): Promise<ConnectionSetup> {
  const faults = draftFaults(draft, keys.allowedHosts);
  if (faults.length > 0) throw new InvalidConnectionSetupError(faults);
  const id = randomUUID();
  const at = await now();
  const setup: ConnectionSetup = {
    id,
    name: draft.name.trim(),
    enabled: false,
    business: sealedEndpoint(id, 'BUSINESS', draft.business, keys.secretKey),
    sales: sealedEndpoint(id, 'SALES', draft.sales, keys.secretKey),
    revision: 1,
    createdAt: at,
    updatedAt: at,
  };
  await connectionSetups.insert(setup);
  return setup;
}

function draftFaults(
  { name, business, sales }: ConnectionSetupDraft,
  allowedHosts: readonly string[],
): ConnectionSetupFault[] {
  const below = (side: Side, part: 'business' | 'sales', draft: EndpointDraft): ConnectionSetupFault[] =>
    endpointProblems(side, draft, allowedHosts).map(({ field, message }) => ({ path: [part, field], message }));
  return [...nameFaults(name.trim()), ...below('BUSINESS', 'business', business), ...below('SALES', 'sales', sales)];
}

/** What is wrong with the name of a connection. */
export function nameFaults(name: string): ConnectionSetupFault[] {
  if (name !== '' && name.length <= LONGEST_NAME) return [];
  return [{ path: ['name'], message: `expected a name of 1 to ${LONGEST_NAME} characters, got ${name.length}` }];
}

/** The end point as it is stored: with its secret sealed, and nothing learned about the system yet. */
export function sealedEndpoint(
  connectionSetupId: string,
  side: Side,
  { secret, ...endpoint }: EndpointDraft,
  key: Buffer,
): SystemEndpoint {
  const needsSecret = endpoint.authentication !== 'NONE' && secret !== null;
  return {
    ...endpoint,
    sealedSecret: needsSecret ? sealSecret(secret, { connectionSetupId, side }, key) : null,
    identity: null,
  };
}
