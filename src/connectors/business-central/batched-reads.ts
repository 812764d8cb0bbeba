import { classifyAnswer, RequestError } from '../odata/classify.js';
import type { GatheredRead } from '../odata/gathered-reads.js';
import { isJsonObject } from '../odata/json.js';
import { type JsonAnswer, jsonAnswer, type ODataClient } from '../odata/odata-client.js';
import { type BatchAnswer, readBatch, writeBatch } from './batch.js';
import { businessCentralErrors } from './error-codes.js';

/** Sends reads in one `$batch` an API: those of the custom API and those of v2.0 cannot go together. */
export async function sendReads(
  client: ODataClient,
  reads: readonly GatheredRead[],
  signal: AbortSignal,
): Promise<readonly (JsonAnswer | RequestError)[]> {
  const places = reads.map(({ path }) => placeOf(path));
  const outcomes = new Map<number, JsonAnswer | RequestError>();
  for (const api of new Set(places.map((place) => place.api))) {
    const indexes = places.flatMap((place, index) => (place.api === api ? [index] : []));
    const answers = await sendToApi(
      client,
      api,
      indexes.map((index) => ({ url: places[index]?.url ?? '', headers: reads[index]?.headers ?? {} })),
      signal,
    );
    indexes.forEach((index, position) => outcomes.set(index, answers[position] ?? unanswered()));
  }
  return reads.map((_, index) => outcomes.get(index) ?? unanswered());
}

/** The address of the API, and the rest of the path below it: an entity set of a company, or one alone. */
function placeOf(path: string): { readonly api: string; readonly url: string } {
  const end = path.indexOf('companies(');
  const query = path.indexOf('?');
  const start = end >= 0 ? end : path.lastIndexOf('/', query < 0 ? path.length : query) + 1;
  return { api: path.slice(0, start), url: path.slice(start) };
}

async function sendToApi(
  client: ODataClient,
  api: string,
  reads: readonly { readonly url: string; readonly headers: Readonly<Record<string, string>> }[],
  signal: AbortSignal,
): Promise<readonly (JsonAnswer | RequestError)[]> {
  return client.send(
    {
      method: 'POST',
      kind: 'READ',
      path: `${api}$batch`,
      headers: { 'content-type': 'application/json', prefer: 'odata.continue-on-error' },
      body: writeBatch(reads.map(({ url, headers }) => ({ method: 'GET', url, headers }))),
    },
    (answer) => {
      const whole = jsonAnswer(answer);
      const byId = new Map(readBatch(whole.body).map((part) => [part.id, part]));
      return reads.map((_, index) => outcomeOf(byId.get(String(index)), whole.date));
    },
    signal,
  );
}

function outcomeOf(part: BatchAnswer | undefined, date: Date | null): JsonAnswer | RequestError {
  if (part === undefined) return unanswered();
  const { status, headers, body } = part;
  if (status < 200 || status >= 300 || !isJsonObject(body)) return classifyAnswer(part, businessCentralErrors);
  return { body, headers, date };
}

const unanswered = (): RequestError =>
  new RequestError('the answer to the batch has no part for this read', {
    errorClass: 'TRANSIENT',
    code: 'NO_ANSWER',
    situation: 'LOST',
  });
