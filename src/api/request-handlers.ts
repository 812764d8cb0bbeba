import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { ApiError } from './api-errors.js';
import { type Authenticate, bearerToken } from './authentication.js';
import { type Deadline, deadlineIn, within } from './deadline.js';
import { isAllowedOrigin } from './origin.js';
import type { Viewer } from './role.js';

/** Refuses pages of other addresses: they have no business here, whatever token they got hold of. */
export function checkOrigin(allowedOrigins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers;
    if (!isAllowedOrigin(request, allowedOrigins)) {
      return sendError(response, 403, 'FORBIDDEN', 'Pages of this address may not use the API; see ALLOWED_ORIGINS.');
    }
    if (origin !== undefined && allowedOrigins.includes(origin)) {
      response.set('Access-Control-Allow-Origin', origin).vary('Origin');
      response.set('Access-Control-Allow-Headers', 'authorization,content-type');
      if (request.method === 'OPTIONS') return void response.status(204).end();
    }
    return next();
  };
}

/** Starts the time of a request with its head, so that it holds for checking the token, too. */
export function startTime(milliseconds: number): RequestHandler {
  return (_request, response, next) => {
    const deadline = deadlineIn(milliseconds);
    response.locals.deadline = deadline;
    response.once('close', () => deadline.clear());
    next();
  };
}

/** What {@link startTime} started. */
export const deadlineOf = (response: Response): Deadline => response.locals.deadline as Deadline;

/** Refuses who has no valid token. It is asked before the body is read: nobody without one makes us parse anything. */
export function demandToken(authenticate: Authenticate): RequestHandler {
  return async (request, response, next) => {
    const token = bearerToken(request.headers.authorization);
    const viewer = token === null ? null : await within(deadlineOf(response), authenticate(token));
    if (viewer === null) {
      response.set('WWW-Authenticate', 'Bearer');
      const message =
        token === null
          ? 'No token came; send the header "Authorization: Bearer <token>".'
          : 'The token is not valid; send a token of this service in "Authorization: Bearer <token>".';
      return sendError(response, 401, 'UNAUTHENTICATED', message);
    }
    response.locals.viewer = viewer;
    next();
  };
}

/** An answer is one viewer's, and true for a moment only. */
export const keepNowhere: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

/** Whom {@link demandToken} let in. */
export const viewerOf = (response: Response): Viewer => response.locals.viewer as Viewer;

/** Answers what is wrong with a request whose body could not be read, without quoting it. */
export function answerUnreadable(mostBytes: number, logger: Logger): ErrorRequestHandler {
  return (error: { readonly status?: number }, _request, response, _next) => {
    if (error instanceof ApiError && error.extensions.code === 'OPERATION_TIMED_OUT') {
      return sendError(response, 503, 'OPERATION_TIMED_OUT', error.message);
    }
    if (error.status === 413) {
      return sendError(response, 413, 'BAD_REQUEST', `The request is larger than ${mostBytes} bytes.`);
    }
    if (error.status !== undefined && error.status < 500) {
      return sendError(response, error.status, 'BAD_REQUEST', 'The body is no JSON that can be read.');
    }
    logger.error({ err: error }, 'a request could not be answered');
    return sendError(
      response,
      500,
      'INTERNAL_SERVER_ERROR',
      'The service met an unexpected error; its log tells more.',
    );
  };
}

function sendError(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ errors: [{ message, extensions: { code } }] });
}
