import { StaleRevisionError } from '../store/stale-revision-error.js';
import { type Side, sides } from '../synch/synch-error.js';
import { type ConnectionSetup, endpointOn, endpointPart } from './connection-setup.js';
import type { ConnectionSetupChange, ConnectionSetupStore } from './connection-setup-store.js';
import { type ConnectionSetupFault, InvalidConnectionSetupError, nameFaults } from './create-connection-setup.js';
import { ConnectionSetupNotFoundError } from './enable-connection-setup.js';
import type { EndpointKeys } from './endpoint-access.js';
import type { EndpointDraft } from './endpoint-rules.js';
import { couplingFaults, replaceEndpoint } from './replace-endpoint.js';

/** What a person wants to change of a connection; absent parts stay. */
export interface ConnectionSetupEdit {
  readonly name?: string | undefined;
  readonly business?: EndpointDraft | undefined;
  readonly sales?: EndpointDraft | undefined;
  readonly expectedRevision?: number | undefined;
}

/** What is needed to change a connection. */
export interface UpdatingDeps {
  readonly connectionSetups: Pick<ConnectionSetupStore, 'byId' | 'update'>;
  readonly keys: EndpointKeys;
  readonly hasCouplings: (connectionSetupId: string) => Promise<boolean>;
  readonly now: () => Promise<Date>;
}

/**
 * Changes name and end points of a connection.
 *
 * @throws ConnectionSetupNotFoundError; StaleRevisionError when it has another revision than the person saw
 * @throws InvalidConnectionSetupError with everything that is wrong, needs a secret again, or is in use
 * @throws DuplicateConnectionNameError when the name is in use
 */
export async function updateConnectionSetup(
  id: string,
  edit: ConnectionSetupEdit,
  { connectionSetups, keys, hasCouplings, now }: UpdatingDeps,
): Promise<ConnectionSetup> {
  const setup = await connectionSetups.byId(id);
  if (setup === null) throw new ConnectionSetupNotFoundError(id);
  requireRevision(setup, edit.expectedRevision);
  const { change, faults } = readEdit(setup, edit, keys);
  const inUse = (await hasCouplings(id)) ? replacedInUse(setup, change) : [];
  const found = [...faults, ...inUse];
  if (found.length > 0) throw new InvalidConnectionSetupError(found);
  if (Object.keys(change).length === 0) return setup;
  const saved = await connectionSetups.update(id, setup.revision, change, await now());
  if (saved === null) throw new ConnectionSetupNotFoundError(id);
  return saved;
}

/** Throws StaleRevisionError unless the connection is as the person saw it. */
export function requireRevision({ id, name, revision }: ConnectionSetup, expected: number | undefined): void {
  if (expected !== undefined && expected !== revision)
    throw new StaleRevisionError(`connection ${name}`, id, expected, revision);
}

function readEdit(
  setup: ConnectionSetup,
  edit: ConnectionSetupEdit,
  keys: EndpointKeys,
): { readonly change: ConnectionSetupChange; readonly faults: readonly ConnectionSetupFault[] } {
  const name = edit.name?.trim();
  const { endpoints, faults } = endpointsWith(setup, edit, keys);
  return {
    change: { ...(name !== undefined && { name }), ...endpoints },
    faults: [...(name === undefined ? [] : nameFaults(name)), ...faults],
  };
}

/** The end points of a connection as they become with these drafts, and what is wrong with them. */
export function endpointsWith(
  setup: ConnectionSetup,
  { business, sales }: Pick<ConnectionSetupEdit, 'business' | 'sales'>,
  keys: EndpointKeys,
): {
  readonly endpoints: Pick<ConnectionSetupChange, 'business' | 'sales'>;
  readonly faults: readonly ConnectionSetupFault[];
} {
  const drafts: Readonly<Record<Side, EndpointDraft | undefined>> = { BUSINESS: business, SALES: sales };
  const replaced = sides.flatMap((side) => {
    const draft = drafts[side];
    if (draft === undefined) return [];
    return [{ side, ...replaceEndpoint(endpointOn(setup, side), draft, { connectionSetupId: setup.id, side }, keys) }];
  });
  return {
    endpoints: Object.fromEntries(
      replaced.flatMap(({ side, endpoint }) => (endpoint === null ? [] : [[endpointPart[side], endpoint]])),
    ),
    faults: replaced.flatMap(({ faults }) => faults),
  };
}

function replacedInUse(setup: ConnectionSetup, change: ConnectionSetupChange): ConnectionSetupFault[] {
  return sides.flatMap((side) => {
    const next = change[endpointPart[side]];
    return next === undefined ? [] : couplingFaults(side, endpointOn(setup, side), next);
  });
}
