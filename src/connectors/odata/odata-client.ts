import { ConnectorError } from '../connector.js';
import { presentRunId } from '../requests-of-run.js';
import type { Authorization } from './authorization.js';
import {
  badAnswer,
  classifyAnswer,
  classifyTransport,
  dateOf,
  type ErrorDialect,
  looseBody,
  RequestError,
} from './classify.js';
import type { Gate } from './gate.js';
import { type HttpAnswer, type HttpClient, type HttpRequest, TransportError } from './http-client.js';
import { isJsonObject, type JsonObject, parseJson } from './json.js';
import { type RequestKind } from './repetition.js';
import { Attempts, type RetryPolicy, wait } from './retry.js';

export interface ODataRequest {
  readonly method: HttpRequest['method'];
  readonly kind: RequestKind;
  /** Relative to the base address, or from the root of its origin when it begins with a slash; percent-encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly requestMs?: number;
  /** Called once the gate is passed, right before it is sent; what it throws ends the request. */
  readonly assertHeld?: (() => void) | undefined;
}

export interface JsonAnswer {
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
  /** The server's clock when it answered. */
  readonly date: Date | null;
}

interface ODataClientParts {
  readonly base: URL;
  readonly http: HttpClient;
  readonly authorization: Authorization;
  readonly gate: Gate;
  readonly dialect: ErrorDialect;
  readonly retry: RetryPolicy;
  readonly random: () => number;
  /** Sent with every request of this system. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The system was asked more at once than it works on: fewer at once get through sooner. */
const isQueueFull = ({ situation, httpStatus }: RequestError): boolean =>
  situation === 'THROTTLED' || httpStatus === 503 || httpStatus === 408;

const isSuccess = ({ status }: HttpAnswer): boolean => status >= 200 && status < 300;

/**
 * Asks one system as one user: waits at the gate, brings the token, classifies what comes back and repeats what the rules
 * allow. Everything that fails is a {@link RequestError} or, for the token, another ConnectorError; an aborted signal
 * rejects with its reason.
 */
export class ODataClient {
  readonly base: URL;
  readonly #parts: ODataClientParts;

  constructor(parts: ODataClientParts) {
    this.base = parts.base;
    this.#parts = parts;
  }

  /**
   * Sends the request until `read` could read an answer. `read` gets successes only, or what `accepts` lets through; it may
   * throw {@link RequestError}, which counts like an answer that brought no success.
   */
  async send<T>(
    request: ODataRequest,
    read: (answer: HttpAnswer) => T,
    signal: AbortSignal,
    accepts = isSuccess,
  ): Promise<T> {
    const { retry, random, gate } = this.#parts;
    const attempts = new Attempts(retry, random);
    for (;;) {
      const result = await this.#attempt(request, read, signal, accepts);
      if ('value' in result) return result.value;
      const { error, mayRepeat } = result;
      const delayMs = mayRepeat ? attempts.next(error.situation, request.kind, error.retryAfterMs) : null;
      // The system counts all requests of the user: all of them wait, also when this one is given up.
      const concernsAll = error.situation === 'THROTTLED' || error.retryAfterMs !== null;
      if (concernsAll) gate.pause(delayMs ?? error.retryAfterMs ?? 0);
      if (isQueueFull(error)) gate.narrow();
      if (delayMs === null) throw error;
      if (!concernsAll) await wait(delayMs, signal);
    }
  }

  /** A read whose answer is a JSON object. */
  async getJson(
    path: string,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<JsonAnswer> {
    return this.send({ method: 'GET', kind: 'READ', path, headers }, jsonAnswer, signal);
  }

  /** Makes all requests of this user wait, because the answer to a part of one asked for it. */
  pause(durationMs: number): void {
    this.#parts.gate.pause(durationMs);
  }

  async #attempt<T>(
    request: ODataRequest,
    read: (answer: HttpAnswer) => T,
    signal: AbortSignal,
    accepts: (answer: HttpAnswer) => boolean,
  ): Promise<{ value: T } | { error: RequestError; mayRepeat: boolean }> {
    const { authorization, dialect } = this.#parts;
    let header: string | null = null;
    try {
      const answer = await this.#exchange(request, signal, (sent) => {
        header = sent;
      });
      if (!accepts(answer)) throw classifyAnswer({ ...answer, body: looseBody(answer.text) }, dialect);
      return { value: read(answer) };
    } catch (error) {
      const failure = this.#failureOf(error);
      const mayRepeat = failure.situation !== 'UNAUTHORIZED' || authorization.refused(header);
      return { error: failure, mayRepeat };
    }
  }

  /** The place at the gate is for as long as the system works: the answer is read while the next request is under way. */
  async #exchange(
    request: ODataRequest,
    signal: AbortSignal,
    signedBy: (header: string | null) => void,
  ): Promise<HttpAnswer> {
    const { gate, authorization, http } = this.#parts;
    const permit = await gate.enter(signal);
    try {
      const header = await authorization.header(signal);
      signedBy(header);
      request.assertHeld?.();
      const answer = await http.send(this.#httpRequest(request, header), signal);
      gate.adviseConcurrency(Number(answer.headers['x-ms-dop-hint'] ?? 0));
      return answer;
    } finally {
      permit.release();
    }
  }

  #httpRequest(request: ODataRequest, authorizationHeader: string | null): HttpRequest {
    const { base, headers } = this.#parts;
    const { method, path, body, requestMs } = request;
    // So that the system's administrator can tell runs apart.
    const runId = presentRunId();
    return {
      method,
      origin: base.origin,
      path: path.startsWith('/') ? path : base.pathname + path,
      headers: {
        ...headers,
        ...request.headers,
        ...(authorizationHeader === null ? {} : { authorization: authorizationHeader }),
        ...(runId === undefined ? {} : { 'x-tandem-run-id': runId }),
      },
      ...(body === undefined ? {} : { body }),
      ...(requestMs === undefined ? {} : { requestMs }),
    };
  }

  /** What is neither an answer nor a broken connection is handed on: an abort, a refused token, a bug. */
  #failureOf(error: unknown): RequestError {
    if (error instanceof TransportError) return classifyTransport(error);
    if (!(error instanceof RequestError)) throw error;
    // A system may quote what it was sent.
    error.message = this.#parts.authorization.redact(error.message);
    return error;
  }
}

/** Reads a JSON object. Throws RequestError BAD_ANSWER. */
export function jsonAnswer(answer: HttpAnswer): JsonAnswer {
  const { headers } = answer;
  return { body: jsonObject(answer), headers, date: dateOf(headers) };
}

function jsonObject({ text, headers }: HttpAnswer): JsonObject {
  const type = headers['content-type'] ?? '';
  if (!/\bjson\b/i.test(type))
    throw badAnswer(`expected JSON, got ${type === '' ? 'an answer without content type' : type.slice(0, 100)}`);
  let body: unknown;
  try {
    body = parseJson(text);
  } catch (error) {
    throw badAnswer('the answer is no whole JSON', { cause: error instanceof Error ? error.name : undefined });
  }
  if (!isJsonObject(body)) throw badAnswer('expected a JSON object, got another JSON value');
  return body;
}

/** The `value` list of an answer to a collection. Throws RequestError BAD_ANSWER. */
export function rowsOf(body: JsonObject): readonly JsonObject[] {
  const rows = body['value'];
  if (!Array.isArray(rows)) throw badAnswer('expected a list of rows named "value"');
  return rows as readonly JsonObject[];
}

/** A text of a JSON object. Throws RequestError BAD_ANSWER naming the property. */
export function textOf(body: JsonObject, property: string): string {
  const text = body[property];
  if (typeof text !== 'string') throw badAnswer(`expected "${property}" to be a text`);
  return text;
}

/** Makes sure that what is thrown in a step has a class; for steps that report instead of throwing. */
export function asConnectorError(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const message = error instanceof Error ? error.message : 'something failed that is no error';
  return new ConnectorError(message, { errorClass: 'INTERNAL', code: 'UNEXPECTED' }, { cause: error });
}
