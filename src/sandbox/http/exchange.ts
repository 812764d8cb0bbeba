import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, Headers } from './operation.js';

// The largest body that either system accepts is far above what a sandbox is asked for.
const MAX_BODY_BYTES = 120 * 1024 * 1024;

/** Thrown when a body is larger than the sandbox takes. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/** The address of a request: path and query apart, both still percent-encoded. */
export function addressOf(request: IncomingMessage): { readonly path: string; readonly query: string } {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

export function headersOf(request: IncomingMessage): Headers {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  return headers;
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new BodyTooLargeError(`the body is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Writes an answer. `more` are headers that every answer of the system has. */
export function send(response: ServerResponse, answer: Answer, more: Readonly<Record<string, string>> = {}): void {
  const body =
    answer.body === undefined ? undefined : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const headers = new Map<string, string>();
  const set = (name: string, value: string) => headers.set(name.toLowerCase(), `${name}\n${value}`);
  for (const [name, value] of Object.entries(more)) set(name, value);
  if (body !== undefined) set('Content-Type', 'application/json; odata.metadata=minimal; odata.streaming=true');
  for (const [name, value] of Object.entries(answer.headers)) set(name, value);
  response.statusCode = answer.status;
  for (const pair of headers.values()) {
    const [name = '', value = ''] = pair.split(/\n(.*)/s);
    response.setHeader(name, value);
  }
  // An announced length above what is sent is a fault: the connection ends in the middle of the body.
  const announced = Number(response.getHeader('content-length') ?? Number.NaN);
  if (body !== undefined && announced > Buffer.byteLength(body)) {
    response.write(body, () => response.socket?.destroy());
    return;
  }
  if (body !== undefined && answer.trickleMs !== undefined) void trickle(response, body, answer.trickleMs);
  else response.end(body);
}

const TRICKLED_PIECES = 8;

async function trickle(response: ServerResponse, body: string, pauseMs: number): Promise<void> {
  const bytes = Buffer.from(body, 'utf8');
  const size = Math.max(1, Math.ceil(bytes.length / TRICKLED_PIECES));
  for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
    response.write(bytes.subarray(at, at + size));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  response.end();
}
