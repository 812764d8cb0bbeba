import { SignInFailedError } from './openid-tokens';

/** Where people sign in, as the service tells it before any sign-in. */
export interface OpenIdOptions {
  readonly issuer: string;
  /** The dashboard as the provider knows it. */
  readonly clientId: string;
  readonly scope: string;
  /** What else the provider wants in its requests, by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

let known: Promise<OpenIdOptions | null> | null = null;

/** Null where the service has no OpenID provider: a token is brought along then. */
export function openIdOptions(): Promise<OpenIdOptions | null> {
  known ??= ask().catch((error: unknown) => {
    // Whoever needs them next asks again.
    known = null;
    throw error;
  });
  return known;
}

/**
 * For a sign-in that was begun with a provider.
 *
 * @throws SignInFailedError where the service has none any more; what fetch throws when nobody answers
 */
export async function requireOpenIdOptions(): Promise<OpenIdOptions> {
  const options = await openIdOptions();
  if (options === null) throw new SignInFailedError('This service no longer signs people in at a provider.');
  return options;
}

async function ask(): Promise<OpenIdOptions | null> {
  const response = await fetch('/sign-in.json');
  if (!response.ok) throw new Error(`The service answered ${response.status}.`);
  return ((await response.json()) as { openId: OpenIdOptions | null }).openId;
}

/** To whom a browser gives no cryptography: their page was not fetched by TLS. */
export const NOT_SECURE = 'Browsers sign in at a provider only from an https:// address, or from this machine.';

/** Where the provider sends people back to, after sign-in as after sign-out. */
export const RETURN_PATH = '/sign-in';
