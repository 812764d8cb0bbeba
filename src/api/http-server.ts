import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where the API listens. */
export interface ListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** The address of HOST and PORT cannot be listened on. */
export class AddressUnavailableError extends Error {
  override readonly name = 'AddressUnavailableError';
  constructor(
    readonly host: string,
    readonly port: number,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `cannot listen on ${host}:${port}: ${reason}; set HOST and PORT to an address that this machine has free`,
      options,
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses the port',
  EACCES: 'the port is reserved for administrators',
  EADDRNOTAVAIL: 'this machine does not have the address',
  ENOTFOUND: 'the host name is not known',
};

// A client that sends its request slower than this holds a connection for nothing.
const REQUEST_MS = 30_000;

/** Starts listening and answers with the address. Throws {@link AddressUnavailableError} when it cannot be had. */
export async function listen(server: Server, { host, port }: ListenOptions): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void =>
      reject(new AddressUnavailableError(host, port, reasons[error.code ?? ''] ?? error.message, { cause: error }));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

/** An HTTP server with time-outs for slow senders. */
export const httpServer = (): Server => createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS });
