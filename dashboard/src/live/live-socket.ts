import { type Client, createClient } from 'graphql-ws';

// A laptop that slept, or a network that went away, leaves a socket that looks open: an answer is missing by then.
const PING_MS = 10_000;
const PONG_MS = 5_000;
const CLOSED_BY_US = 4408;

/** The service closes a socket whose token has ended or was revoked, and one that comes with such a token. */
const TOKEN_REFUSED = 4403;

export interface LiveSocketOptions {
  /** The token to open it with now. */
  readonly token: () => Promise<string>;
  readonly onConnected: () => void;
  /** The service no longer accepts the token, and there is no newer one. */
  readonly onRefused: () => void;
}

/** One WebSocket for all subscriptions. It does not reconnect by itself: whoever subscribed resumes at its own cursor. */
export function createLiveSocket({ token, onConnected, onRefused }: LiveSocketOptions): Client {
  let used: string | null = null;
  let socket: WebSocket | null = null;
  let awaited: ReturnType<typeof setTimeout> | undefined;
  // After a laptop slept its token has ended, and another one may be had. Nobody knows while that cannot be asked.
  const isNewest = async (one: string | null): Promise<boolean> =>
    token().then(
      (now) => now === one,
      () => false,
    );
  return createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    connectionParams: async () => {
      used = await token();
      return { authorization: `Bearer ${used}` };
    },
    retryAttempts: 0,
    keepAlive: PING_MS,
    on: {
      opened: (opened) => {
        socket = opened as WebSocket;
      },
      connected: onConnected,
      ping: (received) => {
        if (received) return;
        awaited = setTimeout(() => socket?.close(CLOSED_BY_US, 'No answer to a ping'), PONG_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(awaited);
      },
      closed: (event) => {
        clearTimeout(awaited);
        if ((event as CloseEvent).code === TOKEN_REFUSED) void isNewest(used).then((newest) => newest && onRefused());
      },
    },
  });
}
