import type { OpenIdTokens } from './openid-tokens';

/**
 * Beside pages whose sign-in has ended, a second window leads to the provider and back, so that the pages need not be left.
 * It hands its tokens over a channel, whose name stands in its address: a provider may cut the tie between two windows.
 */
export const WINDOW_PATH = '/sign-in/window';

const WINDOW_NAME = 'tandem-sign-in';
const WINDOW_FEATURES = 'popup,width=520,height=700';

const channelOf = (answer: string): BroadcastChannel => new BroadcastChannel(`tandem.sign-in ${answer}`);

/**
 * Opens the window, or the one that is open already. Answers the way to stop waiting for it; null when the browser does not
 * let the page open it.
 */
export function openSignInWindow(onTokens: (tokens: OpenIdTokens) => void): (() => void) | null {
  const answer = crypto.randomUUID();
  const channel = channelOf(answer);
  channel.addEventListener('message', ({ data }) => onTokens(data as OpenIdTokens));
  if (window.open(`${WINDOW_PATH}#${answer}`, WINDOW_NAME, WINDOW_FEATURES) !== null) return () => channel.close();
  channel.close();
  return null;
}

/** What a page of the second window names its channel after; null for any other page. */
export function answerOf(address: string): string | null {
  const { pathname, hash } = new URL(address, location.origin);
  return pathname === WINDOW_PATH && hash.length > 1 ? hash.slice(1) : null;
}

/** Gives the tokens to the pages that the window was opened beside, and closes it. */
export function handOver(answer: string, tokens: OpenIdTokens): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel belongs to one origin
  channelOf(answer).postMessage(tokens);
  window.close();
}
