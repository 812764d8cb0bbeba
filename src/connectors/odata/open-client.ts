import type { EndpointAccess } from '../connector.js';
import { type Authorization, basicAuthorization, noAuthorization } from './authorization.js';
import { classifyTransport, type ErrorDialect } from './classify.js';
import type { TestStep } from './connection-test.js';
import { type GateLimits, gateName } from './gate.js';
import { HttpClient, TransportError } from './http-client.js';
import { ODataClient } from './odata-client.js';
import type { ResolvedOptions } from './options.js';
import { TokenProvider } from './token-provider.js';

export interface OpenedClient {
  readonly client: ODataClient;
  readonly authorization: Authorization;
  /** The steps with which every test of a connection begins: its address, whether it answers, and the sign-in. */
  openingSteps(signal: AbortSignal): readonly TestStep[];
  close(): Promise<void>;
}

/** Builds the client of one system from the access to it. Opens no connection yet. */
export function openClient(
  access: EndpointAccess,
  system: {
    readonly base: URL;
    readonly scope: string;
    readonly dialect: ErrorDialect;
    readonly gate: GateLimits;
    readonly headers: Readonly<Record<string, string>>;
  },
  options: ResolvedOptions,
): OpenedClient {
  const http = new HttpClient(options.http);
  const authorization = authorizationOf(access.authentication, system.scope, http, options);
  const client = new ODataClient({
    base: system.base,
    http,
    authorization,
    gate: options.gates.gateOf(gateName(access.kind, system.base, userOf(access.authentication)), system.gate),
    dialect: system.dialect,
    retry: options.retry,
    random: options.random,
    headers: system.headers,
  });
  const close = async () => {
    authorization.close();
    await http.close();
  };
  // Any answer will do, also one that asks for a sign-in.
  const reach = async (signal: AbortSignal) => {
    const { origin, pathname: path } = system.base;
    await http
      .send({ method: 'GET', origin, path, headers: { accept: 'application/json' } }, signal)
      .catch((error: unknown) => {
        throw error instanceof TransportError ? classifyTransport(error) : error;
      });
  };
  const openingSteps = (signal: AbortSignal): readonly TestStep[] => [
    { step: 'ADDRESS', run: async () => `The address is ${client.base.href}` },
    { step: 'REACH', run: () => reach(signal).then(() => 'The address answers') },
    {
      step: 'AUTHENTICATE',
      run: async () => {
        await authorization.header(signal);
        return signedIn[access.authentication.kind];
      },
    },
  ];
  return { client, authorization, openingSteps, close };
}

/** A token is given for the right secret alone; whether a user name and its key are right shows with the first request. */
const signedIn: Readonly<Record<EndpointAccess['authentication']['kind'], string>> = {
  NONE: 'No sign-in is set',
  BASIC: 'Credentials are sent',
  OAUTH2_CLIENT_CREDENTIALS: 'Signed in',
};

function authorizationOf(
  authentication: EndpointAccess['authentication'],
  scope: string,
  http: HttpClient,
  { retry, random, monotonicMs }: ResolvedOptions,
): Authorization {
  switch (authentication.kind) {
    case 'NONE':
      return noAuthorization;
    case 'BASIC':
      return basicAuthorization(authentication.userName, authentication.secret);
    case 'OAUTH2_CLIENT_CREDENTIALS': {
      const { tokenUrl, clientId, secret } = authentication;
      return new TokenProvider({ tokenUrl, clientId, secret, scope }, { http, retry, random, monotonicMs });
    }
  }
}

/** Limits count per user: the same user of two connections shares one gate. */
function userOf(authentication: EndpointAccess['authentication']): string {
  switch (authentication.kind) {
    case 'NONE':
      return '';
    case 'BASIC':
      return authentication.userName;
    case 'OAUTH2_CLIENT_CREDENTIALS':
      return authentication.clientId;
  }
}
