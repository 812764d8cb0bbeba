import { randomUUID } from 'node:crypto';
import { classifyAnswer, dateOf, looseBody, RequestError } from '../odata/classify.js';
import type { GatheredRead } from '../odata/gathered-reads.js';
import { isJsonObject } from '../odata/json.js';
import type { JsonAnswer, ODataClient } from '../odata/odata-client.js';
import { dataverseErrors } from './error-codes.js';
import { type BatchPart, readBatch, writeBatch } from './multipart.js';

/** Sends reads in one `$batch`; each is answered for itself. */
export async function sendReads(
  client: ODataClient,
  reads: readonly GatheredRead[],
  signal: AbortSignal,
): Promise<readonly (JsonAnswer | RequestError)[]> {
  const boundary = `batch_${randomUUID()}`;
  const operations = reads.map(({ path, headers }) => ({
    method: 'GET' as const,
    path: path.startsWith('/') ? path : client.base.pathname + path,
    headers: { Accept: 'application/json', ...headers },
  }));
  return client.send(
    {
      method: 'POST',
      kind: 'READ',
      path: '$batch',
      headers: { 'content-type': `multipart/mixed; boundary="${boundary}"`, prefer: 'odata.continue-on-error' },
      body: writeBatch(boundary, operations),
    },
    (answer) => {
      const parts = readBatch(answer.text, answer.headers['content-type']);
      return reads.map((_, index) => outcomeOf(parts[index], dateOf(answer.headers)));
    },
    signal,
  );
}

function outcomeOf(part: BatchPart | undefined, date: Date | null): JsonAnswer | RequestError {
  if (part === undefined) {
    return new RequestError('the answer to the batch ends before this read', {
      errorClass: 'TRANSIENT',
      code: 'NO_ANSWER',
      situation: 'LOST',
    });
  }
  const { status, headers, text } = part;
  const body = looseBody(text);
  if (status < 200 || status >= 300 || !isJsonObject(body))
    return classifyAnswer({ status, headers, body }, dataverseErrors);
  return { body, headers, date };
}
