import type { RequestError } from './classify.js';
import type { JsonAnswer, ODataClient } from './odata-client.js';

/** What reads pages asks with: the client itself, or one that gathers what is asked for at the same time. */
export type JsonReader = Pick<ODataClient, 'base' | 'getJson'>;

/** A read that waits to be sent together with others. */
export interface GatheredRead {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface WaitingRead extends GatheredRead {
  readonly resolve: (answer: JsonAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** Sends the reads in one request; outcome i belongs to read i. Throws for an answer to the request as a whole. */
export type SendReads = (
  reads: readonly GatheredRead[],
  signal: AbortSignal,
) => Promise<readonly (JsonAnswer | RequestError)[]>;

/** Makes one request of the reads that are asked for in the same turn of the event loop. A single one is sent as it is. */
export class GatheredReads implements JsonReader {
  readonly base: URL;
  #waiting: WaitingRead[] = [];

  constructor(
    private readonly client: JsonReader,
    private readonly send: SendReads,
  ) {
    this.base = client.base;
  }

  getJson(path: string, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<JsonAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => void this.#sendWaiting(signal));
      this.#waiting.push({ path, headers, resolve, reject });
    });
  }

  async #sendWaiting(signal: AbortSignal): Promise<void> {
    const reads = this.#waiting;
    this.#waiting = [];
    const [first] = reads;
    try {
      if (first !== undefined && reads.length === 1) {
        first.resolve(await this.client.getJson(first.path, signal, first.headers));
        return;
      }
      const outcomes = await this.send(reads, signal);
      reads.forEach(({ resolve, reject }, index) => {
        const outcome = outcomes[index];
        if (outcome === undefined) reject(new Error('fewer answers than reads'));
        else if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      });
    } catch (error) {
      for (const { reject } of reads) reject(error);
    }
  }
}
