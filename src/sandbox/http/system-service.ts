import type { Side } from '../world/row.js';
import type { Answer, Description, Headers, Meet } from './operation.js';

/** A request that was read and understood as far as counting it goes, and that can be answered. */
export interface Received {
  readonly description: Description;
  /** The operations that it holds: itself, or the parts of a batch. */
  readonly operations: readonly Description[];
  readonly answer: (meet: Meet) => Promise<Answer>;
}

/** One of the two systems, as the HTTP server sees it. */
export interface SystemService {
  readonly system: Side;
  matches(path: string): boolean;
  receive(method: string, path: string, query: string, headers: Headers, body: string, host: string): Received;
}
