import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type DocumentNode,
  type ExecutionArgs,
  execute,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
  Kind,
  OperationTypeNode,
  parse,
} from 'graphql';
import { CloseCode, type Context, type SubscribePayload } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { RemovedTokens } from '../api-token/removed-tokens.js';
import type { ApiContext } from './api-context.js';
import { ApiError } from './api-errors.js';
import { type Authenticate, bearerToken } from './authentication.js';
import { deadlineIn, within } from './deadline.js';
import { followSubscription } from './follow-subscription.js';
import { formatError } from './format-error.js';
import type { OperationLimits } from './limits.js';
import { beginOperation, extensionsOf, type OperationSources, operationContext } from './operation.js';
import { isAllowedOrigin } from './origin.js';
import type { Viewer } from './role.js';
import { speakGraphql } from './socket-protocol.js';
import { validationErrors } from './validation.js';

/** What the WebSocket end point needs. */
export interface WebSocketOptions {
  readonly server: Server;
  readonly path: string;
  readonly authenticate: Authenticate;
  readonly removedTokens: RemovedTokens;
  readonly allowedOrigins: readonly string[];
  readonly sources: OperationSources;
  /** Told of each subscription that begins; what it answers is called at its end. */
  readonly onSubscriber: (subscription: string) => () => void;
  readonly logger: Logger;
}

type ConnectionState = { viewer?: Viewer; stopFollowing?: () => void };

type SocketContext = Context<Record<string, unknown> | undefined, Extra & ConnectionState>;

/**
 * Serves GraphQL over WebSocket (the graphql-transport-ws protocol) on the path of the HTTP server. The token comes in
 * `connectionParams.authorization` or in the header of the upgrade: without one the socket is closed with 4401, with a
 * wrong one with 4403.
 */
export function serveWebSocket(options: WebSocketOptions): {
  dispose(): Promise<void>;
} {
  const { server, path, authenticate, removedTokens, allowedOrigins, sources, onSubscriber, logger } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: sources.limits.bodyBytes });
  const takeUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (pathOf(request) !== path) return refuseUpgrade(socket, '404 Not Found');
    if (!isAllowedOrigin(request, allowedOrigins)) return refuseUpgrade(socket, '403 Forbidden');
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  };
  server.on('upgrade', takeUpgrade);

  const formatted = (
    errors: readonly GraphQLError[],
    defaultCode: (error: GraphQLError) => string,
  ): GraphQLFormattedError[] => errors.map((error) => formatError(error, withCode(error, defaultCode), logger));
  const endPoint = speakGraphql<ConnectionState>(
    sockets,
    {
      onConnect: async (context) => {
        const admitted = await admit(context, authenticate, options);
        if (admitted) closeWhenTokenEnds(context, removedTokens);
        return admitted;
      },
      onDisconnect: ({ extra }) => extra.stopFollowing?.(),
      onClose: ({ extra }) => extra.stopFollowing?.(),
      onSubscribe: (context, _id, payload) => prepare(payload, context, sources),
      execute: async (args) => {
        try {
          return await execute(args);
        } finally {
          (args.contextValue as SocketOperation).deadline?.clear();
        }
      },
      subscribe: (args) => follow(args, sources, onSubscriber),
      onError: (_context, _id, _payload, errors) => formatted(errors, () => 'GRAPHQL_VALIDATION_FAILED'),
      onNext: (_context, _id, _payload, args, result) =>
        ({
          ...result,
          ...(result.errors && { errors: formatted(result.errors, codeOfExecution) }),
          extensions: extensionsOf(args.contextValue as SocketOperation),
        }) as FormattedExecutionResult,
    },
    logger,
  );
  return {
    dispose: async () => {
      server.off('upgrade', takeUpgrade);
      await endPoint.dispose();
    },
  };
}

// Clients take 1013 ("try again later") as: connect anew, and go on after the last cursor.
const TRY_AGAIN_LATER = 1013;

async function admit(
  { connectionParams, extra }: SocketContext,
  authenticate: Authenticate,
  { sources, logger }: Pick<WebSocketOptions, 'sources' | 'logger'>,
): Promise<boolean> {
  const given = connectionParams?.authorization ?? connectionParams?.Authorization;
  const token = bearerToken(given ?? extra.request.headers.authorization);
  if (token === null) {
    extra.socket.close(CloseCode.Unauthorized, 'Unauthorized: send the token in connectionParams.authorization');
    return false;
  }
  const deadline = deadlineIn(sources.limits.operationMs);
  try {
    const viewer = await within(deadline, authenticate(token));
    if (viewer !== null) extra.viewer = viewer;
  } catch (error) {
    // Closed with a code after which clients try again: the token may well be valid.
    logger.error({ err: error }, 'a token could not be checked');
    extra.socket.close(TRY_AGAIN_LATER, 'The token could not be checked in time: try again');
  } finally {
    deadline.clear();
  }
  // `false` closes what is still open with 4403, which clients take as "do not try again with this token".
  return extra.viewer !== undefined;
}

// A socket lives no longer than the token that opened it. 4403 is what clients take as "do not try again with this token".
function closeWhenTokenEnds({ extra }: SocketContext, removedTokens: RemovedTokens): void {
  const { id, expiresAt } = viewerOf({ extra });
  const close = (reason: string) => (): void => extra.socket.close(CloseCode.Forbidden, reason);
  const stopFollowing = removedTokens.follow(id, close('The token was revoked'));
  const stopWaiting = expiresAt === null ? () => undefined : callAt(expiresAt, close('The token has expired'));
  extra.stopFollowing = () => {
    stopFollowing();
    stopWaiting();
  };
}

// Timers count at most 2^31 milliseconds; a time further away is waited for in steps.
const LONGEST_WAIT_MS = 2 ** 31 - 1;

function callAt(time: Date, call: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = time.getTime() - Date.now();
    timer = setTimeout(left <= LONGEST_WAIT_MS ? call : wait, Math.min(Math.max(left, 0), LONGEST_WAIT_MS)).unref();
  };
  wait();
  return () => clearTimeout(timer);
}

function viewerOf({ extra }: Pick<SocketContext, 'extra'>): Viewer {
  if (extra.viewer === undefined) throw new Error('an operation came over a socket that was not admitted');
  return extra.viewer;
}

/** The context of an operation that came over a socket. */
interface SocketOperation extends ApiContext {
  readonly closeSocket: (code: number, reason: string) => void;
}

async function prepare(
  { query, operationName, variables }: SubscribePayload,
  context: SocketContext,
  sources: OperationSources,
): Promise<ExecutionArgs | GraphQLError[]> {
  const { schema, limits } = sources;
  if (Object.keys(context.subscriptions).length > limits.socketOperations) return [tooManyOperations(limits)];
  const document = parseWithinLimits(query, limits.tokens);
  if (document instanceof GraphQLError) return [document];
  const errors = validationErrors(schema, document, limits);
  if (errors.length > 0) return [...errors];
  const operation = getOperationAST(document, operationName);
  if (!operation) return [unknownOperation(operationName)];
  const { socket } = context.extra;
  const contextValue: SocketOperation = {
    ...operationContext(viewerOf(context), sources, deadlineIn(limits.operationMs)),
    closeSocket: (code, reason) => socket.close(code, reason),
  };
  try {
    await beginOperation({ document, operation, variables: variables ?? {} }, contextValue, sources);
    // What is followed has no end.
    if (operation.operation === OperationTypeNode.SUBSCRIPTION) endTime(contextValue);
  } catch (error) {
    endTime(contextValue);
    const originalError = error instanceof Error ? error : new Error(String(error));
    return [new GraphQLError(originalError.message, { originalError })];
  }
  return { schema, document, operationName: operationName ?? null, variableValues: variables ?? null, contextValue };
}

function endTime(context: ApiContext): void {
  context.deadline?.clear();
  context.deadline = null;
}

const tooManyOperations = ({ socketOperations }: OperationLimits): GraphQLError =>
  new ApiError(
    'RATE_LIMITED',
    `at most ${socketOperations} operations may run over one socket; complete one, or open another socket`,
  );

const unknownOperation = (name: string | null | undefined): GraphQLError =>
  new GraphQLError(name ? `Unknown operation named "${name}".` : 'Must provide operation name.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  });

async function follow(
  args: ExecutionArgs,
  sources: OperationSources,
  onSubscriber: WebSocketOptions['onSubscriber'],
): ReturnType<typeof followSubscription> {
  const { viewer, cost, closeSocket } = args.contextValue as SocketOperation;
  const ends = onSubscriber(fieldOf(args));
  const answers = await followSubscription(args, {
    onEnd: ends,
    contextOfEvent: () => ({ ...operationContext(viewer, sources), cost }),
    onSourceError: (error) => {
      const isTooSlow = error instanceof Error && 'code' in error && error.code === 'SUBSCRIBER_TOO_SLOW';
      if (isTooSlow) closeSocket(TRY_AGAIN_LATER, 'Too slow: resume after the last cursor');
      return isTooSlow;
    },
  });
  if (!(Symbol.asyncIterator in answers)) ends();
  return answers;
}

// A subscription asks for one field.
function fieldOf({ document, operationName }: ExecutionArgs): string {
  const [selection] = getOperationAST(document, operationName)?.selectionSet.selections ?? [];
  return selection?.kind === Kind.FIELD ? selection.name.value : 'unknown';
}

function parseWithinLimits(query: string, maxTokens: number): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { message, source, positions } = error;
    return new GraphQLError(message, { source, positions, extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
  }
}

// Over HTTP Apollo gives these codes; graphql itself gives none.
const withCode = (error: GraphQLError, defaultCode: (error: GraphQLError) => string): GraphQLFormattedError => ({
  ...error.toJSON(),
  extensions: { code: error.extensions.code ?? defaultCode(error) },
});

// What fails in execution without a path failed before the first resolver: a variable that its type does not accept.
const codeOfExecution = ({ path }: GraphQLError): string => (path ? 'INTERNAL_SERVER_ERROR' : 'BAD_USER_INPUT');

const pathOf = (request: IncomingMessage): string => new URL(request.url ?? '/', 'http://localhost').pathname;

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
