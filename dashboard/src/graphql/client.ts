import { Client, type CombinedError, fetchExchange, mapExchange, subscriptionExchange } from '@urql/core';
import type { Client as SocketClient } from 'graphql-ws';
import { normalizedCache } from './cache';

export interface ClientOptions {
  /** The token to send now. */
  readonly token: () => Promise<string>;
  readonly socket: SocketClient;
  /** The service no longer accepts the token. */
  readonly onRefused: () => void;
}

/** The client of the service's public API: queries and mutations over HTTP, subscriptions over the socket. */
export function createApiClient({ token, socket, onRefused }: ClientOptions): Client {
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    fetch: async (address, request) => {
      const headers = new Headers(request?.headers);
      headers.set('authorization', `Bearer ${await token()}`);
      return fetch(address, { ...request, headers });
    },
    exchanges: [
      mapExchange({
        onError: (error) => {
          if (errorCode(error) === 'UNAUTHENTICATED') onRefused();
        },
      }),
      normalizedCache(),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => {
            const payload = { query: query ?? '', variables: variables as Record<string, unknown> };
            // A stream of changes has no end of its own: when the service closes it in order, it was lost all the same.
            const complete = (): void => sink.error(new Error('the service closed the stream'));
            return { unsubscribe: socket.subscribe(payload, { ...sink, complete } as never) };
          },
        }),
      }),
    ],
  });
}

/** The stable code of what went wrong; NETWORK when the service could not be reached. */
export function errorCode(error: CombinedError): string {
  const code = error.graphQLErrors[0]?.extensions?.code;
  if (typeof code === 'string') return code;
  return error.response?.status === 401 ? 'UNAUTHENTICATED' : 'NETWORK';
}
