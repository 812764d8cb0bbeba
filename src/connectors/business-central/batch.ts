import { badAnswer } from '../odata/classify.js';
import { isJsonObject, type JsonObject } from '../odata/json.js';

/** One operation in a batch request. */
export interface BatchRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Relative to the API. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
}

/** One answer in a batch answer. */
export interface BatchAnswer {
  readonly id: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Writes a JSON batch; the id of an operation is its place in the list. */
export function writeBatch(requests: readonly BatchRequest[]): string {
  return JSON.stringify({
    requests: requests.map(({ method, url, headers, body }, index) => ({
      id: String(index),
      method,
      url,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body }),
    })),
  });
}

/** Reads the answers of a JSON batch. Throws RequestError BAD_ANSWER. */
export function readBatch(body: JsonObject): BatchAnswer[] {
  const responses = body['responses'];
  if (!Array.isArray(responses)) throw badAnswer('expected a list of answers named "responses"');
  return responses.map((response, index) => answerOf(response, index));
}

function answerOf(response: unknown, index: number): BatchAnswer {
  if (!isJsonObject(response) || typeof response['status'] !== 'number')
    throw badAnswer('an answer in the batch has no status');
  const { id, status, headers, body } = response;
  return {
    // Answers come in order; a server that does not return the id is told by that.
    id: typeof id === 'string' ? id : String(index),
    status,
    headers: isJsonObject(headers) ? lowerCased(headers) : {},
    body,
  };
}

const lowerCased = (headers: JsonObject): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
