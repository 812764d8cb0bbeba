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
import { boundaryOf, multipartBody, partText } from '../odata/multipart.js';
import { parsePath } from '../odata/query-options.js';
import type { BusinessContext } from './context.js';
import { badRequest } from './errors.js';
import { belowBase, parseMultipartBatch } from './multipart-batch.js';
import { perform, performOrThrow, refusal } from './operations.js';
import { underFaultsAndLocks } from './record-locks.js';

/** One operation of a batch. Those of one change set are done together. */
export interface BatchOperation {
  readonly id: string | null;
  readonly operation: Operation;
  readonly changeSet?: number;
}

/** A batch taken apart. */
export interface Batch {
  readonly operations: readonly BatchOperation[];
}

/** How single operations are done and described; the dialects of one server differ in it. */
export interface BatchDialect {
  perform(context: BusinessContext, operation: Operation): Answer;
  performOrThrow(context: BusinessContext, operation: Operation): Answer;
  describe(operation: Operation): Description;
}

const apiDialect: BatchDialect = { perform, performOrThrow, describe: describeOperation };

/** Reads the body of a batch, JSON or multipart; refuses what the platform refuses before anything is done. */
export function parseBatch(context: BusinessContext, operation: Operation): Batch {
  const contentType = operation.headers.get('content-type');
  if (context.settings.BUSINESS.multipartBatch && boundaryOf(contentType) !== undefined)
    return checkedSize(context, parseMultipartBatch(context, operation));
  if (!/^application\/json\b/i.test(contentType ?? ''))
    throw badRequest("The content type of a batch must be 'application/json'.");
  const { requests } = parseBody(operation.body);
  if (!Array.isArray(requests)) throw badRequest("A batch expects a list named 'requests'.");
  const operations = requests.map((request: unknown) => parseOperation(context, request, operation));
  return checkedSize(context, { operations });
}

function checkedSize(context: BusinessContext, batch: Batch): Batch {
  const limit = context.settings.BUSINESS.maxBatchOperations;
  const count = batch.operations.length;
  if (count > limit) throw badRequest(`The batch has ${count} operations; at most ${limit} are allowed.`);
  return batch;
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
  const [path = '', query = ''] = belowBase(context, url).split(/\?(.*)/s);
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

export const describeBatch = (batch: Batch, dialect = apiDialect): readonly Description[] =>
  batch.operations.map(({ operation }) => dialect.describe(operation));

/** What counters, events and faults know of one operation. The company of an address is not part of its set. */
export function describeOperation(operation: Operation): Description {
  const kind = operation.path === '$batch' ? 'batch' : kindOf(operation.method, operation.headers);
  return {
    system: 'BUSINESS',
    method: operation.method,
    path: operation.path,
    entitySet: entitySetOf(operation.path),
    kind,
    body: operation.body,
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
  /** The change set that it is a part of, all of which was done. */
  readonly changeSet?: number;
}

/** Does a batch: one operation after the other, until one fails or, with continue-on-error, to its end. */
export async function performBatch(
  context: BusinessContext,
  batch: Batch,
  operation: Operation,
  meet: Meet,
  dialect = apiDialect,
): Promise<Answer> {
  const snapshot =
    context.settings.BUSINESS.snapshotIsolation && /^snapshot$/i.test(operation.headers.get('isolation') ?? '');
  const goesOn = preferencesOf(operation.headers).has('odata.continue-on-error');
  const parts = snapshot
    ? await inOneTransaction(context, batch.operations, meet, dialect)
    : await oneByOne(context, batch, goesOn, meet, dialect);
  return /\bapplication\/json\b/i.test(operation.headers.get('accept') ?? '')
    ? jsonAnswer(parts)
    : multipartAnswer(parts);
}

async function oneByOne(
  context: BusinessContext,
  batch: Batch,
  goesOn: boolean,
  meet: Meet,
  dialect: BatchDialect,
): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const group of groupsOf(batch.operations)) {
    const [first] = group;
    if (first?.changeSet === undefined) {
      for (const { id, operation } of group)
        parts.push({ id, answer: await single(context, operation, meet, dialect) });
    } else {
      const done = await inOneTransaction(context, group, meet, dialect);
      const failed = done.find(({ answer }) => answer.status >= 400);
      // A change set that fails is answered by its one error.
      if (failed !== undefined) parts.push({ id: null, answer: failed.answer });
      else for (const part of done) parts.push({ ...part, changeSet: first.changeSet });
    }
    if ((parts.at(-1)?.answer.status ?? 0) >= 400 && !goesOn) break;
  }
  return parts;
}

const single = (context: BusinessContext, operation: Operation, meet: Meet, dialect: BatchDialect): Promise<Answer> =>
  underFaultsAndLocks(context, meet, dialect.describe(operation), operation, () => dialect.perform(context, operation));

/** Those of one change set together, every other one for itself. */
function groupsOf<T extends { readonly changeSet?: number }>(all: readonly T[]): readonly T[][] {
  const groups: T[][] = [];
  for (const one of all) {
    const last = groups.at(-1);
    if (one.changeSet !== undefined && last?.[0]?.changeSet === one.changeSet) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

class TakenBackError extends Error {}

/** All or nothing. The parts before a failure still tell of success, although what they did was taken back. */
async function inOneTransaction(
  context: BusinessContext,
  operations: readonly BatchOperation[],
  meet: Meet,
  dialect: BatchDialect,
): Promise<readonly Part[]> {
  const encounters: Encounter[] = [];
  for (const { operation } of operations) encounters.push(await meet(dialect.describe(operation)));
  const parts: Part[] = [];
  try {
    context.world.transaction(() => {
      for (const [at, { id, operation }] of operations.entries()) {
        const answer = encounters[at]?.instead ?? attempt(context, operation, dialect);
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

function attempt(context: BusinessContext, operation: Operation, dialect: BatchDialect): Answer {
  try {
    return dialect.performOrThrow(context, operation);
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

/** What a client gets that does not ask for JSON. The answers to a change set stand together, in a part of their own. */
function multipartAnswer(parts: readonly Part[]): Answer {
  const texts = groupsOf(parts).map((group) => {
    const messages = group.map(messagePart);
    return group[0]?.changeSet === undefined ? messages.join('') : nestedPart(messages);
  });
  const boundary = `batchresponse_${randomUUID()}`;
  return {
    status: 200,
    headers: { 'Content-Type': `multipart/mixed; boundary=${boundary}` },
    body: multipartBody(boundary, texts),
  };
}

function nestedPart(messages: readonly string[]): string {
  const boundary = `changesetresponse_${randomUUID()}`;
  return partText({ 'Content-Type': `multipart/mixed; boundary=${boundary}` }, multipartBody(boundary, messages));
}

function messagePart({ id, answer }: Part): string {
  const body =
    answer.body === undefined ? '' : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const headers = Object.entries({ ...jsonHeaders, ...lowerCased(answer.headers) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const message = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\n${headers.join('')}\r\n${body}`;
  const ofPart = { 'Content-Type': 'application/http', 'Content-Transfer-Encoding': 'binary' };
  return partText(id === null ? ofPart : { ...ofPart, 'Content-ID': id }, message);
}
