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
import { multipartBody, partText } from '../odata/multipart.js';
import { parsePath } from '../odata/query-options.js';
import type { BusinessContext } from './context.js';
import { badRequest } from './errors.js';
import { perform, performOrThrow, refusal } from './operations.js';
import { underFaultsAndLocks } from './record-locks.js';

interface BatchOperation {
  readonly id: string | null;
  readonly operation: Operation;
}

/** A JSON batch taken apart. */
export interface Batch {
  readonly operations: readonly BatchOperation[];
}

/** Reads the JSON body of a batch; refuses what the platform refuses before anything is done. */
export function parseBatch(context: BusinessContext, operation: Operation): Batch {
  if (!/^application\/json\b/i.test(operation.headers.get('content-type') ?? ''))
    throw badRequest("The content type of a batch must be 'application/json'.");
  const { requests } = parseBody(operation.body);
  if (!Array.isArray(requests)) throw badRequest("A batch expects a list named 'requests'.");
  const limit = context.settings.BUSINESS.maxBatchOperations;
  if (requests.length > limit)
    throw badRequest(`The batch has ${requests.length} operations; at most ${limit} are allowed.`);
  return { operations: requests.map((request: unknown) => parseOperation(context, request, operation)) };
}

function parseBody(body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Answered below, like a body of another shape.
  }
  throw badRequest('Invalid Request Body');
}

function parseOperation(context: BusinessContext, input: unknown, outer: Operation): BatchOperation {
  const { id, method, url, headers, body } = (input ?? {}) as Record<string, unknown>;
  if (typeof method !== 'string' || typeof url !== 'string')
    throw badRequest("Each request of a batch expects 'method' and 'url'.");
  const own = new Map(
    Object.entries((headers ?? {}) as Record<string, unknown>).map(([name, value]) => [
      name.toLowerCase(),
      String(value),
    ]),
  );
  const language = outer.headers.get('accept-language');
  if (language !== undefined && !own.has('accept-language')) own.set('accept-language', language);
  const [path = '', query = ''] = relative(context, url).split(/\?(.*)/s);
  return {
    id: typeof id === 'string' ? id : null,
    operation: {
      method: method.toUpperCase(),
      path,
      query,
      headers: own,
      body: body === undefined ? '' : JSON.stringify(body),
    },
  };
}

/** Addresses are relative to the API, or absolute. */
function relative(context: BusinessContext, url: string): string {
  const root = new URL(context.base).pathname;
  const at = url.indexOf(root);
  return at >= 0 ? url.slice(at + root.length) : url.replace(/^\//, '');
}

export const describeBatch = (batch: Batch): readonly Description[] =>
  batch.operations.map(({ operation }) => describeOperation(operation));

/** What counters, events and faults know of one operation. The company of an address is not part of its set. */
export function describeOperation(operation: Operation): Description {
  const kind = operation.path === '$batch' ? 'batch' : kindOf(operation.method, operation.headers);
  return {
    system: 'BUSINESS',
    method: operation.method,
    path: operation.path,
    entitySet: entitySetOf(operation.path),
    kind,
  };
}

function entitySetOf(path: string): string {
  try {
    const [first, second] = parsePath(path);
    return (first?.name === 'companies' && first.key !== undefined ? second?.name : undefined) ?? first?.name ?? '';
  } catch {
    return '';
  }
}

interface Part {
  readonly id: string | null;
  readonly answer: Answer;
}

/** Does a batch: one operation after the other, until one fails or, with continue-on-error, to its end. */
export async function performBatch(
  context: BusinessContext,
  batch: Batch,
  operation: Operation,
  meet: Meet,
): Promise<Answer> {
  const snapshot =
    context.settings.BUSINESS.snapshotIsolation && /^snapshot$/i.test(operation.headers.get('isolation') ?? '');
  const goesOn = preferencesOf(operation.headers).has('odata.continue-on-error');
  const parts = snapshot ? await inOneTransaction(context, batch, meet) : await oneByOne(context, batch, goesOn, meet);
  return /\bapplication\/json\b/i.test(operation.headers.get('accept') ?? '')
    ? jsonAnswer(parts)
    : multipartAnswer(parts);
}

async function oneByOne(context: BusinessContext, batch: Batch, goesOn: boolean, meet: Meet): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const { id, operation } of batch.operations) {
    const description = describeOperation(operation);
    const answer = await underFaultsAndLocks(context, meet, description, operation, () => perform(context, operation));
    parts.push({ id, answer });
    if (answer.status >= 400 && !goesOn) break;
  }
  return parts;
}

class TakenBackError extends Error {}

/** All or nothing. The parts before a failure still tell of success, although what they did was taken back. */
async function inOneTransaction(context: BusinessContext, batch: Batch, meet: Meet): Promise<readonly Part[]> {
  const encounters: Encounter[] = [];
  for (const { operation } of batch.operations) encounters.push(await meet(describeOperation(operation)));
  const parts: Part[] = [];
  try {
    context.world.transaction(() => {
      for (const [at, { id, operation }] of batch.operations.entries()) {
        const answer = encounters[at]?.instead ?? attempt(context, operation);
        parts.push({ id, answer });
        if (answer.status >= 400) throw new TakenBackError();
      }
    });
  } catch (error) {
    if (!(error instanceof TakenBackError)) throw error;
    return parts;
  }
  return parts.map(({ id, answer }, at) => ({ id, answer: encounters[at]?.after(answer) ?? answer }));
}

function attempt(context: BusinessContext, operation: Operation): Answer {
  try {
    return performOrThrow(context, operation);
  } catch (error) {
    return refusal(error, operation);
  }
}

const jsonHeaders = { 'content-type': 'application/json; odata.metadata=minimal', 'odata-version': '4.0' };

/** The outer status is 200 whenever the batch could be read. */
function jsonAnswer(parts: readonly Part[]): Answer {
  const responses = parts.map(({ id, answer }) => ({
    id,
    status: answer.status,
    headers: {
      ...(answer.body === undefined ? { 'odata-version': '4.0' } : jsonHeaders),
      ...lowerCased(answer.headers),
    },
    ...(answer.body === undefined ? {} : { body: answer.body }),
  }));
  return { status: 200, headers: { 'Content-Type': 'application/json; odata.metadata=minimal' }, body: { responses } };
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** What a client gets that does not ask for JSON. */
function multipartAnswer(parts: readonly Part[]): Answer {
  const boundary = `batchresponse_${randomUUID()}`;
  const texts = parts.map(({ answer }) => {
    const body =
      answer.body === undefined ? '' : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    const headers = Object.entries({ ...jsonHeaders, ...lowerCased(answer.headers) }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    const message = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\n${headers.join('')}\r\n${body}`;
    return partText({ 'Content-Type': 'application/http', 'Content-Transfer-Encoding': 'binary' }, message);
  });
  return {
    status: 200,
    headers: { 'Content-Type': `multipart/mixed; boundary=${boundary}` },
    body: multipartBody(boundary, texts),
  };
}
