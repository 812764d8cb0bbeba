import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { ApiError } from './api-errors.js';
import { explainedMessage } from './validation.js';

// What GraphQL and Apollo say of a request that never reached a resolver: their texts quote only the request.
const requestErrors: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/**
 * Makes the answer's form of an error: message, code, and where in the request; nothing else leaves. An error that nobody
 * foresaw is logged, and answered without its words, which may hold anything.
 */
export function formatError(error: unknown, proposed: GraphQLFormattedError, logger: Logger): GraphQLFormattedError {
  const known = knownCause(error);
  if (known !== null) return answer(proposed, known.message, known.code);
  const code = proposed.extensions?.code;
  if (requestErrors.has(code) && !hasThrownCause(error)) {
    return answer(proposed, explainedMessage(proposed.message), String(code));
  }
  logger.error({ err: causeOf(error), path: proposed.path }, 'a GraphQL operation failed unexpectedly');
  return answer(proposed, 'The service met an unexpected error; its log tells more.', 'INTERNAL_SERVER_ERROR');
}

// Codes of errors whose message is written for the caller: of the API itself, and of what it asks (lists, streams).
const callersErrors: ReadonlySet<unknown> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'CURSOR_EXPIRED',
  'SUBSCRIBER_TOO_SLOW',
  'SYSTEM_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'COST_LIMIT_EXCEEDED',
  'RATE_LIMITED',
  'OPERATION_TIMED_OUT',
]);

function knownCause(error: unknown): { readonly message: string; readonly code: string } | null {
  for (let cause = error; cause instanceof Error; cause = nextCause(cause)) {
    const code = codeOf(cause);
    if (callersErrors.has(code) && (cause instanceof ApiError || !(cause instanceof GraphQLError))) {
      return { message: cause.message, code: String(code) };
    }
  }
  return null;
}

const codeOf = (error: Error): unknown =>
  error instanceof GraphQLError ? error.extensions.code : 'code' in error ? error.code : undefined;

// A scalar that refuses a value throws a GraphQLError; anything else thrown below is ours to explain, not the caller's.
const hasThrownCause = (error: unknown): boolean => {
  const cause = causeOf(error);
  return cause !== error && !(cause instanceof GraphQLError);
};

function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

const nextCause = (error: Error): unknown => (error instanceof GraphQLError ? error.originalError : undefined);

function answer({ locations, path }: GraphQLFormattedError, message: string, code: string): GraphQLFormattedError {
  return { message, ...(locations && { locations }), ...(path && { path }), extensions: { code } };
}
