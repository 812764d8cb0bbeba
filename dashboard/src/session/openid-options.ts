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

async function ask(): Promise<OpenIdOptions | null> {
  const response = await fetch('/sign-in.json');
  if (!response.ok) throw new Error(`The service answered ${response.status}.`);
  return ((await response.json()) as { openId: OpenIdOptions | null }).openId;
}

/** Where the provider sends people back to, after sign-in as after sign-out. */
export const RETURN_PATH = '/sign-in';
