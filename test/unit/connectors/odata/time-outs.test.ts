import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  defaultHttpOptions,
  HttpClient,
  type HttpOptions,
  TransportError,
} from '../../../../src/connectors/odata/http-client.js';
import { type TinyServer, tinyServer } from './tiny-server.js';

const never = new AbortController().signal;
/** Longer than any test waits: only the limit that a test sets can end its request. */
const FAR_MS = 60_000;
const SHORT_MS = 300;

async function failureOf(origin: string, limits: Partial<HttpOptions>): Promise<TransportError> {
  const far = { connectMs: FAR_MS, headersMs: FAR_MS, bodyMs: FAR_MS, requestMs: FAR_MS };
  const client = new HttpClient({ ...defaultHttpOptions, ...far, ...limits });
  onTestFinished(() => client.close());
  const failure: unknown = await client
    .send({ method: 'POST', origin, path: '/', headers: {}, body: '{}' }, never)
    .then(
      () => new Error('expected a failure'),
      (error: unknown) => error,
    );
  if (!(failure instanceof TransportError)) throw failure;
  return failure;
}

/** A server that takes connections and says nothing on them. */
async function silentServer(): Promise<{ readonly port: number; readonly received: () => number }> {
  let bytes = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, received: () => bytes };
}

const listening = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;

/** A port whose queue of connections is full: its process stands still, so that the system answers no further one. */
async function fullPort(): Promise<number> {
  const standing = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'inherit'] });
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    standing.kill('SIGKILL');
  });
  const [line] = (await once(createInterface({ input: standing.stdout }), 'line')) as [string];
  standing.kill('SIGSTOP');
  const port = Number(line);
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    const isTaken = await Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), SHORT_MS)),
    ]);
    if (!isTaken) return port;
  }
}

describe('a request ends by the time-out of the phase that hangs', () => {
  test('connecting: nothing was sent', async () => {
    const failure = await failureOf(`http://127.0.0.1:${await fullPort()}`, { connectMs: SHORT_MS });
    expect(failure).toMatchObject({ code: 'TIMEOUT', sent: false });
  });

  test('the TLS handshake: nothing was sent', async () => {
    const { port, received } = await silentServer();
    const failure = await failureOf(`https://127.0.0.1:${port}`, { connectMs: SHORT_MS });
    expect(failure).toMatchObject({ code: 'TIMEOUT', sent: false });
    // The beginning of the handshake alone.
    expect(received()).toBeGreaterThan(0);
  });

  test('waiting for the answer: it was sent', async () => {
    const { port, received } = await silentServer();
    const failure = await failureOf(`http://127.0.0.1:${port}`, { headersMs: SHORT_MS });
    expect(failure).toMatchObject({ code: 'TIMEOUT', sent: true });
    expect(received()).toBeGreaterThan(0);
  });

  test('between two pieces of the answer: it was sent', async () => {
    await using server = await answering((piece) => piece());
    const failure = await failureOf(server.origin, { bodyMs: SHORT_MS });
    expect(failure).toMatchObject({ code: 'TIMEOUT', sent: true });
  });

  test('as a whole, although there is always another piece', async () => {
    await using server = await answering((piece) => {
      const pieces = setInterval(piece, 20);
      onTestFinished(() => clearInterval(pieces));
    });
    const failure = await failureOf(server.origin, { requestMs: SHORT_MS });
    expect(failure).toMatchObject({ code: 'TIMEOUT', sent: true });
  });
});

/** A server that begins an answer and does not end it. */
const answering = (write: (piece: () => void) => void): Promise<TinyServer> =>
  tinyServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    write(() => response.write(' '));
  });
