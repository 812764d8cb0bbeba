import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Configuration, Provider } from 'oidc-provider';

/** What the provider signs tokens for, and how the dashboard is registered there. */
export const AUDIENCE = 'https://tandem.example.org';
export const CLIENT_ID = 'tandem-dashboard';

export interface OpenIdProviderOptions {
  /** Addresses of dashboards that it sends people back to. */
  readonly redirectAddresses: readonly string[];
  /** Roles by login name; any password is right. */
  readonly rolesOf: Readonly<Record<string, readonly string[]>>;
}

/**
 * A real OpenID provider (`oidc-provider`, certified) on this machine, with its own pages for signing in. Its access tokens
 * are JWTs for {@link AUDIENCE} with the person's roles in the claim `roles`.
 */
export class OpenIdProvider implements AsyncDisposable {
  /** For how long the access tokens that it gives from now on are good, in seconds. */
  accessTokenSeconds = 3_600;
  /** False: whoever is signed in stays so until their token ends, and is not given another one. */
  renews = true;
  /** False: from now on nobody is given a refresh token at sign-in. */
  givesRefreshTokens = true;
  /** How often a refresh token was exchanged. */
  renewals = 0;

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
  ) {}

  static async open({ redirectAddresses, rolesOf }: OpenIdProviderOptions): Promise<OpenIdProvider> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const own = new OpenIdProvider(server, issuer);
    const provider = new Provider(issuer, own.configuration(redirectAddresses, rolesOf));
    provider.on('grant.success', ({ oidc }) => {
      if (oidc.params?.['grant_type'] === 'refresh_token') own.renewals += 1;
    });
    const answer = provider.callback();
    server.on('request', (request, response) => {
      if (request.url === '/token' && request.method === 'POST' && !own.renews) {
        response.writeHead(400, { 'content-type': 'application/json', 'access-control-allow-origin': '*' });
        response.end('{"error":"invalid_grant","error_description":"the session was ended"}');
      } else void answer(request, response);
    });
    return own;
  }

  private configuration(
    redirectAddresses: readonly string[],
    rolesOf: Readonly<Record<string, readonly string[]>>,
  ): Configuration {
    return {
      clients: [
        {
          client_id: CLIENT_ID,
          token_endpoint_auth_method: 'none',
          application_type: 'web',
          grant_types: ['authorization_code', 'refresh_token'],
          redirect_uris: [...redirectAddresses],
          post_logout_redirect_uris: [...redirectAddresses],
        },
      ],
      cookies: { keys: ['a-key-of-the-tests'] },
      claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email'] },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, preferred_username: sub }) }),
      extraTokenClaims: (_, token) => {
        const name = 'accountId' in token ? token.accountId : '';
        return { roles: rolesOf[name] ?? [], preferred_username: name };
      },
      features: {
        revocation: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => AUDIENCE,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: '',
            audience: AUDIENCE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: this.accessTokenSeconds,
          }),
        },
      },
      // It would tell on standard output that these two are its own.
      clientBasedCORS: (_, origin, client) => (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
      issueRefreshToken: (_, client) => this.givesRefreshTokens && client.grantTypeAllowed('refresh_token'),
      ttl: { Grant: 3_600, IdToken: 3_600, Interaction: 3_600, Session: 3_600, RefreshToken: 3_600 },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
