import type { LearnedOfEndpoint, SystemEndpoint } from './connection-setup.js';

/** What is wrong with an end point, and where. */
export interface EndpointProblem {
  readonly field:
    | 'kind'
    | 'baseUrl'
    | 'webUrl'
    | 'company'
    | 'authentication'
    | 'userName'
    | 'tenantId'
    | 'clientId'
    | 'secret';
  readonly message: string;
}

/** The end point as a person enters it: with the secret in clear, or null where none is given. */
export interface EndpointDraft extends Omit<SystemEndpoint, 'sealedSecret' | LearnedOfEndpoint> {
  readonly secret: string | null;
}

/** Where a host belongs; decides about the scheme, and where tokens come from. */
export type HostKind = 'MICROSOFT_CLOUD' | 'LOOPBACK' | 'LISTED';

// The clouds that answer with *.dynamics.com names: Dataverse and Business Central online.
const MICROSOFT_HOST = /(?:^|\.)dynamics\.com$/;
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * The kind of a host that a connection may point to; null for any other. A stored secret is sent to this host, so only
 * hosts that the operator of the service trusts are allowed: `allowedHosts` are its own, `*.` stands for any subdomain.
 */
export function hostKind(hostname: string, allowedHosts: readonly string[]): HostKind | null {
  const host = hostname.toLowerCase();
  if (MICROSOFT_HOST.test(host)) return 'MICROSOFT_CLOUD';
  if (LOOPBACK_HOST.test(host)) return 'LOOPBACK';
  return allowedHosts.some((pattern) => matchesHost(host, pattern.toLowerCase())) ? 'LISTED' : null;
}

const matchesHost = (host: string, pattern: string): boolean =>
  pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1 : host === pattern;

/** All that is wrong with an end point for its side; empty when it can be stored. */
export function endpointProblems(
  side: 'BUSINESS' | 'SALES',
  draft: EndpointDraft,
  allowedHosts: readonly string[],
): EndpointProblem[] {
  return [
    ...kindProblems(side, draft),
    ...addressProblems('baseUrl', draft.baseUrl, allowedHosts),
    ...(draft.webUrl === null ? [] : webAddressProblems(draft.webUrl)),
    ...authenticationProblems(draft),
  ];
}

function kindProblems(side: 'BUSINESS' | 'SALES', { kind }: EndpointDraft): EndpointProblem[] {
  const fits = (side === 'SALES') === (kind === 'DATAVERSE');
  if (fits) return [];
  const expected = side === 'SALES' ? 'DATAVERSE' : 'BUSINESS_CENTRAL or NAV_ODATA';
  return [{ field: 'kind', message: `expected ${expected} on the ${side} side, got ${kind}` }];
}

function addressProblems(field: 'baseUrl', address: string, allowedHosts: readonly string[]): EndpointProblem[] {
  if (!URL.canParse(address))
    return [{ field, message: 'expected an address such as https://example.crm4.dynamics.com, got no address' }];
  const url = new URL(address);
  if (url.username !== '' || url.password !== '')
    return [{ field, message: 'expected an address without user name and password; enter them in their own fields' }];
  if (url.search !== '' || url.hash !== '')
    return [{ field, message: 'expected an address that ends with its path, got one with "?" or "#"' }];
  const kind = hostKind(url.hostname, allowedHosts);
  if (kind === null) {
    return [
      {
        field,
        message: `expected a host below dynamics.com, on this machine, or listed in ALLOWED_HOSTS, got ${url.hostname}; ask who runs the service to list it`,
      },
    ];
  }
  const schemes = kind === 'LOOPBACK' ? ['https:', 'http:'] : ['https:'];
  if (!schemes.includes(url.protocol))
    return [
      {
        field,
        message: `expected https for ${url.hostname}, got ${url.protocol.slice(0, -1)}: secrets would pass in clear`,
      },
    ];
  return [];
}

function webAddressProblems(address: string): EndpointProblem[] {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !['https:', 'http:'].includes(url.protocol))
    return [{ field: 'webUrl', message: 'expected an address that begins with https:// or http://' }];
  // Everybody who may see a record is given it.
  if (url.username !== '' || url.password !== '')
    return [{ field: 'webUrl', message: 'expected an address without user name and password' }];
  return [];
}

const requiredFields = {
  NONE: [],
  BASIC: ['userName', 'secret'],
  OAUTH2_CLIENT_CREDENTIALS: ['tenantId', 'clientId', 'secret'],
} as const satisfies Record<
  SystemEndpoint['authentication'],
  readonly ('userName' | 'tenantId' | 'clientId' | 'secret')[]
>;

// Part of the address that tokens are asked at: an id, a domain, or the sandbox's word.
const TENANT = /^[\w.-]{1,100}$/;

function authenticationProblems(draft: EndpointDraft): EndpointProblem[] {
  const missing = requiredFields[draft.authentication].filter((field) => (draft[field] ?? '').trim() === '');
  const problems: EndpointProblem[] = missing.map((field) => ({
    field,
    message: `expected a value for authentication ${draft.authentication}, got none`,
  }));
  if (draft.tenantId !== null && draft.tenantId !== '' && !TENANT.test(draft.tenantId)) {
    problems.push({
      field: 'tenantId',
      message: 'expected a tenant id or domain: letters, digits, points and hyphens only',
    });
  }
  return problems;
}
