import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { type Dispatcher, Pool } from 'undici';
import { unpack } from './unpack.js';

/** Time-outs and limits of the connection to one system. */
export interface HttpOptions {
  /** For the TCP and TLS handshake. */
  readonly connectMs: number;
  /** From the end of the request to the first byte of the answer. */
  readonly headersMs: number;
  /** Between two pieces of the answer. */
  readonly bodyMs: number;
  /** For the whole exchange. */
  readonly requestMs: number;
  /** Limit of an answer, packed as well as unpacked. */
  readonly maxAnswerBytes: number;
  /** Told of each exchange, for figures and traces. */
  readonly observe?: ExchangeObserver;
  /** Certificate authorities in PEM that are trusted besides the public ones, for servers with a private certificate. */
  readonly ca?: readonly string[];
}

/** How an exchange ended: with an answer of this status, or with the code of what went wrong. */
export type ExchangeOutcome = { readonly status: number } | { readonly code: string };

/** Called when a request is about to leave; what it answers is called once, with the outcome. */
export type ExchangeObserver = (request: Pick<HttpRequest, 'method' | 'origin'>) => (outcome: ExchangeOutcome) => void;

/** 8 minutes is the longest that either system works on one request before it gives up by itself. */
const SYSTEM_GIVES_UP_MS = 8 * 60_000;

export const defaultHttpOptions: HttpOptions = {
  connectMs: 10_000,
  headersMs: SYSTEM_GIVES_UP_MS + 30_000,
  bodyMs: 60_000,
  requestMs: SYSTEM_GIVES_UP_MS + 60_000,
  maxAnswerBytes: 128 * 1024 * 1024,
};

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly origin: string;
  /** Path and query, sent exactly so. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Time-out of this exchange where it differs from the client's, e.g. a write that the system may finish late. */
  readonly requestMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; a repeated header is joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export type TransportErrorCode =
  | 'UNREACHABLE'
  | 'TLS_ERROR'
  | 'TIMEOUT'
  | 'CONNECTION_LOST'
  | 'BAD_ANSWER'
  | 'ANSWER_TOO_LARGE';

/** No usable answer came. {@link sent} false: the request surely never left, so nothing was applied. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  constructor(
    message: string,
    readonly code: TransportErrorCode,
    readonly sent: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Sends single requests: a pool of connections per origin, no cookies, no redirects, every wait limited. Knows nothing of
 * tokens, repeats or OData.
 */
export class HttpClient {
  readonly #pools = new Map<string, Pool>();
  readonly #options: HttpOptions;
  readonly #trust: { readonly secureContext?: SecureContext };

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#trust = trusting(options.ca ?? []);
  }

  /** Throws TransportError when no usable answer came, and the signal's reason soon after it aborts. */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    signal.throwIfAborted();
    const ends = this.#options.observe?.(request);
    try {
      const answer = await this.#exchange(request, signal);
      ends?.({ status: answer.status });
      return answer;
    } catch (error) {
      ends?.({ code: error instanceof TransportError ? error.code : 'ABORTED' });
      throw error;
    }
  }

  async #exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { headersMs, bodyMs, maxAnswerBytes } = this.#options;
    const requestMs = request.requestMs ?? this.#options.requestMs;
    const exchange = new Exchange(request, { requestMs, maxAnswerBytes }, signal);
    this.#poolOf(request.origin).dispatch(
      {
        method: request.method,
        path: request.path,
        headers: { 'accept-encoding': 'gzip, deflate, br', ...request.headers },
        body: request.body ?? null,
        headersTimeout: Math.max(headersMs, request.requestMs ?? 0),
        bodyTimeout: bodyMs,
      },
      exchange,
    );
    const { status, headers, body } = await exchange.answer;
    const encoding = headers['content-encoding'] ?? 'identity';
    try {
      const unpacked = await unpack(body, encoding, maxAnswerBytes);
      return { status, headers, text: unpacked.toString('utf8') };
    } catch (error) {
      if (isTooLarge(error)) throw tooLarge(request, `unpacks to more than ${maxAnswerBytes} bytes`, { cause: error });
      throw new TransportError(`${told(request)}: the answer could not be unpacked (${encoding})`, 'BAD_ANSWER', true, {
        cause: error,
      });
    }
  }

  /** Ends all connections; exchanges under way fail as CONNECTION_LOST. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #poolOf(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known !== undefined) return known;
    const { connectMs } = this.#options;
    // HTTP/2 would put all requests on one connection and one server of the system; limits count per server.
    const pool = new Pool(origin, {
      allowH2: false,
      connect: { timeout: connectMs, ...this.#trust },
    });
    this.#pools.set(origin, pool);
    return pool;
  }
}

/** Read once: the public authorities are many. Without private ones Node's own context, which it shares, will do. */
function trusting(ca: readonly string[]): { readonly secureContext?: SecureContext } {
  if (ca.length === 0) return {};
  return { secureContext: createSecureContext({ ca: [...getCACertificates('default'), ...ca] }) };
}

interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** One request on its way: collects the answer, and knows whether anything was sent. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<RawAnswer>;
  readonly #request: HttpRequest;
  readonly #limits: { readonly requestMs: number; readonly maxAnswerBytes: number };
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.#fail(this.#signal.reason);
  #resolve: (answer: RawAnswer) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;
  #controller: Dispatcher.DispatchController | null = null;
  #ended = false;
  #status = 0;
  #headers: Record<string, string> = {};
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(request: HttpRequest, limits: { requestMs: number; maxAnswerBytes: number }, signal: AbortSignal) {
    this.#request = request;
    this.#limits = limits;
    this.#signal = signal;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.#fail(this.#timedOut('no complete answer')), limits.requestMs);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Called right before the first byte is written: what ended before surely was not sent. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#ended) controller.abort(new Error('given up before it was sent'));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.#headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#limits.maxAnswerBytes) {
      this.#fail(tooLarge(this.#request, `is larger than ${this.#limits.maxAnswerBytes} bytes`));
    } else {
      this.#chunks.push(chunk);
    }
  }

  onResponseEnd(): void {
    if (this.#end())
      this.#resolve({ status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks, this.#size) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#end()) this.#reject(this.#transportError(error));
  }

  #fail(reason: unknown): void {
    const controller = this.#controller;
    if (!this.#end()) return;
    this.#reject(reason);
    controller?.abort(new Error('given up'));
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#onAbort);
    return true;
  }

  #timedOut(what: string): TransportError {
    const sent = this.#controller !== null;
    return new TransportError(`${told(this.#request)}: ${what} within ${this.#limits.requestMs} ms`, 'TIMEOUT', sent);
  }

  #transportError(error: Error): TransportError {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
    const sent = this.#controller !== null;
    const meaning = transportCode(code, sent);
    const what = meaning === 'TLS_ERROR' ? UNTRUSTED : sent ? 'no answer' : 'not reached';
    return new TransportError(`${told(this.#request)}: ${what} (${code})`, meaning, sent, { cause: error });
  }
}

const UNTRUSTED =
  'no secure connection; expected a certificate for the name in the address, from a public authority or from one in CA_FILE';

function tooLarge(request: HttpRequest, how: string, options?: ErrorOptions): TransportError {
  return new TransportError(`${told(request)}: the answer ${how}`, 'ANSWER_TOO_LARGE', true, options);
}

/** Thrown by the unpacker beyond its limit; the rest is not unpacked. */
const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

function transportCode(code: string, sent: boolean): TransportErrorCode {
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return 'TIMEOUT';
  if (sent) return code.startsWith('HPE_') ? 'BAD_ANSWER' : 'CONNECTION_LOST';
  return /CERT|TLS|SSL|EPROTO|UNABLE_TO/.test(code) ? 'TLS_ERROR' : 'UNREACHABLE';
}

/** Names a request without its query, which may quote values of records. */
const told = ({ method, origin, path }: HttpRequest): string => `${method} ${origin}${path.split('?', 1)[0]}`;
