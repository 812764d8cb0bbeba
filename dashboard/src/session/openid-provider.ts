import * as oauth from 'oauth4webapi';
import { NOT_SECURE, type OpenIdOptions, RETURN_PATH } from './openid-options';
import { type OpenIdTokens, RenewalRefusedError, SignInFailedError } from './openid-tokens';

/** What has to be remembered while the person is at the provider. In this tab only, so that no other can finish it. */
interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly returnTo: string;
}

const PENDING_KEY = 'tandem.sign-in';

/** Who has signed in, and the page that they had asked for. */
export interface FinishedSignIn {
  readonly tokens: OpenIdTokens;
  readonly returnTo: string;
}

/**
 * Leads to the provider: authorization code with PKCE, and with state and nonce.
 *
 * @param choose true when the person shall be able to sign in as somebody else
 * @throws SignInFailedError when the provider does not answer
 */
export async function beginSignIn(options: OpenIdOptions, returnTo: string, choose: boolean): Promise<void> {
  if (!isSecureContext) throw new SignInFailedError(NOT_SECURE);
  const server = await discover(options);
  if (server.authorization_endpoint === undefined)
    throw new SignInFailedError(`${options.issuer} tells no address for signing in.`);
  const pending: PendingSignIn = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    codeVerifier: oauth.generateRandomCodeVerifier(),
    returnTo,
  };
  sessionStorage.setItem(PENDING_KEY, JSON.stringify(pending));
  location.assign(
    addressWith(server.authorization_endpoint, {
      ...options.parameters,
      client_id: options.clientId,
      redirect_uri: redirectAddress(),
      response_type: 'code',
      scope: options.scope,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(pending.codeVerifier),
      code_challenge_method: 'S256',
      ...(choose && { prompt: 'login' }),
    }),
  );
}

/**
 * Takes the provider's answer, which stands in the address, and exchanges its code for tokens.
 *
 * @throws SignInFailedError when it did not sign the person in, or the answer is not the one to this tab's question
 */
export async function finishSignIn(options: OpenIdOptions, answer: URL): Promise<FinishedSignIn> {
  const stored = sessionStorage.getItem(PENDING_KEY);
  sessionStorage.removeItem(PENDING_KEY);
  if (stored === null)
    throw new SignInFailedError('This sign-in was not begun in this tab, or it is over already. Begin anew.');
  const { state, nonce, codeVerifier, returnTo } = JSON.parse(stored) as PendingSignIn;
  const server = await discover(options);
  const client = clientOf(options);
  try {
    const parameters = oauth.validateAuthResponse(server, client, answer, state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      parameters,
      redirectAddress(),
      codeVerifier,
      requestOptions(options),
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    return { tokens: keptTokens(tokens, null), returnTo };
  } catch (error) {
    throw new SignInFailedError(whyNot(error), { cause: error, returnTo });
  }
}

/**
 * Exchanges the refresh token.
 *
 * @throws RenewalRefusedError when the provider does not want to; what fetch throws when it cannot be reached
 */
export async function renew(options: OpenIdOptions, tokens: OpenIdTokens): Promise<OpenIdTokens> {
  const server = await discover(options);
  const client = clientOf(options);
  const response = await oauth.refreshTokenGrantRequest(
    server,
    client,
    oauth.None(),
    tokens.refreshToken ?? '',
    requestOptions(options),
  );
  try {
    return keptTokens(await oauth.processRefreshTokenResponse(server, client, response), tokens);
  } catch (error) {
    // A provider in trouble may answer better in a moment.
    if (response.status >= 500 || response.status === 429) throw error;
    throw new RenewalRefusedError('the provider did not renew the sign-in', { cause: error });
  }
}

/**
 * Tells the provider that the person leaves: the refresh token is taken back, and its own sign-out page is opened.
 * Answers false where it has none.
 */
export async function leave(options: OpenIdOptions, { refreshToken, idToken }: OpenIdTokens): Promise<boolean> {
  const server = await discover(options);
  if (server.revocation_endpoint !== undefined && refreshToken !== null) {
    // Whether or not it is heard, the tokens are gone from here.
    await oauth
      .revocationRequest(server, clientOf(options), oauth.None(), refreshToken, requestOptions(options))
      .catch(() => undefined);
  }
  if (server.end_session_endpoint === undefined) return false;
  location.assign(
    addressWith(server.end_session_endpoint, {
      client_id: options.clientId,
      post_logout_redirect_uri: redirectAddress(),
      ...(idToken !== null && { id_token_hint: idToken }),
    }),
  );
  return true;
}

async function discover(options: OpenIdOptions): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(options.issuer);
  try {
    const response = await oauth.discoveryRequest(issuer, requestOptions(options));
    return await oauth.processDiscoveryResponse(issuer, response);
  } catch (error) {
    throw new SignInFailedError(`${issuer.host} does not answer as an OpenID provider. Try again in a moment.`, {
      cause: error,
    });
  }
}

const clientOf = ({ clientId }: OpenIdOptions): oauth.Client => ({ client_id: clientId });

const redirectAddress = (): string => location.origin + RETURN_PATH;

const REQUEST_MS = 10_000;

// The service takes issuers without TLS on its own machine only.
const requestOptions = ({ issuer, parameters }: OpenIdOptions) => ({
  [oauth.allowInsecureRequests]: issuer.startsWith('http:'),
  signal: () => AbortSignal.timeout(REQUEST_MS),
  additionalParameters: parameters,
});

function addressWith(address: string, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** A provider that does not tell how long its tokens are good for is asked again after so long. */
const ASSUMED_SECONDS = 300;

function keptTokens(response: oauth.TokenEndpointResponse, before: OpenIdTokens | null): OpenIdTokens {
  const claims = oauth.getValidatedIdTokenClaims(response);
  const named = [claims?.['preferred_username'], claims?.['email'], claims?.['name'], claims?.sub];
  const receivedAt = Date.now();
  return {
    accessToken: response.access_token,
    refreshToken: response.refresh_token ?? before?.refreshToken ?? null,
    idToken: response.id_token ?? before?.idToken ?? null,
    name: (named.find((one) => typeof one === 'string' && one !== '') as string | undefined) ?? before?.name ?? null,
    receivedAt,
    endsAt: receivedAt + (response.expires_in ?? ASSUMED_SECONDS) * 1_000,
  };
}

function whyNot(error: unknown): string {
  if (error instanceof oauth.AuthorizationResponseError) {
    const why = error.error_description ?? error.error;
    return error.error === 'access_denied'
      ? `The sign-in was given up, or the provider does not let you in: ${why}.`
      : `The provider could not sign you in: ${why}.`;
  }
  if (error instanceof oauth.ResponseBodyError)
    return `The provider took its answer back: ${error.error_description ?? error.error}. Begin anew.`;
  if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError'))
    return 'The provider does not answer. Try again in a moment.';
  return 'The answer does not belong to this sign-in, so it was not used. Begin anew.';
}
