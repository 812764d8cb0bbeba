import type { SynchErrorClass } from '../../synch/synch-error.js';
import { ConnectorError } from '../connector.js';
import type { TransportError, TransportErrorCode } from './http-client.js';
import { isJsonObject, parseJson } from './json.js';
import { type Situation } from './repetition.js';
import { retryAfterMs } from './retry.js';

/** A request that brought no success, with what is known for repeating it. */
export class RequestError extends ConnectorError {
  readonly situation: Situation;
  /** How long the system asked to wait. */
  readonly retryAfterMs: number | null;
  /** The system itself said what is wrong; false for what a gateway says, or a server that does not know the service. */
  readonly isExplained: boolean;

  constructor(
    message: string,
    details: {
      errorClass: SynchErrorClass;
      code: string;
      situation: Situation;
      httpStatus?: number | null;
      field?: string | null;
      retryAfterMs?: number | null;
      isExplained?: boolean;
    },
    options?: ErrorOptions,
  ) {
    super(message, details, options);
    this.situation = details.situation;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.isExplained = details.isExplained ?? false;
  }
}

export interface Meaning {
  readonly errorClass: SynchErrorClass;
  readonly situation: Situation;
}

/** How one system tells errors. */
export interface ErrorDialect {
  readonly system: string;
  /** By error code in lower case; goes before everything else. */
  readonly codes: ReadonlyMap<string, Meaning>;
  /** By the form of the code, for families of codes that mean the same. */
  readonly codePatterns?: readonly { readonly pattern: RegExp; readonly meaning: Meaning }[];
  /** By text, for what the system gives no code of its own. */
  readonly texts: readonly { readonly pattern: RegExp; readonly meaning: Meaning }[];
  /** By codes that say little; after the text. */
  readonly generalCodes: ReadonlyMap<string, Meaning>;
  /** By HTTP status, where this system means something else by it than the common table. */
  readonly statuses: ReadonlyMap<number, Meaning>;
  /** Patterns whose first group is the name of the field that the text complains of. */
  readonly fieldPatterns: readonly RegExp[];
  /** The code in the form of the table. */
  readonly normalCode: (code: string) => string;
}

/** What a status means where the system's code says nothing. */
const commonStatuses: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [400, { errorClass: 'VALIDATION', situation: 'REFUSED' }],
  [401, { errorClass: 'AUTHENTICATION', situation: 'UNAUTHORIZED' }],
  [403, { errorClass: 'PERMISSION', situation: 'REFUSED' }],
  [404, { errorClass: 'NOT_FOUND', situation: 'REFUSED' }],
  [405, { errorClass: 'CONFIGURATION', situation: 'REFUSED' }],
  [408, { errorClass: 'TRANSIENT', situation: 'UNAVAILABLE' }],
  [409, { errorClass: 'CONFLICT', situation: 'REFUSED' }],
  [410, { errorClass: 'NOT_FOUND', situation: 'REFUSED' }],
  [412, { errorClass: 'CONFLICT', situation: 'REFUSED' }],
  [413, { errorClass: 'VALIDATION', situation: 'REFUSED' }],
  [429, { errorClass: 'THROTTLED', situation: 'THROTTLED' }],
  [500, { errorClass: 'TRANSIENT', situation: 'FAULT' }],
  [501, { errorClass: 'CONFIGURATION', situation: 'REFUSED' }],
  [502, { errorClass: 'TRANSIENT', situation: 'UNAVAILABLE' }],
  [503, { errorClass: 'TRANSIENT', situation: 'UNAVAILABLE' }],
  [504, { errorClass: 'TRANSIENT', situation: 'UNAVAILABLE' }],
]);

/** An answer that is not a success: a whole one, or one part of a batch. */
export interface RefusedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, or the text where it is none. */
  readonly body: unknown;
}

/** Characters of a system's message that are kept: enough to act on, and no bound on what a system may send. */
const MAX_MESSAGE_LENGTH = 1_000;

/** Makes the error of an answer: by the system's code, then by its text where the code says little, then by the HTTP status. */
export function classifyAnswer(answer: RefusedAnswer, dialect: ErrorDialect): RequestError {
  const { code, message } = toldError(answer.body);
  const isExplained = code !== null || message !== null;
  const normalCode = code === null ? null : dialect.normalCode(code);
  const meaning =
    (normalCode === null ? undefined : dialect.codes.get(normalCode.toLowerCase())) ??
    dialect.codePatterns?.find(({ pattern }) => normalCode !== null && pattern.test(normalCode))?.meaning ??
    dialect.texts.find(({ pattern }) => message !== null && pattern.test(message))?.meaning ??
    (normalCode === null ? undefined : dialect.generalCodes.get(normalCode.toLowerCase())) ??
    dialect.statuses.get(answer.status) ??
    (answer.status === 404 && !isExplained ? noService : meaningOfStatus(answer.status));
  return new RequestError(message ?? unexplained(answer.status, dialect.system), {
    ...meaning,
    code: normalCode ?? `HTTP_${answer.status}`,
    httpStatus: answer.status,
    field: message === null ? null : fieldIn(message, dialect.fieldPatterns),
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], dateOf(answer.headers) ?? new Date()),
    isExplained,
  });
}

/** Both systems explain what they do not find; a bare 404 comes from a server on which the service is not there (any more). */
const noService: Meaning = { errorClass: 'CONFIGURATION', situation: 'REFUSED' };

function meaningOfStatus(status: number): Meaning {
  const known = commonStatuses.get(status);
  if (known !== undefined) return known;
  if (status >= 500) return { errorClass: 'TRANSIENT', situation: 'UNAVAILABLE' };
  // A redirect is not followed: it would carry the token to an address that nobody configured.
  if (status >= 300 && status < 400) return { errorClass: 'CONFIGURATION', situation: 'REFUSED' };
  return { errorClass: 'VALIDATION', situation: 'REFUSED' };
}

function toldError(body: unknown): { code: string | null; message: string | null } {
  const error = isJsonObject(body) ? body['error'] : null;
  if (!isJsonObject(error)) return { code: null, message: null };
  const { code, message } = error;
  return {
    code: typeof code === 'string' && !/^(?:0x0)?$/.test(code) ? code : null,
    message: typeof message === 'string' && message !== '' ? message.slice(0, MAX_MESSAGE_LENGTH) : null,
  };
}

function unexplained(status: number, system: string): string {
  const answered = `${system} answered with HTTP status ${status}`;
  return status >= 300 && status < 400
    ? `${answered}, a redirect, which is not followed: check the address of the connection, and any proxy in between`
    : `${answered} and no explanation`;
}

function fieldIn(message: string, patterns: readonly RegExp[]): string | null {
  for (const pattern of patterns) {
    const field = pattern.exec(message)?.[1];
    if (field !== undefined) return field;
  }
  return null;
}

/** The server's clock when it answered; null where it does not tell. */
export function dateOf(headers: Readonly<Record<string, string>>): Date | null {
  const at = Date.parse(headers['date'] ?? '');
  return Number.isNaN(at) ? null : new Date(at);
}

/** The body as JSON, or as text where it is none: error answers of gateways are HTML. */
export function looseBody(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

const transportClasses: Readonly<Record<TransportErrorCode, SynchErrorClass>> = {
  UNREACHABLE: 'TRANSIENT',
  TLS_ERROR: 'CONFIGURATION',
  TIMEOUT: 'TRANSIENT',
  CONNECTION_LOST: 'TRANSIENT',
  BAD_ANSWER: 'TRANSIENT',
  ANSWER_TOO_LARGE: 'CONFIGURATION',
};

/** Makes the error of a request that brought no usable answer. */
export function classifyTransport(error: TransportError): RequestError {
  const { message, code } = error;
  return new RequestError(
    message,
    { errorClass: transportClasses[code], code, situation: transportSituation(error) },
    { cause: error },
  );
}

function transportSituation({ code, sent }: TransportError): Situation {
  // A certificate that is not trusted will not be trusted a second later.
  if (code === 'TLS_ERROR') return 'REFUSED';
  if (!sent) return 'NOT_SENT';
  if (code === 'ANSWER_TOO_LARGE') return 'TOO_LARGE';
  return code === 'BAD_ANSWER' ? 'BAD_ANSWER' : 'LOST';
}

/** A success whose content cannot be understood. */
export function badAnswer(what: string, options?: ErrorOptions): RequestError {
  return new RequestError(what, { errorClass: 'TRANSIENT', code: 'BAD_ANSWER', situation: 'BAD_ANSWER' }, options);
}
