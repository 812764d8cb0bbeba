/** One operation in a batch request. */
export interface BatchOperation {
  readonly method: 'PATCH' | 'DELETE' | 'GET' | 'POST';
  /** From the root of the origin, percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One answer in a batch answer. */
export interface BatchPart {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const CRLF = '\r\n';

/** Writes a multipart body of single operations, without change sets: each is applied for itself. */
export function writeBatch(boundary: string, operations: readonly BatchOperation[]): string {
  const parts = operations.map((operation) => `--${boundary}${CRLF}${writePart(operation)}${CRLF}`);
  return `${parts.join('')}--${boundary}--${CRLF}`;
}

function writePart({ method, path, headers, body }: BatchOperation): string {
  return [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `${method} ${path} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    body ?? '',
  ].join(CRLF);
}

export const isMultipart = (contentType: string | undefined): boolean => /^multipart\/mixed\b/i.test(contentType ?? '');

/**
 * Takes a multipart answer apart into the answers it holds, in order; change sets are flattened. Line ends may be CRLF or LF.
 * A part that its boundary does not close was cut off and is left out: half an answer is none.
 */
export function readBatch(text: string, contentType: string | undefined): BatchPart[] {
  const boundary = boundaryOf(text, contentType);
  return boundary === null ? [] : sections(text, boundary).flatMap(readSection);
}

/** The boundary that the content type names, else the one in the first line. */
function boundaryOf(text: string, contentType: string | undefined): string | null {
  const named = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? '');
  return named?.[1] ?? named?.[2] ?? /^\s*--(\S+)/.exec(text)?.[1] ?? null;
}

function sections(text: string, boundary: string): string[] {
  const found: string[] = [];
  let start: number | null = null;
  for (const delimiter of delimitersIn(text, boundary)) {
    if (start !== null) found.push(withoutLastLineEnd(text.slice(start, delimiter.start)));
    if (delimiter.isLast) break;
    start = delimiter.end;
  }
  return found;
}

/** Boundary lines; the same text within a line belongs to a body. */
function* delimitersIn(text: string, boundary: string): Generator<{ start: number; end: number; isLast: boolean }> {
  const marker = `--${boundary}`;
  for (let at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, at + marker.length)) {
    if (at > 0 && text.charAt(at - 1) !== '\n') continue;
    const lineEnd = text.indexOf('\n', at);
    const end = lineEnd < 0 ? text.length : lineEnd + 1;
    const rest = text.slice(at + marker.length, end).trim();
    if (rest === '' || rest === '--') yield { start: at, end, isLast: rest === '--' };
  }
}

const withoutLastLineEnd = (text: string): string => text.replace(/\r?\n$/, '');

function readSection(section: string): BatchPart[] {
  const outer = readMessage(section);
  if (isMultipart(outer.headers['content-type'])) return readBatch(outer.text, outer.headers['content-type']);
  const { line, rest } = firstLine(outer.text.trimStart());
  const status = /^HTTP\/\d(?:\.\d)?\s+(\d{3})\b/.exec(line)?.[1];
  return status === undefined ? [] : [{ status: Number(status), ...readMessage(rest) }];
}

/** Header lines up to the blank one, and what follows. */
function readMessage(message: string): { headers: Record<string, string>; text: string } {
  const headers: Record<string, string> = {};
  let rest = message;
  while (rest !== '') {
    const split = firstLine(rest);
    rest = split.rest;
    if (split.line.trim() === '') break;
    const colon = split.line.indexOf(':');
    if (colon > 0) headers[split.line.slice(0, colon).trim().toLowerCase()] = split.line.slice(colon + 1).trim();
  }
  return { headers, text: rest };
}

function firstLine(text: string): { line: string; rest: string } {
  const end = text.indexOf('\n');
  return end < 0
    ? { line: text, rest: '' }
    : { line: text.slice(0, end).replace(/\r$/, ''), rest: text.slice(end + 1) };
}
