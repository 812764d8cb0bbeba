/** What an OpenID provider gave at sign-in, or in exchange. */
export interface OpenIdTokens {
  readonly accessToken: string;
  /** Null: it cannot be exchanged, and the person signs in again when it ends. */
  readonly refreshToken: string | null;
  /** Tells the provider at sign-out who leaves. */
  readonly idToken: string | null;
  /** How the provider names the person. */
  readonly name: string | null;
  /** By the clock of this machine, in ms. */
  readonly receivedAt: number;
  readonly endsAt: number;
}

/** The provider does not exchange the token: the sign-in was ended there. */
export class RenewalRefusedError extends Error {
  override readonly name = 'RenewalRefusedError';
}

/** A sign-in at the provider led to nothing; the message tells the person why. */
export class SignInFailedError extends Error {
  override readonly name = 'SignInFailedError';
  /** The page that the person had asked for. */
  readonly returnTo: string;

  constructor(message: string, { returnTo = '/', ...options }: ErrorOptions & { readonly returnTo?: string } = {}) {
    super(message, options);
    this.returnTo = returnTo;
  }
}
