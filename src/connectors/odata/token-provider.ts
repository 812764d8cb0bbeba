import { ConnectorError } from '../connector.js';
import { abortable } from './abortable.js';
import { type Authorization, without } from './authorization.js';
import { badAnswer, classifyTransport, looseBody, RequestError } from './classify.js';
import { type HttpAnswer, type HttpClient, TransportError } from './http-client.js';
import { isJsonObject, type JsonObject, parseJson } from './json.js';
import { Attempts, type RetryPolicy, retryAfterMs, wait } from './retry.js';

export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly secret: string;
  readonly scope: string;
}

interface TokenDependencies {
  readonly http: HttpClient;
  readonly retry: RetryPolicy;
  readonly random: () => number;
  /** A clock that only goes forward: token lifetimes must not follow a clock that is set. */
  readonly monotonicMs: () => number;
}

interface Token {
  readonly value: string;
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

/** A token request that hangs holds up everything: the endpoint answers in well under a second when it answers at all. */
const TOKEN_REQUEST_MS = 30_000;

/** A token is renewed this long before its end, or a tenth of its life before where that is less. */
const EARLY_RENEWAL_MS = 5 * 60_000;

/**
 * OAuth2 client credentials: keeps one token and renews it early; however many ask at once, one request is under way. A
 * wrong secret is never tried again by itself: it would lock the application out.
 */
export class TokenProvider implements Authorization {
  readonly #credentials: ClientCredentials;
  readonly #dependencies: TokenDependencies;
  readonly #closing = new AbortController();
  #token: Token | null = null;
  #pending: Promise<Token> | null = null;

  constructor(credentials: ClientCredentials, dependencies: TokenDependencies) {
    this.#credentials = credentials;
    this.#dependencies = dependencies;
  }

  async header(signal: AbortSignal): Promise<string> {
    const token = this.#token;
    const nowMs = this.#dependencies.monotonicMs();
    if (token !== null && nowMs < token.renewAtMs) return `Bearer ${token.value}`;
    try {
      return `Bearer ${(await abortable(this.#renewed(), signal)).value}`;
    } catch (error) {
      const stillGood = token !== null && token === this.#token && nowMs < token.expiresAtMs;
      if (stillGood && error instanceof ConnectorError && error.errorClass === 'TRANSIENT')
        return `Bearer ${token.value}`;
      throw error;
    }
  }

  refused(header: string | null): boolean {
    // Another request may have renewed it meanwhile: then the new one stays.
    if (this.#token !== null && header === `Bearer ${this.#token.value}`) this.#token = null;
    return true;
  }

  redact(text: string): string {
    return without(text, [
      this.#credentials.secret,
      encodeURIComponent(this.#credentials.secret),
      this.#token?.value ?? '',
    ]);
  }

  close(): void {
    this.#closing.abort(new ConnectorError('the connection was closed', { errorClass: 'TRANSIENT', code: 'CLOSED' }));
  }

  /** The request belongs to all who wait for it: none of them can abort it for the others. */
  #renewed(): Promise<Token> {
    this.#pending ??= this.#request().finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }

  async #request(): Promise<Token> {
    const { retry, random } = this.#dependencies;
    const attempts = new Attempts(retry, random);
    for (;;) {
      try {
        this.#token = await this.#ask();
        return this.#token;
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        const delayMs = attempts.next(error.situation, 'READ', error.retryAfterMs);
        if (delayMs === null) throw givenUp(error);
        await wait(delayMs, this.#closing.signal);
      }
    }
  }

  async #ask(): Promise<Token> {
    const { http, monotonicMs } = this.#dependencies;
    const { tokenUrl, clientId, secret, scope } = this.#credentials;
    const url = new URL(tokenUrl);
    const askedAtMs = monotonicMs();
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      scope,
    });
    const request = {
      method: 'POST',
      origin: url.origin,
      path: url.pathname + url.search,
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      requestMs: TOKEN_REQUEST_MS,
    } as const;
    const answer = await http.send(request, this.#closing.signal).catch((error: unknown) => {
      throw error instanceof TransportError ? classifyTransport(error) : error;
    });
    if (answer.status !== 200) throw this.#refusal(answer);
    return tokenIn(answer, askedAtMs);
  }

  #refusal(answer: HttpAnswer): RequestError {
    const body = looseBody(answer.text);
    const told = isJsonObject(body) ? body : {};
    const number = Array.isArray(told['error_codes']) ? told['error_codes'][0] : undefined;
    const oauthError = typeof told['error'] === 'string' ? told['error'] : null;
    const code = typeof number === 'number' ? `AADSTS${number}` : (oauthError ?? `HTTP_${answer.status}`);
    const described =
      typeof told['error_description'] === 'string' ? told['error_description'] : `HTTP status ${answer.status}`;
    const message = `no token for client ${this.#credentials.clientId} from ${new URL(this.#credentials.tokenUrl).origin}: ${firstLine(described)}`;
    return new RequestError(this.redact(message), {
      ...meaningOf(answer.status, oauthError, code),
      code,
      httpStatus: answer.status,
      retryAfterMs: retryAfterMs(answer.headers['retry-after'], new Date()),
    });
  }
}

/** Secret wrong, secret expired. Everything else that is refused is a wrong tenant, client or scope. */
const authenticationCodes = new Set(['AADSTS7000215', 'AADSTS7000222', 'invalid_client']);

function meaningOf(status: number, oauthError: string | null, code: string) {
  if (status === 429) return { errorClass: 'THROTTLED', situation: 'THROTTLED' } as const;
  if (status >= 500 || status === 408) return { errorClass: 'TRANSIENT', situation: 'UNAVAILABLE' } as const;
  const isCredential =
    authenticationCodes.has(code) || oauthError === 'invalid_client' || (status === 401 && oauthError === null);
  return { errorClass: isCredential ? 'AUTHENTICATION' : 'CONFIGURATION', situation: 'REFUSED' } as const;
}

function tokenIn(answer: HttpAnswer, askedAtMs: number): Token {
  const body = jsonObjectOf(answer);
  const { access_token: value, expires_in: lifetime } = body;
  const lifetimeMs = Number(lifetime) * 1000;
  if (typeof value !== 'string' || value === '' || !(lifetimeMs > 0)) {
    throw badAnswer('the token endpoint answered without access_token or expires_in');
  }
  const expiresAtMs = askedAtMs + lifetimeMs;
  return { value, expiresAtMs, renewAtMs: expiresAtMs - Math.min(EARLY_RENEWAL_MS, lifetimeMs / 10) };
}

function jsonObjectOf(answer: HttpAnswer): JsonObject {
  try {
    const body = parseJson(answer.text);
    if (isJsonObject(body)) return body;
  } catch {
    // What the endpoint sent may hold the token: it is not quoted.
  }
  throw badAnswer('the token endpoint answered something that is no JSON object');
}

/** Without a token the request itself was never sent, and what may be repeated here has been repeated. */
function givenUp(error: RequestError): RequestError {
  const { errorClass, code, httpStatus } = error;
  return new RequestError(error.message, { errorClass, code, httpStatus, situation: 'REFUSED' }, { cause: error });
}

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] ?? '';
