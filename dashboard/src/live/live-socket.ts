import { type Client, createClient } from 'graphql-ws';

// A laptop that slept, or a network that went away, leaves a socket that looks open: an answer is missing by then.
const PING_MS = 10_000;
const PONG_MS = 5_000;
const CLOSED_BY_US = 4408;

/** One WebSocket for all subscriptions. It does not reconnect by itself: whoever subscribed resumes at its own cursor. */
export function createLiveSocket(token: string, onConnected: () => void): Client {
  let socket: WebSocket | null = null;
  let awaited: ReturnType<typeof setTimeout> | undefined;
  return createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    connectionParams: { authorization: `Bearer ${token}` },
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
      closed: () => clearTimeout(awaited),
    },
  });
}
