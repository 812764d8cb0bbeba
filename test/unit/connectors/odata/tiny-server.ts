import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface TinyServer extends AsyncDisposable {
  readonly origin: string;
  readonly received: Received[];
  /** Resolves when so many requests have arrived in all. */
  arrived(count: number): Promise<void>;
}

/** An HTTP server of one test; `answer` gets each whole request with its number, counted from 0. With a certificate, HTTPS. */
export async function tinyServer(
  answer: (request: Received, response: ServerResponse, index: number) => unknown,
  { port: wanted = 0, ...tls }: { readonly cert?: string; readonly key?: string; readonly port?: number } = {},
): Promise<TinyServer> {
  const received: Received[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const whole = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      received.push(whole);
      for (const { count, resolve } of waiting) if (received.length >= count) resolve();
      answer(whole, response, received.length - 1);
    });
  };
  const server = tls.cert === undefined ? createServer(listener) : createSecureServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${tls.cert === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    received,
    arrived: (count) =>
      new Promise((resolve) => {
        if (received.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
