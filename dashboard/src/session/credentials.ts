import { openIdOptions } from './openid-options';
import { type OpenIdTokens, RenewalRefusedError } from './openid-tokens';

/** What a person came with. */
export interface Credentials {
  /** The token to send now. Rejects while it has ended and the one who could renew it cannot be reached. */
  readonly token: () => Promise<string>;
  /** Calls back after the token was exchanged for another one, while somebody listens. */
  readonly onRenewed: (listener: () => void) => () => void;
  /** Gone from this tab. */
  readonly forget: () => void;
  /** The person leaves. Answers false when that leads to another page, on which the provider says goodbye. */
  readonly signOut: () => Promise<boolean>;
  /** What to tell when they are no longer taken. */
  readonly endedBecause: string;
}

/** Credentials in whose place others may come while the pages that use them stay. */
export class ExchangeableCredentials implements Credentials {
  constructor(private now: Credentials) {}

  /** To be called while nobody listens to the ones before. */
  exchangeFor(others: Credentials): void {
    this.now = others;
  }

  token = (): Promise<string> => this.now.token();
  onRenewed = (listener: () => void): (() => void) => this.now.onRenewed(listener);
  forget = (): void => this.now.forget();
  signOut = (): Promise<boolean> => this.now.signOut();

  get endedBecause(): string {
    return this.now.endedBecause;
  }
}

// Kept for this tab only: they are gone when the tab closes, and other tabs ask for them again.
const TOKEN_KEY = 'tandem.token';
const OPENID_KEY = 'tandem.openid';

/** Those that this tab was left with; null where nobody is signed in. */
export function storedCredentials(): Credentials | null {
  const tokens = sessionStorage.getItem(OPENID_KEY);
  if (tokens !== null) return new OpenIdCredentials(JSON.parse(tokens) as OpenIdTokens);
  const token = sessionStorage.getItem(TOKEN_KEY);
  return token === null ? null : apiToken(token);
}

/** A token of the service itself, which a person pastes. It is kept once it was accepted. */
export function keepApiToken(token: string): Credentials {
  sessionStorage.setItem(TOKEN_KEY, token);
  return apiToken(token);
}

export const apiToken = (token: string): Credentials => ({
  token: async () => token,
  onRenewed: () => () => undefined,
  forget: () => sessionStorage.removeItem(TOKEN_KEY),
  signOut: async () => true,
  endedBecause: 'The token is no longer valid. Sign in with another one.',
});

/** What an OpenID provider gave. */
export function keepOpenIdTokens(tokens: OpenIdTokens): Credentials {
  sessionStorage.setItem(OPENID_KEY, JSON.stringify(tokens));
  return new OpenIdCredentials(tokens);
}

/** A token is exchanged when a minute, or a third of its time where that is less, is left. */
const MARGIN_MS = 60_000;
const RETRY_MS = 5_000;

/** Tokens of an OpenID provider, which are exchanged for new ones before they end. */
class OpenIdCredentials implements Credentials {
  readonly endedBecause = 'Your sign-in has ended. Sign in again to go on where you were.';
  #renewal: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(private tokens: OpenIdTokens) {}

  token = async (): Promise<string> => {
    if (this.#renewable && Date.now() >= this.#renewAt) {
      await this.#renew().catch((error: unknown) => {
        if (Date.now() >= this.tokens.endsAt) throw error;
      });
    }
    return this.tokens.accessToken;
  };

  onRenewed = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#wait(this.#renewAt - Date.now());
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearTimeout(this.#timer);
    };
  };

  forget = (): void => {
    clearTimeout(this.#timer);
    sessionStorage.removeItem(OPENID_KEY);
  };

  signOut = async (): Promise<boolean> => {
    const { tokens } = this;
    const options = await openIdOptions();
    if (options === null) return true;
    const { leave } = await import('./openid-provider');
    return !(await leave(options, tokens));
  };

  get #renewable(): boolean {
    return this.tokens.refreshToken !== null;
  }

  get #renewAt(): number {
    const { receivedAt, endsAt } = this.tokens;
    return endsAt - Math.min(MARGIN_MS, (endsAt - receivedAt) / 3);
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#renewable || this.#listeners.size === 0) return;
    this.#timer = setTimeout(() => void this.#renewInTime(), Math.max(ms, 0));
  }

  async #renewInTime(): Promise<void> {
    try {
      await this.#renew();
    } catch {
      this.#wait(RETRY_MS);
    }
  }

  /** One exchange at a time: a refresh token is good for one. */
  #renew(): Promise<void> {
    this.#renewal ??= this.#exchange().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #exchange(): Promise<void> {
    const { refreshToken } = this.tokens;
    const options = await openIdOptions();
    if (options === null || refreshToken === null) return;
    const { renew } = await import('./openid-provider');
    try {
      this.#keep(await renew(options, this.tokens));
    } catch (error) {
      if (!(error instanceof RenewalRefusedError)) throw error;
      // The provider's last word: what is left of the present token is all there is.
      this.#keep({ ...this.tokens, refreshToken: null });
      return;
    }
    for (const tell of this.#listeners) tell();
    this.#wait(this.#renewAt - Date.now());
  }

  #keep(tokens: OpenIdTokens): void {
    this.tokens = tokens;
    sessionStorage.setItem(OPENID_KEY, JSON.stringify(tokens));
  }
}
