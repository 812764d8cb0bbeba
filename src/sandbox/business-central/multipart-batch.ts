import type { Operation } from '../http/operation.js';
import { boundaryOf, MultipartError, type Part, parseHeaders, parseMultipart, splitHead } from '../odata/multipart.js';
import type { Batch, BatchOperation } from './batch.js';
import type { BusinessContext } from './context.js';
import { badRequest } from './errors.js';

/** Reads the multipart body of a batch, as OData 4.0 has it. */
export function parseMultipartBatch(context: BusinessContext, { headers, body }: Operation): Batch {
  try {
    const parts = parseMultipart(body, boundaryOf(headers.get('content-type')) ?? '');
    return { operations: parts.flatMap((part, at) => operationsOf(context, part, at)) };
  } catch (error) {
    if (error instanceof MultipartError) throw badRequest(error.message);
    throw error;
  }
}

function operationsOf(context: BusinessContext, part: Part, at: number): readonly BatchOperation[] {
  const boundary = boundaryOf(part.headers.get('content-type'));
  if (boundary === undefined) return [operationOf(context, part)];
  if (!context.settings.BUSINESS.changeSets) throw badRequest('Change sets are not supported.');
  return parseMultipart(part.body, boundary).map((inner) => ({ ...operationOf(context, inner), changeSet: at }));
}

function operationOf(context: BusinessContext, part: Part): BatchOperation {
  const { head, rest } = splitHead(part.body);
  const [requestLine = '', ...headerLines] = head;
  const [, method, address] = /^([A-Z]+)\s+(\S.*?)(?:\s+HTTP\/1\.1)?$/.exec(requestLine.trim()) ?? [];
  if (method === undefined || address === undefined)
    throw new MultipartError(`The part does not begin with a request line, but with '${requestLine.slice(0, 80)}'.`);
  const [path = '', query = ''] = belowBase(context, address).split(/\?(.*)/s);
  return {
    id: part.headers.get('content-id') ?? null,
    operation: { method, path, query, headers: parseHeaders(headerLines), body: rest.trimEnd() },
  };
}

/** Addresses are relative to the API, or absolute. */
export function belowBase(context: BusinessContext, url: string): string {
  const root = new URL(context.base).pathname;
  const at = url.indexOf(root);
  return at >= 0 ? url.slice(at + root.length) : url.replace(/^\//, '');
}
