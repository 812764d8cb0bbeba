/** One part of a multipart body: an HTTP message, or a nested multipart body. */
export interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Thrown when a multipart body cannot be taken apart. */
export class MultipartError extends Error {
  override readonly name = 'MultipartError';
}

/** The boundary named by a content type, quoted or not; undefined when it is no multipart type. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  if (contentType === undefined || !/^multipart\/mixed\b/i.test(contentType)) return undefined;
  const match = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/** Takes a multipart body apart. Line ends may be CRLF or LF. */
export function parseMultipart(body: string, boundary: string): readonly Part[] {
  const delimiter = `--${boundary}`;
  const parts: Part[] = [];
  let start = endOfDelimiter(body, delimiter, 0);
  while (start !== undefined) {
    const end = nextDelimiter(body, delimiter, start);
    if (end === undefined)
      throw new MultipartError(`The multipart body ends without its closing boundary '${delimiter}--'.`);
    parts.push(parsePart(trimLineEnd(body.slice(start, end))));
    start = endOfDelimiter(body, delimiter, end);
  }
  return parts;
}

/** Index behind the delimiter's line at or after `from`; undefined at the closing one. */
function endOfDelimiter(body: string, delimiter: string, from: number): number | undefined {
  const at = nextDelimiter(body, delimiter, from);
  if (at === undefined) throw new MultipartError(`The multipart body does not contain its boundary '${delimiter}'.`);
  const behind = at + delimiter.length;
  if (body.startsWith('--', behind)) return undefined;
  const lineEnd = body.indexOf('\n', behind);
  if (lineEnd < 0) throw new MultipartError(`The multipart body ends in the line of its boundary '${delimiter}'.`);
  return lineEnd + 1;
}

function nextDelimiter(body: string, delimiter: string, from: number): number | undefined {
  for (let at = body.indexOf(delimiter, from); at >= 0; at = body.indexOf(delimiter, at + 1)) {
    const startsLine = at === 0 || body[at - 1] === '\n';
    if (startsLine && /^(--)?[ \t]*(\r?\n|$)/.test(body.slice(at + delimiter.length, at + delimiter.length + 80)))
      return at;
  }
  return undefined;
}

const trimLineEnd = (text: string): string => text.replace(/\r?\n$/, '');

function parsePart(text: string): Part {
  const { head, rest } = splitHead(text);
  return { headers: parseHeaders(head), body: rest };
}

/** Header lines up to the first blank line, and what follows it. */
export function splitHead(text: string): { readonly head: readonly string[]; readonly rest: string } {
  const lines: string[] = [];
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf('\n', at);
    const line = (end < 0 ? text.slice(at) : text.slice(at, end)).replace(/\r$/, '');
    at = end < 0 ? text.length : end + 1;
    if (line.trim() === '') break;
    lines.push(line);
  }
  return { head: lines, rest: text.slice(at) };
}

export function parseHeaders(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

const CRLF = '\r\n';

/** Builds a multipart body of ready parts. */
export function multipartBody(boundary: string, parts: readonly string[]): string {
  return `${parts.map((part) => `--${boundary}${CRLF}${part}${CRLF}`).join('')}--${boundary}--${CRLF}`;
}

/** One part from its headers and body. */
export function partText(headers: Readonly<Record<string, string>>, body: string): string {
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}${CRLF}`);
  return `${head.join('')}${CRLF}${body}`;
}
