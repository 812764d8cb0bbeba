import type { EndpointAccess } from '../connectors/connector.js';
import { gateName } from '../connectors/odata/gate.js';
import type { Side } from '../synch/synch-error.js';
import { type ConnectionSetup, endpointOn, type SystemEndpoint } from './connection-setup.js';
import { type HostKind, hostKind } from './endpoint-rules.js';
import { openSecret, UnreadableSecretError } from './sealed-secret.js';

/** What opens and checks the end points. */
export interface EndpointKeys {
  /** 32 bytes. */
  readonly secretKey: Buffer;
  readonly allowedHosts: readonly string[];
}

/** A stored end point points to a host that the service may not ask (any more). */
export class HostNotAllowedError extends Error {
  override readonly name = 'HostNotAllowedError';
  constructor(readonly host: string) {
    super(
      `connections may not point to ${host}: expected a host below dynamics.com, on this machine, or listed in ALLOWED_HOSTS`,
    );
  }
}

// Who gives tokens for a system depends on where it runs: Microsoft's cloud, and servers that trust it, use Microsoft's
// identity platform; a service on this machine brings its own end point of the same form.
const tokenOrigin: Readonly<Record<HostKind, (base: URL) => string>> = {
  MICROSOFT_CLOUD: () => 'https://login.microsoftonline.com',
  LISTED: () => 'https://login.microsoftonline.com',
  LOOPBACK: (base) => base.origin,
};

/**
 * The address and the credentials of one side, its secret opened.
 *
 * @throws UnreadableSecretError when the secret was sealed with another key, or is missing
 * @throws HostNotAllowedError when the host is no longer allowed
 */
export function endpointAccess(
  setup: ConnectionSetup,
  side: Side,
  { secretKey, allowedHosts }: EndpointKeys,
): EndpointAccess {
  const endpoint = endpointOn(setup, side);
  const base = new URL(endpoint.baseUrl);
  const kind = hostKind(base.hostname, allowedHosts);
  if (kind === null) throw new HostNotAllowedError(base.hostname);
  const secret = (): string => {
    const owner = { connectionSetupId: setup.id, side };
    if (endpoint.sealedSecret === null) throw new UnreadableSecretError(owner, 'none is stored; enter it');
    return openSecret(endpoint.sealedSecret, owner, secretKey);
  };
  return {
    kind: endpoint.kind,
    baseUrl: endpoint.baseUrl,
    company: endpoint.company,
    authentication: authentication(
      endpoint,
      secret,
      (tenantId) => `${tokenOrigin[kind](base)}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
    ),
  };
}

/** The name of the gate that all requests to this end point pass, see {@link gateName}. */
export function gateNameOf({
  kind: system,
  baseUrl,
  authentication: kind,
  userName,
  clientId,
}: SystemEndpoint): string {
  const users = { NONE: '', BASIC: userName ?? '', OAUTH2_CLIENT_CREDENTIALS: clientId ?? '' };
  return gateName(system, new URL(baseUrl), users[kind]);
}

function authentication(
  endpoint: SystemEndpoint,
  secret: () => string,
  tokenUrl: (tenantId: string) => string,
): EndpointAccess['authentication'] {
  switch (endpoint.authentication) {
    case 'NONE':
      return { kind: 'NONE' };
    case 'BASIC':
      return { kind: 'BASIC', userName: endpoint.userName ?? '', secret: secret() };
    case 'OAUTH2_CLIENT_CREDENTIALS': {
      const tenantId = endpoint.tenantId ?? '';
      return {
        kind: 'OAUTH2_CLIENT_CREDENTIALS',
        tenantId,
        clientId: endpoint.clientId ?? '',
        secret: secret(),
        tokenUrl: tokenUrl(tenantId),
      };
    }
  }
}
