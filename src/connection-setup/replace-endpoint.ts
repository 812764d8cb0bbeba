import type { Side } from '../synch/synch-error.js';
import { endpointPart, reachedThrough, type SystemEndpoint } from './connection-setup.js';
import { type ConnectionSetupFault, sealedEndpoint } from './create-connection-setup.js';
import type { EndpointKeys } from './endpoint-access.js';
import { type EndpointDraft, endpointProblems } from './endpoint-rules.js';
import type { SecretOwner } from './sealed-secret.js';

/** An end point that takes the place of a stored one, or why it cannot. */
export type Replacement =
  | { readonly endpoint: SystemEndpoint; readonly faults: readonly [] }
  | { readonly endpoint: null; readonly faults: readonly ConnectionSetupFault[] };

/**
 * The stored end point as it becomes with this draft. A draft without a secret keeps the stored one as long as it goes to
 * the same system as the same user; what was learned about the system stays as long as it is reached in the same way.
 */
export function replaceEndpoint(
  stored: SystemEndpoint,
  draft: EndpointDraft,
  owner: SecretOwner,
  { secretKey, allowedHosts }: EndpointKeys,
): Replacement {
  const leftOut = draft.authentication !== 'NONE' && draft.secret === null;
  const kept = leftOut && keepsSecret(stored, draft) ? stored.sealedSecret : null;
  const problems = endpointProblems(owner.side, draft, allowedHosts).filter(
    // Whether a secret that is left out may stay is told below, with a code of its own.
    ({ field }) => !(field === 'secret' && leftOut),
  );
  const part = endpointPart[owner.side];
  const faults: ConnectionSetupFault[] = problems.map(({ field, message }) => ({ path: [part, field], message }));
  if (leftOut && kept === null) faults.push(secretRequired(stored, part));
  if (faults.length > 0) return { endpoint: null, faults };
  const entered = sealedEndpoint(owner.connectionSetupId, owner.side, draft, secretKey);
  return { endpoint: withLearned({ ...entered, sealedSecret: kept ?? entered.sealedSecret }, stored), faults: [] };
}

/** A secret goes to nobody but the system that it was entered for, and stands for nobody but the user that it belongs to. */
function keepsSecret(stored: SystemEndpoint, draft: EndpointDraft): boolean {
  return (
    stored.kind === draft.kind &&
    stored.authentication === draft.authentication &&
    // With the scheme: a secret that was entered for https does not pass in clear.
    originOf(stored.baseUrl) === originOf(draft.baseUrl) &&
    stored.tenantId === draft.tenantId &&
    stored.userName === draft.userName &&
    stored.clientId === draft.clientId
  );
}

const secretRequired = (stored: SystemEndpoint, part: string): ConnectionSetupFault => ({
  code: 'SECRET_REQUIRED',
  path: [part, 'secret'],
  message:
    stored.sealedSecret === null
      ? 'expected a secret, got none, and none is stored: give it'
      : 'expected the secret again, since kind, host, tenant, user or client is another one: the stored secret goes to no other system or user',
});

/**
 * What keeps an end point of a connection with couplings from being replaced: the couplings hold ids of the system that
 * it means now.
 */
export function couplingFaults(side: Side, stored: SystemEndpoint, next: SystemEndpoint): ConnectionSetupFault[] {
  const part = endpointPart[side];
  const inUse = (field: string, what: string, before: string | null, after: string | null): ConnectionSetupFault[] =>
    before === after
      ? []
      : [
          {
            code: 'IN_USE',
            path: [part, field],
            message: `the ${what} cannot change from ${before ?? 'none'} to ${after ?? 'none'} while records are coupled: their ids belong to the system of now. Uncouple them first, or set up a new connection`,
          },
        ];
  return [
    ...inUse('kind', 'kind of the system', stored.kind, next.kind),
    ...inUse('company', 'company', stored.company, next.company),
    ...inUse('baseUrl', 'host', hostOf(stored.baseUrl), hostOf(next.baseUrl)),
  ];
}

function withLearned(entered: SystemEndpoint, stored: SystemEndpoint): SystemEndpoint {
  const meansTheSame =
    stored.kind === entered.kind &&
    stored.company === entered.company &&
    hostOf(stored.baseUrl) === hostOf(entered.baseUrl);
  const identity = meansTheSame ? stored.identity : null;
  if (reachedThrough(entered) !== reachedThrough(stored)) return { ...entered, identity };
  const { lastTest = null, capabilities = null } = stored;
  return { ...entered, identity, lastTest, capabilities };
}

// Only addresses that were checked are compared: what is stored, and drafts without problems or with one told anyway.
const originOf = (address: string): string => (URL.canParse(address) ? new URL(address).origin : address);
const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : address);
