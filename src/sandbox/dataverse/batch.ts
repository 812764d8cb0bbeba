import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import {
  type Answer,
  type Description,
  type Encounter,
  kindOf,
  type Meet,
  type Operation,
  preferencesOf,
} from '../http/operation.js';
import {
  boundaryOf,
  MultipartError,
  multipartBody,
  type Part,
  parseHeaders,
  parseMultipart,
  partText,
  splitHead,
} from '../odata/multipart.js';
import { parsePath } from '../odata/query-options.js';
import { type SalesContext, SERVICE_PATH } from './context.js';
import { underFaultsAndDeadlocks } from './deadlocks.js';
import { DataverseError } from './errors.js';
import { perform, performOrThrow, refusal } from './operations.js';

/** One operation of a batch, with the name by which later ones may refer to what it makes. */
interface BatchOperation {
  readonly operation: Operation;
  readonly contentId: string | undefined;
}

type Item =
  | { readonly kind: 'single'; readonly one: BatchOperation }
  | { readonly kind: 'changeSet'; readonly operations: readonly BatchOperation[] };

/** A batch request taken apart. */
export interface Batch {
  readonly items: readonly Item[];
}

/** Reads the multipart body of a batch; refuses what the platform refuses before anything is done. */
export function parseBatch(context: SalesContext, operation: Operation): Batch {
  const boundary = boundaryOf(operation.headers.get('content-type'));
  if (boundary === undefined)
    throw new DataverseError(
      400,
      '0x80060888',
      "The content type of a batch must be 'multipart/mixed' with a boundary.",
    );
  try {
    const items = parseMultipart(operation.body, boundary).map((part) => parseItem(part));
    checkSize(context, items);
    return { items };
  } catch (error) {
    if (error instanceof MultipartError) throw new DataverseError(400, '0x80060888', error.message);
    throw error;
  }
}

function parseItem(part: Part): Item {
  const boundary = boundaryOf(part.headers.get('content-type'));
  if (boundary === undefined) return { kind: 'single', one: parseOperation(part) };
  const operations = parseMultipart(part.body, boundary).map(parseOperation);
  if (operations.some(({ operation }) => operation.method === 'GET'))
    throw new DataverseError(400, '0x80060888', 'A change set cannot hold a GET request.');
  const ids = operations.map(({ contentId }) => contentId);
  if (ids.includes(undefined) || new Set(ids).size < ids.length)
    throw new DataverseError(400, '0x80060888', 'Each operation of a change set needs a Content-ID of its own.');
  return { kind: 'changeSet', operations };
}

function parseOperation(part: Part): BatchOperation {
  const { head, rest } = splitHead(part.body);
  const [requestLine = '', ...headerLines] = head;
  // Addresses inside a batch may hold blanks that are not encoded.
  const match = /^([A-Z]+)\s+(\S.*?)(?:\s+HTTP\/1\.1)?$/.exec(requestLine.trim());
  if (match?.[1] === undefined || match[2] === undefined)
    throw new MultipartError(`The part does not begin with a request line, but with '${requestLine.slice(0, 80)}'.`);
  const headers = parseHeaders(headerLines);
  const [path = '', query = ''] = relative(match[2]).split(/\?(.*)/s);
  return {
    operation: { method: match[1], path, query, headers, body: rest.trimEnd() },
    contentId: part.headers.get('content-id') ?? headers.get('content-id'),
  };
}

/** Addresses of parts are absolute, absolute in the host, or relative to the service. */
function relative(address: string): string {
  const at = address.indexOf(SERVICE_PATH);
  if (at >= 0) return address.slice(at + SERVICE_PATH.length);
  return /^(https?:|\/(?!\$))/.test(address)
    ? address.replace(/^https?:\/\/[^/]*/, '').replace(/^\//, '')
    : address.replace(/^\//, '');
}

function checkSize(context: SalesContext, items: readonly Item[]): void {
  const limit = context.settings.SALES.maxBatchOperations;
  const text = (where: string) =>
    `The number of operations in the ${where} exceeded the limit. A maximum number of '${limit}' operations are allowed in a ${where}.`;
  const count = items.reduce((sum, item) => sum + (item.kind === 'single' ? 1 : item.operations.length), 0);
  if (items.some((item) => item.kind === 'changeSet' && item.operations.length > limit))
    throw new DataverseError(400, '0x80048d06', text('change set'));
  if (count > limit) throw new DataverseError(400, '0x80048d06', text('batch'));
}

/** What counters and events tell of the operations inside a batch. */
export function describeBatch(batch: Batch): readonly Description[] {
  return batch.items.flatMap((item) =>
    (item.kind === 'single' ? [item.one] : item.operations).map(({ operation }) => describeOperation(operation)),
  );
}

/** What counters, events and faults know of one operation. */
export function describeOperation(operation: Operation): Description {
  const entitySet = entitySetOf(operation.path);
  const kind = operation.path === '$batch' ? 'batch' : kindOf(operation.method, operation.headers);
  const { method, path, body } = operation;
  return { system: 'SALES', method, path, entitySet, kind, body };
}

function entitySetOf(path: string): string {
  try {
    return parsePath(path)[0]?.name ?? '';
  } catch {
    return '';
  }
}

/** Does a batch: item after item, each under the fault plan, until one fails or all are done. */
export async function performBatch(
  context: SalesContext,
  batch: Batch,
  operation: Operation,
  meet: Meet,
): Promise<Answer> {
  const goesOn = preferencesOf(operation.headers).has('odata.continue-on-error');
  const references = new Map<string, string>();
  const parts: string[] = [];
  let failed: number | undefined;
  for (const item of batch.items) {
    const done =
      item.kind === 'single'
        ? await single(context, item.one, references, meet)
        : await changeSet(context, item.operations, references, meet);
    parts.push(done.part);
    if (done.failed !== undefined && !goesOn) {
      failed = done.failed;
      break;
    }
  }
  const boundary = `batchresponse_${randomUUID()}`;
  return {
    // Without continue-on-error the first failure is the status of the whole, and the body still tells what was done.
    status: failed ?? 200,
    headers: {
      'Content-Type': `multipart/mixed; boundary=${boundary}`,
      ...(goesOn ? { 'Preference-Applied': 'odata.continue-on-error' } : {}),
    },
    body: multipartBody(boundary, parts),
  };
}

interface Done {
  readonly part: string;
  readonly failed: number | undefined;
}

async function single(
  context: SalesContext,
  one: BatchOperation,
  references: Map<string, string>,
  meet: Meet,
): Promise<Done> {
  const answer = await underFaultsAndDeadlocks(context, meet, describeOperation(one.operation), () => {
    const resolved = resolveOrRefuse(one.operation, references);
    return 'status' in resolved ? resolved : perform(context, resolved);
  });
  remember(references, one.contentId, answer);
  return { part: answerPart(answer, one.contentId), failed: answer.status >= 400 ? answer.status : undefined };
}

/** All operations of a change set in one transaction; a failure is told once, in the place of the whole set. */
async function changeSet(
  context: SalesContext,
  operations: readonly BatchOperation[],
  references: Map<string, string>,
  meet: Meet,
): Promise<Done> {
  const encounters: Encounter[] = [];
  for (const { operation } of operations) {
    const encounter = await meet(describeOperation(operation));
    if (encounter.instead !== undefined)
      return { part: answerPart(encounter.instead, undefined), failed: encounter.instead.status };
    encounters.push(encounter);
  }
  const made = new Map(references);
  let current = operations[0]?.operation;
  try {
    const answers = context.world.transaction(() =>
      operations.map(({ operation, contentId }) => {
        current = operation;
        const answer = performOrThrow(context, resolve(operation, made));
        remember(made, contentId, answer);
        return answer;
      }),
    );
    const parts = answers.map((answer, at) =>
      answerPart(encounters[at]?.after(answer) ?? answer, operations[at]?.contentId),
    );
    for (const [id, address] of made) references.set(id, address);
    const boundary = `changesetresponse_${randomUUID()}`;
    const body = multipartBody(boundary, parts);
    return { part: partText({ 'Content-Type': `multipart/mixed; boundary=${boundary}` }, body), failed: undefined };
  } catch (error) {
    if (current === undefined) throw error;
    const answer = refusal(error, current);
    return { part: answerPart(answer, undefined), failed: answer.status };
  }
}

function remember(references: Map<string, string>, contentId: string | undefined, answer: Answer): void {
  const address = answer.headers['OData-EntityId'] ?? answer.headers['Location'];
  if (contentId !== undefined && address !== undefined)
    references.set(contentId, address.slice(address.indexOf(SERVICE_PATH) + SERVICE_PATH.length));
}

function resolveOrRefuse(operation: Operation, references: ReadonlyMap<string, string>): Operation | Answer {
  try {
    return resolve(operation, references);
  } catch (error) {
    return refusal(error, operation);
  }
}

/** Puts the addresses of earlier operations in the place of `$1`, in the address and in references of the body. */
function resolve(operation: Operation, references: ReadonlyMap<string, string>): Operation {
  const path = operation.path.replace(/^\$(\w+)(?=\/|$)/, (reference, id: string) =>
    reference === '$batch' || reference === '$metadata' ? reference : referred(references, id),
  );
  const body = operation.body.replace(
    /("[^"]*@odata\.(?:bind|id)"\s*:\s*")\/?\$(\w+)"/g,
    (_all, head: string, id: string) => `${head}/${referred(references, id)}"`,
  );
  return { ...operation, path, body };
}

function referred(references: ReadonlyMap<string, string>, id: string): string {
  const address = references.get(id);
  if (address === undefined)
    throw new DataverseError(400, '0x80060888', `Content-ID Reference: '$${id}' does not exist in the batch context.`);
  return address;
}

function answerPart(answer: Answer, contentId: string | undefined): string {
  const body =
    answer.body === undefined ? '' : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const headers: Record<string, string> = {
    ...(body === '' ? {} : { 'Content-Type': 'application/json; odata.metadata=minimal' }),
    'OData-Version': '4.0',
    ...answer.headers,
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const message = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\n${head.join('')}\r\n${body}`;
  return partText(
    {
      'Content-Type': 'application/http',
      'Content-Transfer-Encoding': 'binary',
      ...(contentId === undefined ? {} : { 'Content-ID': contentId }),
    },
    message,
  );
}
