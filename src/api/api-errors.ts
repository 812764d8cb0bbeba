import { GraphQLError } from 'graphql';

/** Codes of GraphQL errors, in `extensions.code`: what the caller of one operation cannot mend by other values of an input. */
export type ApiErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'CURSOR_EXPIRED'
  | 'SYSTEM_UNAVAILABLE'
  | 'OUTCOME_UNKNOWN'
  | 'COST_LIMIT_EXCEEDED'
  | 'RATE_LIMITED'
  | 'OPERATION_TIMED_OUT'
  | 'INTERNAL_SERVER_ERROR';

/** An error whose message is written for the caller: it passes to the answer as it is. */
export class ApiError extends GraphQLError {
  constructor(
    code: ApiErrorCode,
    message: string,
    options: { readonly cause?: Error; readonly extensions?: Readonly<Record<string, unknown>> } = {},
  ) {
    const { cause, extensions } = options;
    super(message, { extensions: { ...extensions, code }, ...(cause && { originalError: cause }) });
  }
}

/** An argument that cannot be answered: names the argument, what was expected and what came. */
export const badUserInput = (message: string, cause?: Error): ApiError =>
  new ApiError('BAD_USER_INPUT', message, cause ? { cause } : {});

/** An operation that is not begun; over HTTP its status says that the request is at fault. */
export const refusedOperation = (code: ApiErrorCode, message: string): ApiError =>
  new ApiError(code, message, { extensions: { http: { status: 400 } } });
