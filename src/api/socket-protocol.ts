import { CloseCode, handleProtocols, makeServer, type ServerOptions } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import type { Logger } from 'pino';
import type { RawData, WebSocket, WebSocketServer } from 'ws';

/** A socket that answers no ping within this time is gone. */
const KEEP_ALIVE_MS = 12_000;
const GOING_AWAY = 1001;

type Params = Record<string, unknown>;

/**
 * Speaks graphql-transport-ws on each socket that comes, as graphql-ws's own adapter does, but writes nothing to the console:
 * what a stranger sends is no fault of ours, and never a line in the log.
 *
 * @returns closes the sockets with 1001, and takes no more
 */
export function speakGraphql<State extends Params>(
  sockets: WebSocketServer,
  options: ServerOptions<Params, Extra & State>,
  logger: Logger,
): { dispose(): Promise<void> } {
  const protocol = makeServer<Params, Extra & State>(options);
  sockets.options.handleProtocols = handleProtocols;
  sockets.on('error', (error) => logger.error({ err: error }, 'the WebSocket server failed'));
  sockets.on('connection', (socket, request) => {
    // ws itself closes the socket, with the code that tells what was wrong with what came.
    socket.on('error', (error) => logger.debug({ reason: codeOf(error) }, 'a socket broke off'));
    const stopPinging = keepAlive(socket);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => send(socket, text),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => socket.on('message', (data) => void taking(take, textOf(data), socket, logger)),
      },
      { socket, request } as Extra & State,
    );
    socket.once('close', (code, reason) => {
      stopPinging();
      closed(code, String(reason)).catch((error: unknown) => {
        logger.error({ err: error }, 'what a socket followed could not be ended');
      });
    });
  });
  return {
    dispose: async () => {
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'Going away');
      sockets.removeAllListeners();
      await new Promise<void>((resolve, reject) => {
        sockets.close((error) => (error ? reject(error) : resolve()));
      });
    },
  };
}

async function taking(
  take: (message: string) => Promise<void>,
  message: string,
  socket: WebSocket,
  logger: Logger,
): Promise<void> {
  try {
    await take(message);
  } catch (error) {
    // Messages that only a server sends are well-formed, and as wrong as others that cannot be read.
    if (error instanceof Error && error.message.startsWith('Unexpected message of type ')) {
      return socket.close(CloseCode.BadRequest, 'Invalid message received');
    }
    logger.error({ err: error }, 'a message of a socket could not be answered');
    socket.close(CloseCode.InternalServerError, 'Internal server error');
  }
}

const send = (socket: WebSocket, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    socket.send(text, (error) => (error ? reject(error) : resolve()));
  });

function keepAlive(socket: WebSocket): () => void {
  let isAnswered = true;
  socket.on('pong', () => {
    isAnswered = true;
  });
  const timer = setInterval(() => {
    if (!isAnswered) return socket.terminate();
    isAnswered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, KEEP_ALIVE_MS);
  return () => clearInterval(timer);
}

// ws gives one buffer, unless it is told to give something else.
const textOf = (data: RawData): string => (data as Buffer).toString();

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : error.name);
