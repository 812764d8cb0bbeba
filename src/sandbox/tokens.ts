import { randomUUID } from 'node:crypto';
import type { Answer, Headers } from './http/operation.js';
import type { Seal } from './odata/seal.js';
import type { Settings } from './settings.js';
import type { Side } from './world/row.js';

/** An application that may ask for tokens. */
export interface Client {
  readonly id: string;
  readonly about: string;
  /** Whether the two systems know the application as a user. */
  readonly isMember: boolean;
  readonly secretExpired: boolean;
}

/** The secret of every application. */
export const SECRET = 'sandbox-secret';

/** The applications of the sandbox. */
export const clients: readonly Client[] = [
  { id: 'tandem', about: "the product's own connection", isMember: true, secretExpired: false },
  { id: 'somebody-else', about: 'another user, for edits by a person', isMember: true, secretExpired: false },
  {
    id: 'not-a-member',
    about: 'known to the identity provider, unknown to both systems',
    isMember: false,
    secretExpired: false,
  },
  { id: 'expired-secret', about: 'an application whose secret has expired', isMember: true, secretExpired: true },
];

export const TENANT = 'sandbox';
/** What Business Central's tokens are asked for. */
export const BUSINESS_SCOPE = 'https://api.businesscentral.dynamics.com/.default';

interface Grant {
  readonly client: string;
  readonly side: Side;
  readonly expiresAtMs: number;
}

/** Who a request comes from, or why it is not accepted. */
export type Caller =
  | { readonly client: Client }
  | { readonly refused: 'missing' | 'invalid' | 'expired' | 'otherSystem' };

/** Issues and checks access tokens. They hold themselves what is granted, so a restart does not end them. */
export class TokenIssuer {
  readonly #seal: Seal;
  readonly #settings: Settings;

  constructor(seal: Seal, settings: Settings) {
    this.#seal = seal;
    this.#settings = settings;
  }

  /** Answers `POST /{tenant}/oauth2/v2.0/token` with the form in `body`. */
  issue(tenant: string, body: string, host: string): Answer {
    const form = new URLSearchParams(body);
    const refusal = this.#refusal(tenant, form, host);
    if (refusal !== undefined) return refusal;
    const lifetime = this.#settings.tokenLifetimeSeconds;
    const grant: Grant = {
      client: form.get('client_id') ?? '',
      side: sideOfScope(form.get('scope') ?? '', host) ?? 'SALES',
      expiresAtMs: Date.now() + lifetime * 1_000,
    };
    const header = Buffer.from('{"typ":"JWT","alg":"HS256"}').toString('base64url');
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' },
      body: {
        token_type: 'Bearer',
        expires_in: lifetime,
        ext_expires_in: lifetime,
        access_token: `${header}.${this.#seal.close(grant)}`,
      },
    };
  }

  /** Checks the bearer token of a request to one system. */
  callerOf(headers: Headers, side: Side): Caller {
    const token = /^Bearer\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
    if (token === undefined) return { refused: 'missing' };
    const opened = this.#seal.open(token.slice(token.indexOf('.') + 1)) as Grant | undefined;
    const client = clients.find((one) => one.id === opened?.client);
    if (opened === undefined || client === undefined) return { refused: 'invalid' };
    if (opened.side !== side) return { refused: 'otherSystem' };
    return Date.now() >= opened.expiresAtMs ? { refused: 'expired' } : { client };
  }

  #refusal(tenant: string, form: URLSearchParams, host: string): Answer | undefined {
    const client = clients.find((one) => one.id === form.get('client_id'));
    const scope = form.get('scope') ?? '';
    if (tenant !== TENANT)
      return oauthError(
        'invalid_request',
        90_002,
        `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
      );
    if (form.get('grant_type') !== 'client_credentials')
      return oauthError(
        'unsupported_grant_type',
        70_003,
        `The app requested an unsupported grant type '${form.get('grant_type') ?? ''}'.`,
      );
    if (client === undefined)
      return oauthError(
        'unauthorized_client',
        700_016,
        `Application with identifier '${form.get('client_id') ?? ''}' was not found in the directory '${tenant}'.`,
      );
    if (client.secretExpired)
      return oauthError(
        'invalid_client',
        7_000_222,
        `The provided client secret keys for app '${client.id}' are expired.`,
        401,
      );
    if (form.get('client_secret') !== SECRET)
      return oauthError(
        'invalid_client',
        7_000_215,
        `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client.id}'.`,
        401,
      );
    if (!scope.endsWith('/.default'))
      return oauthError(
        'invalid_scope',
        1_002_012,
        `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
      );
    if (sideOfScope(scope, host) === undefined)
      return oauthError(
        'invalid_resource',
        500_011,
        `The resource principal named ${scope.replace(/\/\.default$/, '')} was not found in the tenant named ${tenant}.`,
      );
    return undefined;
  }
}

/** The system that a scope names: Business Central by its fixed address, Dataverse by the address of the organisation. */
function sideOfScope(scope: string, host: string): Side | undefined {
  if (scope === BUSINESS_SCOPE) return 'BUSINESS';
  const resource = scope.replace(/\/+\.default$/, '');
  if (!URL.canParse(resource)) return undefined;
  const url = new URL(resource);
  return url.host === host || /\.crm\d*\.dynamics\.com$/.test(url.hostname) ? 'SALES' : undefined;
}

function oauthError(error: string, code: number, text: string, status = 400): Answer {
  const [trace, correlation] = [randomUUID(), randomUUID()];
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: {
      error,
      error_description: `AADSTS${code}: ${text} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
    },
  };
}
