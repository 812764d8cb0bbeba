import type { Server } from 'node:http';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type Express } from 'express';
import { GraphQLError, OperationTypeNode } from 'graphql';
import type { Logger } from 'pino';
import type { RemovedTokens } from '../api-token/removed-tokens.js';
import type { ApiContext } from './api-context.js';
import { refusedOperation } from './api-errors.js';
import type { ApiServices } from './api-services.js';
import type { Authenticate } from './authentication.js';
import { buildApiSchema } from './build-schema.js';
import { within } from './deadline.js';
import { formatError } from './format-error.js';
import { answersInTime, sendStatus } from './health.js';
import { httpServer, type ListenOptions, listen } from './http-server.js';
import type { OperationLimits } from './limits.js';
import { mutationRecorder } from './mutation-recorder.js';
import { beginOperation, extensionsOf, type OperationSources, operationContext } from './operation.js';
import {
  answerUnreadable,
  checkOrigin,
  deadlineOf,
  demandToken,
  keepNowhere,
  startTime,
  viewerOf,
} from './request-handlers.js';
import { resolverContainer } from './resolvers.js';
import { thrownByValidation, validationRules } from './validation.js';
import { serveWebSocket } from './web-socket.js';

/** What the API needs of the rest of the service. */
export interface ApiOptions {
  readonly listen: ListenOptions;
  readonly authenticate: Authenticate;
  readonly services: ApiServices;
  /** Tells when the token that someone came with is revoked. */
  readonly removedTokens: RemovedTokens;
  /** A secret of the service that is the same in all its processes. */
  readonly secretKey: Buffer;
  readonly limits: OperationLimits;
  /** Addresses of web pages, besides the service's own, that may use the API from a browser. */
  readonly allowedOrigins: readonly string[];
  /** True when everything that an operation needs can be reached; asked by /health/ready. */
  readonly isReady: () => Promise<boolean>;
  /** The text of /metrics. */
  readonly metricsPage: () => Promise<string>;
  /** Told of each subscription that begins; what it answers is called at its end. */
  readonly onSubscriber: (subscription: string) => () => void;
  readonly logger: Logger;
}

/** The running API. */
export interface Api {
  /** e.g. http://127.0.0.1:4000 */
  readonly url: string;
  /** For the files of the dashboard, and whatever else is served beside GraphQL. */
  readonly express: Express;
  /** Answers what was begun, closes the sockets with 1001, and stops listening. May be called more than once. */
  stop(): Promise<void>;
}

const GRAPHQL_PATH = '/graphql';
/** Prometheus asks for ten seconds, if nothing else is set. */
const METRICS_MS = 8_000;
/** The text format of Prometheus. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Starts the GraphQL API over HTTP and WebSocket at /graphql, and the health end points.
 *
 * @throws AddressUnavailableError when host and port cannot be listened on
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const {
    listen: address,
    authenticate,
    services,
    removedTokens,
    secretKey,
    limits,
    allowedOrigins,
    isReady,
    metricsPage,
    onSubscriber,
    logger,
  } = options;
  const container = resolverContainer(services);
  const schema = buildApiSchema(container);
  const sources: OperationSources = {
    schema,
    limits,
    currentCursor: () => services.changes.currentCursor(),
    mutations: mutationRecorder({
      keys: services.mutationKeys,
      audit: services.audit,
      sources: container.nodes,
      now: () => services.now(),
      hashKey: secretKey,
      logger,
    }),
    resolver: (type) => container.get(type),
  };
  const server = httpServer();
  const sockets = serveWebSocket({
    server,
    path: GRAPHQL_PATH,
    authenticate,
    removedTokens,
    allowedOrigins,
    sources,
    onSubscriber,
    logger,
  });
  const apollo = apolloServer(sources, server, sockets, logger);
  await apollo.start();

  const app = express();
  app.disable('x-powered-by');
  app.get('/health/live', (_request, response) => sendStatus(response, true));
  app.get('/health/ready', async (_request, response) => sendStatus(response, await answersInTime(isReady)));
  const metricsMs = Math.min(METRICS_MS, limits.operationMs);
  app.get('/metrics', startTime(metricsMs), demandToken(authenticate), async (_request, response) => {
    const page = await within(deadlineOf(response), metricsPage());
    response.set('Cache-Control', 'no-store').type(METRICS_TYPE).send(page);
  });
  app.use(
    GRAPHQL_PATH,
    checkOrigin(allowedOrigins),
    startTime(limits.operationMs),
    demandToken(authenticate),
    keepNowhere,
    express.json({ limit: limits.bodyBytes }),
    expressMiddleware(apollo, {
      context: async ({ res }) => operationContext(viewerOf(res), sources, deadlineOf(res)),
    }),
  );
  app.use([GRAPHQL_PATH, '/metrics'], answerUnreadable(limits.bodyBytes, logger));
  server.on('request', app);

  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= apollo.stop();
    return stopping;
  };
  try {
    return { url: await listen(server, address), express: app, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function apolloServer(
  sources: OperationSources,
  server: Server,
  sockets: { dispose(): Promise<void> },
  logger: Logger,
): ApolloServer<ApiContext> {
  return new ApolloServer<ApiContext>({
    schema: sources.schema,
    introspection: true,
    csrfPrevention: true,
    parseOptions: { maxTokens: sources.limits.tokens },
    validationRules: [...validationRules(sources.limits)],
    // Documents are at most 2,000 words: keeping them for others would spare little, and be one more thing to fill.
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: apolloLogger(logger),
    formatError: (formatted, error) => formatError(error, formatted, logger),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // It would look at every field of an answer, none of which may be kept by anybody.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginDrainHttpServer({ httpServer: server }),
      closingSockets(sockets),
      beginning(sources),
      refusingWhatValidationThrows,
    ],
  });
}

// Apollo's own messages are about its life cycle; their words may hold a request, so they stay out of the usual log.
function apolloLogger(logger: Logger): Record<'debug' | 'info' | 'warn' | 'error', (message?: unknown) => void> {
  const log = logger.child({ part: 'graphql' });
  const debug = (message?: unknown): void => log.debug(String(message));
  return { debug, info: debug, warn: debug, error: debug };
}

const closingSockets = (sockets: { dispose(): Promise<void> }): ApolloServerPlugin<ApiContext> => ({
  serverWillStart: async () => ({ drainServer: () => sockets.dispose() }),
});

const OVER_SOCKET =
  'subscriptions are followed over a WebSocket at the same address (graphql-transport-ws); docs/api.md shows how';

const beginning = (sources: OperationSources): ApolloServerPlugin<ApiContext> => ({
  requestDidStart: async () => ({
    didResolveOperation: async ({ document, operation, request, contextValue }) => {
      if (operation === undefined) return;
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw refusedOperation('BAD_USER_INPUT', OVER_SOCKET);
      await beginOperation({ document, operation, variables: request.variables ?? {} }, contextValue, sources);
    },
    willSendResponse: async ({ contextValue, response: { body } }) => {
      const extensions = extensionsOf(contextValue);
      if (body.kind === 'single' && Object.keys(extensions).length > 0) body.singleResult.extensions = extensions;
    },
  }),
});

// Apollo would answer 500 for it.
const refusingWhatValidationThrows: ApolloServerPlugin<ApiContext> = {
  requestDidStart: async () => ({}),
  unexpectedErrorProcessingRequest: async ({ requestContext: { document, operation }, error }) => {
    const isValidating = document !== undefined && operation === undefined;
    if (isValidating && error instanceof GraphQLError) throw thrownByValidation(error);
  },
};
